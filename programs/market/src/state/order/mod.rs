mod args;
mod life;

pub use args::{validate_gpus, validate_hours, OrderArgs, Quote, QuoteArgs};

use super::{
    escrow::{add, sub},
    Terms,
};
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::market::{OrderCost, Span};

/// Where an order stands. Open and Matched may expire; Active runs; the last three are final.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum OrderState {
    /// Takes devices.
    Open = 0,
    /// Has its devices, waits for their acceptance.
    Matched = 1,
    /// Runs. A device that dropped out may be replaced.
    Active = 2,
    /// Ran to its booked end.
    Completed = 3,
    /// Ended early by the renter; leases are settled up to then.
    Ended = 4,
    /// Did not start in time, or was cancelled before; refunded.
    Expired = 5,
}

/// A price that holds from `from_ts` on. The first is the order's own, further ones are those of extensions.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Rate {
    /// Unix seconds; of the first: the start, 0 before it.
    pub from_ts: i64,
    pub price_per_gpu_hour_units: u64,
    /// The same in US dollars with 6 decimals, when it was booked.
    pub price_usd6: u64,
}

/// A renter's booking of GPUs and its escrow: `deposited == paid + refunded + fees + escrowed` after every instruction.
#[account]
pub struct Order {
    pub renter: Address,
    pub mint: Address,
    /// Key that may open tunnels to the devices while the order runs.
    pub engineer_key: Address,
    /// Hash of the container image, or zero.
    pub image_hash: [u8; 32],
    /// Hash of the job's specification.
    pub command_hash: [u8; 32],
    pub id: u64,
    pub rates: [Rate; MAX_RATES],
    pub deposited_units: u64,
    pub escrowed_units: u64,
    pub paid_units: u64,
    pub refunded_units: u64,
    pub fee_units: u64,
    /// Reservation and network fee, part of the escrow until the first settlement.
    pub pending_fee_units: u64,
    /// Part of `refunded_units` that is not paid out yet.
    pub refund_due_units: u64,
    pub created_ts: i64,
    pub expires_ts: i64,
    pub started_ts: i64,
    pub end_ts: i64,
    /// The end before any extension: what the first devices agreed to.
    pub booked_end_ts: i64,
    /// A device that replaces another begins no earlier.
    pub vacant_from_ts: i64,
    pub gpus: u32,
    pub hours: u32,
    pub matched_gpus: u32,
    pub accepted_gpus: u32,
    /// Leases whose account exists.
    pub leases: u32,
    /// Leases that are not over.
    pub running_leases: u32,
    /// Allowed countries, zero-padded; none named allows all.
    pub countries: [[u8; 2]; MAX_COUNTRIES],
    /// The class that was quoted, then others that will do at its price; zeros for none.
    pub class_ids: [u16; MAX_CLASSES],
    /// Of each payout, as it was when the order was made.
    pub supplier_fee_bps: u16,
    /// How long a settled hour can be disputed, as it was when the order was made.
    pub dispute_secs: u16,
    pub min_reputation_bps: u16,
    pub min_tier: u8,
    pub secure_only: u8,
    pub kind: u8,
    pub currency: u8,
    /// Rates in use.
    pub rate_count: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 50],
}

impl Order {
    pub fn is(&self, state: OrderState) -> bool {
        self.state == state as u8
    }

    /// Takes the wishes over and books the deposit at `price`.
    pub fn open(
        &mut self,
        args: &OrderArgs,
        price: Rate,
        cost: &OrderCost,
        terms: &Terms,
        now: i64,
    ) -> Result<()> {
        self.id = args.id;
        self.gpus = args.gpus;
        self.hours = args.hours;
        self.class_ids = args.class_ids;
        self.kind = args.kind;
        self.min_tier = args.min_tier;
        self.min_reputation_bps = args.min_reputation_bps;
        self.secure_only = u8::from(args.secure_only);
        self.countries = args.countries;
        self.engineer_key = args.engineer_key;
        self.image_hash = args.image_hash;
        self.command_hash = args.command_hash;
        self.supplier_fee_bps = terms.supplier_fee_bps;
        self.dispute_secs = terms.dispute_secs;
        self.rates = [price, Rate::zeroed(), Rate::zeroed(), Rate::zeroed()];
        self.rate_count = 1;
        self.created_ts = now;
        self.expires_ts = now
            .checked_add(EXPIRY_SECS)
            .ok_or(MarketError::MathOverflow)?;
        self.deposit(cost)
    }

    /// Books a deposit; its fees wait for the first settlement after it.
    pub fn deposit(&mut self, cost: &OrderCost) -> Result<()> {
        add(&mut self.deposited_units, cost.total)?;
        add(&mut self.escrowed_units, cost.total)?;
        add(&mut self.pending_fee_units, cost.renter_fee)?;
        add(&mut self.pending_fee_units, cost.network_fee)
    }

    /// Books what is earned, refunded and taken as a fee; what is refunded is due to the renter.
    pub fn book(&mut self, paid: u64, refunded: u64, fees: u64) -> Result<()> {
        add(&mut self.paid_units, paid)?;
        add(&mut self.refunded_units, refunded)?;
        add(&mut self.fee_units, fees)?;
        add(&mut self.refund_due_units, refunded)?;
        for amount in [paid, refunded, fees] {
            sub(&mut self.escrowed_units, amount)?;
        }
        Ok(())
    }

    pub fn allows(&self, country: [u8; 2]) -> bool {
        let mut named = self
            .countries
            .iter()
            .filter(|entry| **entry != [0; 2])
            .peekable();
        named.peek().is_none() || named.any(|entry| *entry == country)
    }

    /// Whether a class will do. 0 stands for none in the list and is no class's id.
    pub fn names(&self, class_id: u16) -> bool {
        class_id != 0 && self.class_ids.contains(&class_id)
    }

    /// The price that holds at `ts`, and the moment when the next one begins.
    pub fn rate_at(&self, ts: i64) -> Result<(Rate, i64)> {
        let rates = self.rates_in_use();
        let mut current = None;
        let mut next = i64::MAX;
        for rate in rates {
            if rate.from_ts <= ts {
                current = Some(*rate);
            } else {
                next = next.min(rate.from_ts);
            }
        }
        let first = rates.first().copied();
        let rate = current.or(first).ok_or(MarketError::MathOverflow)?;
        Ok((rate, next))
    }

    /// The lowest price from `now` to the end, US dollars with 6 decimals.
    pub fn lowest_usd6(&self, now: i64) -> u64 {
        let rates = self.rates_in_use();
        let past = rates.iter().skip(1).take_while(|rate| rate.from_ts <= now);
        let left = rates.iter().skip(past.count());
        left.map(|rate| rate.price_usd6).min().unwrap_or(0)
    }

    /// The price of the order itself.
    pub fn booked(&self) -> Rate {
        let [first, ..] = self.rates;
        first
    }

    fn rates_in_use(&self) -> &[Rate] {
        self.rates
            .get(..usize::from(self.rate_count))
            .unwrap_or(&self.rates)
    }

    /// What the whole order costs an hour, price by price.
    pub fn spans(&self) -> Result<([Span; MAX_RATES], usize)> {
        let mut spans = [Span {
            from_ts: 0,
            rate_per_hour: 0,
        }; MAX_RATES];
        let rates = self.rates_in_use();
        for (span, rate) in spans.iter_mut().zip(rates) {
            span.from_ts = rate.from_ts;
            span.rate_per_hour = rate
                .price_per_gpu_hour_units
                .checked_mul(u64::from(self.gpus))
                .ok_or(MarketError::MathOverflow)?;
        }
        Ok((spans, rates.len()))
    }
}
