//! `iog-keeper run`.

use crate::{print, Failure, Output, USAGE};
use iog_keeper::{config::Overrides, Config, Done, Keeper, Outcome};
use std::{future::Future, path::PathBuf};
use tokio::signal::unix::{signal, SignalKind};

const REJECTED: u8 = 3;
const RPC: u8 = 4;
const UNKNOWN: u8 = 5;

pub fn run(
    config: Option<PathBuf>,
    overrides: Overrides,
    once: bool,
    output: Output,
) -> Result<(), Failure> {
    let config = Config::load(config.as_deref(), overrides)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure {
            code: USAGE,
            line: format!("threads: {error}"),
        })?;
    runtime.block_on(async {
        let mut keeper = Keeper::open(config)?;
        tracing::info!(payer = %keeper.payer(), roles = ?keeper.config().roles, "started");
        if !once {
            return Ok(keeper.run(told_to_end()?).await?);
        }
        let done = keeper.tick().await?;
        let lines: Vec<String> = done.iter().map(|done| line(done, output)).collect();
        print(&lines.concat())?;
        verdict(&done)
    })
}

pub fn check(config: &std::path::Path) -> Result<(), Failure> {
    let config = Config::load(Some(config), Overrides::default())?;
    let devices = config.devices.iter().map(|device| &device.key);
    let keys = [&config.fee_payer].into_iter().chain(devices);
    for path in keys {
        iog_tx::read_keypair_file(path).map_err(iog_keeper::KeeperError::from)?;
    }
    iog_keeper::check_cards(&config)?;
    iog_keeper::price::check(&config)?;
    Ok(())
}

/// SIGTERM or Ctrl-C. Both are caught before the first pass, so that none of them ends the process in its middle.
pub fn told_to_end() -> Result<impl Future<Output = ()>, Failure> {
    let caught = |kind| {
        signal(kind).map_err(|error| Failure {
            code: USAGE,
            line: format!("signals: {error}"),
        })
    };
    let (mut terminate, mut interrupt) = (
        caught(SignalKind::terminate())?,
        caught(SignalKind::interrupt())?,
    );
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn line(done: &Done, output: Output) -> String {
    let signature = done.signature.map(|signature| signature.to_string());
    match output {
        Output::Json => {
            let json = serde_json::json!({
                "role": done.role.name(),
                "action": done.action,
                "key": done.key,
                "outcome": done.outcome.name(),
                "signature": signature,
                "units": done.units,
                "note": done.note,
            });
            format!("{json}\n")
        }
        Output::Text => {
            let units = done.units.map(|units| format!(" {units} CU"));
            format!(
                "{:9} {}{}{}{}\n",
                done.outcome.name(),
                done.key,
                units.unwrap_or_default(),
                signature.map(|text| format!(" {text}")).unwrap_or_default(),
                if done.note.is_empty() {
                    String::new()
                } else {
                    format!(": {}", done.note)
                },
            )
        }
    }
}

/// The exit code of one pass: the worst that an action met.
fn verdict(done: &[Done]) -> Result<(), Failure> {
    let first = |outcome| done.iter().find(|done| done.outcome == outcome);
    let failure = |code, done: &Done| Failure {
        code,
        line: format!("{}: {}", done.key, done.note),
    };
    if let Some(done) = first(Outcome::Unknown) {
        return Err(failure(UNKNOWN, done));
    }
    if let Some(done) = first(Outcome::Refused) {
        return Err(failure(REJECTED, done));
    }
    let unsent = |done: &&Done| done.outcome == Outcome::Retry && done.note.starts_with("RPC");
    match done.iter().find(unsent) {
        Some(done) => Err(failure(RPC, done)),
        None => Ok(()),
    }
}
