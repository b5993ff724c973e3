mod claim;
mod eligibility;
mod list;
mod pending;

use super::{class::pool, device::Named};
use crate::{args, context::Context, error::Result, output::Record};
use clap::Subcommand;
use iog_client::{
    emission::accounts::{Config, DeviceRewards},
    pda,
};
use iog_math::{score::device_score, units::Io};
use pending::Shares;
use solana_pubkey::Pubkey;

const HOW_TO_OPEN: &str = "the device has no rewards account yet: iog device register opens one";

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// What a device has earned: pending hours, booked, claimed
    #[command(
        after_help = "Example:\n  iog reward show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Show(Named),
    /// Book a device's closed hours; anyone may
    #[command(
        after_help = "Example:\n  iog reward settle 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Settle(Named),
    /// What all devices of a wallet have earned, those that it co-stakes too
    #[command(
        after_help = "Example:\n  iog reward list --wallet 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    List {
        /// Owner or co-staker [default: the signer]
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        wallet: Option<Pubkey>,
    },
    /// Book closed hours and pay the owner, or the co-staker, what is booked, as far as it is minted; anyone may
    #[command(
        after_help = "What is booked beyond what is minted stays booked: iog emission mint-due mints more.\n\nExamples:\n  iog reward claim 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --co --former --yes\n  iog reward claim 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes\n  iog reward claim 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --co --yes"
    )]
    Claim {
        #[command(flatten)]
        device: Named,
        /// Pay the co-staker's part
        #[arg(long)]
        co: bool,
        /// Pay the co-staker before, who has left something
        #[arg(long, requires = "co")]
        former: bool,
    },
    /// A device's score; works off line
    #[command(
        after_help = "Example:\n  iog reward score --tier 4 --multiplier-x100 1000 --quantity 8 --hired 1"
    )]
    Score {
        /// Connectivity, 0 to 4
        #[arg(long, value_parser = clap::value_parser!(u8).range(0..=4))]
        tier: u8,
        /// Multiplier of the class, 100 being one
        #[arg(long)]
        multiplier_x100: u32,
        /// GPUs
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
        quantity: u32,
        /// 1 while in a lease
        #[arg(long, value_parser = clap::value_parser!(u8).range(0..=1))]
        hired: u8,
    },
    /// Whether a device can check in now, and what to do where it cannot
    #[command(
        after_help = "Example:\n  iog reward eligibility 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Eligibility(Named),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show(named) => show(context, &named).await,
        Verb::List { wallet } => list::run(context, wallet).await,
        Verb::Settle(named) => claim::settle(context, &named).await,
        Verb::Claim {
            device, co: false, ..
        } => claim::owner(context, &device).await,
        Verb::Claim { device, former, .. } => claim::co_staker(context, &device, former).await,
        Verb::Score {
            tier,
            multiplier_x100,
            quantity,
            hired,
        } => {
            let score = device_score(tier, multiplier_x100, quantity, hired == 1)?;
            context.out.one(&Record::new().put("score", score));
            Ok(())
        }
        Verb::Eligibility(named) => eligibility::run(context, &named).await,
    }
}

/// A device's rewards and the emission's books.
async fn books(context: &Context, named: &Named) -> Result<(Pubkey, DeviceRewards, Config)> {
    let (device, _) = context.device(&named.device).await?;
    let rewards = context
        .get(&pda::emission::rewards(&device), HOW_TO_OPEN)
        .await?;
    let config = context.config(&pda::emission::config()).await?;
    Ok((device, rewards, config))
}

async fn show(context: &Context, named: &Named) -> Result<()> {
    let (device, rewards, config) = books(context, named).await?;
    let mut closed = Shares::default();
    let mut hours = Vec::new();
    for (hour, shares) in pending::hours(context, &rewards, &config).await? {
        closed.add(shares.unwrap_or_default());
        hours.push(
            Record::new()
                .put("hour", hour.hour)
                .put("pool", pool(hour.pool))
                .put("score", hour.score)
                .put("closed", shares.is_some())
                .put("owner_reward", shares.map(|shares| Io(shares.owner)))
                .put("co_reward", shares.map(|shares| Io(shares.co_staker))),
        );
    }
    context.out.one(
        &Record::new()
            .put("device", device)
            .put("rewards", pda::emission::rewards(&device))
            .extend(list::amounts(&rewards, closed))
            .put("last_hour", rewards.last_hour)
            .put("pending", hours),
    );
    Ok(())
}
