//! Offers as they stand.

use crate::{context::Context, error::Result, nouns::stake, output::Record, waiting::somebody};
use iog_client::{
    pda,
    staking::accounts::{DeviceStake, Offer},
};
use iog_math::units::Io;
use solana_pubkey::Pubkey;

const HOW_TO_FIND: &str = "no offer is open on this device: see iog offer list";

/// The device's address and the offer that is open on it.
pub async fn find(context: &Context, given: &Pubkey) -> Result<(Pubkey, Offer)> {
    let (device, _) = context.device(given).await?;
    let offer = context
        .get(&pda::staking::offer(&device), HOW_TO_FIND)
        .await?;
    Ok((device, offer))
}

pub async fn list(context: &Context, owner: Option<Pubkey>) -> Result<()> {
    let owner = owner.map(|owner| owner.to_bytes());
    let filters: Vec<(usize, &[u8])> = owner
        .iter()
        .map(|owner| (Offer::OWNER_AT, owner.as_slice()))
        .collect();
    let offers = context.list::<Offer>(&filters).await?;
    let records: Vec<Record> = offers.iter().map(|(_, offer)| terms(offer)).collect();
    context.out.many(&records, "no offers are open");
    Ok(())
}

pub async fn one(context: &Context, given: &Pubkey) -> Result<()> {
    let (address, device) = context.device(given).await?;
    let class = context.class(&device.class).await?;
    let minimum = stake::rules::minimum(&device, &class)?;
    let (_, offer) = find(context, &address).await?;
    let stake: DeviceStake = context
        .get(&pda::staking::stake(&address), stake::HOW_TO_OPEN)
        .await?;
    let counted = stake::rules::counted(&stake, context.time().await?.now);
    let with_offer = counted.saturating_add(offer.amount_units);
    let record = terms(&offer)
        .put("offer", pda::staking::offer(&address))
        .put("class_id", device.class_id)
        .put("quantity", device.quantity)
        .put("owner_amount", Io(stake.amount_units))
        .put("owner_held", Io(stake.held_units))
        .put("open_cases", stake.open_cases)
        .put(
            "binds",
            offer.stake_opened_ts == stake.opened_ts && stake.unlock_ts == 0,
        )
        .put("minimum", Io(minimum))
        .put("covers_minimum_with_it", with_offer >= minimum);
    context.out.one(&record);
    Ok(())
}

fn terms(offer: &Offer) -> Record {
    Record::new()
        .put("device", offer.device)
        .put("owner", offer.owner)
        .put("amount", Io(offer.amount_units))
        .put("co_share_bps", offer.co_share_bps)
        .put("co_staker", somebody(offer.co_staker))
}
