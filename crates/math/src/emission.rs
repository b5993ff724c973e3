//! The hourly emission: 300,000,000 IO over 175,319 hours, each hour a little less than the one before.
//!
//! `E_1 = 500 M * 8 % / 8760` and `E_T = E_1 * r^(T-1)` with `r = 1 - 1.3886952395979300e-5`: 1.01 % less a month of
//! 730.5 hours and 11.5 % a year (announced as 1.02 % and about 12 %; the long decimal decides).
//!
//! Rounded down hour by hour the schedule sums to 299,999,999.99956402 IO: the cap cuts no hour, and the last hour pays
//! the 43,598 base units (0.00043598 IO) that the roundings left.

use crate::{
    units::{narrow, whole_periods, EMISSION_IO, HOUR},
    MathError, Result,
};

/// Hours that the emission runs, as announced; 20 years of 365.25 days would be one more.
pub const HOURS: u32 = 175_319;

/// `500 M IO * 8 %` in base units: what the first hour's rate would mint in a year.
const FIRST_YEAR: u128 = 4_000_000_000_000_000;
/// Hours of the year that [`FIRST_YEAR`] is spread over.
const YEAR_HOURS: u128 = 8_760;

/// `r^(2^k)` for k = 0..=17 in Q0.64, rounded down, `r = 1 - 138869523959793 / 10^19`.
///
/// 18 factors reach every exponent below 2^18 = 262,144. Each product loses less than 2^-63 of the amount, so the 18
/// of them less than 10^-6 base units in all; `tests/emission.rs` compares all hours with exact ones.
const POWERS_X64: [u64; 18] = [
    0xffff_1703_fe5d_c27e,
    0xfffe_2e08_d0c5_4005,
    0xfffc_5c14_f1ae_684a,
    0xfff8_b837_23d4_528e,
    0xfff1_70a3_48c5_b739,
    0xffe2_e21a_8ff8_2f1a,
    0xffc5_c784_e969_88fd,
    0xff8b_9c47_770f_6339,
    0xff17_6d79_7433_1f71,
    0xfe2f_ae3c_d021_6065,
    0xfc62_a6a2_1ded_60ea,
    0xf8d2_5e13_2b80_e605,
    0xf1d8_4323_9e4f_3287,
    0xe478_e51a_6dc7_ec99,
    0xcbe7_912e_a95b_5401,
    0xa269_11b7_5522_5e66,
    0x6709_258b_915d_3245,
    0x2978_5c89_f84a_db1d,
];

/// Base units of IO that the schedule gives hour `hour`, counted from 1; 0 after the last hour.
///
/// # Errors
/// [`MathError::OutOfRange`] for hour 0.
pub fn amount(hour: u32) -> Result<u64> {
    let mut exponent = hour.checked_sub(1).ok_or(MathError::OutOfRange)?;
    if hour > HOURS {
        return Ok(0);
    }
    // One, less 2^-64: Q0.64 has no one, and the difference is 10^-7 base units.
    let mut power_x64 = u128::from(u64::MAX);
    for factor in POWERS_X64 {
        if exponent & 1 == 1 {
            let product = power_x64
                .checked_mul(u128::from(factor))
                .ok_or(MathError::Overflow)?;
            // floor
            power_x64 = product >> 64;
        }
        exponent >>= 1;
    }
    let product = power_x64
        .checked_mul(FIRST_YEAR)
        .ok_or(MathError::Overflow)?;
    // floor, once for the hours of the year and the scale together
    let quotient = product
        .checked_div(YEAR_HOURS << 64)
        .ok_or(MathError::DivisionByZero)?;
    narrow(quotient)
}

