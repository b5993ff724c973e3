//! The repository's own commands: `cargo xtask <command>`. One file per command in `commands/`.

mod commands;
mod idl;
mod programs;
mod repo;
mod run;
mod sbf;

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
