//! `iog`: the command line of the network. Each verb is thin: it reads accounts through `iog_client`, computes with
//! `iog_math` and sends through `iog_tx`.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod agent;
mod args;
mod chain;
mod config;
mod confirm;
mod context;
mod error;
mod market;
mod nouns;
mod oracle;
mod output;
mod pack;
mod waiting;

use args::{Cli, Noun};
use clap::{error::ErrorKind, CommandFactory, Parser};
use context::Context;
use error::Result;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("iog: {}", error.line());
            ExitCode::from(error.exit_code())
        }
    }
}

/// Help goes out as it is; a mistake becomes one line.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::write(&error.render().to_string());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprint!("{}", error.render());
            ExitCode::from(2)
        }
        _ => {
            eprintln!("iog: {}", args::usage_line(error));
            ExitCode::from(2)
        }
    }
}

async fn run(cli: Cli) -> Result<()> {
    if let Noun::Completion { shell } = cli.noun {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "iog", &mut script);
        output::write(&String::from_utf8_lossy(&script));
        return Ok(());
    }
    let context = Context::new(&cli.global)?;
    match cli.noun {
        Noun::Network(verb) => nouns::network::run(&context, verb).await,
        Noun::Token(verb) => nouns::token::run(&context, verb).await,
        Noun::Vesting(verb) => nouns::vesting::run(&context, verb).await,
        Noun::Operator(verb) => nouns::operator::run(&context, verb).await,
        Noun::Class(verb) => nouns::class::run(&context, verb).await,
        Noun::Measurer(verb) => nouns::measurer::run(&context, verb).await,
        Noun::Device(verb) => nouns::device::run(&context, verb).await,
        Noun::Stake(verb) => nouns::stake::run(&context, verb).await,
        Noun::Offer(verb) => nouns::offer::run(&context, verb).await,
        Noun::Slash(verb) => nouns::slash::run(&context, verb).await,
        Noun::Order(verb) => nouns::order::run(&context, verb).await,
        Noun::Cluster(verb) => nouns::cluster::run(&context, verb).await,
        Noun::Job(verb) => nouns::job::run(&context, &verb),
        Noun::Agent(verb) => nouns::agent::run(&context, verb).await,
        Noun::Lease(verb) => nouns::lease::run(&context, verb).await,
        Noun::Dispute(verb) => nouns::dispute::run(&context, verb).await,
        Noun::Market(verb) => nouns::market::run(&context, verb).await,
        Noun::Pow(verb) => nouns::pow::run(&context, verb).await,
        Noun::Emission(verb) => nouns::emission::run(&context, verb).await,
        Noun::Reward(verb) => nouns::reward::run(&context, verb).await,
        Noun::Price(verb) => nouns::price::run(&context, verb).await,
        Noun::Treasury(verb) => nouns::treasury::run(&context, verb).await,
        Noun::Governance(verb) => nouns::governance::run(&context, verb).await,
        Noun::Completion { .. } => Ok(()),
    }
}
