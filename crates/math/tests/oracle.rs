//! Prices against exact arithmetic, and times.

mod exact;

use exact::{big, ceil, fits};
use iog_math::{
    market::{beats_needed, interval_rent},
    oracle::PricePoint,
    units::whole_periods,
    MathError,
};
use proptest::prelude::*;

prop_compose! {
    fn points()(
        price: u64,
        ema_price: u64,
        conf in 0_u64..=1 << 40,
        ema_conf in 0_u64..=1 << 40,
        exponent in -18_i32..=0,
    ) -> PricePoint {
        PricePoint { price, conf, ema_price, ema_conf, exponent }
    }
}

#[test]
fn a_price_of_nothing_is_refused() {
    let nothing = PricePoint {
        price: 0,
        conf: 0,
        ema_price: 0,
        ema_conf: 0,
        exponent: -8,
    };
    assert_eq!(nothing.io_for_usd6(1), Err(MathError::OutOfRange));
    let unsure = PricePoint {
        price: u64::MAX,
        ema_price: u64::MAX,
        conf: u64::MAX,
        ..nothing
    };
    assert_eq!(unsure.low(), Err(MathError::OutOfRange));
}

#[test]
fn an_hour_of_six_beats_needs_five() {
    let needed = [0, 1, 5, 6, 11, 12, 18, u32::MAX].map(beats_needed);
    assert_eq!(needed, [0, 1, 5, 5, 10, 10, 15, 3_579_139_413]);
}

#[test]
fn times_are_not_negative() {
    assert_eq!(whole_periods(-1, 60), Err(MathError::OutOfRange));
    assert_eq!(whole_periods(1, -60), Err(MathError::OutOfRange));
    assert_eq!(whole_periods(1, 0), Err(MathError::DivisionByZero));
    assert_eq!(interval_rent(760_000, -1), Err(MathError::OutOfRange));
    assert_eq!(interval_rent(760_000, 3_600), Ok(760_000));
    assert_eq!(interval_rent(760_000, 3_599), Ok(747_333));
}

proptest! {
    #[test]
    fn a_payment_is_exact_and_at_the_low_price(point in points(), usd6 in 0_u64..=1 << 50) {
        let margin = u128::from(point.conf.max(point.ema_conf)) * 2;
        let best = u128::from(point.price.min(point.ema_price));
        prop_assume!(best > margin);
        prop_assert_eq!(u128::from(point.low().unwrap()), best - margin);
        let decimals = point.exponent.unsigned_abs();
        let product = big(usd6) * 100_u8 * big(10_u8).pow(decimals);
        prop_assert_eq!(point.io_for_usd6(usd6), fits(ceil(&product, &big(best - margin))));
    }

    #[test]
    fn periods_and_rents_are_exact(rate: u64, secs in 0..=i64::MAX, period in 1..=i64::MAX) {
        prop_assert_eq!(whole_periods(secs, period), Ok((secs / period) as u64));
        let minutes = secs as u64 / 60;
        prop_assert_eq!(interval_rent(rate, secs), fits(big(rate) * minutes / 60_u8));
    }
}
