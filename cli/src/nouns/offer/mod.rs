//! Offers to co-stake: made by an owner, accepted by a wallet that brings IO for a share of the rewards.

mod co_staker;
mod owner;
mod show;

use super::device::ByOption;
use crate::{args, context::Context, error::Result};
use clap::Subcommand;
use iog_math::units::Io;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Offer a part of a device's stake to a co-staker, who gets a share of its rewards
    #[command(
        after_help = "The co-staker brings at most as much as the owner has staked. The share is frozen once the offer is accepted: 2500 are 25 %. Whoever accepts holds the place for 21 days at least: name who may. An offer is for this stake and binds nobody on the next.\n\nExamples:\n  iog offer make --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 100 --share-bps 2500 --co-staker 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --yes\n  iog offer make --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 100 --share-bps 2500 --yes"
    )]
    Make {
        #[command(flatten)]
        device: ByOption,
        /// IO that the co-staker brings
        #[arg(long, value_name = "IO", value_parser = args::io)]
        amount: Io,
        /// The co-staker's share of the rewards, in basis points
        #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u16).range(0..=10_000))]
        share_bps: u16,
        /// Who alone may accept [default: anyone]
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        co_staker: Option<Pubkey>,
    },
    /// Open offers, all or one wallet's
    #[command(
        after_help = "Example:\n  iog offer list --owner 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    List {
        /// Only this wallet's
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        owner: Option<Pubkey>,
    },
    /// One offer's terms, and what stands behind the device already
    #[command(
        after_help = "Example:\n  iog offer show --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Show(ByOption),
    /// Take an open offer back; its owner may
    #[command(
        after_help = "Example:\n  iog offer retract --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Retract(ByOption),
    /// Accept an offer on exactly the terms that are shown
    #[command(
        after_help = "Example:\n  iog offer accept --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -k co-staker.json --yes"
    )]
    Accept(ByOption),
    /// Leave as a co-staker: 7 days in which the part counts and earns nothing, then the cool-down of 14 days
    #[command(
        after_help = "Example:\n  iog offer leave --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -k co-staker.json --yes"
    )]
    Leave(ByOption),
    /// Pay the co-staker's part back when it is free; anyone may
    #[command(
        after_help = "Example:\n  iog offer withdraw --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Withdraw(ByOption),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Make {
            device,
            amount,
            share_bps,
            co_staker,
        } => owner::make(context, &device.device, amount, share_bps, co_staker).await,
        Verb::List { owner } => show::list(context, owner).await,
        Verb::Show(given) => show::one(context, &given.device).await,
        Verb::Retract(given) => owner::retract(context, &given.device).await,
        Verb::Accept(given) => co_staker::accept(context, &given.device).await,
        Verb::Leave(given) => co_staker::leave(context, &given.device).await,
        Verb::Withdraw(given) => co_staker::withdraw(context, &given.device).await,
    }
}

/// `25 %` for 2500 basis points.
fn percent(bps: u16) -> String {
    let (whole, rest) = (bps / 100, bps % 100);
    match rest {
        0 => format!("{whole} %"),
        _ => format!("{whole}.{rest:02} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_said_in_percent() {
        assert_eq!(
            [percent(2_500), percent(5), percent(10_000)],
            ["25 %", "0.05 %", "100 %"]
        );
    }
}
