//! The repository's own commands: `cargo xtask <command>`. One file per command in `commands/`.

mod commands;
mod deny;
mod idl;
mod nvrtc;
mod programs;
mod python;
mod python_client;
mod repo;
mod run;
mod sbf;
mod tally;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match commands::Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
