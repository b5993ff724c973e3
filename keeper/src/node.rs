//! The processes of a node: `iog-keeper node`, and `drain`, which tells it to take nothing new.

use crate::{run::told_to_end, Failure, USAGE};
use clap::Args;
use iog_keeper::{
    config::Overrides,
    supervisor::{prepare, processes, run, Filter},
    Config,
};
use std::{fs, io, path::PathBuf};

#[derive(Args)]
pub struct NodeArgs {
    /// Configuration file
    #[arg(short, long, env = "IOG_KEEPER_CONFIG", value_name = "FILE")]
    pub config: PathBuf,
}

#[derive(Args)]
pub struct DrainArgs {
    #[command(flatten)]
    node: NodeArgs,
    /// Decline every match from now on; what runs goes on to its end
    #[arg(long, conflicts_with = "off", required_unless_present = "off")]
    on: bool,
    /// Take matches again
    #[arg(long)]
    off: bool,
}

/// Starts all of them and keeps them running. On one thread, which lives as long as they do.
pub fn node(args: &NodeArgs) -> Result<(), Failure> {
    let config = Config::load(Some(&args.config), Overrides::default())?;
    prepare(&config)?;
    let all = processes(&config, &args.config)?;
    // There before the first packet, and gone after the last one.
    let _filter = Filter::set(&config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure {
            code: USAGE,
            line: format!("threads: {error}"),
        })?;
    runtime.block_on(async { Ok(run(all, told_to_end()?).await?) })
}

pub fn drain(args: &DrainArgs) -> Result<(), Failure> {
    let config = Config::load(Some(&args.node.config), Overrides::default())?;
    let file = config.drain_file();
    let done = match args.on {
        true => fs::write(&file, "Every match is declined while this file is here.\n"),
        false => match fs::remove_file(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        },
    };
    done.map_err(|error| Failure {
        code: USAGE,
        line: format!("{}: {error}", file.display()),
    })
}
