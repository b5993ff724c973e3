//! Restitution: what a stake gives back to a renter whose supplier lost a dispute before the market's resolver.

mod verbs;

use crate::{args, context::Context, error::Result, nouns::lease::Named};
use clap::{Args, Subcommand};
use iog_math::units::Io;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Propose to pay a renter out of the owner's part of the stake; the slasher signs, within 180 days of the decision
    #[command(
        after_help = "A co-staker bears nothing. The amount counts at the high price of IO, and all cases of a verdict together come to at most what the lease was paid. Appeals and decisions are those of other cases; resolver, slasher and appeal authority are three different keys.\n\nExample:\n  iog slash restitution propose --lease 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 5 --evidence report.pdf -k slasher.json --yes"
    )]
    Propose(Proposal),
    /// Close a case whose time is over: owe what it holds to the renter, or release it; anyone may
    #[command(after_help = "Example:\n  iog slash restitution finalize 3 --yes")]
    Finalize(super::Numbered),
    /// Pay a renter what cases took for it; anyone may
    #[command(
        after_help = "Example:\n  iog slash restitution fetch 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Fetch(Named),
    /// What a renter has got and is owed for a lease, and what may still be claimed
    #[command(
        after_help = "Example:\n  iog slash restitution show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Show(Named),
    /// Close what remembers the claims of a verdict, when nothing is owed and nothing can be claimed; anyone may
    #[command(
        after_help = "The rent goes back to the slasher that opened it.\n\nExample:\n  iog slash restitution close 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Close(Named),
}

#[derive(Args, Debug)]
pub struct Proposal {
    /// Lease whose dispute the resolver decided against the supplier
    #[arg(long, value_name = "LEASE", value_parser = args::pubkey)]
    lease: Pubkey,
    /// IO, within the caps of one case and of 30 days, of the owner's part
    #[arg(long, value_name = "IO", value_parser = args::io)]
    amount: Io,
    /// File of the evidence, or its SHA-256 in 64 hexadecimal digits
    #[arg(long, value_name = "FILE_OR_HEX")]
    evidence: String,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Propose(proposal) => verbs::propose(context, &proposal).await,
        Verb::Finalize(given) => verbs::finalize(context, given.case).await,
        Verb::Fetch(named) => verbs::fetch(context, &named.lease).await,
        Verb::Show(named) => verbs::show(context, &named.lease).await,
        Verb::Close(named) => verbs::close(context, &named.lease).await,
    }
}
