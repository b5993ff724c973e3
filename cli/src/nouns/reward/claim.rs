//! Booking closed hours, and paying what is booked.

use super::{books, pending, HOW_TO_OPEN};
use crate::{
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::{CliError, Result},
    nouns::{
        device::Named,
        emission::{place, tell_short},
    },
    output::Record,
};
use iog_client::{
    emission::{
        accounts::{Config, DeviceRewards},
        instructions::{Claim, ClaimCo, Settle},
    },
    pda,
};
use iog_math::units::Io;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// The instruction that books every closed pending hour; `None` when there is none.
fn settlement(device: &Pubkey, rewards: &DeviceRewards, config: &Config) -> Option<Instruction> {
    let mut pages: Vec<u32> = pending::iter(rewards)
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

pub async fn settle(context: &Context, named: &Named) -> Result<()> {
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
        .put("booked", Io(after.owner_booked_units))
        .put("co_booked_before", Io(rewards.co_booked_units))
        .put("co_booked", Io(after.co_booked_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn owner(context: &Context, named: &Named) -> Result<()> {
    confirm::allowed(context, "a claim")?;
    let (device, rewards, config) = books(context, named).await?;
    let owner = rewards.owner;
    confirm::ask(
        context,
        &format!("Pay what device {device} has earned to its owner {owner}?"),
    )?;
    let mint = context.io_mint().await?;
    let owner_token = token_account(&owner, &mint);
    let claim = Claim {
        signer: context.signer()?.pubkey(),
        rewards: pda::emission::rewards(&device),
        owner_token,
        associated: owner_token,
        io_mint: mint,
    };
    let mut instructions: Vec<Instruction> =
        settlement(&device, &rewards, &config).into_iter().collect();
    instructions.push(claim.instruction());
    tell_short(context, &config, rewards.owner_booked_units);
    let (after, receipt) = pay(context, &device, &owner, instructions).await?;
    let paid = after.claimed_units.saturating_sub(rewards.claimed_units);
    let record = Record::new()
        .put("device", device)
        .put("owner", owner)
        .put("claimed", Io(paid))
        .put("claimed_in_all", Io(after.claimed_units))
        // What is booked beyond what is minted waits for iog emission mint-due.
        .put("booked_left", Io(after.owner_booked_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn co_staker(context: &Context, named: &Named, former: bool) -> Result<()> {
    confirm::allowed(context, "a claim")?;
    let (device, rewards, config) = books(context, named).await?;
    let co_staker = match former {
        true => rewards.former_co_staker,
        false => rewards.co_staker,
    };
    if co_staker == Pubkey::default() {
        return Err(CliError::Refused(format!(
            "no co-staker has earned with device {device}"
        )));
    }
    confirm::ask(
        context,
        &format!("Pay what co-staker {co_staker} has earned with device {device}?"),
    )?;
    let mint = context.io_mint().await?;
    let co_staker_token = token_account(&co_staker, &mint);
    let claim = ClaimCo {
        signer: context.signer()?.pubkey(),
        rewards: pda::emission::rewards(&device),
        co_staker_token,
        associated: co_staker_token,
        io_mint: mint,
    };
    let mut instructions: Vec<Instruction> =
        settlement(&device, &rewards, &config).into_iter().collect();
    instructions.push(claim.instruction());
    let (after, receipt) = pay(context, &device, &co_staker, instructions).await?;
    let before = rewards.co_claimed_units;
    let record = Record::new()
        .put("device", device)
        .put("co_staker", co_staker)
        .put("claimed", Io(after.co_claimed_units.saturating_sub(before)))
        .put("claimed_in_all", Io(after.co_claimed_units))
        .put("booked_left", Io(booked_for(&after, &co_staker)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// What is booked for a co-staker, present or former.
fn booked_for(rewards: &DeviceRewards, co_staker: &Pubkey) -> u64 {
    match *co_staker == rewards.co_staker {
        true => rewards.co_booked_units,
        false => rewards.former_booked_units,
    }
}

/// Sends what pays `wallet`, and reads the books afterwards.
async fn pay(
    context: &Context,
    device: &Pubkey,
    wallet: &Pubkey,
    paying: Vec<Instruction>,
) -> Result<(DeviceRewards, Record)> {
    let signer = context.signer()?;
    let mint = context.io_mint().await?;
    let mut instructions = vec![open_token_account(&signer.pubkey(), wallet, &mint)];
    instructions.extend(paying);
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let after = context
        .get(&pda::emission::rewards(device), HOW_TO_OPEN)
        .await?;
    Ok((after, receipt))
}
