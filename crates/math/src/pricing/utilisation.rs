//! How busy a class is, followed slowly, so that no single order moves the price of the next.

use crate::{units::BPS, MathError, Result};

/// Seconds in which the utilisation moves by one basis point: from nothing to full in 100,000, almost 28 hours. Who hires its own
/// idle devices to move the price needs half a day for the 40 % that it holds, and pays fees all along.
pub const UTILISATION_STEP_SECS: u64 = 10;

/// The utilisation at `now`, as [`utilisation_step`] leaves it.
///
/// # Errors
/// As [`utilisation_step`].
pub fn utilisation_at(
    from_bps: u16,
    moved_ts: i64,
    hired: u64,
    online: u64,
    now: i64,
) -> Result<u16> {
    utilisation_step(from_bps, moved_ts, hired, online, now).map(|(bps, _)| bps)
}

/// Moves the utilisation from `from_bps`, where it stood at `moved_ts`, towards hired over online devices by one basis
/// point per [`UTILISATION_STEP_SECS`]: `(bps, moved_ts)`, both to be stored.
///
/// The time to store advances by whole steps only, or to `now` where the target is reached: with unchanged counts, steps at any moments
/// in between end where one step does. The counts are those that stood since `moved_ts`: step first, change them then.
/// None online is a target of 0; a clock that steps back moves nothing.
///
/// # Errors
/// [`MathError::OutOfRange`] for a utilisation above one whole, [`MathError::Overflow`] for absurd counts.
pub fn utilisation_step(
    from_bps: u16,
    moved_ts: i64,
    hired: u64,
    online: u64,
    now: i64,
) -> Result<(u16, i64)> {
    if u64::from(from_bps) > BPS {
        return Err(MathError::OutOfRange);
    }
    if now <= moved_ts {
        return Ok((from_bps, moved_ts));
    }
    let target = target_bps(hired, online)?;
    // floor: a step counts when its time is over
    let steps = now
        .abs_diff(moved_ts)
        .checked_div(UTILISATION_STEP_SECS)
        .ok_or(MathError::DivisionByZero)?;
    if u64::from(from_bps.abs_diff(target)) <= steps {
        return Ok((target, now));
    }
    // Fewer steps than the way is long: they fit, and do not pass the target.
    let moved = u16::try_from(steps).map_err(|_| MathError::Overflow)?;
    let bps = if target > from_bps {
        from_bps.checked_add(moved)
    } else {
        from_bps.checked_sub(moved)
    };
    let moved_ts = steps
        .checked_mul(UTILISATION_STEP_SECS)
        .and_then(|secs| moved_ts.checked_add_unsigned(secs));
    bps.zip(moved_ts).ok_or(MathError::Overflow)
}

/// Hired over online in basis points, at most 10,000.
fn target_bps(hired: u64, online: u64) -> Result<u16> {
    if online == 0 {
        return Ok(0);
    }
    // floor: only a class hired out whole counts as full
    let share = hired
        .min(online)
        .checked_mul(BPS)
        .ok_or(MathError::Overflow)?
        .checked_div(online)
        .ok_or(MathError::DivisionByZero)?;
    u16::try_from(share).map_err(|_| MathError::Overflow)
}
