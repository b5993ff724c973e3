//! The command line. A new command is a file here and an arm in each of the two places below.

mod advisories;
mod bench;
mod build;
mod demo;
mod idl;
mod ids;
mod python;
mod setup;
mod test;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of this repository", after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask test             install what is missing, build, run every check
  cargo xtask demo             the main job on a fresh local network
  cargo xtask setup            install what the builds need
  cargo xtask build            compile every program to target/deploy
  cargo xtask build token      compile one program
  cargo xtask bench cu         what each instruction costs
  cargo xtask idl              interface descriptions and clients";

#[derive(Subcommand)]
pub enum Command {
    Setup(setup::Setup),
    Build(build::Build),
    Idl(idl::Idl),
    Ids(ids::Ids),
    Test(test::Test),
    Python(python::Python),
    Bench(bench::Bench),
    Demo(demo::Demo),
    Advisories(advisories::Advisories),
}

impl Command {
    pub fn run(self) -> Result<()> {
        match self {
            Command::Setup(command) => command.run(),
            Command::Build(command) => command.run(),
            Command::Idl(command) => command.run(),
            Command::Ids(command) => command.run(),
            Command::Test(command) => command.run(),
            Command::Python(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Advisories(command) => command.run(),
        }
    }
}

/// `cargo xtask build`, for commands that need every program.
fn build_all() -> Result<()> {
    build::Build::all().run()
}

/// `cargo xtask idl --check`.
fn check_idl() -> Result<()> {
    idl::Idl::check().run()
}
