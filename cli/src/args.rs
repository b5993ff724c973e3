//! The command line: global options, nouns, and the parsers that its values share.

use crate::{error, nouns, output::Format};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use iog_math::units::{Io, Iosd, Usd6, BPS};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use std::{path::PathBuf, str::FromStr};

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
    /// Machines that serve and earn
    #[command(subcommand)]
    Device(nouns::device::Verb),
    /// The IO that stands behind a device
    #[command(subcommand)]
    Stake(nouns::stake::Verb),
    /// Bookings of GPU-hours
    #[command(subcommand)]
    Order(nouns::order::Verb),
    /// Devices in orders
    #[command(subcommand)]
    Lease(nouns::lease::Verb),
    /// Proof of work: windows, and proving off line
    #[command(subcommand)]
    Pow(nouns::pow::Verb),
    /// The hourly emission
    #[command(subcommand)]
    Emission(nouns::emission::Verb),
    /// What devices earn
    #[command(subcommand)]
    Reward(nouns::reward::Verb),
    /// The price of IO
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

type Parsed<T> = Result<T, String>;

/// An amount of IO, more than nothing.
pub fn io(text: &str) -> Parsed<Io> {
    match Io::parse(text) {
        Ok(Io(0)) => Err("the amount must be greater than zero".into()),
        Ok(amount) => Ok(amount),
        Err(iog_math::MathError::Overflow) => Err("the amount is larger than any supply".into()),
        Err(_) => {
            Err("an amount of IO is digits, a point and at most 8 decimals, such as 12.5".into())
        }
    }
}

/// An amount of IOSD.
pub fn iosd(text: &str) -> Parsed<Iosd> {
    Iosd::parse(text).map_err(|_| {
        "an amount of IOSD is digits, a point and at most 6 decimals, such as 12.5".into()
    })
}

/// An amount of US dollars, or of a currency that counts as them.
pub fn dollars(text: &str) -> Parsed<Usd6> {
    Usd6::parse(text).map_err(|_| {
        "an amount of dollars is digits, a point and at most 6 decimals, such as 12.5".into()
    })
}

/// How much less than quoted is taken, in basis points.
pub fn slippage(text: &str) -> Parsed<u64> {
    text.parse()
        .ok()
        .filter(|bps| *bps <= BPS)
        .ok_or_else(|| "use basis points, 0 to 10000: 100 are one percent".into())
}

/// A price in US dollars, more than nothing.
pub fn usd(text: &str) -> Parsed<Usd6> {
    match Usd6::parse(text) {
        Ok(Usd6(0)) | Err(_) => Err(
            "a price is digits, a point and at most 6 decimals, such as 0.25, and not zero".into(),
        ),
        Ok(price) => Ok(price),
    }
}

pub fn pubkey(text: &str) -> Parsed<Pubkey> {
    Pubkey::from_str(text)
        .map_err(|_| "an address is 32 bytes in base58, such as solana address prints".into())
}

/// A key in base58 or in 64 hexadecimal digits.
pub fn key_bytes(text: &str) -> Parsed<[u8; 32]> {
    hex32(text).or_else(|_| {
        pubkey(text)
            .map(|key| key.to_bytes())
            .map_err(|_| "a key is 64 hexadecimal digits, or base58".into())
    })
}

pub fn hex32(text: &str) -> Parsed<[u8; 32]> {
    hex_array(text)
}

pub fn root(text: &str) -> Parsed<iog_pow::Root> {
    hex_array(text)
}

fn hex_array<const N: usize>(text: &str) -> Parsed<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map(|()| bytes)
        .map_err(|_| format!("{} hexadecimal digits are needed", N * 2))
}

pub fn hex_bytes(text: &str) -> Parsed<Hex> {
    hex::decode(text)
        .map(Hex)
        .map_err(|_| "an even number of hexadecimal digits is needed".into())
}

/// Bytes given in hexadecimal. A bare `Vec<u8>` means many values to clap.
#[derive(Clone, Debug)]
pub struct Hex(pub Vec<u8>);

/// ISO 3166-1 alpha-2.
pub fn country(text: &str) -> Parsed<[u8; 2]> {
    match text.as_bytes() {
        [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            Ok([a.to_ascii_uppercase(), b.to_ascii_uppercase()])
        }
        _ => Err("a country is two letters (ISO 3166-1), such as DE".into()),
    }
}

/// A name that fits its 32 bytes on chain.
pub fn name(text: &str) -> Parsed<[u8; 32]> {
    let bytes = text.trim().as_bytes();
    let mut name = [0; 32];
    match name.get_mut(..bytes.len()) {
        Some(place) if !bytes.is_empty() && !text.contains(char::is_control) => {
            place.copy_from_slice(bytes);
            Ok(name)
        }
        _ => Err("a name is 1 to 32 bytes of printable text".into()),
    }
}

fn commitment(text: &str) -> Parsed<CommitmentConfig> {
    CommitmentConfig::from_str(text).map_err(|_| "use processed, confirmed or finalized".into())
}

fn shell(text: &str) -> Parsed<Shell> {
    match text {
        "bash" => Ok(Shell::Bash),
        "zsh" => Ok(Shell::Zsh),
        "fish" => Ok(Shell::Fish),
        _ => Err("use bash, zsh or fish".into()),
    }
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
                .replace("$ROOTS", &"ab".repeat(20))
                .replace("$OPENING", "ab");
            if let Err(error) = Cli::try_parse_from(words(&line)) {
                panic!("{line}: {error}");
            }
        }
    }

    #[test]
    fn values_are_checked() {
        assert_eq!(io("1.5"), Ok(Io(150_000_000)));
        for bad in ["0", "-1", "1.123456789", "1e3", "", "999999999999999"] {
            assert!(io(bad).is_err(), "{bad}");
        }
        assert_eq!(country("de"), Ok(*b"DE"));
        assert!(country("DEU").is_err());
        assert!(name(&"x".repeat(33)).is_err());
        assert_eq!(key_bytes(&"ab".repeat(32)), Ok([0xab; 32]));
        assert!(key_bytes("xyz").is_err());
    }
}
