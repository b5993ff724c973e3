//! What suppliers of orders paid in credit are owed in IO: first come, first served.
//!
//! Two counters that only rise make the queue, whose length costs nothing: `tail`, all that was ever claimed, and `funded`, all that ever
//! became payable. A claim takes the units `tail..tail + claim` and is paid as far as `funded` reaches into them.

use crate::{MathError, Result};

/// What a claim can be paid now: the part of its units that `funded_units` covers, less what it was paid before.
///
/// `start_units` is the tail of the queue when the claim joined. Exact: nothing is divided.
///
/// # Errors
/// [`MathError::Overflow`] when more was paid than is covered, which a counter that only rises cannot bring about.
pub fn payable(
    funded_units: u64,
    start_units: u64,
    claim_units: u64,
    paid_units: u64,
) -> Result<u64> {
    funded_units
        .saturating_sub(start_units)
        .min(claim_units)
        .checked_sub(paid_units)
        .ok_or(MathError::Overflow)
}
