use super::Part;
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use iog_math::matching::Kind;

/// GPUs of one class, or a class that will do as well.
#[derive(Clone, Copy, PartialEq, Eq, Debug, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct PartArgs {
    /// 0 for none.
    pub class_id: u16,
    /// Exactly so many GPUs on each machine; 0 for any.
    pub per_machine: u16,
    /// 0: an alternative to the part before it, at the lower of both prices.
    pub gpus: u32,
}

/// What a renter wants.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct OrderArgs {
    /// Chosen by the renter; with the renter it makes the order's address.
    pub id: u64,
    pub parts: [PartArgs; 4],
    pub hours: u32,
    /// Refuse a total above this, fees included. An order in IO of more than 168 hours deposits all of it, for later prices.
    pub max_total: u64,
    /// 0 general, 1 train, 2 inference.
    pub kind: u8,
    pub min_tier: u8,
    /// What the devices run on: 0 any, 1 linux/amd64, 2 linux/arm64.
    pub platform: u8,
    pub min_reputation_bps: u16,
    /// Only devices that the attestor calls secure.
    pub secure_only: bool,
    pub countries: [[u8; 2]; 8],
    /// May open tunnels to the devices; zeros for no access. No wallet, and no other key of the order.
    pub engineer_key: Address,
    /// Signs receipts for what was served; zeros for none.
    pub receipt_key: Address,
    /// Only devices of this owner; zeros for any.
    pub owner: Address,
    pub image_hash: [u8; 32],
    pub command_hash: [u8; 32],
}

impl OrderArgs {
    pub fn validate(&self) -> Result<()> {
        validate_hours(self.hours)?;
        require!(
            self.min_tier <= iog_math::score::MAX_TIER,
            MarketError::InvalidTier
        );
        require!(
            self.platform <= iog_registry::constants::MAX_PLATFORM,
            MarketError::InvalidPlatform
        );
        require!(Kind::try_from(self.kind).is_ok(), MarketError::InvalidKind);
        require!(
            u64::from(self.min_reputation_bps) <= iog_math::units::BPS,
            MarketError::InvalidReputation
        );
        Ok(())
    }

    /// The parts as an order keeps them. The first has GPUs; an alternative follows a part and asks for nothing of its own; no class
    /// stands twice; behind the last everything is 0.
    pub fn parts(&self) -> Result<[Part; MAX_PARTS]> {
        let mut parts = [Part::NONE; MAX_PARTS];
        let mut total = 0u32;
        let mut ended = false;
        for (index, args) in self.parts.iter().enumerate() {
            let named = args.class_id != 0;
            require!(!(named && ended), MarketError::InvalidParts);
            ended = !named;
            let empty = args.gpus == 0 && args.per_machine == 0;
            require!(named || empty, MarketError::InvalidParts);
            let alternative = args.gpus == 0;
            require!(
                !(named && alternative) || (index > 0 && args.per_machine == 0),
                MarketError::InvalidParts
            );
            let twice = self.parts.iter().take(index);
            require!(
                !named || twice.clone().all(|part| part.class_id != args.class_id),
                MarketError::InvalidParts
            );
            let whole = args.per_machine == 0
                || args.gpus.checked_rem(u32::from(args.per_machine)) == Some(0);
            require!(whole, MarketError::InvalidParts);
            total = total
                .checked_add(args.gpus)
                .ok_or(MarketError::InvalidGpus)?;
            if let Some(part) = parts.get_mut(index) {
                part.class_id = args.class_id;
                part.per_machine = args.per_machine;
                part.gpus = args.gpus;
            }
        }
        let [first, ..] = parts;
        require!(first.gpus > 0, MarketError::InvalidGpus);
        validate_gpus(total)?;
        Ok(parts)
    }
}

/// What is quoted: one part of an order, without its private side.
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
    /// Deposited beside it and given to who matches the order, or back: lamports.
    pub match_lamports: u64,
    /// What a dollar is worth to suppliers who ask for a price, basis points: below 10,000 in IOSD only.
    pub cover_bps: u16,
    /// When that was reckoned; for six hours it counts. 0 for never, and in other currencies.
    pub cover_ts: i64,
}

pub fn validate_gpus(gpus: u32) -> Result<()> {
    require!((1..=MAX_GPUS).contains(&gpus), MarketError::InvalidGpus);
    Ok(())
}

pub fn validate_hours(hours: u32) -> Result<()> {
    require!((1..=MAX_HOURS).contains(&hours), MarketError::InvalidHours);
    Ok(())
}
