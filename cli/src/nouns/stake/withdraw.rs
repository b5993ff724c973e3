//! The owner's ways out.

use super::{find, rules};
use crate::{
    chain::{open_token_account, token_account},
    confirm,
    context::Context,
    error::Result,
    nouns::device::Named,
    output::Record,
};
use iog_client::staking::instructions;
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// The whole of the owner's part that no slash case holds.
pub async fn whole(context: &Context, named: &Named) -> Result<()> {
    confirm::allowed(context, "a withdrawal")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (device, address, stake) = find(context, &named.device).await?;
    let amount = Io(stake.amount_units.saturating_sub(stake.held_units));
    confirm::ask(
        context,
        &format!("Withdraw {amount} IO from device {device}?"),
    )?;
    let io_mint = context.io_mint().await?;
    let withdraw = instructions::Withdraw {
        owner,
        stake: address,
        owner_token: token_account(&owner, &io_mint),
        io_mint,
    };
    let receipt = context
        .submit(
            &[
                open_token_account(&owner, &owner, &io_mint),
                withdraw.instruction(),
            ],
            &signer,
            &[],
        )
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("withdrawn", amount)
        .put("held", Io(stake.held_units));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// A part of what no minimum, co-staker or slash case needs.
pub async fn overflow(context: &Context, given: &Pubkey, amount: Io) -> Result<()> {
    confirm::allowed(context, "a withdrawal")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (address, device) = context.device(given).await?;
    let class = context.class(&device.class).await?;
    let minimum = rules::minimum(&device, &class)?;
    let (_, stake_address, stake) = find(context, &address).await?;
    let free = rules::overflow(&stake, minimum, context.time().await?.now);
    confirm::ask(
        context,
        &format!(
            "Withdraw {amount} IO of {} IO that are free on device {address}?",
            Io(free)
        ),
    )?;
    let io_mint = context.io_mint().await?;
    let withdraw = instructions::WithdrawOverflow {
        owner,
        device: address,
        class: device.class,
        stake: stake_address,
        owner_token: token_account(&owner, &io_mint),
        io_mint,
        amount: amount.0,
    };
    let open = open_token_account(&owner, &owner, &io_mint);
    let receipt = context
        .submit(&[open, withdraw.instruction()], &signer, &[])
        .await?;
    let left = stake.amount_units.saturating_sub(amount.0);
    let record = Record::new()
        .put("device", address)
        .put("withdrawn", amount)
        .put("amount", Io(left))
        .put("minimum", Io(minimum))
        .put("free_before", Io(free));
    context.out.one(&record.extend(receipt));
    Ok(())
}
