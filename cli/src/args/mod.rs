//! The command line: global options and nouns.

mod value;

pub use value::{
    country, dollars, expanded, hex32, hex_bytes, io, iosd, key_bytes, key_or_none, moment, name,
    node, pubkey, pubkey_or_none, slippage, usd, Hex,
};

use crate::{error, nouns, output::Format};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use solana_commitment_config::CommitmentConfig;
use std::path::PathBuf;
use value::{commitment, shell};

/// The IOG network: stake GPUs, earn IO, rent GPUs.
#[derive(Debug, Parser)]
#[command(
    name = "iog",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 done, 2 usage, 3 refused by the chain, 4 RPC, 5 outcome unknown (the signature is printed).\n\nExample:\n  iog -u localhost token balance"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub noun: Noun,
}

#[derive(Args, Debug)]
pub struct Global {
    /// RPC endpoint, or m(ainnet-beta), t(estnet), d(evnet), l(ocalhost) [default: the Solana CLI's]
    #[arg(short, long, global = true, value_name = "URL_OR_MONIKER")]
    pub url: Option<String>,
    /// File of the key that signs and pays [default: the Solana CLI's]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub keypair: Option<String>,
    /// Configuration file of the Solana CLI [default: ~/.config/solana/cli/config.yml]
    #[arg(short = 'C', long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// processed, confirmed or finalized [default: the Solana CLI's, else confirmed]
    #[arg(long, global = true, value_name = "LEVEL", value_parser = commitment)]
    pub commitment: Option<CommitmentConfig>,
    /// The network, whose relays lead to devices: localnet, devnet, mainnet or a file [default: by the endpoint]
    #[arg(long, global = true, value_name = "NAME_OR_FILE")]
    pub network: Option<String>,
    /// Form of what is printed
    #[arg(short, long, global = true, value_enum, default_value_t)]
    pub output: Format,
    /// Simulate only: nothing is signed or sent
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Do not ask before money moves
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Say more on standard error: endpoint, programs' logs, compute units
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// No bold headings; NO_COLOR does the same
    #[arg(long, global = true)]
    pub no_color: bool,
}

#[derive(Debug, Subcommand)]
pub enum Noun {
    /// The network: a local one, its state, its deployment
    #[command(subcommand)]
    Network(nouns::network::Verb),
    /// IO and IOSD: balances, supply, limits, transfers, burns
    #[command(subcommand)]
    Token(nouns::token::Verb),
    /// Release of the genesis supply
    #[command(subcommand)]
    Vesting(nouns::vesting::Verb),
    /// Suppliers
    #[command(subcommand)]
    Operator(nouns::operator::Verb),
    /// Kinds of hardware
    #[command(subcommand)]
    Class(nouns::class::Verb),
    /// Who measures devices' connections, from which their tiers follow
    #[command(subcommand)]
    Measurer(nouns::measurer::Verb),
    /// Machines that serve and earn
    #[command(subcommand)]
    Device(nouns::device::Verb),
    /// The IO that stands behind a device
    #[command(subcommand)]
    Stake(nouns::stake::Verb),
    /// Offers to co-stake a device for a share of its rewards
    #[command(subcommand)]
    Offer(nouns::offer::Verb),
    /// Cases that may burn a part of a stake
    #[command(subcommand)]
    Slash(nouns::slash::Verb),
    /// Bookings of GPU-hours
    #[command(subcommand)]
    Order(nouns::order::Verb),
    /// Ray clusters of one or several orders
    #[command(subcommand)]
    Cluster(nouns::cluster::Verb),
    /// Job files: their hashes, what is wrong with them, other tools' files as jobs
    #[command(subcommand)]
    Job(nouns::job::Verb),
    /// Processes that hold orders' keys on this machine, and tickets for further machines
    #[command(subcommand)]
    Agent(nouns::agent::Verb),
    /// Devices in orders
    #[command(subcommand)]
    Lease(nouns::lease::Verb),
    /// Disputes between renters and suppliers
    #[command(subcommand)]
    Dispute(nouns::dispute::Verb),
    /// Devices for hire, what suppliers earn, the books of the market
    #[command(subcommand)]
    Market(nouns::market::Verb),
    /// Proof of work: windows, and proving off line
    #[command(subcommand)]
    Pow(nouns::pow::Verb),
    /// The hourly emission
    #[command(subcommand)]
    Emission(nouns::emission::Verb),
    /// What devices earn
    #[command(subcommand)]
    Reward(nouns::reward::Verb),
    /// The price of IO, and of GPU-hours
    #[command(subcommand)]
    Price(nouns::price::Verb),
    /// The network's fees, and the auction that buys IO with them
    #[command(subcommand)]
    Treasury(nouns::treasury::Verb),
    /// Authorities, guardians, pauses and parameters of the programs
    #[command(subcommand)]
    Governance(nouns::governance::Verb),
    /// Print a completion script
    #[command(
        after_help = "Example:\n  iog completion bash > ~/.local/share/bash-completion/completions/iog"
    )]
    Completion {
        /// bash, zsh or fish
        #[arg(value_parser = shell)]
        shell: Shell,
    },
}

/// One line out of clap's several: the error and its tips, without the usage that `--help` shows.
pub fn usage_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let message = text
        .split("\n\nUsage:")
        .next()
        .and_then(|text| text.split("\n\nFor more information").next())
        .unwrap_or_default();
    error::one_line(message.trim_start_matches("error:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Words as a shell would split them.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![];
        for (number, part) in line.split('"').enumerate() {
            if number % 2 == 1 {
                words.push(part.to_string());
            } else {
                words.extend(part.split_whitespace().map(str::to_string));
            }
        }
        words
    }

    fn examples(command: &clap::Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string);
        let own = help.unwrap_or_default();
        let mut lines: Vec<String> = own
            .lines()
            .filter(|line| line.trim_start().starts_with("iog "))
            .map(|line| {
                let line = line.split(" > ").next().unwrap_or_default();
                line.split("   (").next().unwrap_or_default().to_string()
            })
            .collect();
        lines.extend(command.get_subcommands().flat_map(examples));
        lines
    }

    #[test]
    fn every_example_parses() {
        let found = examples(&Cli::command());
        assert!(found.len() >= 70, "{}", found.len());
        for line in found {
            let line = line
                .replace("$SLOT_HASH", &"ab".repeat(32))
                .replace("$DEVICE_KEY", &"ab".repeat(32))
                .replace("$CHALLENGE", &"ab".repeat(32))
                .replace("$COMMIT", &"ab".repeat(16))
                .replace("$OPENING", "ab");
            if let Err(error) = Cli::try_parse_from(words(&line)) {
                panic!("{line}: {error}");
            }
        }
    }
}
