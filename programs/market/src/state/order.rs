use super::escrow::{add, sub};
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use iog_math::{market::OrderCost, units::HOUR};

/// Where an order stands. Open and Matched may expire; Active runs; the last three are final.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum OrderState {
    /// Takes devices.
    Open = 0,
    /// Has its devices, waits for their acceptance.
    Matched = 1,
    Active = 2,
    /// Every lease ran to its booked end and is settled.
    Completed = 3,
    /// Ended early by the renter; leases are settled up to then.
    Ended = 4,
    /// Did not start in time; refunded.
    Expired = 5,
}

/// A renter's booking of GPUs and its escrow.
#[account]
pub struct Order {
    pub renter: Address,
    pub mint: Address,
    pub class: Address,
    /// Key that may open tunnels to the devices while the order runs.
    pub engineer_key: Address,
    /// Hash of the container image, or zero.
    pub image_hash: [u8; 32],
    /// Hash of the job's specification.
    pub command_hash: [u8; 32],
    pub id: u64,
    pub price_per_gpu_hour_units: u64,
    pub deposited_units: u64,
    pub escrowed_units: u64,
    pub paid_units: u64,
    pub refunded_units: u64,
    pub fee_units: u64,
    /// Reservation and network fee, part of the escrow until the first settlement.
    pub pending_fee_units: u64,
    pub created_ts: i64,
    pub expires_ts: i64,
    pub started_ts: i64,
    pub end_ts: i64,
    pub gpus: u32,
    pub hours: u32,
    pub matched_gpus: u32,
    pub accepted_gpus: u32,
    /// Leases whose account exists.
    pub leases: u32,
    /// Leases that are not settled to the end.
    pub unsettled_leases: u32,
    /// Allowed countries, zero-padded; none named allows all.
    pub countries: [[u8; 2]; MAX_COUNTRIES],
    /// Of each payout, as it was when the order was made.
    pub supplier_fee_bps: u16,
    pub min_tier: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 58],
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct OrderArgs {
    pub id: u64,
    pub gpus: u32,
    pub hours: u32,
    /// Refuse a total above this, fees included.
    pub max_total: u64,
    pub min_tier: u8,
    pub countries: [[u8; 2]; 8],
    pub engineer_key: Address,
    pub image_hash: [u8; 32],
    pub command_hash: [u8; 32],
}

impl OrderArgs {
    pub fn validate(&self) -> Result<()> {
        require!(
            (1..=MAX_GPUS).contains(&self.gpus),
            MarketError::InvalidGpus
        );
        require!(
            (1..=MAX_HOURS).contains(&self.hours),
            MarketError::InvalidHours
        );
        require!(
            self.min_tier <= iog_math::score::MAX_TIER,
            MarketError::InvalidTier
        );
        Ok(())
    }
}

impl Order {
    pub fn is(&self, state: OrderState) -> bool {
        self.state == state as u8
    }

    /// Takes the terms over and books the deposit.
    pub fn open(&mut self, args: &OrderArgs, price: u64, cost: &OrderCost, now: i64) -> Result<()> {
        self.id = args.id;
        self.gpus = args.gpus;
        self.hours = args.hours;
        self.min_tier = args.min_tier;
        self.countries = args.countries;
        self.engineer_key = args.engineer_key;
        self.image_hash = args.image_hash;
        self.command_hash = args.command_hash;
        self.price_per_gpu_hour_units = price;
        self.deposited_units = cost.total;
        self.escrowed_units = cost.total;
        self.pending_fee_units = cost
            .renter_fee
            .checked_add(cost.network_fee)
            .ok_or(MarketError::MathOverflow)?;
        self.created_ts = now;
        self.expires_ts = now
            .checked_add(EXPIRY_SECS)
            .ok_or(MarketError::MathOverflow)?;
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

    /// Adds a device of `gpus` to the order.
    pub fn add_lease(&mut self, gpus: u32, now: i64) -> Result<()> {
        require!(self.is(OrderState::Open), MarketError::OrderNotOpen);
        require!(now < self.expires_ts, MarketError::OrderExpired);
        let matched = self
            .matched_gpus
            .checked_add(gpus)
            .filter(|matched| *matched <= self.gpus)
            .ok_or(MarketError::TooManyGpus)?;
        self.matched_gpus = matched;
        for count in [&mut self.leases, &mut self.unsettled_leases] {
            *count = count.checked_add(1).ok_or(MarketError::MathOverflow)?;
        }
        if matched == self.gpus {
            self.state = OrderState::Matched as u8;
        }
        Ok(())
    }

    /// Counts an acceptance; the last one starts the order. True when it did.
    pub fn accept(&mut self, gpus: u32, now: i64) -> Result<bool> {
        let waits = self.is(OrderState::Open) || self.is(OrderState::Matched);
        require!(waits, MarketError::OrderNotOpen);
        require!(now < self.expires_ts, MarketError::OrderExpired);
        self.accepted_gpus = self
            .accepted_gpus
            .checked_add(gpus)
            .ok_or(MarketError::MathOverflow)?;
        if self.accepted_gpus != self.gpus {
            return Ok(false);
        }
        self.started_ts = now;
        self.end_ts = i64::from(self.hours)
            .checked_mul(HOUR)
            .and_then(|length| now.checked_add(length))
            .ok_or(MarketError::MathOverflow)?;
        self.state = OrderState::Active as u8;
        Ok(true)
    }

    /// Running or ended: leases may be settled.
    pub fn settles(&self) -> bool {
        self.is(OrderState::Active) || self.is(OrderState::Ended)
    }

    /// A lease reached the order's end. The last one completes the order.
    pub fn lease_settled(&mut self) -> Result<()> {
        self.unsettled_leases = self
            .unsettled_leases
            .checked_sub(1)
            .ok_or(MarketError::MathOverflow)?;
        if self.unsettled_leases == 0 && self.is(OrderState::Active) {
            self.state = OrderState::Completed as u8;
        }
        Ok(())
    }

    /// Hourly rent of the whole order.
    pub fn rate_per_hour(&self) -> Result<u64> {
        self.price_per_gpu_hour_units
            .checked_mul(u64::from(self.gpus))
            .ok_or_else(|| MarketError::MathOverflow.into())
    }

    /// Books what leaves the escrow.
    pub fn pay_out(&mut self, paid: u64, refunded: u64, fees: u64) -> Result<()> {
        add(&mut self.paid_units, paid)?;
        add(&mut self.refunded_units, refunded)?;
        add(&mut self.fee_units, fees)?;
        for amount in [paid, refunded, fees] {
            sub(&mut self.escrowed_units, amount)?;
        }
        Ok(())
    }
}
