//! `cargo xtask bench`

use std::process::Command;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use crate::{commands, repo, run};

/// Measure what the programs cost
#[derive(Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Cu(Cu),
}

/// Compute units of every instruction in its common case, and sizes of the programs
///
/// Builds the programs, then runs them in one process. Prints a table, writes bench/cu.json, or compares with it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
struct Cu {
    /// Write the snapshot bench/cu.json instead of printing
    #[arg(short, long, value_enum)]
    output: Option<Output>,
    /// Fail if an instruction costs more than the snapshot says
    #[arg(long, conflicts_with = "output")]
    check: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    Json,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask bench cu
  cargo xtask bench cu --check
  cargo xtask bench cu -o json    after a change that is meant to cost more";

impl Bench {
    pub fn run(self) -> Result<()> {
        match self.what {
            What::Cu(cu) => cu.run(),
        }
    }
}

impl Cu {
    fn run(self) -> Result<()> {
        commands::build_all()?;
        let mut measure = Command::new(env!("CARGO"));
        measure
            .args([
                "run",
                "--quiet",
                "--package",
                "iog-tests",
                "--bin",
                "cu",
                "--",
            ])
            .current_dir(repo::root());
        match self.output {
            Some(Output::Json) => measure.args(["-o", "json"]),
            None if self.check => measure.arg("--check"),
            None => &mut measure,
        };
        run::check(&mut measure, "see its output above")
    }
}
