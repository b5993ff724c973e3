use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use iog_math::matching::Kind;

/// What a renter wants.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct OrderArgs {
    /// Chosen by the renter; with the renter it makes the order's address.
    pub id: u64,
    pub gpus: u32,
    pub hours: u32,
    /// Refuse a total above this, fees included.
    pub max_total: u64,
    /// The class that is quoted, then others that will do at its price; zeros for none.
    pub class_ids: [u16; 4],
    /// 0 general, 1 train, 2 inference.
    pub kind: u8,
    pub min_tier: u8,
    pub min_reputation_bps: u16,
    /// Only devices that the attestor calls secure.
    pub secure_only: bool,
    pub countries: [[u8; 2]; 8],
    pub engineer_key: Address,
    pub image_hash: [u8; 32],
    pub command_hash: [u8; 32],
}

impl OrderArgs {
    pub fn validate(&self) -> Result<()> {
        validate_gpus(self.gpus)?;
        validate_hours(self.hours)?;
        require!(
            self.min_tier <= iog_math::score::MAX_TIER,
            MarketError::InvalidTier
        );
        require!(Kind::try_from(self.kind).is_ok(), MarketError::InvalidKind);
        require!(
            u64::from(self.min_reputation_bps) <= iog_math::units::BPS,
            MarketError::InvalidReputation
        );
        Ok(())
    }
}

/// What is quoted: an order without its private parts.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct QuoteArgs {
    pub gpus: u32,
    pub hours: u32,
    pub min_tier: u8,
    pub countries: [[u8; 2]; 8],
}

/// What an order would cost now, in units of the currency. Rent and both fees are the total.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct Quote {
    /// US dollars with 6 decimals.
    pub price_usd6: u64,
    pub price_per_gpu_hour_units: u64,
    pub rent_units: u64,
    pub renter_fee_units: u64,
    pub network_fee_units: u64,
    pub total_units: u64,
}

pub fn validate_gpus(gpus: u32) -> Result<()> {
    require!((1..=MAX_GPUS).contains(&gpus), MarketError::InvalidGpus);
    Ok(())
}

pub fn validate_hours(hours: u32) -> Result<()> {
    require!((1..=MAX_HOURS).contains(&hours), MarketError::InvalidHours);
    Ok(())
}
