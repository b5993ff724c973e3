//! What serving an order changes: no proof for some hours, and heartbeats in every hour.

use super::{Facts, EXEMPT_HOURS_PER_PASS, MIN_HIRED_BEATS};
use crate::{context::Context, error::Result, market::lease, nouns::device::life};
use iog_client::{
    market::accounts::{Lease, Occupancy, Order},
    pda,
};
use solana_pubkey::Pubkey;

/// As `serves_since` in the program's `check_in.rs`: the lease is accepted, its order runs, and nobody has ended it.
pub(super) async fn serves_since(
    context: &Context,
    device: &Pubkey,
    now: i64,
) -> Result<Option<i64>> {
    let occupancy: Option<Occupancy> = context.find(&pda::market::occupancy(device)).await?;
    let Some(occupancy) = occupancy.filter(|occupancy| occupancy.lease != Pubkey::default()) else {
        return Ok(None);
    };
    let Some(held) = context.find::<Lease>(&occupancy.lease).await? else {
        return Ok(None);
    };
    let order: Option<Order> = context.find(&held.order).await?;
    Ok(order
        .filter(|order| lease::serves(order, &held, now))
        .map(|order| lease::started(&order, &held)))
}

impl Facts {
    /// The last hour whose check-in needs no proof while the device serves.
    pub(super) fn exempt_until(&self) -> Option<u64> {
        let last = self.device.last_pass_epoch;
        let hours = self.exempt_hours();
        (self.serves_since.is_some() && last > 0).then(|| last.saturating_add(hours))
    }

    /// Two for each proof passed in a row, as far as the network allows.
    fn exempt_hours(&self) -> u64 {
        let earned = u64::from(self.device.pass_streak).saturating_mul(EXEMPT_HOURS_PER_PASS);
        self.config.exempt_hours.value.min(earned)
    }

    pub(super) fn exempt(&self) -> bool {
        let hours = self.exempt_hours();
        let epoch = u64::from(self.hour);
        self.serves_since.is_some() && life::proved_within(&self.device, epoch, hours)
    }

    pub(super) fn proof_to_do(&self) -> String {
        let prove = format!(
            "prove hour {}: run iog-keeper with the node role on the machine",
            self.hour
        );
        match self.exempt_until() {
            Some(until) => format!("{prove}; serving freed it of proofs until hour {until} only"),
            None => prove,
        }
    }

    /// An hour that the lease did not run through asks for nothing.
    pub(super) fn served_last_hour(&self) -> bool {
        let (beats, began) = life::last_full_hour(&self.device, self.now);
        self.serves_since
            .is_none_or(|since| since > began || beats >= MIN_HIRED_BEATS)
    }
}