/// Base units that hour `hour` really emits when `emitted_so_far` were scheduled before it.
///
/// The scheduled amount, never more than what is left of [`EMISSION_IO`]; the last hour pays all that is left.
///
/// # Errors
/// [`MathError::OutOfRange`] for hour 0, or when more than [`EMISSION_IO`] is said to be emitted.
pub fn payable(hour: u32, emitted_so_far: u64) -> Result<u64> {
    let scheduled = amount(hour)?;
    let left = EMISSION_IO
        .checked_sub(emitted_so_far)
        .ok_or(MathError::OutOfRange)?;
    if hour == HOURS {
        return Ok(left);
    }
    Ok(scheduled.min(left))
}

/// What bounds the carry that hour `hour` may share beside its own emission `paid`: as much again. After the schedule, when hours
/// emit nothing, the amount of the last full hour, so that what is carried flows on until it is gone.
///
/// # Errors
/// As [`amount`].
pub fn carry_limit(hour: u32, paid: u64) -> Result<u64> {
    if hour > HOURS {
        return amount(HOURS.saturating_sub(1));
    }
    Ok(paid)
}

/// The hour that `now` lies in, counted from 1; numbers above [`HOURS`] follow the last.
///
/// # Errors
/// [`MathError::OutOfRange`] before genesis, or beyond `u32` hours.
pub fn hour_at(genesis_ts: i64, now: i64) -> Result<u32> {
    let elapsed = now.checked_sub(genesis_ts).ok_or(MathError::OutOfRange)?;
    if elapsed < 0 {
        return Err(MathError::OutOfRange);
    }
    // floor: an hour begins at its first second
    let full = whole_periods(elapsed, HOUR)?;
    u32::try_from(full)
        .ok()
        .and_then(|hours| hours.checked_add(1))
        .ok_or(MathError::OutOfRange)
}

/// The first second of hour `hour`, counted from 1.
///
/// # Errors
/// [`MathError::OutOfRange`] for hour 0.
pub fn hour_start(genesis_ts: i64, hour: u32) -> Result<i64> {
    let full = hour.checked_sub(1).ok_or(MathError::OutOfRange)?;
    i64::from(full)
        .checked_mul(HOUR)
        .and_then(|offset| genesis_ts.checked_add(offset))
        .ok_or(MathError::Overflow)
}

/// Base units minted up to and with hour `hour` when no hour is missed: 0 for hour 0, all of it from [`HOURS`] on.
///
/// Sums hour by hour, for tables and checks off chain.
pub fn cumulative(hour: u32) -> Result<u64> {
    let mut minted = 0_u64;
    for hour in 1..=hour.min(HOURS) {
        minted = minted
            .checked_add(payable(hour, minted)?)
            .ok_or(MathError::Overflow)?;
    }
    Ok(minted)
}

/// Hours of the schedule after hour `hour`; all of them after hour 0.
#[must_use]
pub const fn remaining_hours(hour: u32) -> u32 {
    HOURS.saturating_sub(hour)
}

/// One hour of the whole schedule, as minted when no hour is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledHour {
    /// The hour, counted from 1.
    pub hour: u32,
    /// Base units that the hour mints.
    pub amount: u64,
    /// Base units minted up to and with the hour.
    pub cumulative: u64,
}

/// Iterator over the schedule; see [`schedule`].
#[derive(Clone, Debug)]
pub struct Schedule {
    hour: u32,
    cumulative: u64,
}

/// All hours in order with their sum, for tables and tests off chain.
#[must_use]
pub const fn schedule() -> Schedule {
    Schedule {
        hour: 0,
        cumulative: 0,
    }
}

impl Iterator for Schedule {
    type Item = ScheduledHour;

    fn next(&mut self) -> Option<ScheduledHour> {
        if self.hour >= HOURS {
            return None;
        }
        let hour = self.hour.checked_add(1)?;
        let amount = payable(hour, self.cumulative).ok()?;
        let cumulative = self.cumulative.checked_add(amount)?;
        *self = Self { hour, cumulative };
        Some(ScheduledHour {
            hour,
            amount,
            cumulative,
        })
    }
}
