//! Slash cases: proposed with evidence, appealed, decided, carried out.

mod case;
mod restitution;
mod roles;
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
        after_help = "Of a file its SHA-256 is stored; publish the file elsewhere. A co-staker who came after the offence bears nothing of it.\n\nExamples:\n  iog slash propose --device 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 20 --reason 1 --offence 2026-10-01T12:30:00Z --evidence report.pdf -k slasher.json --yes"
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
        after_help = "Rejecting is at once; upholding takes 3 days from the appeal. Who proposed the case does not decide it. What is upheld is carried out within 30 days, or lapses.\n\nExamples:\n  iog slash resolve 0 --uphold -k appeals.json --yes\n  iog slash resolve 0 --reject -k appeals.json --yes"
    )]
    Resolve {
        #[command(flatten)]
        case: Numbered,
        #[command(flatten)]
        decision: Decision,
    },
    /// Take a case back that nobody has decided: what it holds is released when it is finalised; slasher, appeal authority or staking's authority signs
    #[command(
        after_help = "A case that pays a renter only the appeal authority withdraws.\n\nExample:\n  iog slash withdraw 0 -k slasher.json --yes"
    )]
    Withdraw(Numbered),
    /// Close a case whose time is over: burn what it holds, or release it; anyone may. One that pays a renter: iog slash restitution finalize
    #[command(after_help = "Example:\n  iog slash finalize 0 --yes")]
    Finalize(Numbered),
    /// Cases that pay the renter of a dispute which the market's resolver decided against the supplier
    #[command(
        subcommand,
        after_help = "Examples:\n  iog slash restitution propose --lease 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --amount 5 --evidence report.pdf -k slasher.json\n  iog slash restitution show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Restitution(restitution::Verb),
    /// Name who proposes slashes or who decides appeals, 24 hours ahead, or nobody at once; without a name: who holds the roles
    #[command(
        after_help = "Staking's authority signs. The two are different keys, those that wait included; naming the present holder again drops who waits.\n\nExamples:\n  iog slash roles -o json\n  iog slash roles --slasher 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json --yes\n  iog slash roles --appeal-authority none -k authority.json --yes"
    )]
    Roles(roles::Named),
    /// Give a role of slashing to who was named for it, when 24 hours are over; anyone may
    #[command(after_help = "Example:\n  iog slash apply-role slasher")]
    ApplyRole { role: roles::Role },
    /// Drop who was named for a role of slashing; staking's guardian and its authority may
    #[command(
        after_help = "Example:\n  iog slash drop-role appeal-authority -k guardian.json --yes"
    )]
    DropRole { role: roles::Role },
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
    /// When the offence was: unix seconds, or UTC such as 2026-10-01T12:30:00Z
    #[arg(long, value_name = "TIME", value_parser = args::moment)]
    offence: i64,
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
        Verb::Withdraw(given) => verbs::withdraw(context, given.case).await,
        Verb::Roles(named) => roles::name(context, &named).await,
        Verb::ApplyRole { role } => roles::apply(context, role).await,
        Verb::DropRole { role } => roles::drop_named(context, role).await,
    }
}
