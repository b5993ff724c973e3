//! The market.

use super::PlanError;
use crate::amounts::{address, value};
use iog_client::market::types::{ConfigArgs, Location, PriceBookArgs};
use iog_math::pricing::{self, Terms};
use serde::Deserialize;
use solana_pubkey::Pubkey;

/// Fees in basis points, and the terms of orders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Market {
    /// Decides disputes; without it none can be opened, and slots alone decide.
    pub resolver: Option<String>,
    /// From the renter, on top of the rent.
    pub reservation_bps: u16,
    /// From the supplier, on payout.
    pub supplier_bps: u16,
    /// From the renter, for burning.
    pub network_bps: u16,
    /// What US dollar tokens pay further on each side.
    pub usd_extra_bps: u16,
    /// For how long after its end an hour can be disputed, and its pay is held.
    pub dispute_secs: u32,
    /// Loyalty points for one US dollar of rent.
    pub points_per_usd: u16,
}

/// Most of any fee (the market's `MAX_FEE_BPS`).
const MAX_FEE_BPS: u16 = 500;
const MAX_DISPUTE_SECS: u32 = 86_400;
const MAX_POINTS_PER_USD: u16 = 1_000;

impl Market {
    /// The terms as the market takes them, on the chain with this genesis hash.
    pub(crate) fn args(&self, genesis_hash: [u8; 32]) -> Result<ConfigArgs, PlanError> {
        for (key, set, most) in [
            ("market.reservation_bps", self.reservation_bps, MAX_FEE_BPS),
            ("market.supplier_bps", self.supplier_bps, MAX_FEE_BPS),
            ("market.network_bps", self.network_bps, MAX_FEE_BPS),
            ("market.usd_extra_bps", self.usd_extra_bps, MAX_FEE_BPS),
            (
                "market.points_per_usd",
                self.points_per_usd,
                MAX_POINTS_PER_USD,
            ),
        ] {
            if set > most {
                return Err(value(key, &format!("it must be at most {most}")));
            }
        }
        if self.dispute_secs > MAX_DISPUTE_SECS {
            let reason = format!("it must be at most {MAX_DISPUTE_SECS}");
            return Err(value("market.dispute_secs", &reason));
        }
        let nobody = Pubkey::default();
        Ok(ConfigArgs {
            resolver: address("market.resolver", self.resolver.as_deref(), nobody)?,
            genesis_hash,
            reservation_fee_bps: self.reservation_bps,
            supplier_fee_bps: self.supplier_bps,
            network_fee_bps: self.network_bps,
            usd_extra_fee_bps: self.usd_extra_bps,
            dispute_secs: self.dispute_secs,
            points_per_usd: self.points_per_usd,
        })
    }
}

/// What every class's price book begins with, in basis points; the base price is the class's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    pub kink_bps: u16,
    pub slope1_bps: u16,
    pub slope2_bps: u16,
    /// By the least tier that an order asks for, none to Ultra High.
    pub tier_bps: [u16; 5],
    pub peak_bps: u16,
    /// Hours of the UTC day, 0 to 23.
    #[serde(default)]
    pub peak_hours: Vec<u8>,
    /// Of bookings of at least a day, a week and 30 days.
    pub commitment_bps: [u16; 3],
}

impl Prices {
    pub(crate) fn check(&self) -> Result<(), PlanError> {
        if self.peak_hours.iter().any(|hour| *hour > 23) {
            return Err(value("prices.peak_hours", "hours are 0 to 23"));
        }
        let terms = Terms {
            base_usd6: 0,
            kink_bps: self.kink_bps,
            slope1_bps: self.slope1_bps,
            slope2_bps: self.slope2_bps,
            tier_bps: self.tier_bps,
            peak_bps: self.peak_bps,
            peak_hours: self.peak_bits(),
            commitment_bps: self.commitment_bps,
            locations: Default::default(),
        };
        terms.validate().map_err(|_| {
            let bounds = format!(
                "the kink must be at most 10000, slopes {}, tiers and peak {} to {}, commitments {} to 10000 and falling",
                pricing::MAX_SLOPE_BPS,
                pricing::MIN_FACTOR_BPS,
                pricing::MAX_FACTOR_BPS,
                pricing::MIN_FACTOR_BPS,
            );
            value("prices", &bounds)
        })
    }

    fn peak_bits(&self) -> u32 {
        let bits = self.peak_hours.iter();
        bits.fold(0, |bits, hour| {
            bits | 1u32.checked_shl(u32::from(*hour)).unwrap_or(0)
        })
    }

    /// The factors as the market takes them; no country has a price of its own.
    pub(crate) fn args(&self) -> PriceBookArgs {
        let nowhere = Location {
            country: [0; 2],
            factor_bps: 0,
        };
        PriceBookArgs {
            kink_bps: self.kink_bps,
            slope1_bps: self.slope1_bps,
            slope2_bps: self.slope2_bps,
            tier_bps: self.tier_bps,
            peak_bps: self.peak_bps,
            peak_hours: self.peak_bits(),
            commitment_bps: self.commitment_bps,
            locations: [nowhere; pricing::MAX_LOCATIONS],
        }
    }
}
