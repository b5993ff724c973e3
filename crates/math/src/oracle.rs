//! From an oracle's price to amounts, always against whoever pays.

use crate::{
    units::{div_ceil, narrow},
    MathError, Result,
};

/// A published price with its uncertainty: `price * 10^exponent` USD for one whole IO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// Spot price.
    pub price: u64,
    /// Half-width of the spot price's confidence interval.
    pub conf: u64,
    /// Exponentially weighted average price.
    pub ema_price: u64,
    /// Half-width of the average's confidence interval.
    pub ema_conf: u64,
    /// Power of ten of all four, not positive.
    pub exponent: i32,
}

impl PricePoint {
    /// The price least favourable to whoever pays in IO: `min(spot, ema) - 2 * conf`, with the wider of the intervals.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] when the uncertainty is as large as the price.
    pub fn low(&self) -> Result<u64> {
        self.conf
            .max(self.ema_conf)
            .checked_mul(2)
            .and_then(|margin| self.price.min(self.ema_price).checked_sub(margin))
            .filter(|low| *low > 0)
            .ok_or(MathError::OutOfRange)
    }

    /// The price least favourable to whoever is paid in IO: `max(spot, ema) + 2 * conf`, with the wider of the intervals.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a price of 0, [`MathError::Overflow`] beyond 64 bits.
    pub fn high(&self) -> Result<u64> {
        if self.price == 0 || self.ema_price == 0 {
            return Err(MathError::OutOfRange);
        }
        self.conf
            .max(self.ema_conf)
            .checked_mul(2)
            .and_then(|margin| self.price.max(self.ema_price).checked_add(margin))
            .ok_or(MathError::Overflow)
    }

    /// The price without the uncertainty taken off, `min(spot, ema)`: what an auction starts from, whose bids find the rest.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] when either price is 0.
    pub fn reference(&self) -> Result<u64> {
        let reference = self.price.min(self.ema_price);
        if reference == 0 {
            return Err(MathError::OutOfRange);
        }
        Ok(reference)
    }

    /// The average price in 10^-12 USD for one IO, the unit in which prices of different sources are compared; rounded down.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for an exponent above 0 or below -12, [`MathError::Overflow`] beyond 64 bits.
    pub fn average_usd12(&self) -> Result<u64> {
        self.ema_price
            .checked_mul(self.usd12_in_a_unit()?)
            .ok_or(MathError::Overflow)
    }

    /// How many 10^-12 USD a unit of the price is.
    fn usd12_in_a_unit(&self) -> Result<u64> {
        self.exponent
            .checked_add(12)
            .and_then(|power| u32::try_from(power).ok())
            .filter(|power| *power <= 12)
            .and_then(|power| 10u64.checked_pow(power))
            .ok_or(MathError::OutOfRange)
    }

    /// The IO base units that pay `usd6` millionths of a dollar at [`Self::low`], rounded up.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for an exponent above 0 or below -18.
    pub fn io_for_usd6(&self, usd6: u64) -> Result<u64> {
        self.io_at(usd6, self.low()?)
    }

    fn io_at(&self, usd6: u64, price: u64) -> Result<u64> {
        let scaled = u128::from(usd6)
            .checked_mul(self.scale()?)
            .ok_or(MathError::Overflow)?;
        // ceil: the payer pays
        narrow(div_ceil(scaled, u128::from(price))?)
    }

    /// The IO base units that pay a supplier `usd6` millionths of a dollar of credit at [`Self::high`], rounded down.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a price of 0 or an exponent above 0 or below -18, [`MathError::Overflow`] beyond 64 bits of IO.
    pub fn io_for_credit(&self, usd6: u64) -> Result<u64> {
        let scaled = u128::from(usd6)
            .checked_mul(self.scale()?)
            .ok_or(MathError::Overflow)?;
        // floor: the supplier is paid
        let io = scaled
            .checked_div(u128::from(self.high()?))
            .ok_or(MathError::DivisionByZero)?;
        narrow(io)
    }

