//! The owner's side of an offer.

use super::{percent, show};
use crate::{confirm, context::Context, error::Result, nouns::stake, output::Record};
use iog_client::{pda, staking::instructions};
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

pub async fn make(
    context: &Context,
    given: &Pubkey,
    amount: Io,
    share_bps: u16,
    co_staker: Option<Pubkey>,
) -> Result<()> {
    confirm::allowed(context, "an offer")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let (device, address, _) = stake::find(context, given).await?;
    confirm::ask(
        context,
        &format!(
            "Offer {} {} of what device {device} earns, for {amount} IO? Once accepted the terms stay.",
            co_staker.map_or_else(|| "any co-staker".to_string(), |key| key.to_string()),
            percent(share_bps)
        ),
    )?;
    let make = instructions::MakeOffer {
        owner,
        stake: address,
        offer: pda::staking::offer(&device),
        owner_book: pda::staking::owner_book(&owner),
        amount: amount.0,
        co_share_bps: share_bps,
        co_staker: co_staker.unwrap_or_default(),
    };
    let receipt = context.submit(&[make.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("device", device)
        .put("offer", make.offer)
        .put("amount", amount)
        .put("co_share_bps", share_bps)
        .put("co_staker", co_staker);
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn retract(context: &Context, given: &Pubkey) -> Result<()> {
    let signer = context.signer()?;
    let (device, offer) = show::find(context, given).await?;
    let retract = instructions::Retract {
        owner: signer.pubkey(),
        offer: pda::staking::offer(&device),
    };
    let receipt = context
        .submit(&[retract.instruction()], &signer, &[])
        .await?;
    let record = Record::new()
        .put("device", device)
        .put("amount", Io(offer.amount_units))
        .put("co_share_bps", offer.co_share_bps);
    context.out.one(&record.extend(receipt));
    Ok(())
}
