//! `cargo xtask python`

use anyhow::Result;
use clap::Args;

use crate::python_client;

/// Check the Python client alone: wheel, lints, types, tests, against the programs and binaries that are built
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Python {
    /// Also what needs Ray: its Jobs API, and a cluster of two devices
    #[arg(long)]
    full: bool,
}

const EXAMPLES: &str = "\
Example:
  cargo xtask build && cargo build -p iog-cli -p iog-keeper && cargo xtask python";

impl Python {
    pub fn run(self) -> Result<()> {
        python_client::check(self.full)
    }
}