    /// The millionths of a dollar that `io` base units are worth at [`Self::high`], rounded up: what they count for against a
    /// limit in dollars of what somebody is paid.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a price of 0 or an exponent above 0 or below -18, [`MathError::Overflow`] beyond 64 bits.
    pub fn usd6_at_high(&self, io: u64) -> Result<u64> {
        let product = u128::from(io)
            .checked_mul(u128::from(self.high()?))
            .ok_or(MathError::Overflow)?;
        // ceil: whoever is paid has the limit used up
        narrow(div_ceil(product, self.scale()?)?)
    }

    /// The price that IOSD is made at: [`Self::low`], and no more than `most_usd12` (10^-12 USD for one IO).
    ///
    /// # Errors
    /// As [`Self::low`], and [`MathError::OutOfRange`] where `most_usd12` is below one unit of the price.
    pub fn low_at_most(&self, most_usd12: u64) -> Result<u64> {
        // floor: the owner of the IO is paid
        let most = most_usd12
            .checked_div(self.usd12_in_a_unit()?)
            .filter(|most| *most > 0)
            .ok_or(MathError::OutOfRange)?;
        Ok(self.low()?.min(most))
    }

    /// Burns at most `io` base units for as much IOSD as they make at `price`: what is too little for a further unit of IOSD stays with its
    /// owner. Both parts are 0 when nothing comes out; IOSD counts as one dollar.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for an exponent above 0 or below -18, [`MathError::Overflow`] beyond 64 bits of IOSD.
    pub fn burn_for_iosd(&self, io: u64, price: u64) -> Result<Burn> {
        let product = u128::from(io)
            .checked_mul(u128::from(price))
            .ok_or(MathError::Overflow)?;
        // floor: the owner of the IO is paid
        let iosd = product
            .checked_div(self.scale()?)
            .ok_or(MathError::DivisionByZero)?;
        let iosd = narrow(iosd)?;
        // `iosd * scale <= io * price`: the least amount is at most what was offered, and its product fits.
        let io = self.io_at(iosd, price)?;
        Ok(Burn { io, iosd })
    }

    /// Units of the price times base units of IO in a millionth of a dollar: `10^-exponent * 10^8 / 10^6`.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for an exponent above 0 or below -18.
    pub(crate) fn scale(&self) -> Result<u128> {
        0i32.checked_sub(self.exponent)
            .and_then(|decimals| u32::try_from(decimals).ok())
            .filter(|decimals| *decimals <= 18)
            .and_then(|decimals| 10u128.checked_pow(decimals))
            .and_then(|scale| scale.checked_mul(100))
            .ok_or(MathError::OutOfRange)
    }
}

/// IO to burn and the IOSD that it makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Burn {
    /// Base units of IO (8 decimals), the least that make `iosd`.
    pub io: u64,
    /// Base units of IOSD (6 decimals).
    pub iosd: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: PricePoint = PricePoint {
        price: 25_000_000,
        conf: 0,
        ema_price: 26_000_000,
        ema_conf: 0,
        exponent: -8,
    };

    #[test]
    fn converts_at_the_lower_price_and_rounds_up() {
        // 0.76 USD at 0.25 USD per IO: 3.04 IO
        assert_eq!(PRICE.io_for_usd6(760_000), Ok(304_000_000));
        // a third of a cent does not come out even
        let odd = PricePoint {
            price: 30_000_000,
            ema_price: 30_000_000,
            ..PRICE
        };
        assert_eq!(odd.io_for_usd6(1), Ok(334));
        assert_eq!(odd.io_for_usd6(0), Ok(0));
    }

    #[test]
    fn takes_twice_the_wider_interval_off() {
        let wide = PricePoint {
            conf: 100_000,
            ema_conf: 250_000,
            ..PRICE
        };
        assert_eq!(wide.low(), Ok(24_500_000));
        let unknown = PricePoint {
            conf: 12_500_000,
            ..PRICE
        };
        assert_eq!(unknown.low(), Err(MathError::OutOfRange));
    }

    #[test]
    fn refuses_exponents_that_are_not_prices() {
        for exponent in [1, -19, i32::MIN, i32::MAX] {
            let odd = PricePoint { exponent, ..PRICE };
            assert_eq!(odd.io_for_usd6(1), Err(MathError::OutOfRange));
        }
        let fine = PricePoint {
            price: 25,
            ema_price: 26,
            exponent: -2,
            ..PRICE
        };
        assert_eq!(fine.io_for_usd6(760_000), Ok(304_000_000));
    }
}
