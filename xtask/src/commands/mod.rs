//! The command line. A new command is a file here and an arm in each of the two places below.

mod build;
mod idl;
mod setup;

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
  cargo xtask setup            install what the builds need
  cargo xtask build            compile every program to target/deploy
  cargo xtask build token      compile one program
  cargo xtask idl              interface descriptions and clients";

#[derive(Subcommand)]
pub enum Command {
    Setup(setup::Setup),
    Build(build::Build),
    Idl(idl::Idl),
}

impl Command {
    pub fn run(self) -> Result<()> {
        match self {
            Command::Setup(command) => command.run(),
            Command::Build(command) => command.run(),
            Command::Idl(command) => command.run(),
        }
    }
}
