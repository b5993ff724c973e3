use crate::{state::Auction, GovernanceError};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};
use iog_math::units::BPS;

/// The treasury's roles and parameters. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// The market's PDA, the only one that may collect and pay incentives.
    pub market_authority: Address,
    /// What was scheduled until then was a predecessor's and is void: unix seconds.
    pub authority_since_ts: i64,
    /// Share of fees in IO that is kept for suppliers who wait for IO; the rest is burned. Fees in dollars buy IO, all of them: there is
    /// nobody to whom a kept dollar could be paid.
    pub kept_share_bps: Parameter,
    /// Least that an auction is opened for, in base units of the currency.
    pub min_lot_units: Parameter,
    /// Most that one currency's auction spends within one hour of unix time, in base units of the currency.
    pub cap_per_hour_units: Parameter,
    /// Most that one currency's auction spends within one day of unix time, in base units of the currency.
    pub cap_per_day_units: Parameter,
    /// What the first offer is below the price.
    pub discount_bps: Parameter,
    /// What the last offer is above the price.
    pub premium_bps: Parameter,
    pub auction_secs: Parameter,
    pub version: u8,
    pub bump: u8,
    pub vault_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 60],
}

/// The parameters of the treasury.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    KeptShareBps,
    MinLot,
    CapPerHour,
    CapPerDay,
    DiscountBps,
    PremiumBps,
    AuctionSecs,
}

/// The first values of the parameters.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ConfigArgs {
    pub kept_share_bps: u64,
    pub min_lot: u64,
    pub cap_per_hour: u64,
    pub cap_per_day: u64,
    pub discount_bps: u64,
    pub premium_bps: u64,
    pub auction_secs: u64,
}

/// 100,000 and 1,000,000 US dollars.
const MAX_CAP_PER_HOUR: u64 = 100_000_000_000;
const MAX_CAP_PER_DAY: u64 = 1_000_000_000_000;
/// At most half of the price below it, and at most a tenth above.
const MAX_DISCOUNT_BPS: u64 = 5_000;
const MAX_PREMIUM_BPS: u64 = 1_000;

impl Config {
    /// Rises of the kept share, the caps and the premium wait. Of the others neither direction is the safe one.
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        match id {
            ParameterId::KeptShareBps => (&mut self.kept_share_bps, Bounds::rises(0, BPS)),
            ParameterId::MinLot => (&mut self.min_lot_units, Bounds::both(1, MAX_CAP_PER_HOUR)),
            ParameterId::CapPerHour => (
                &mut self.cap_per_hour_units,
                Bounds::rises(0, MAX_CAP_PER_HOUR),
            ),
            ParameterId::CapPerDay => (
                &mut self.cap_per_day_units,
                Bounds::rises(0, MAX_CAP_PER_DAY),
            ),
            ParameterId::DiscountBps => (&mut self.discount_bps, Bounds::both(0, MAX_DISCOUNT_BPS)),
            ParameterId::PremiumBps => (&mut self.premium_bps, Bounds::rises(0, MAX_PREMIUM_BPS)),
            ParameterId::AuctionSecs => (&mut self.auction_secs, Bounds::both(600, 3_600)),
        }
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, args: &ConfigArgs) -> Result<()> {
        for (id, value) in [
            (ParameterId::KeptShareBps, args.kept_share_bps),
            (ParameterId::MinLot, args.min_lot),
            (ParameterId::CapPerHour, args.cap_per_hour),
            (ParameterId::CapPerDay, args.cap_per_day),
            (ParameterId::DiscountBps, args.discount_bps),
            (ParameterId::PremiumBps, args.premium_bps),
            (ParameterId::AuctionSecs, args.auction_secs),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(value, &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }

    /// What may still be spent in the hour and day of `now`.
    pub fn spendable(&self, auction: &Auction, now: i64) -> Result<u64> {
        let (hour, today) = auction.spent_in(now)?;
        let left = |cap: &Parameter, spent: u64| cap.value.saturating_sub(spent);
        Ok(left(&self.cap_per_hour_units, hour).min(left(&self.cap_per_day_units, today)))
    }
}
