use super::escrow::{add, sub};
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::pricing::{self, Booking, Terms};
use iog_registry::HardwareClass;

/// The price factor of a country, in basis points.
#[derive(
    Clone, Copy, Pod, Zeroable, PartialEq, Eq, AnchorSerialize, AnchorDeserialize, IdlType,
)]
#[repr(C)]
pub struct Location {
    /// ISO 3166-1 alpha-2; zeros for none.
    pub country: [u8; 2],
    pub factor_bps: u16,
}

/// What the market's authority sets of a class's price, in basis points. The base price is the class's own.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct PriceBookArgs {
    /// Utilisation at which the curve bends.
    pub kink_bps: u16,
    /// Added for a whole of utilisation below the kink, and above it.
    pub slope1_bps: u16,
    pub slope2_bps: u16,
    /// Factor for each minimum tier, 0 to 4.
    pub tier_bps: [u16; 5],
    pub peak_bps: u16,
    /// Bit h: hour h of the day (UTC) is a peak hour.
    pub peak_hours: u32,
    /// Factor of bookings of at least 24, 168 and 720 hours.
    pub commitment_bps: [u16; 3],
    pub locations: [Location; 8],
}

/// The price of a class and how much of it is in use. The counters move with listings and leases, never by a caller's word.
#[account]
pub struct PriceBook {
    /// GPUs of listed devices whose floor is at most the class's base price, and of others while they serve.
    pub online_gpus: u64,
    /// GPUs of devices that serve.
    pub hired_gpus: u64,
    /// When `utilisation_bps` was true.
    pub moved_ts: i64,
    /// Last change of the factors.
    pub changed_ts: i64,
    pub peak_hours: u32,
    /// What prices are made with: follows hired over online slowly.
    pub utilisation_bps: u16,
    pub kink_bps: u16,
    pub slope1_bps: u16,
    pub slope2_bps: u16,
    pub tier_bps: [u16; 5],
    pub peak_bps: u16,
    pub commitment_bps: [u16; 3],
    pub class_id: u16,
    pub locations: [Location; MAX_LOCATIONS],
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

impl PriceBook {
    /// All factors, with the base price of the class.
    pub fn terms(&self, base_usd6: u64) -> Terms {
        Terms {
            base_usd6,
            kink_bps: self.kink_bps,
            slope1_bps: self.slope1_bps,
            slope2_bps: self.slope2_bps,
            tier_bps: self.tier_bps,
            peak_bps: self.peak_bps,
            peak_hours: self.peak_hours,
            commitment_bps: self.commitment_bps,
            locations: self.locations.map(|location| pricing::Location {
                country: location.country,
                factor_bps: location.factor_bps,
            }),
        }
    }

    /// Takes the factors over, after checking bounds. Those of an existing book move in steps, once a day.
    pub fn set(&mut self, args: &PriceBookArgs, now: i64) -> Result<()> {
        let before = self.terms(0);
        let is_new = self.changed_ts == 0;
        self.kink_bps = args.kink_bps;
        self.slope1_bps = args.slope1_bps;
        self.slope2_bps = args.slope2_bps;
        self.tier_bps = args.tier_bps;
        self.peak_bps = args.peak_bps;
        self.peak_hours = args.peak_hours;
        self.commitment_bps = args.commitment_bps;
        self.locations = args.locations;
        let after = self.terms(0);
        after
            .validate()
            .map_err(|_| MarketError::InvalidPriceBook)?;
        if !is_new {
            let next = self.changed_ts.saturating_add(PRICE_STEP_SECS);
            require!(now >= next, MarketError::PriceChangedLately);
            pricing::step_allowed(&before, &after).map_err(|_| MarketError::PriceStepTooLarge)?;
        }
        self.changed_ts = now;
        Ok(())
    }

    /// US dollars, 6 decimals, for one GPU-hour of `class` in an order of these terms, as busy as the class is at `now`. Whether the hour
    /// is a peak one the moment of the booking decides. A class that takes no new orders still has a price for those that run.
    pub fn quote(&self, class: &HardwareClass, booking: &Booking, now: i64) -> Result<u64> {
        require!(class.id == self.class_id, MarketError::WrongClass);
        require!(class.base_price_usd6 > 0, MarketError::ClassNotOffered);
        let utilisation = pricing::utilisation_at(
            self.utilisation_bps,
            self.moved_ts,
            self.hired_gpus,
            self.online_gpus,
            now,
        )
        .map_err(MarketError::from)?;
        let terms = self.terms(class.base_price_usd6);
        Ok(pricing::quote(&terms, utilisation, booking).map_err(MarketError::from)?)
    }

    /// Counts a device's GPUs anew: `(online, hired)` before and after.
    pub fn recount(&mut self, before: (u32, u32), after: (u32, u32), now: i64) -> Result<()> {
        if before == after {
            return Ok(());
        }
        self.touch(now)?;
        add(&mut self.online_gpus, u64::from(after.0))?;
        sub(&mut self.online_gpus, u64::from(before.0))?;
        add(&mut self.hired_gpus, u64::from(after.1))?;
        sub(&mut self.hired_gpus, u64::from(before.1))
    }

    /// Moves the utilisation up to `now` with the counters that held until now.
    fn touch(&mut self, now: i64) -> Result<()> {
        let (utilisation_bps, moved_ts) = pricing::utilisation_step(
            self.utilisation_bps,
            self.moved_ts,
            self.hired_gpus,
            self.online_gpus,
            now,
        )
        .map_err(MarketError::from)?;
        self.utilisation_bps = utilisation_bps;
        self.moved_ts = moved_ts;
        Ok(())
    }
}
