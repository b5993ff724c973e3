mod dispute;
mod work;

pub use work::Work;

use super::escrow::add;
use crate::{MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::market::payout;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LeaseState {
    /// Waits for the device's acceptance.
    Matched = 0,
    /// Runs once its order does.
    Accepted = 1,
    /// Over: no further hour is worked through. The last ones may still be held.
    Settled = 2,
    /// Over, and the renter disputes what is held.
    Disputed = 3,
}

/// One device in one order. Rent of proved hours is held for the order's dispute window before the supplier earns it.
#[account]
pub struct Lease {
    pub order: Address,
    pub device: Address,
    /// The supplier, who is paid.
    pub owner: Address,
    /// Who paid this account's rent, and gets it back.
    pub payer: Address,
    pub matched_ts: i64,
    /// Hours before this are worked through; the lease's start before its first settlement, 0 before that.
    pub settled_until_ts: i64,
    /// Until then a device that replaced another has agreed to serve: the end when it was matched; 0 for the first devices.
    pub agreed_until_ts: i64,
    /// The end of the last hour that `held_units` has rent of, or when the dispute was opened.
    pub held_ts: i64,
    /// Paid to the supplier, its fee taken off.
    pub paid_units: u64,
    pub refunded_units: u64,
    /// Rent of proved hours that can still be disputed; in a dispute: all that is disputed.
    pub held_units: u64,
    /// The same in US dollars with 6 decimals.
    pub held_usd6: u64,
    /// In a dispute: what of `held_units` the supplier gets when nobody decides.
    pub rule_units: u64,
    pub gpus: u32,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 57],
}

/// What leaves the escrow for one lease.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Payout {
    pub to_supplier: u64,
    pub fee: u64,
    pub refund: u64,
    /// Rent that the supplier earned before the fee, US dollars with 6 decimals.
    pub usd6: u64,
}

impl Payout {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Lease {
    pub fn is(&self, state: LeaseState) -> bool {
        self.state == state as u8
    }

    /// The device takes the lease; in a running order it begins now.
    pub fn accept(&mut self, order: &Order, now: i64) -> Result<()> {
        require!(self.is(LeaseState::Matched), MarketError::LeaseNotMatched);
        require!(!self.is_late(now), MarketError::AcceptTooLate);
        self.state = LeaseState::Accepted as u8;
        if order.is(crate::OrderState::Active) {
            self.settled_until_ts = now;
        }
        Ok(())
    }

    /// The device has let the time to accept pass.
    pub fn is_late(&self, now: i64) -> bool {
        now.saturating_sub(self.matched_ts) > crate::constants::ACCEPT_SECS
    }

    /// The device could have accepted for as long as it may take, and did not.
    pub fn was_ignored(&self, order: &Order) -> bool {
        let open = order.vacant_from_ts <= self.matched_ts;
        self.is(LeaseState::Matched) && open && self.is_late(order.closes_ts())
    }

    /// Hours up to here are worked through.
    pub fn settled_until(&self, order: &Order) -> i64 {
        self.settled_until_ts.max(order.started_ts)
    }

    /// Until when the supplier has agreed to serve; an extension may ask for more.
    pub fn agreed_until(&self, order: &Order) -> i64 {
        if self.agreed_until_ts == 0 {
            order.booked_end_ts
        } else {
            self.agreed_until_ts
        }
    }

    /// Takes out what is held, once its dispute window is over: the supplier earns it.
    pub fn release(&mut self, order: &Order, now: i64) -> Result<Payout> {
        let free_ts = self.held_ts.saturating_add(i64::from(order.dispute_secs));
        if self.held_units == 0 || now < free_ts {
            return Ok(Payout::default());
        }
        let held = self.held_units;
        self.pay(order, held)
    }

    /// Pays `earned` of what is held to the supplier and refunds the rest.
    fn pay(&mut self, order: &Order, earned: u64) -> Result<Payout> {
        let held = core::mem::take(&mut self.held_units);
        let usd6 = core::mem::take(&mut self.held_usd6);
        let refund = held.checked_sub(earned).ok_or(MarketError::MathOverflow)?;
        let (to_supplier, fee) =
            payout(earned, order.supplier_fee_bps).map_err(MarketError::from)?;
        add(&mut self.paid_units, to_supplier)?;
        add(&mut self.refunded_units, refund)?;
        let usd6 = if refund == 0 {
            usd6
        } else {
            // floor: statistics follow what was really earned
            iog_math::units::mul_div_floor(usd6, earned, held).map_err(MarketError::from)?
        };
        Ok(Payout {
            to_supplier,
            fee,
            refund,
            usd6,
        })
    }
}
