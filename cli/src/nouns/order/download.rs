//! `order download`: what a job left, verified, in a folder of its own.

use super::{
    safe::{self, Plan},
    sha256,
    which::{may_resume, say, Chosen},
};
use crate::{
    agent::{
        client::{cut, Client},
        wire::LeaseView,
    },
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_job::wire::{OutputFile, Verb};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::io::AsyncReadExt;

/// A list of a hundred thousand files.
const MAX_LIST_BYTES: usize = 32 << 20;
const MAX_HEAD_BYTES: usize = 64 << 10;
const COPY_BYTES: usize = 256 << 10;
/// Where files are until they are whole.
const PARTS: &str = ".iog-parts";
/// Tries of a file whose line is cut without a byte more.
const TRIES: u32 = 6;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    which: Chosen,
    /// Folder to make, or to go on with; one for each lease is made in it [default: the order's address]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Bytes that are taken at most, of all files of a device together
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 30)]
    max_bytes: u64,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let client = terms.which.one.client()?;
    let leases = terms.which.ready(context, &client, false).await?;
    let dir = terms
        .dir
        .clone()
        .unwrap_or_else(|| terms.which.one.order.to_string().into());
    let mut records = Vec::new();
    for lease in &leases {
        let root = dir.join(lease.binding.lease.to_string());
        records.extend(device(context, &client, lease, &root, terms.max_bytes).await?);
    }
    context.out.many(&records, "the job left no files");
    Ok(())
}

/// What a device offers, and what of it is left out.
pub async fn list(context: &Context, client: &Client, lease: &LeaseView) -> Result<Plan> {
    let mut stream = client.stream(&lease.binding.lease, Verb::Outputs).await?;
    say(context, &stream.line);
    let offered: Vec<OutputFile> = stream.message(MAX_LIST_BYTES).await?;
    let plan = safe::plan(offered);
    for (path, why) in &plan.refused {
        context.note(&format!("left out: {} {why}", path.escape_debug()));
    }
    Ok(plan)
}

async fn device(
    context: &Context,
    client: &Client,
    lease: &LeaseView,
    root: &Path,
    max_bytes: u64,
) -> Result<Vec<Record>> {
    let plan = list(context, client, lease).await?;
    if plan.bytes > max_bytes {
        return Err(CliError::usage(format!(
            "the device offers {} bytes, more than {max_bytes}: pass --max-bytes to take them",
            plan.bytes
        )));
    }
    let refuse = |error: io::Error| CliError::usage(format!("{}: {error}", root.display()));
    fs::create_dir_all(root.join(PARTS)).map_err(refuse)?;
    let saved = save(context, client, lease, root, &plan).await;
    // Parts of what is not whole stay, for the next time.
    let _ = fs::remove_dir(root.join(PARTS));
    saved
}

async fn save(
    context: &Context,
    client: &Client,
    lease: &LeaseView,
    root: &Path,
    plan: &Plan,
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for (path, file) in &plan.files {
        let target = root.join(path);
        let refuse = |error: io::Error| CliError::usage(format!("{}: {error}", target.display()));
        safe::folders(root, path).map_err(refuse)?;
        let had = fs::symlink_metadata(&target);
        if had.as_ref().is_ok_and(|found| !found.is_file()) {
            return Err(CliError::usage(format!(
                "{} is there and no file: pass another --dir",
                target.display()
            )));
        }
        let same = had.is_ok_and(|found| found.len() == file.len)
            && sha256(&target).is_ok_and(|found| found == file.sha256);
        if !same {
            let part = root.join(PARTS).join(file.sha256.to_string());
            fetch(context, client, lease, file, &part).await?;
            let mode = if file.executable { 0o755 } else { 0o644 };
            fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(mode))
                .map_err(refuse)?;
            fs::rename(&part, &target).map_err(refuse)?;
        }
        records.push(
            Record::new()
                .put("lease", lease.binding.lease.to_string())
                .put("path", target.display().to_string())
                .put("len", file.len)
                .put("sha256", file.sha256.to_string())
                .put("new", !same),
        );
    }
    Ok(records)
}

/// One file, taken up where it was cut until it is whole and has its hash.
async fn fetch(
    context: &Context,
    client: &Client,
    lease: &LeaseView,
    file: &OutputFile,
    part: &Path,
) -> Result<()> {
    let mut tries = 0;
    loop {
        let before = length(part);
        match piece(client, lease, file, part).await {
            Ok(()) => break,
            Err(error) if may_resume(&error) && tries < TRIES => {
                tries = if length(part) > before { 0 } else { tries + 1 };
                context.note(&format!(
                    "{}: {}; again",
                    file.path.escape_debug(),
                    error.line()
                ));
                tokio::time::sleep(Duration::from_secs(u64::from(tries))).await;
            }
            Err(error) => return Err(error),
        }
    }
    let found =
        sha256(part).map_err(|error| CliError::usage(format!("{}: {error}", part.display())))?;
    if found == file.sha256 {
        return Ok(());
    }
    // What is wrong is not taken up again.
    let _ = fs::remove_file(part);
    Err(wrong(&format!(
        "{} has the hash {found}, and the device said {}",
        file.path.escape_debug(),
        file.sha256
    )))
}

fn wrong(text: &str) -> CliError {
    CliError::Other {
        text: text.to_string(),
        code: 3,
    }
}

fn length(part: &Path) -> u64 {
    fs::symlink_metadata(part).map_or(0, |found| found.len())
}

async fn piece(client: &Client, lease: &LeaseView, file: &OutputFile, part: &Path) -> Result<()> {
    let refuse = |error: io::Error| CliError::usage(format!("{}: {error}", part.display()));
    let from = length(part).min(file.len);
    let verb = Verb::Fetch {
        path: file.path.clone(),
        from,
    };
    let mut stream = client.stream(&lease.binding.lease, verb).await?;
    let head: OutputFile = stream.message(MAX_HEAD_BYTES).await?;
    if head.len != file.len || head.sha256 != file.sha256 {
        return Err(wrong(&format!(
            "{} changed while it was fetched: download again",
            file.path.escape_debug()
        )));
    }
    let mut to = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(part)
        .map_err(refuse)?;
    to.set_len(from).map_err(refuse)?;
    let mut left = file.len.saturating_sub(from);
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let read = stream.from.read(&mut buffer).await.map_err(cut)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        let len = u64::try_from(read).unwrap_or(u64::MAX);
        if len > left {
            return Err(wrong(&format!(
                "the device sends more of {} than it said",
                file.path.escape_debug()
            )));
        }
        left = left.saturating_sub(len);
        if bytes.is_empty() {
            break;
        }
        to.write_all(bytes).map_err(refuse)?;
    }
    match left {
        0 => Ok(()),
        _ => Err(wrong(&format!(
            "the device sends less of {} than it said",
            file.path.escape_debug()
        ))),
    }
}
