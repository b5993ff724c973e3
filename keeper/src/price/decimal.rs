//! Prices as decimal digits: what a source wrote is what is reckoned with, and nothing is rounded twice.

use std::str::FromStr;

/// Digits that are kept: more than any price means anything with, few enough that a product of two fits.
const KEPT: u32 = 18;
/// Powers of ten beyond this are no price.
const FARTHEST: i32 = 30;

/// `digits * 10^-scale`, above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: u128,
    scale: i32,
}

impl Decimal {
    pub const ONE: Self = Self {
        digits: 1,
        scale: 0,
    };

    /// `self * other` in units of `10^-decimals`, rounded down; `None` where it does not fit.
    pub fn times(self, other: Self, decimals: i32) -> Option<u64> {
        let digits = self.digits.checked_mul(other.digits)?;
        let scale = self.scale.checked_add(other.scale)?;
        let up = decimals.checked_sub(scale)?;
        let power = 10u128.checked_pow(up.unsigned_abs())?;
        let units = match up >= 0 {
            true => digits.checked_mul(power)?,
            false => digits.checked_div(power)?,
        };
        u64::try_from(units).ok()
    }

    /// `self / other` in units of `10^-decimals`, rounded down.
    pub fn over(self, other: Self, decimals: i32) -> Option<u64> {
        let up = decimals.checked_add(other.scale)?.checked_sub(self.scale)?;
        let power = 10u128.checked_pow(up.unsigned_abs())?;
        let units = match up >= 0 {
            true => self.digits.checked_mul(power)?.checked_div(other.digits)?,
            false => self.digits.checked_div(other.digits.checked_mul(power)?)?,
        };
        u64::try_from(units).ok()
    }
}

impl FromStr for Decimal {
    type Err = &'static str;

    /// Plain or with an exponent, as JSON writes numbers; nothing but above zero is a price.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NONE: &str = "it is not a decimal number";
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| NONE)?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = || whole.bytes().chain(part.bytes());
        if digits().count() == 0 || !digits().all(|digit| digit.is_ascii_digit()) {
            return Err(NONE);
        }
        let fraction = i32::try_from(part.len()).map_err(|_| NONE)?;
        let mut number = Self {
            digits: 0,
            scale: fraction.checked_sub(exponent).ok_or(NONE)?,
        };
        let mut kept = 0u32;
        for digit in digits() {
            if kept == KEPT {
                // The rest is cut off: 10^-18 of the price at most.
                number.scale = number.scale.checked_sub(1).ok_or(NONE)?;
                continue;
            }
            kept = kept.saturating_add(u32::from(number.digits > 0 || digit != b'0'));
            let digit = u128::from(digit.saturating_sub(b'0'));
            number.digits = number.digits.saturating_mul(10).saturating_add(digit);
        }
        if number.digits == 0 {
            return Err("it is not above zero");
        }
        if number.scale.abs() > FARTHEST {
            return Err("it is no price: too large or too small");
        }
        Ok(number)
    }
}

/// What a source's number is: dollars for one IO unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Dollars of one.
    usd: Decimal,
    /// The number is how much IO there is for it.
    inverse: bool,
}

impl Default for Unit {
    fn default() -> Self {
        Self {
            usd: Decimal::ONE,
            inverse: false,
        }
    }
}

impl Unit {
    /// A source's number in 10^-10 USD for one IO; `None` where that is no price.
    pub fn price(&self, number: Decimal) -> Option<u64> {
        let decimals = iog_math::quorum::EXPONENT.checked_neg()?;
        let price = match self.inverse {
            false => number.times(self.usd, decimals),
            true => self.usd.over(number, decimals),
        };
        price.filter(|price| (1..=iog_math::quorum::MAX_PRICE).contains(price))
    }
}

impl FromStr for Unit {
    type Err = String;

    /// `usd`; a number, for dollars of one unit (`0.01` for cents); `1/usd` or `1/0.01` for IO for that much.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (inverse, unit) = match text.strip_prefix("1/") {
            Some(unit) => (true, unit),
            None => (false, text),
        };
        let usd = match unit {
            "usd" => Ok(Decimal::ONE),
            number => number.parse(),
        };
        let usd = usd.map_err(|reason| {
            format!("`{text}` is no unit, {reason}; use usd, 0.01 (dollars of one), 1/usd (IO for a dollar)")
        })?;
        Ok(Self { usd, inverse })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(unit: &str, number: &str) -> Option<u64> {
        unit.parse::<Unit>().unwrap().price(number.parse().ok()?)
    }

    #[test]
    fn numbers_become_prices_digit_by_digit() {
        for (unit, number, expected) in [
            ("usd", "0.25", Some(2_500_000_000)),
            ("usd", "0.2512345678", Some(2_512_345_678)),
            // rounded down
            (
                "usd",
                "0.25123456789999999999999999999999",
                Some(2_512_345_678),
            ),
            ("usd", "2.5e-1", Some(2_500_000_000)),
            ("usd", "25E-2", Some(2_500_000_000)),
            ("usd", "1e-10", Some(1)),
            ("usd", "1e-11", None),
            ("usd", "100000", Some(1_000_000_000_000_000)),
            ("usd", "100000.0000000001", None),
            ("usd", "1e20", None),
            ("0.01", "25", Some(2_500_000_000)),
            ("0.000001", "250000", Some(2_500_000_000)),
            ("1/usd", "4", Some(2_500_000_000)),
            ("1/usd", "3", Some(3_333_333_333)),
            ("1/0.01", "0.04", Some(2_500_000_000)),
            ("1/usd", "1e25", None),
        ] {
            assert_eq!(price(unit, number), expected, "{number} {unit}");
        }
    }

    #[test]
    fn what_is_no_number_above_zero_is_refused() {
        for text in [
            "",
            ".",
            "0",
            "0.000",
            "-0.25",
            "+1",
            "NaN",
            "inf",
            "1,5",
            "0x10",
            "1e",
            "1e99",
            "1e-99",
            "1e99999999999",
            " 1",
            "1_000",
            "<html>",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        for unit in ["", "eur", "1/", "1/0", "0", "-1"] {
            assert!(unit.parse::<Unit>().is_err(), "{unit}");
        }
    }

    #[test]
    fn digits_beyond_what_is_kept_change_nothing() {
        let long = format!("0.{}", "3".repeat(400));
        assert_eq!(price("usd", &long), Some(3_333_333_333));
        let whole = format!("{}e-17", "3".repeat(19));
        assert_eq!(price("usd", &whole), Some(333_333_333_333));
        assert_eq!(
            price("usd", &format!("{}0.5", "0".repeat(60))),
            Some(5_000_000_000)
        );
    }
}
