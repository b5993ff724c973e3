//! What leaves the escrow for a lease.

use super::Lease;
use crate::{MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::{market::payout, units::bps_floor};

/// What leaves the escrow for one lease.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Payout {
    pub to_supplier: u64,
    /// The supplier's fee, and those of the renter and the network on what was earned.
    pub fee: u64,
    pub refund: u64,
    /// Rent that the supplier earned before the fee, US dollars with 6 decimals.
    pub usd6: u64,
}

impl Payout {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub fn add(&mut self, other: &Self) -> Result<()> {
        for (sum, more) in [
            (&mut self.to_supplier, other.to_supplier),
            (&mut self.fee, other.fee),
            (&mut self.refund, other.refund),
            (&mut self.usd6, other.usd6),
        ] {
            super::super::add(sum, more)?;
        }
        Ok(())
    }

    /// Rent that is earned, with the fees of both sides; those on top are earned with the service, and rounded down so that their sum
    /// never passes the deposit.
    pub fn of_rent(order: &Order, rent: u64, usd6: u64) -> Result<Self> {
        let (to_supplier, fee) = payout(rent, order.supplier_fee_bps).map_err(MarketError::from)?;
        let mut out = Self {
            to_supplier,
            fee,
            refund: 0,
            usd6,
        };
        // floor, both: the deposit has them rounded up
        for bps in [order.renter_fee_bps, order.network_fee_bps] {
            let on_top = bps_floor(rent, bps).map_err(MarketError::from)?;
            super::super::add(&mut out.fee, on_top)?;
        }
        Ok(out)
    }

    /// Rent that is the treasury's, as is what a supplier and a renter would have been charged on it.
    pub fn to_treasury(order: &Order, rent: u64) -> Result<Self> {
        let earned = Self::of_rent(order, rent, 0)?;
        Ok(Self {
            to_supplier: 0,
            fee: earned
                .fee
                .checked_add(earned.to_supplier)
                .ok_or(MarketError::MathOverflow)?,
            ..earned
        })
    }
}

impl Lease {
    /// Books a payout as the lease's own.
    pub(super) fn count(&mut self, payout: &Payout) -> Result<()> {
        super::super::add(&mut self.paid_units, payout.to_supplier)?;
        super::super::add(&mut self.paid_usd6, payout.usd6)?;
        super::super::add(&mut self.refunded_units, payout.refund)
    }

    /// What the time before a start that never came is worth, of a device that had accepted.
    pub fn held_payout(&self, order: &Order) -> Result<Payout> {
        let (hourly, _) = self.hourly(&order.booked())?;
        let (own, spoiled) = order.held_pay(hourly, self.held_mark)?;
        let mut payout = Payout::of_rent(order, own, 0)?;
        payout.add(&Payout::to_treasury(order, spoiled)?)?;
        Ok(payout)
    }
}
