//! `cargo xtask test`

use std::process::Command;

use anyhow::{bail, Result};
use clap::Args;

use crate::sbf::debian;
use crate::{commands, deny, nvrtc, python, python_client, repo, run, tally};

/// Run every check: format, lints, licences, unit, property, SVM and end-to-end tests, IDLs
///
/// Installs what is missing and builds the programs first. Ends with a line `N passed, N failed`; a check such as rustfmt
/// counts as one test. Every check runs, also after one has failed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Test {
    /// Also what takes longer than a minute: a hundred members that come and go, and the like
    #[arg(long)]
    full: bool,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask test
  cargo xtask test --full       some half an hour more
  cargo test -p iog-math        one crate's tests, once the programs are built";

impl Test {
    pub fn run(self) -> Result<()> {
        debian::install_missing(debian::HOST_PACKAGES)?;
        nvrtc::ensure()?;
        python::ray()?;
        python::kubernetes()?;
        install_components()?;
        if self.full {
            debian::install_missing(debian::FULL_PACKAGES)?;
            // Tests have a short form and a long one; this chooses.
            std::env::set_var("IOG_FULL", "1");
        }
        let mut tally = tally::Tally::default();
        tally.check("rustfmt", || {
            tally::cargo(&repo::root(), &["fmt", "--all", "--check"])?;
            tally::cargo(&repo::programs(), &["fmt", "--all", "--check"])
        });
        // Without the programs nothing below means anything.
        if !tally.check("build the programs", commands::build_all) {
            return finish(&tally);
        }
        tally.check("clippy: programs", || {
            let args = [
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ];
            tally::cargo(&repo::programs(), &args)
        });
        tally.check("clippy: host", || {
            let args = [
                "clippy",
                "--workspace",
                "--all-targets",
                // The one that tests do not build.
                "--features",
                "iog-keeper/kubernetes",
                "--",
                "-D",
                "warnings",
            ];
            tally::cargo(&repo::root(), &args)
        });
        tally.check("cargo-deny: licences, bans, sources", deny::check);
        tally.check("IDLs and clients", commands::check_idl);
        tally.suite("programs", &repo::programs());
        tally.suite("host", &repo::root());
        // With the binaries that the suite built.
        tally.check("Python client", || python_client::check(self.full));
        finish(&tally)
    }
}

/// rustup's minimal profile comes without them.
fn install_components() -> Result<()> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let mut present = Command::new(env!("CARGO"));
        if run::quiet(present.args([command, "--version"]), "").is_err() {
            let mut add = Command::new("rustup");
            run::check(
                add.args(["component", "add", component]),
                "install rustfmt and clippy for this toolchain",
            )?;
        }
    }
    Ok(())
}

fn finish(tally: &tally::Tally) -> Result<()> {
    println!("{tally}");
    if tally.failed() > 0 {
        bail!("see the failures above: {}", tally.names().join(", "));
    }
    Ok(())
}
