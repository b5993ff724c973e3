//! Slash cases: proposed with evidence, appealed, decided, carried out.

mod case;
mod restitution;
mod verbs;

use super::device::ByOption;
use crate::{args, context::Context, error::Result};
use clap::{Args, Subcommand};
use iog_math::units::Io;
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Propose to slash a stake; the slasher signs. Its amount is held from now on, and burned if no appeal helps
    #[command(
        after_help = "Of a file its SHA-256 is stored; publish the file elsewhere.\n\nExamples:\n  iog slash propose --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 20 --reason 1 --evidence report.pdf -k slasher.json --yes"
    )]
    Propose(Proposal),
    /// Cases that are not closed: what they hold, until when, and what comes next
    #[command(
        after_help = "Example:\n  iog slash list --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    List {
        /// Only cases against this device
        #[arg(long, value_name = "DEVICE", value_parser = args::pubkey)]
        device: Option<Pubkey>,
    },
    /// Appeal against a case within 30 days; the device's owner or the co-staker it holds from signs
    #[command(after_help = "Example:\n  iog slash appeal 0")]
    Appeal(Numbered),
    /// Decide an appeal within 30 days; the appeal authority signs
    #[command(
        after_help = "Examples:\n  iog slash resolve 0 --uphold -k appeals.json --yes\n  iog slash resolve 0 --reject -k appeals.json --yes"
    )]
    Resolve {
        #[command(flatten)]
        case: Numbered,
        #[command(flatten)]
        decision: Decision,
    },
    /// Close a case whose time is over: burn what it holds, or release it; anyone may. One that pays a renter: iog slash restitution finalize
    #[command(after_help = "Example:\n  iog slash finalize 0 --yes")]
    Finalize(Numbered),
    /// Cases that pay the renter of a dispute which the market's resolver decided against the supplier
    #[command(
        subcommand,
        after_help = "Examples:\n  iog slash restitution propose --lease 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 5 --evidence report.pdf -k slasher.json\n  iog slash restitution show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Restitution(restitution::Verb),
    /// Name who proposes slashes and who decides appeals; staking's authority signs
    #[command(
        after_help = "Example:\n  iog slash roles --slasher 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --appeal-authority none -k authority.json --yes"
    )]
    Roles {
        /// Address of who proposes, or none
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
        slasher: Pubkey,
        /// Address of who decides, or none; another key than the slasher's
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey_or_none)]
        appeal_authority: Pubkey,
    },
}

#[derive(Args, Debug)]
pub struct Proposal {
    #[command(flatten)]
    device: ByOption,
    /// IO, within the caps of one case and of 30 days
    #[arg(long, value_name = "IO", value_parser = args::io)]
    amount: Io,
    /// Number of the broken rule, 0 to 255
    #[arg(long, value_name = "NUMBER")]
    reason: u8,
    /// File of the evidence, or its SHA-256 in 64 hexadecimal digits
    #[arg(long, value_name = "FILE_OR_HEX")]
    evidence: String,
}

/// A case on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Numbered {
    /// Number of the case, as iog slash list has it
    case: u64,
}

#[derive(Args, Clone, Copy, Debug)]
#[group(required = true, multiple = false)]
pub struct Decision {
    /// The case stands: what it holds may be burned
    #[arg(long)]
    uphold: bool,
    /// The case falls: what it holds is released
    #[arg(long)]
    reject: bool,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Propose(proposal) => verbs::propose(context, &proposal).await,
        Verb::List { device } => case::list(context, device).await,
        Verb::Appeal(given) => verbs::appeal(context, given.case).await,
        Verb::Resolve { case, decision } => {
            verbs::resolve(context, case.case, decision.uphold).await
        }
        Verb::Finalize(given) => verbs::finalize(context, given.case).await,
        Verb::Restitution(verb) => restitution::run(context, verb).await,
        Verb::Roles {
            slasher,
            appeal_authority,
        } => verbs::roles(context, slasher, appeal_authority).await,
    }
}
