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
    Scale(Scale),
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

/// What the proofs of 12,500, 42,000 and 100,000 device keys take of the chain, by bench/cu.json
///
/// Fails if they take more than the network plans for. Measures nothing: bench cu does.
#[derive(Args)]
struct Scale {}

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
            What::Scale(Scale {}) => run::check(cu_binary().arg("scale"), "see its output above"),
        }
    }
}

impl Cu {
    fn run(self) -> Result<()> {
        commands::build_all()?;
        let mut measure = cu_binary();
        match self.output {
            Some(Output::Json) => measure.args(["-o", "json"]),
            None if self.check => measure.arg("--check"),
            None => &mut measure,
        };
        run::check(&mut measure, "see its output above")
    }
}

/// The program that measures, before its arguments.
fn cu_binary() -> Command {
    let mut command = Command::new(env!("CARGO"));
    let args = [
        "run",
        "--quiet",
        "--package",
        "iog-tests",
        "--bin",
        "cu",
        "--",
    ];
    command.args(args).current_dir(repo::root());
    command
}
