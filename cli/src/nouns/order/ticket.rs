//! `order ticket` and `agent join`: an order used from a further machine, without its engineer key.

use super::{status::looked, which::Chosen};
use crate::{
    agent::{
        endpoints,
        folder::{Folder, OrderFile, ENGINEER},
        wire::{LeaseView, Stage},
    },
    args,
    context::Context,
    error::{CliError, Result},
    output::{Record, Time},
};
use clap::Args;
use iog_job::Key;
use iog_link::{SignedTicket, Ticket, MAX_LIFE_SECS};
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// What a machine may do that only uses an order.
const USES: &str = "status,logs,outputs,fetch,exec,ssh,host_key,port,facts";

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    which: Chosen,
    /// The other machine's key: iog agent key, run there
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    key: Pubkey,
    /// What it may do
    #[arg(long, value_name = "VERBS", value_delimiter = ',', default_value = USES)]
    verbs: Vec<String>,
    /// For how many hours
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..=24))]
    hours: u8,
    /// File to write; give it to the other machine
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What the other machine takes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TicketFile {
    order: OrderFile,
    ticket: String,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    const KNOWN: [&str; 15] = [
        "offer", "job", "input", "secrets", "status", "logs", "outputs", "fetch", "exec", "ssh",
        "host_key", "port", "facts", "stop", "check",
    ];
    if let Some(verb) = terms
        .verbs
        .iter()
        .find(|verb| !KNOWN.contains(&verb.as_str()))
    {
        return Err(CliError::usage(format!(
            "'{verb}' is none of {}",
            KNOWN.join(", ")
        )));
    }
    let client = terms.which.one.client()?;
    let Some(key) = client.folder.key(ENGINEER)? else {
        return Err(CliError::usage(
            "only the machine with the engineer key makes tickets",
        ));
    };
    let leases = looked(&client).await?;
    let mut chosen: Vec<LeaseView> = match terms.which.all {
        true => leases.leases,
        false => vec![terms.which.one.find(&leases)?],
    };
    chosen.retain(|lease| lease.stage != Stage::Kept);
    let bindings = chosen
        .iter()
        .map(|lease| Ticket::hash_of(&lease.binding))
        .collect::<std::result::Result<_, _>>();
    let refuse = |error: iog_link::TicketError| CliError::usage(error.to_string());
    // A minute short of the longest: clocks differ.
    let life = i64::from(terms.hours)
        .saturating_mul(3_600)
        .min(MAX_LIFE_SECS - 60);
    let until_ts = now().saturating_add(life);
    let ticket = Ticket {
        engineer: Key(key.verifying_key().to_bytes()),
        endpoint: Key(terms.key.to_bytes()),
        until_ts,
        verbs: terms.verbs,
        bindings: bindings.map_err(refuse)?,
    };
    let mut order = client.folder.order()?;
    order.ends_with = None;
    let file = TicketFile {
        order,
        ticket: ticket.sign(&key).map_err(refuse)?.to_string(),
    };
    let text =
        serde_json::to_string_pretty(&file).map_err(|error| CliError::usage(error.to_string()))?;
    write_new(&terms.out, &text)?;
    context.out.one(
        &Record::new()
            .put("order", terms.which.one.order)
            .put("key", terms.key)
            .put(
                "leases",
                chosen
                    .iter()
                    .map(|lease| lease.binding.lease.to_string())
                    .collect::<Vec<_>>(),
            )
            .put("until_ts", Time(until_ts))
            .put("file", terms.out.display().to_string()),
    );
    Ok(())
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The endpoint's address may hold a key of its own.
fn write_new(path: &Path, text: &str) -> Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    made.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CliError::usage(format!("{}: {error}", path.display())))
}

/// Endpoint and network of this machine, where the command names them: those of the other one may be of no use here.
fn here(context: &Context, order: &mut OrderFile) -> Result<()> {
    if context.url_said {
        order.rpc_url.clone_from(&context.url);
        let others = std::mem::take(&mut order.witness_urls);
        order.witness_urls = endpoints::witnesses(&order.rpc_url, &[], &others)?;
    }
    if context.network.is_some() {
        order.network = super::work::network(context)?;
    }
    let network = order.network.as_ref().filter(|_| order.relays.is_empty());
    if let Some(name) = network.filter(|name| super::work::found(name).is_err()) {
        return Err(CliError::usage(format!(
            "this machine has no network file {name}: name one of its own with --network"
        )));
    }
    Ok(())
}

/// Takes a ticket; a newer one replaces it.
pub fn join(context: &Context, path: &Path) -> Result<()> {
    let refuse =
        |reason: &dyn std::fmt::Display| CliError::usage(format!("{}: {reason}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| refuse(&error))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut file: TicketFile = serde_json::from_str(text)
        .map_err(|error| refuse(&format!("no ticket of iog order ticket: {error}")))?;
    let ticket: SignedTicket = file.ticket.parse().map_err(|error| refuse(&error))?;
    let own = Key(crate::agent::machine_key()?.verifying_key().to_bytes());
    let said = ticket.verify(&own, now()).map_err(|error| refuse(&error))?;
    let order = file.order.order;
    let folder = match Folder::open(&order) {
        Ok(folder) if folder.key(ENGINEER)?.is_some() => {
            return Err(CliError::usage(format!(
                "this machine has the engineer key of order {order}: it needs no ticket"
            )));
        }
        Ok(folder) => folder,
        Err(_) => Folder::make(&order)?,
    };
    // No file of the other machine's is used here.
    file.order.ends_with = None;
    here(context, &mut file.order)?;
    folder.set_order(&file.order)?;
    folder.set_ticket(&file.ticket)?;
    context.out.one(
        &Record::new()
            .put("order", order.to_string())
            .put("until_ts", Time(said.until_ts))
            .put("verbs", said.verbs)
            .put("folder", folder.path().display().to_string()),
    );
    Ok(())
}
