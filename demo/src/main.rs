//! `cargo xtask demo`

use clap::Parser;
use iog_demo::{run, Options};
use std::{path::PathBuf, process::ExitCode};

/// Runs the whole loop on a fresh local network and checks every conservation law
#[derive(Parser)]
struct Args {
    /// Print one JSON object instead of the story
    #[arg(long)]
    json: bool,
    /// Folder of the built programs
    #[arg(long, default_value = "target/deploy")]
    programs: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let options = Options {
        programs: args.programs,
        narrate: !args.json,
    };
    match run(options).await {
        Ok(summary) => {
            if args.json {
                println!("{}", summary.to_json());
            }
            if summary.holds() {
                ExitCode::SUCCESS
            } else {
                eprintln!("error: {}", summary.broken().join("; "));
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
