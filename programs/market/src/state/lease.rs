use crate::{constants::SETTLE_HOURS, MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::{
    market::{beats_needed, interval_rent, payout},
    units::HOUR,
};
use iog_registry::{beat_interval, constants::BEAT_SECS, Device};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LeaseState {
    /// Waits for the device's acceptance.
    Matched = 0,
    Accepted = 1,
    /// Settled up to the order's end.
    Settled = 2,
}

/// One device in one order.
#[account]
pub struct Lease {
    pub order: Address,
    pub device: Address,
    /// The supplier, who is paid.
    pub owner: Address,
    /// Who paid this account's rent, and gets it back.
    pub payer: Address,
    pub matched_ts: i64,
    /// Hours before this are paid or refunded; 0 before the first settlement.
    pub settled_until_ts: i64,
    pub paid_units: u64,
    pub refunded_units: u64,
    pub gpus: u32,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 33],
}

/// What one settlement moves.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Due {
    pub to_supplier: u64,
    pub supplier_fee: u64,
    pub refund: u64,
    pub served: u32,
    pub missed: u32,
}

impl Lease {
    pub fn is(&self, state: LeaseState) -> bool {
        self.state == state as u8
    }

    /// Works through the hours that ended by `now`, at most 24, and books them. The last interval of an order that was
    /// ended early may be shorter than an hour.
    pub fn settle(&mut self, order: &Order, device: &Device, now: i64) -> Result<Due> {
        let rate = order
            .price_per_gpu_hour_units
            .checked_mul(u64::from(self.gpus))
            .ok_or(MarketError::MathOverflow)?;
        let mut due = Due::default();
        let mut from = self.settled_until_ts.max(order.started_ts);
        for _ in 0..SETTLE_HOURS {
            let until = from.saturating_add(HOUR).min(order.end_ts);
            if until > now || until <= from {
                break;
            }
            let secs = until.saturating_sub(from);
            let rent = interval_rent(rate, secs).map_err(MarketError::from)?;
            if served(device, from, secs)? {
                let (to_supplier, fee) =
                    payout(rent, order.supplier_fee_bps).map_err(MarketError::from)?;
                add_to(&mut due.to_supplier, to_supplier)?;
                add_to(&mut due.supplier_fee, fee)?;
                due.served = due.served.saturating_add(1);
            } else {
                add_to(&mut due.refund, rent)?;
                due.missed = due.missed.saturating_add(1);
            }
            from = until;
        }
        // An early end can fall exactly on an hour that is settled already: then only the lease's end is left to record.
        let moved = due.served.saturating_add(due.missed) > 0;
        require!(moved || from == order.end_ts, MarketError::NothingToSettle);
        self.settled_until_ts = from;
        add_to(&mut self.paid_units, due.to_supplier)?;
        add_to(&mut self.refunded_units, due.refund)?;
        if from == order.end_ts {
            self.state = LeaseState::Settled as u8;
        }
        Ok(due)
    }
}

/// Whether enough heartbeats of the interval's ten-minute slots came in.
fn served(device: &Device, from: i64, secs: i64) -> Result<bool> {
    let beats = iog_math::units::whole_periods(secs, BEAT_SECS)
        .map_err(MarketError::from)?
        .max(1);
    let count = i64::try_from(beats).map_err(|_| MarketError::MathOverflow)?;
    let needed = beats_needed(u32::try_from(beats).map_err(|_| MarketError::MathOverflow)?);
    Ok(device.beats_in(beat_interval(from)?, count)? >= needed)
}

fn add_to(total: &mut u64, amount: u64) -> Result<()> {
    super::escrow::add(total, amount)
}
