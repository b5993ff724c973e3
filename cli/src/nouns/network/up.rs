use super::{
    migrate::refused,
    relay::{self, RelayArgs},
};
use crate::{
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_migrations::localnet::{up, LocalNetError, Options, Running, UpError};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::signal::unix::{signal, SignalKind};

#[derive(Args, Debug)]
pub struct Local {
    /// Port of the RPC endpoint
    #[arg(long, default_value_t = 8899)]
    rpc_port: u16,
    /// Port of the websocket endpoint
    #[arg(long, default_value_t = 8900)]
    ws_port: u16,
    /// Folder for keys and addresses.json; keys that are there are used again
    #[arg(long, default_value = "localnet")]
    dir: PathBuf,
    /// Folder of the built programs [default: IOG_PROGRAMS, else target/deploy]
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// Milliseconds from block to block; shorter hurries the chain's clock
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    block_ms: u64,
    #[command(flatten)]
    relay: RelayArgs,
}

pub async fn run(context: &Context, local: Local) -> Result<()> {
    // Heard from the start: Ctrl-C must end a network that is still coming up, too.
    let listen = |kind| {
        signal(kind)
            .map_err(|error| CliError::usage(format!("signals cannot be listened to: {error}")))
    };
    let mut interrupted = listen(SignalKind::interrupt())?;
    let mut terminated = listen(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    };
    tokio::pin!(stop);
    let mut options = Options::new(&local.dir).map_err(|error| failed(error.into()))?;
    options.rpc_port = Some(local.rpc_port);
    options.ws_port = Some(local.ws_port);
    options.block_interval = Duration::from_millis(local.block_ms);
    options.programs = local.programs.unwrap_or(options.programs);
    let running = tokio::select! {
        running = up(options, |line| context.note(line)) => running.map_err(failed)?,
        () = &mut stop => return Ok(()),
    };
    let relay = relay::start(&local.relay, &local.dir, &running.rpc_url).await?;
    let file = relay.as_ref().map(|relay| relay.file.as_path());
    context.out.one(&record(&running, &local.dir, file));
    context.note("running; Ctrl-C ends it");
    let ended = running.serve(stop).await;
    if let Some(started) = relay {
        started.relay.stop().await;
    }
    ended.map_err(failed)
}

fn record(running: &Running, dir: &Path, network: Option<&Path>) -> Record {
    let address = |name: &str| {
        let value = running.addresses.get(name)?;
        value.as_str().map(str::to_string)
    };
    Record::new()
        .put("rpc_url", running.rpc_url.as_str())
        .put("ws_url", running.ws_url.as_str())
        .put("io_mint", address("io_mint"))
        .put("io_price", address("io_price"))
        .put("keys", dir.display().to_string())
        .put(
            "addresses",
            dir.join("addresses.json").display().to_string(),
        )
        .put("network", network.map(|path| path.display().to_string()))
}

fn failed(error: UpError) -> CliError {
    match error {
        UpError::Migration(error) => refused(error),
        UpError::Tx(error) => error.into(),
        UpError::Net(LocalNetError::Config(reason)) => CliError::usage(reason),
        UpError::Net(error) => CliError::Other {
            text: format!("the local network: {error}"),
            code: 4,
        },
        other => CliError::usage(other.to_string()),
    }
}
