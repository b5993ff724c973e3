//! The network's own price feed: its reporters and its quorum.

use super::reporters;
use crate::{args, confirm, context::Context, error::Result, waiting::said};
use clap::{Args, Subcommand};
use iog_client::{
    pda,
    token::{accounts::Config, instructions},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Places for reporters.
const PLACES: i64 = 9;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open the feed, without reporters; the token's authority signs
    #[command(
        after_help = "Nothing reads it until governance makes it the source: iog governance price-source set --quorum.\n\nExample:\n  iog price feed create --quorum 3 -k authority.json --yes"
    )]
    Create {
        /// Fresh reports that make a price, 3 to 9
        #[arg(long, value_name = "REPORTS", value_parser = clap::value_parser!(u8).range(3..=PLACES))]
        quorum: u8,
    },
    /// Name the reporter of a place, 24 hours ahead, or none at once; the token's authority signs
    #[command(
        after_help = "While the network is set up a reporter counts at once. One that is removed takes its report with it. Name reporters with different sources: those that copy the median are one.\n\nExamples:\n  iog price feed set-reporter 0 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json --yes\n  iog price feed set-reporter 0 none -k authority.json --yes"
    )]
    SetReporter {
        #[command(flatten)]
        place: Place,
        /// Address of the reporter's key, or none
        #[arg(value_parser = args::pubkey_or_none)]
        key: Pubkey,
    },
    /// Give a place to the reporter that was named for it, when 24 hours are over; anyone may
    #[command(after_help = "Example:\n  iog price feed apply-reporter 0")]
    ApplyReporter(Place),
    /// Drop who was named for a place; the token's guardian and its authority may
    #[command(after_help = "Example:\n  iog price feed drop-reporter 0 -k guardian.json --yes")]
    DropReporter(Place),
    /// Set how many fresh reports make a price, 24 hours ahead; the token's authority signs
    #[command(
        after_help = "At least 3, more than half of the reporters named, and at least 5 of 9.\n\nExample:\n  iog price feed quorum 5 -k authority.json --yes"
    )]
    Quorum {
        /// 3 to 9
        #[arg(value_parser = clap::value_parser!(u8).range(3..=PLACES))]
        quorum: u8,
    },
    /// Apply the quorum whose time has come; anyone may
    #[command(after_help = "Example:\n  iog price feed apply-quorum")]
    ApplyQuorum,
    /// Drop the quorum that waits; the token's guardian and its authority may
    #[command(after_help = "Example:\n  iog price feed drop-quorum -k guardian.json --yes")]
    DropQuorum,
}

#[derive(Args, Clone, Copy, Debug)]
pub struct Place {
    /// Place, 0 to 8
    #[arg(value_parser = clap::value_parser!(u8).range(0..PLACES))]
    place: u8,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Create { quorum } => {
            let what = format!("Open a price feed of which {quorum} fresh reports make a price?");
            let make = |authority| instructions::CreatePriceFeed {
                authority,
                quorum: quorum.into(),
            };
            govern(context, &what, |signer| make(signer).instruction()).await
        }
        Verb::SetReporter { place, key } => set_reporter(context, place.place, key).await,
        Verb::ApplyReporter(Place { place: index }) => {
            send(context, instructions::ApplyReporter { index }.instruction()).await
        }
        Verb::DropReporter(Place { place: index }) => {
            confirm::allowed(context, "a change of governance")?;
            let feed = reporters::feed(context).await?;
            let named = feed.feed.reporters.get(usize::from(index));
            let named = named.map_or_else(Pubkey::default, |reporter| reporter.role.pending);
            let what = format!("Drop {}, who waits for place {index}?", said(named));
            let make = |signer| instructions::DropReporter { signer, index }.instruction();
            govern(context, &what, make).await
        }
        Verb::Quorum { quorum } => {
            let what =
                format!("Make a price of {quorum} fresh reports, 24 hours from now, once applied?");
            let make = |authority| instructions::SetPriceQuorum {
                authority,
                quorum: quorum.into(),
            };
            govern(context, &what, |signer| make(signer).instruction()).await
        }
        Verb::ApplyQuorum => send(context, instructions::ApplyPriceQuorum {}.instruction()).await,
        Verb::DropQuorum => {
            let make = |signer| instructions::DropPriceQuorum { signer }.instruction();
            govern(context, "Drop the quorum that waits?", make).await
        }
    }
}

async fn set_reporter(context: &Context, index: u8, key: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let books: Config = context.config(&pda::token::config()).await?;
    let at_once = context.time().await?.now < books.setup_until_ts;
    let what = match key == Pubkey::default() {
        true => format!("Remove the reporter of place {index}, and its report with it?"),
        false if at_once => format!("Let {key} report prices from now on, in place {index}?"),
        false => {
            format!("Let {key} report prices 24 hours from now, once applied, in place {index}?")
        }
    };
    let make = |authority| instructions::SetReporter {
        authority,
        index,
        key,
    };
    govern(context, &what, |signer| make(signer).instruction()).await
}

async fn govern(
    context: &Context,
    what: &str,
    make: impl FnOnce(Pubkey) -> Instruction,
) -> Result<()> {
    confirm::allowed(context, "a change of governance")?;
    let signer = context.signer()?;
    confirm::ask(context, what)?;
    send(context, make(signer.pubkey())).await
}

/// Sends, and shows the feed as it is afterwards.
async fn send(context: &Context, instruction: Instruction) -> Result<()> {
    let signer = context.signer()?;
    let receipt = context.submit(&[instruction], &signer, &[]).await?;
    let after = reporters::record(context).await?;
    context.out.one(&after.extend(receipt));
    Ok(())
}
