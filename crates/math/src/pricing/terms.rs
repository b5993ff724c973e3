//! What a class charges, within which bounds, and how far one change may move it.

use crate::{units::BPS, MathError, Result};

/// Least factor of a tier, a location, the peak hours or a commitment: half the price.
pub const MIN_FACTOR_BPS: u16 = 5_000;
/// Greatest factor of a tier, a location or the peak hours: twice the price.
pub const MAX_FACTOR_BPS: u16 = 20_000;
/// Greatest slope of the curve: five times the price added per whole of utilisation.
pub const MAX_SLOPE_BPS: u16 = 50_000;
/// Farthest that one change moves a factor or the kink.
pub const MAX_STEP_BPS: u16 = 2_000;
/// Farthest that one change moves a slope.
pub const MAX_SLOPE_STEP_BPS: u16 = 10_000;
/// Places that may have a factor of their own.
pub const MAX_LOCATIONS: usize = 8;
/// The factor one: of what is not listed.
pub(super) const ONE_BPS: u16 = 10_000;
/// The country of an unused entry.
pub(super) const NOWHERE: [u8; 2] = [0; 2];
/// Hours of a day, one bit each of `peak_hours`.
pub(super) const DAY_HOURS: u32 = 24;

/// A country and the factor of its devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// ISO 3166-1 alpha-2 code; zeros for an unused entry, whose factor is not read.
    pub country: [u8; 2],
    /// Factor, 10,000 being one.
    pub factor_bps: u16,
}

/// What a class charges. Every factor is in basis points, 10,000 being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Base price in millionths of a dollar per GPU-hour.
    pub base_usd6: u64,
    /// Utilisation at which the curve bends, at most 10,000.
    pub kink_bps: u16,
    /// Price added per whole of utilisation below the kink; 0 makes the curve flat up to it.
    pub slope1_bps: u16,
    /// Price added per whole of utilisation above the kink.
    pub slope2_bps: u16,
    /// Factor by the least connectivity tier asked for, 0 to 4.
    pub tier_bps: [u16; 5],
    /// Factor of the peak hours.
    pub peak_bps: u16,
    /// Bit h: hour h of the UTC day is a peak hour.
    pub peak_hours: u32,
    /// Factors of bookings of at least 24, 168 and 720 hours.
    pub commitment_bps: [u16; 3],
    /// Factors of countries; one not listed has 10,000.
    pub locations: [Location; MAX_LOCATIONS],
}

impl Terms {
    /// Checks the bounds: the kink at most 10,000, slopes at most 50,000, tiers, peak and locations 5,000 to 20,000, commitments 5,000
    /// to 10,000 and none above that of a shorter booking, bits of 24 hours, no country twice. The base price is the program's.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`].
    pub fn validate(&self) -> Result<()> {
        let curve = u64::from(self.kink_bps) <= BPS
            && self.slope1_bps <= MAX_SLOPE_BPS
            && self.slope2_bps <= MAX_SLOPE_BPS;
        let factors = self
            .tier_bps
            .iter()
            .chain([&self.peak_bps])
            .all(|factor| is_factor(*factor));
        let commitments = self
            .commitment_bps
            .iter()
            .all(|factor| (MIN_FACTOR_BPS..=ONE_BPS).contains(factor))
            && self
                .commitment_bps
                .is_sorted_by(|shorter, longer| shorter >= longer);
        let hours = self.peak_hours.checked_shr(DAY_HOURS) == Some(0);
        require(curve && factors && commitments && hours)?;
        for (at, location) in self.locations.iter().enumerate() {
            if location.country == NOWHERE {
                continue;
            }
            let repeated = self
                .locations
                .iter()
                .skip(at.saturating_add(1))
                .any(|other| other.country == location.country);
            require(is_factor(location.factor_bps) && !repeated)?;
        }
        Ok(())
    }

    /// The factor of a country: 10,000 when it is not listed.
    pub(super) fn location_bps(&self, country: [u8; 2]) -> u16 {
        self.listed()
            .find(|location| location.country == country)
            .map_or(ONE_BPS, |location| location.factor_bps)
    }

    fn listed(&self) -> impl Iterator<Item = &Location> {
        self.locations
            .iter()
            .filter(|location| location.country != NOWHERE)
    }
}

/// Refuses a change that moves any factor by more than [`MAX_STEP_BPS`], the kink likewise, or a slope by more than
/// [`MAX_SLOPE_STEP_BPS`], so that nobody's price jumps. The base price is not compared.
///
/// A location or a peak hour added or removed counts as a move from or to 10,000.
///
/// # Errors
/// [`MathError::OutOfRange`].
pub fn step_allowed(old: &Terms, new: &Terms) -> Result<()> {
    let factor = |from: u16, to: u16| require(from.abs_diff(to) <= MAX_STEP_BPS);
    let slope = |from: u16, to: u16| require(from.abs_diff(to) <= MAX_SLOPE_STEP_BPS);
    factor(old.kink_bps, new.kink_bps)?;
    slope(old.slope1_bps, new.slope1_bps)?;
    slope(old.slope2_bps, new.slope2_bps)?;
    for (from, to) in old.tier_bps.iter().zip(&new.tier_bps) {
        factor(*from, *to)?;
    }
    for (from, to) in old.commitment_bps.iter().zip(&new.commitment_bps) {
        factor(*from, *to)?;
    }
    factor(old.peak_bps, new.peak_bps)?;
    if new.peak_hours & !old.peak_hours != 0 {
        factor(ONE_BPS, new.peak_bps)?;
    }
    if old.peak_hours & !new.peak_hours != 0 {
        factor(old.peak_bps, ONE_BPS)?;
    }
    for location in old.listed().chain(new.listed()) {
        factor(
            old.location_bps(location.country),
            new.location_bps(location.country),
        )?;
    }
    Ok(())
}

fn is_factor(bps: u16) -> bool {
    (MIN_FACTOR_BPS..=MAX_FACTOR_BPS).contains(&bps)
}

fn require(holds: bool) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(MathError::OutOfRange)
    }
}
