//! `cargo xtask demo`

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::sbf::debian;
use crate::{commands, repo, run};

/// Run the network's main job once, on a fresh local network, and check every conservation law
///
/// Two suppliers stake devices and prove them; a renter's order is matched, its job really runs, hours are settled; the emission
/// is closed and claimed, fees are burned. Exits non-zero if any amount differs from the formulas.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Demo {
    /// Print one JSON object instead of the story
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask demo
  cargo xtask demo --json | jq .laws";

impl Demo {
    pub fn run(self) -> Result<()> {
        debian::install_missing(debian::HOST_PACKAGES)?;
        commands::build_all()?;
        let mut build = Command::new(env!("CARGO"));
        build
            .args([
                "build",
                "-p",
                "iog-demo",
                "-p",
                "iog-cli",
                "-p",
                "iog-keeper",
            ])
            .current_dir(repo::root());
        run::step("build the demo", || {
            run::check(&mut build, "see its output above")
        })?;
        let mut demo = Command::new(repo::root().join("target/debug/iog-demo"));
        demo.arg("--programs").arg(repo::deploy());
        if self.json {
            demo.arg("--json");
        }
        run::check(&mut demo, "see its output above")
    }
}
