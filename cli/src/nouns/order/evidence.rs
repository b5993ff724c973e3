//! `order evidence`: what the devices signed and what was signed for them, as files.

use super::which::One;
use crate::{
    agent::{book::Book, chain, folder::Folder, lease_folders},
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    one: One,
    /// Folder to make
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

fn is_receipt(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("receipt-") && name.ends_with(".json")
}

/// Works without an agent, and when the chain has forgotten the order.
pub fn run(context: &Context, terms: &Terms) -> Result<()> {
    let folder = Folder::open(&chain::key(&terms.one.order))?;
    let refuse = |error: io::Error| CliError::usage(format!("{}: {error}", terms.dir.display()));
    fs::create_dir(&terms.dir).map_err(refuse)?;
    let mut records = Vec::new();
    for (path, kept) in lease_folders(&folder) {
        let name = kept.binding.lease.to_string();
        if terms
            .one
            .lease
            .as_ref()
            .is_some_and(|wanted| !name.starts_with(wanted.as_str()))
        {
            continue;
        }
        let to = terms.dir.join(path.file_name().unwrap_or_default());
        fs::create_dir(&to).map_err(refuse)?;
        let mut receipts = 0u64;
        for entry in fs::read_dir(&path).map_err(refuse)? {
            let from = entry.map_err(refuse)?.path();
            if from.is_file() {
                // A day of slots each
                receipts += u64::from(is_receipt(&from));
                fs::copy(&from, to.join(from.file_name().unwrap_or_default())).map_err(refuse)?;
            }
        }
        // Read and checked anew: what does not hold is not counted.
        let book = Book::open(&folder, &kept.binding, kept.tunnel_key);
        records.push(
            Record::new()
                .put("lease", name)
                .put("matched_ts", crate::output::Time(kept.binding.matched_ts))
                .put("device", kept.binding.device.to_string())
                .put("tunnel_key", kept.tunnel_key.to_string())
                .put(
                    "statuses",
                    u64::try_from(book.statuses().len()).unwrap_or(u64::MAX),
                )
                .put(
                    "last",
                    book.last
                        .as_ref()
                        .map(|status| super::status::words(&status.phase)),
                )
                .put(
                    "conflicts",
                    u64::try_from(book.conflicts().len()).unwrap_or(u64::MAX),
                )
                .put("receipts", receipts)
                .put("folder", to.display().to_string()),
        );
    }
    context
        .out
        .many(&records, "no device was ever seen in this order");
    Ok(())
}
