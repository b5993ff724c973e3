use super::{Config, FeeVault};
use crate::{constants::AUCTION_PERIOD_SECS, TreasuryError};
use anchor_lang::prelude::*;
use iog_math::{
    auction::{Fill, Terms},
    units::{whole_periods, HOUR},
};

const DAY: i64 = 86_400;

/// The Dutch auction of one currency, used again each round: offers currency for IO, first below the price of IO and then
/// rising above it. What is not sold stays in the fees.
#[account]
pub struct Auction {
    pub mint: Address,
    /// What this round began with, and what is left of it; nothing is left when it is over.
    pub lot_units: u64,
    pub left_units: u64,
    pub io_burned_units: u64,
    pub opened_ts: i64,
    /// Terms as they were when the round began.
    pub length_secs: i64,
    pub discount_bps: u64,
    pub premium_bps: u64,
    pub round: u64,
    /// Hour and day of unix time that the next two count.
    pub hour: u64,
    pub day: u64,
    pub spent_this_hour_units: u64,
    pub spent_today_units: u64,
    /// Of all rounds.
    pub io_burned_total_units: u64,
    /// Publish time of the newest price that anybody sold at: unix seconds. Sellers choose among the prices of 20 seconds otherwise.
    pub newest_price_ts: i64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 30],
}

impl Auction {
    /// Begins a round for what the fees and the caps allow.
    pub fn open(&mut self, config: &Config, fees: &FeeVault, now: i64) -> Result<()> {
        require!(!self.is_live(now), TreasuryError::AuctionRunning);
        let next_ts = self
            .opened_ts
            .checked_add(AUCTION_PERIOD_SECS)
            .ok_or(TreasuryError::MathOverflow)?;
        require!(
            self.round == 0 || now >= next_ts,
            TreasuryError::AuctionTooSoon
        );
        let min = config.min_lot_units.value;
        require!(fees.booked_units >= min, TreasuryError::LotTooSmall);
        let lot = fees.booked_units.min(config.spendable(self, now)?);
        require!(lot >= min, TreasuryError::SpendCapReached);
        self.lot_units = lot;
        self.left_units = lot;
        self.io_burned_units = 0;
        self.opened_ts = now;
        self.length_secs =
            i64::try_from(config.auction_secs.value).map_err(|_| TreasuryError::MathOverflow)?;
        self.discount_bps = config.discount_bps.value;
        self.premium_bps = config.premium_bps.value;
        self.round = self
            .round
            .checked_add(1)
            .ok_or(TreasuryError::MathOverflow)?;
        Ok(())
    }

    /// Whether one can sell into it at `now`. A clock that steps back behind the opening counts as the opening.
    pub fn is_live(&self, now: i64) -> bool {
        self.left_units > 0 && now.saturating_sub(self.opened_ts) < self.length_secs
    }

    /// The offer at `now` as a share of the price.
    pub fn factor_bps(&self, now: i64) -> Result<u64> {
        let terms = Terms {
            discount_bps: self.discount_bps,
            premium_bps: self.premium_bps,
            length_secs: self.length_secs,
        };
        Ok(terms
            .factor_bps(now.saturating_sub(self.opened_ts))
            .map_err(TreasuryError::from)?)
    }

    /// Currency spent in the hour and in the day of `now`.
    pub fn spent_in(&self, now: i64) -> Result<(u64, u64)> {
        let (hour, day) = self.hour_and_day(now)?;
        let spent = |same: bool, amount: u64| if same { amount } else { 0 };
        Ok((
            spent(hour == self.hour, self.spent_this_hour_units),
            spent(day == self.day, self.spent_today_units),
        ))
    }

    /// Books a sale.
    pub fn sell(&mut self, fill: &Fill, now: i64) -> Result<()> {
        let (hour, today) = self.spent_in(now)?;
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or(TreasuryError::MathOverflow);
        self.spent_this_hour_units = sum(hour, fill.usdc)?;
        self.spent_today_units = sum(today, fill.usdc)?;
        (self.hour, self.day) = self.hour_and_day(now)?;
        self.left_units = self
            .left_units
            .checked_sub(fill.usdc)
            .ok_or(TreasuryError::MathOverflow)?;
        self.io_burned_units = sum(self.io_burned_units, fill.io)?;
        self.io_burned_total_units = sum(self.io_burned_total_units, fill.io)?;
        Ok(())
    }

    /// What this round has spent.
    pub fn spent(&self) -> u64 {
        self.lot_units.saturating_sub(self.left_units)
    }

    /// The clock may step back a little: that begins no new hour or day.
    fn hour_and_day(&self, now: i64) -> Result<(u64, u64)> {
        let hour = whole_periods(now, HOUR).map_err(TreasuryError::from)?;
        let day = whole_periods(now, DAY).map_err(TreasuryError::from)?;
        Ok((hour.max(self.hour), day.max(self.day)))
    }
}
