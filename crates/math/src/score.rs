//! How much of an hour's reward a device weighs.

use crate::{MathError, Result};

/// Highest connectivity tier: 0 none, 1 Low, 2 Medium, 3 High, 4 Ultra High.
pub const MAX_TIER: u8 = 4;
/// Least download and upload of each tier in MB/s, Low first.
const TIERS: [(u32, u32); 4] = [(100, 10), (400, 300), (800, 600), (1_600, 1_200)];
/// Score of one connectivity tier.
const PER_TIER: u64 = 50;
/// Score of one hundredth of a class multiplier, for each GPU.
const PER_MULTIPLIER_X100: u64 = 200;
/// Score of being hired.
const HIRED: u64 = 5;

/// The highest connectivity tier whose download and upload, in MB/s, are both reached; 0 below Low.
#[must_use]
pub fn tier(download_mbps: u32, upload_mbps: u32) -> u8 {
    // Both thresholds rise from tier to tier, so the tiers that are reached are the first ones.
    TIERS
        .iter()
        .take_while(|(download, upload)| download_mbps >= *download && upload_mbps >= *upload)
        .fold(0, |tier, _| tier.saturating_add(1))
}

/// The middle of `values`, the lower of two; none of none. Sorts them.
#[must_use]
pub fn lower_median(values: &mut [u32]) -> Option<u32> {
    values.sort_unstable();
    let middle = values.len().checked_sub(1)?.checked_div(2)?;
    values.get(middle).copied()
}

/// `50 * tier + 200 * multiplier_x100 * quantity + 5 * hired`. Exact: nothing is divided.
///
/// `multiplier_x100` is 1000 for an H100 and 75 for an RTX 3060; `quantity` counts the GPUs of the device.
///
/// # Errors
/// [`MathError::OutOfRange`] above tier 4, [`MathError::Overflow`] beyond 64 bits.
pub fn device_score(tier: u8, multiplier_x100: u32, quantity: u32, hired: bool) -> Result<u64> {
    if tier > MAX_TIER {
        return Err(MathError::OutOfRange);
    }
    let connectivity = PER_TIER
        .checked_mul(u64::from(tier))
        .ok_or(MathError::Overflow)?;
    let compute = PER_MULTIPLIER_X100
        .checked_mul(u64::from(multiplier_x100))
        .and_then(|score| score.checked_mul(u64::from(quantity)))
        .ok_or(MathError::Overflow)?;
    let hire = if hired { HIRED } else { 0 };
    connectivity
        .checked_add(compute)
        .and_then(|score| score.checked_add(hire))
        .ok_or(MathError::Overflow)
}
