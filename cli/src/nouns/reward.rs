mod eligibility;

use super::{
    class::pool,
    device::Named,
    emission::{ledger, place},
};
use crate::{
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Subcommand;
use iog_client::{
    emission::{
        accounts::{Config, DeviceRewards},
        instructions::{Claim, Settle},
        types::PendingHour,
    },
    pda,
};
use iog_math::{reward, score::device_score, units::Io};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

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
    /// Book closed hours and pay the owner what is booked; anyone may
    #[command(
        after_help = "Example:\n  iog reward claim 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Claim(Named),
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
        Verb::Settle(named) => settle(context, &named).await,
        Verb::Claim(named) => claim(context, &named).await,
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

fn pending(rewards: &DeviceRewards) -> impl Iterator<Item = &PendingHour> {
    rewards.pending.iter().take(rewards.pending_count.into())
}

async fn show(context: &Context, named: &Named) -> Result<()> {
    let (device, rewards, config) = books(context, named).await?;
    let mut hours = Vec::new();
    let mut closed = 0u64;
    for hour in pending(&rewards) {
        let share = if hour.hour < config.next_hour {
            owners_share(context, hour).await?
        } else {
            None
        };
        closed = closed.saturating_add(share.unwrap_or(0));
        hours.push(
            Record::new()
                .put("hour", hour.hour)
                .put("pool", pool(hour.pool))
                .put("score", hour.score)
                .put("closed", share.is_some())
                .put("owner_reward", share.map(Io)),
        );
    }
    let claimable = rewards.owner_booked_units.saturating_add(closed);
    context.out.one(
        &Record::new()
            .put("device", device)
            .put("rewards", pda::emission::rewards(&device))
            .put("owner", rewards.owner)
            .put("booked", Io(rewards.owner_booked_units))
            .put("co_booked", Io(rewards.co_booked_units))
            .put("claimed", Io(rewards.claimed_units))
            .put("claimable", Io(claimable))
            .put("last_hour", rewards.last_hour)
            .put("pending", hours),
    );
    Ok(())
}

/// What a closed hour will book for the owner.
async fn owners_share(context: &Context, hour: &PendingHour) -> Result<Option<u64>> {
    let Some(ledger) = ledger(context, hour.hour).await? else {
        return Ok(None);
    };
    let pool = if hour.pool == 0 {
        ledger.enterprise
    } else {
        ledger.community
    };
    let amount = reward::reward(hour.score, pool.per_score_x64)?;
    let (owner, _) = reward::split(amount, hour.co_share_bps)?;
    Ok(Some(owner))
}

/// The instruction that books every closed pending hour; `None` when there is none.
fn settlement(device: &Pubkey, rewards: &DeviceRewards, config: &Config) -> Option<Instruction> {
    let mut pages: Vec<u32> = pending(rewards)
        .filter(|hour| hour.hour < config.next_hour)
        .map(|hour| place(hour.hour).0)
        .collect();
    pages.sort_unstable();
    pages.dedup();
    let page = pages.last()?;
    let previous = pages
        .len()
        .checked_sub(2)
        .and_then(|index| pages.get(index));
    let settle = Settle {
        rewards: pda::emission::rewards(device),
        page: pda::emission::page(*page),
        previous_page: previous.map(|index| pda::emission::page(*index)),
    };
    Some(settle.instruction())
}

async fn settle(context: &Context, named: &Named) -> Result<()> {
    let signer = context.signer()?;
    let (device, rewards, config) = books(context, named).await?;
    let settle = settlement(&device, &rewards, &config).ok_or_else(|| {
        CliError::Refused(format!(
            "nothing to settle: {} hours are pending and none of them is closed",
            rewards.pending_count
        ))
    })?;
    let receipt = context.submit(&[settle], &signer, &[]).await?;
    let after: DeviceRewards = context
        .get(&pda::emission::rewards(&device), HOW_TO_OPEN)
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("booked_before", Io(rewards.owner_booked_units))
        .put("booked", Io(after.owner_booked_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn claim(context: &Context, named: &Named) -> Result<()> {
    confirm::allowed(context, "a claim")?;
    let signer = context.signer()?;
    let (device, rewards, config) = books(context, named).await?;
    let owner = rewards.owner;
    confirm::ask(
        context,
        &format!("Pay what device {device} has earned to its owner {owner}?"),
    )?;
    let mint = context.io_mint().await?;
    let mut instructions = vec![open_token_account(&signer.pubkey(), &owner, &mint)];
    instructions.extend(settlement(&device, &rewards, &config));
    let claim = Claim {
        rewards: pda::emission::rewards(&device),
        owner_token: token_account(&owner, &mint),
        io_mint: mint,
    };
    instructions.push(claim.instruction());
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let after: DeviceRewards = context
        .get(&pda::emission::rewards(&device), HOW_TO_OPEN)
        .await?;
    let paid = after.claimed_units.saturating_sub(rewards.claimed_units);
    let record = Record::new()
        .put("device", device)
        .put("owner", owner)
        .put("claimed", Io(paid))
        .put("claimed_in_all", Io(after.claimed_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}
