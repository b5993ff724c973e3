//! The co-staker's side of an offer.

use super::{percent, show};
use crate::{
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::{CliError, Result},
    nouns::stake::{self, rules},
    output::{Record, Time},
};
use iog_client::{
    pda,
    staking::{accounts::DeviceStake, instructions},
};
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Passes the terms that were shown: an offer that was made anew in between is refused.
pub async fn accept(context: &Context, given: &Pubkey) -> Result<()> {
    confirm::allowed(context, "a co-stake")?;
    let signer = context.signer()?;
    let co_staker = signer.pubkey();
    let (device, offer) = show::find(context, given).await?;
    let amount = Io(offer.amount_units);
    let terms = format!(
        "{amount} IO for {} of what device {device} of {} earns; it can be slashed with the owner's part for what happens from now on, and leaving takes 21 days",
        percent(offer.co_share_bps),
        offer.owner
    );
    context.note(&format!("terms: {terms}"));
    confirm::ask(context, "Co-stake on these terms?")?;
    let io_mint = context.io_mint().await?;
    let accept = instructions::AcceptOffer {
        co_staker,
        stake: pda::staking::stake(&device),
        offer: pda::staking::offer(&device),
        owner_book: pda::staking::owner_book(&offer.owner),
        owner: offer.owner,
        device_of_co_staker: pda::registry::device(&co_staker),
        co_staker_token: token_account(&co_staker, &io_mint),
        io_mint,
        amount: offer.amount_units,
        co_share_bps: offer.co_share_bps,
    };
    let receipt = context
        .submit(&[accept.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("owner", offer.owner)
        .put("co_staker", co_staker)
        .put("co_amount", amount)
        .put("co_share_bps", offer.co_share_bps);
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn leave(context: &Context, given: &Pubkey) -> Result<()> {
    confirm::allowed(context, "a leave")?;
    let signer = context.signer()?;
    let (device, address, stake) = stake::find(context, given).await?;
    let amount = Io(stake.co_amount_units);
    confirm::ask(
        context,
        &format!(
            "Leave device {device} with {amount} IO? They earn nothing from now on, are free in 21 days, and this cannot be taken back."
        ),
    )?;
    let leave = instructions::Leave {
        co_staker: signer.pubkey(),
        stake: address,
    };
    let receipt = context.submit(&[leave.instruction()], &signer, &[]).await?;
    let after: DeviceStake = context.get(&address, stake::HOW_TO_OPEN).await?;
    let until = (after.co_leave_ts != 0).then_some(Time(after.co_leave_ts));
    let record = Record::new()
        .put("device", device)
        .put("co_amount", amount)
        .put("co_counts_until_ts", until)
        .put("co_unlock_ts", rules::co_unlock_ts(&after).map(Time));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn withdraw(context: &Context, given: &Pubkey) -> Result<()> {
    confirm::allowed(context, "a withdrawal")?;
    let signer = context.signer()?;
    let (device, address, stake) = stake::find(context, given).await?;
    let co_staker = rules::co_staker(&stake)
        .ok_or_else(|| CliError::Refused(format!("nobody co-stakes device {device}")))?;
    let amount = Io(stake.co_amount_units.saturating_sub(stake.co_held_units));
    confirm::ask(
        context,
        &format!("Pay {amount} IO on device {device} back to its co-staker {co_staker}?"),
    )?;
    let io_mint = context.io_mint().await?;
    let co_staker_token = token_account(&co_staker, &io_mint);
    let withdraw = instructions::WithdrawCo {
        signer: signer.pubkey(),
        owner: stake.owner,
        stake: address,
        owner_book: pda::staking::owner_book(&stake.owner),
        co_staker_token,
        associated: co_staker_token,
        io_mint,
    };
    let open = open_token_account(&signer.pubkey(), &co_staker, &io_mint);
    let receipt = context
        .submit(&[open, withdraw.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("co_staker", co_staker)
        .put("withdrawn", amount)
        .put("held", Io(stake.co_held_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}
