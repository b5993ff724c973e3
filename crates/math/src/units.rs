//! Units, amounts and the four divisions everything else is built from.

use crate::{MathError, Result};
use core::{fmt, str::FromStr};

/// Base units of one IO (8 decimals).
pub const IO: u64 = 100_000_000;
/// Base units of one US dollar, and of one IOSD or USDC (6 decimals).
pub const USD6: u64 = 1_000_000;
/// Basis points of a whole.
pub const BPS: u64 = 10_000;
/// Seconds of an hour.
pub const HOUR: i64 = 3_600;
/// Hard cap of the supply: 800,000,000 IO.
pub const CAP_IO: u64 = 80_000_000_000_000_000;
/// Supply at genesis: 500,000,000 IO.
pub const GENESIS_IO: u64 = 50_000_000_000_000_000;
/// All that the hourly emission ever mints: 300,000,000 IO.
pub const EMISSION_IO: u64 = 30_000_000_000_000_000;

/// Whole `period`s in `secs`, rounded down. Neither may be negative.
///
/// Times are divided here and nowhere else: SBPF v3 divides unsigned numbers only, a signed division is a call.
///
/// # Errors
/// [`MathError::OutOfRange`] for a negative number, [`MathError::DivisionByZero`] for an empty period.
pub fn whole_periods(secs: i64, period: i64) -> Result<u64> {
    let secs = u64::try_from(secs).map_err(|_| MathError::OutOfRange)?;
    let period = u64::try_from(period).map_err(|_| MathError::OutOfRange)?;
    // floor: a period counts when it is over
    secs.checked_div(period).ok_or(MathError::DivisionByZero)
}

/// `a * b / c`, rounded down.
pub fn mul_div_floor(a: u64, b: u64, c: u64) -> Result<u64> {
    // Two u64 factors cannot overflow u128; checked all the same, so that no reader has to believe it.
    let product = u128::from(a)
        .checked_mul(u128::from(b))
        .ok_or(MathError::Overflow)?;
    // floor
    let quotient = product
        .checked_div(u128::from(c))
        .ok_or(MathError::DivisionByZero)?;
    narrow(quotient)
}

/// `a * b / c`, rounded up.
pub fn mul_div_ceil(a: u64, b: u64, c: u64) -> Result<u64> {
    let product = u128::from(a)
        .checked_mul(u128::from(b))
        .ok_or(MathError::Overflow)?;
    narrow(div_ceil(product, u128::from(c))?)
}

/// A share of `amount` in basis points, rounded down: what somebody is paid.
pub fn bps_floor(amount: u64, bps: u16) -> Result<u64> {
    mul_div_floor(amount, u64::from(bps), BPS)
}

/// A share of `amount` in basis points, rounded up: what somebody owes.
pub fn bps_ceil(amount: u64, bps: u16) -> Result<u64> {
    mul_div_ceil(amount, u64::from(bps), BPS)
}

/// `a / b`, rounded up, without forming `a + b - 1`.
pub(crate) fn div_ceil(a: u128, b: u128) -> Result<u128> {
    // floor, then one more when something is left
    if let Some((a, b)) = u64::try_from(a).ok().zip(u64::try_from(b).ok()) {
        // A division of 128 bits costs programs ten times as much.
        let quotient = a.checked_div(b).ok_or(MathError::DivisionByZero)?;
        let rest = a.checked_rem(b).ok_or(MathError::DivisionByZero)?;
        return Ok(u128::from(quotient).saturating_add(u128::from(rest != 0)));
    }
    let quotient = a.checked_div(b).ok_or(MathError::DivisionByZero)?;
    let divided = quotient.checked_mul(b).ok_or(MathError::Overflow)?;
    quotient
        .checked_add(u128::from(divided != a))
        .ok_or(MathError::Overflow)
}

/// Refuses what does not fit 64 bits.
pub(crate) fn narrow(value: u128) -> Result<u64> {
    u64::try_from(value).map_err(|_| MathError::Overflow)
}

/// Refuses a share above one whole.
pub(crate) fn share(bps: u16) -> Result<u16> {
    if u64::from(bps) > BPS {
        return Err(MathError::OutOfRange);
    }
    Ok(bps)
}

