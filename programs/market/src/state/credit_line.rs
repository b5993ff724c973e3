use super::{escrow::add, Escrow};
use crate::{constants::COVER_AGE_SECS, errors::PriceError, MarketError};
use anchor_lang::prelude::*;
use iog_common::price::Quote;
use iog_math::{credit::Pool, oracle::PricePoint, units::BPS};

/// Suppliers of IOSD orders wait here for IO, first come first served: claims stand one behind the other on a line, and net
/// emission or the treasury's kept share fund it from its start. One per program.
/// `burned for IOSD + incentives >= claimed >= funded >= paid`, and the vault holds `funded - paid`.
#[account]
pub struct CreditLine {
    pub vault: Address,
    /// End of the line: all IO ever claimed.
    pub claimed_units: u64,
    pub funded_units: u64,
    pub paid_units: u64,
    /// Part of `funded_units` that came from the treasury.
    pub incentive_units: u64,
    /// IOSD that all claims so far were earned in.
    pub earned_usd6: u64,
    /// Publish time of the newest price that was used here.
    pub newest_price_ts: i64,
    /// When `cover_bps` was reckoned; 0 for never.
    pub cover_ts: i64,
    /// What a dollar of IOSD was worth to a supplier then: the share of its IO at the price that the line holds.
    pub cover_bps: u16,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 60],
}

impl CreditLine {
    /// How much of `offered` the line still needs.
    pub fn wanted(&self, offered: u64) -> u64 {
        self.claimed_units
            .saturating_sub(self.funded_units)
            .min(offered)
    }

    pub fn fund(&mut self, amount: u64) -> Result<()> {
        require!(amount > 0, MarketError::NothingDue);
        add(&mut self.funded_units, amount)
    }

    /// What all claims share, fees that are earned counted: they claim nothing.
    pub fn pool(
        &self,
        escrow: &Escrow,
        token: &iog_token::Config,
        net_emission: &iog_token::NetEmission,
    ) -> Result<Pool> {
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or(MarketError::MathOverflow);
        Ok(Pool {
            burned_units: sum(net_emission.burned_units, self.incentive_units)?,
            claimed_units: self.claimed_units,
            made_usd6: token.iosd_minted_units,
            earned_usd6: sum(self.earned_usd6, escrow.fee_units)?,
        })
    }

    /// Refuses a price that is much older than the newest that was used here.
    pub fn follow(&mut self, quote: &Quote) -> Result<()> {
        quote
            .follow(&mut self.newest_price_ts)
            .map_err(PriceError::from)?;
        Ok(())
    }

    /// Remembers what a dollar is worth to suppliers now.
    pub fn cover(&mut self, pool: &Pool, price: &PricePoint, now: i64) -> Result<()> {
        let cover = pool.cover_bps(price).map_err(MarketError::from)?;
        self.cover_bps = u16::try_from(cover).map_err(|_| MarketError::MathOverflow)?;
        self.cover_ts = now;
        Ok(())
    }

    /// What a supplier gets for `usd6` of IOSD as far as is known; nothing older than six hours counts.
    pub fn covered(&self, usd6: u64, now: i64) -> Result<u64> {
        require!(
            self.cover_ts != 0 && now.saturating_sub(self.cover_ts) <= COVER_AGE_SECS,
            MarketError::CoverStale
        );
        // floor: the supplier asks for no less
        let covered = iog_math::units::mul_div_floor(usd6, u64::from(self.cover_bps), BPS);
        Ok(covered.map_err(MarketError::from)?)
    }
}
