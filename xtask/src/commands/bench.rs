//! `cargo xtask bench`

use std::process::Command;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use crate::sbf::debian;
use crate::{commands, python, repo, run};

/// Measure what the programs cost, and what the link gives
#[derive(Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Cu(Cu),
    Link(Link),
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

/// The link and the mesh: seconds to the first log and to a cluster, throughput beside plain TCP, lateness of a node under load
///
/// Builds programs, iog, iog-keeper and boringtun, then runs them in namespaces: needs root and a quiet machine, about 20 minutes. Prints the
/// figures, or writes bench/link.json too. Fails where a limit is missed.
#[derive(Args)]
struct Link {
    /// Write the snapshot bench/link.json too
    #[arg(short, long, value_enum)]
    output: Option<Output>,
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

/// Its version.
const BORINGTUN: &str = "0.7.1";

const EXAMPLES: &str = "\
Examples:
  cargo xtask bench cu
  cargo xtask bench cu --check
  cargo xtask bench cu -o json    after a change that is meant to cost more
  cargo xtask bench link -o json  on a quiet machine";

impl Bench {
    pub fn run(self) -> Result<()> {
        match self.what {
            What::Cu(cu) => cu.run(),
            What::Link(link) => link.run(),
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

impl Link {
    fn run(self) -> Result<()> {
        debian::install_missing(&["wireguard-go", "wireguard-tools"])?;
        python::ray()?;
        boringtun()?;
        commands::build_all()?;
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "-p", "iog-cli", "-p", "iog-keeper"])
            .current_dir(repo::root());
        run::check(&mut build, "see its output above")?;
        let mut measure = Command::new(env!("CARGO"));
        measure
            .args([
                "run",
                "--quiet",
                "-p",
                "iog-lab",
                "--bin",
                "bench-link",
                "--",
            ])
            .current_dir(repo::root());
        if let Some(Output::Json) = self.output {
            measure.args(["-o", "json"]);
        }
        run::check(&mut measure, "see its output above")
    }
}

/// A WireGuard to be measured beside the mesh, in `target/tools/bin`.
fn boringtun() -> Result<()> {
    let tools = repo::root().join("target/tools");
    let mut install = Command::new(env!("CARGO"));
    install
        .args(["install", "--quiet", "--locked", "boringtun-cli"])
        .args(["--version", BORINGTUN, "--root"])
        .arg(&tools);
    // Done already is no work.
    run::check(
        &mut install,
        "check that the package registry can be reached, and run this again",
    )
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