macro_rules! amount {
    ($(#[$doc:meta])* $name:ident, $decimals:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// Decimals of the unit.
            pub const DECIMALS: u32 = $decimals;
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// The sum, or [`MathError::Overflow`].
            pub fn checked_add(self, other: Self) -> Result<Self> {
                self.0.checked_add(other.0).map(Self).ok_or(MathError::Overflow)
            }

            /// The difference, or [`MathError::Overflow`] when `other` is larger.
            pub fn checked_sub(self, other: Self) -> Result<Self> {
                self.0.checked_sub(other.0).map(Self).ok_or(MathError::Overflow)
            }

            /// Reads a decimal amount such as `12.5`: digits, optionally a point and at most the unit's number of
            /// decimals. [`MathError::OutOfRange`] for anything else, [`MathError::Overflow`] when it is too large.
            pub fn parse(text: &str) -> Result<Self> {
                parse_decimal(text, $decimals).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt_decimal(self.0, $decimals, f)
            }
        }

        impl FromStr for $name {
            type Err = MathError;

            fn from_str(text: &str) -> Result<Self> {
                Self::parse(text)
            }
        }
    };
}

amount!(
    /// An amount of IO in base units.
    Io,
    8
);
amount!(
    /// An amount of IOSD in base units.
    Iosd,
    6
);
amount!(
    /// An amount of US dollars, or of USDC, in millionths.
    Usd6,
    6
);

/// Digits of the largest `u64`, the point, and the zero before it.
const TEXT_LEN: usize = 22;

/// Writes `value / 10^decimals` exactly, without trailing zeros after the point.
fn fmt_decimal(value: u64, decimals: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0_u8; TEXT_LEN];
    let mut left = TEXT_LEN;
    let mut rest = value;
    let mut place = 0_u32;
    let mut significant = false;
    while rest > 0 || place <= decimals {
        if place == decimals && significant {
            left = put(&mut text, left, b'.')?;
        }
        let digit = u8::try_from(rest.checked_rem(10).unwrap_or(0)).map_err(|_| fmt::Error)?;
        // floor: the digit just taken off
        rest = rest.checked_div(10).unwrap_or(0);
        significant |= digit != 0;
        if significant || place >= decimals {
            left = put(&mut text, left, b'0'.checked_add(digit).ok_or(fmt::Error)?)?;
        }
        place = place.checked_add(1).ok_or(fmt::Error)?;
    }
    let digits = text.get(left..).ok_or(fmt::Error)?;
    let digits = core::str::from_utf8(digits).map_err(|_| fmt::Error)?;
    // `pad` reads a precision as a length to cut to, which would drop digits of money.
    if f.precision().is_some() {
        return f.write_str(digits);
    }
    f.pad(digits)
}

fn put(
    text: &mut [u8; TEXT_LEN],
    left: usize,
    byte: u8,
) -> core::result::Result<usize, fmt::Error> {
    let left = left.checked_sub(1).ok_or(fmt::Error)?;
    *text.get_mut(left).ok_or(fmt::Error)? = byte;
    Ok(left)
}

fn parse_decimal(text: &str, decimals: u32) -> Result<u64> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(MathError::OutOfRange),
        None => (text, ""),
    };
    let given = u32::try_from(fraction.len()).map_err(|_| MathError::OutOfRange)?;
    let missing = decimals.checked_sub(given).ok_or(MathError::OutOfRange)?;
    if whole.is_empty() {
        return Err(MathError::OutOfRange);
    }
    // All characters first: `99999999999999999999x` is not an amount that is too large, it is no amount.
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit())
    {
        return Err(MathError::OutOfRange);
    }
    let mut value = 0_u64;
    for byte in whole.bytes().chain(fraction.bytes()) {
        let digit = byte.checked_sub(b'0').ok_or(MathError::OutOfRange)?;
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(u64::from(digit)))
            .ok_or(MathError::Overflow)?;
    }
    let scale = 10_u64.checked_pow(missing).ok_or(MathError::Overflow)?;
    value.checked_mul(scale).ok_or(MathError::Overflow)
}
