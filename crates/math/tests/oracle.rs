//! Prices against exact arithmetic, and times.

mod exact;

use exact::{big, ceil, fits, floor};
use iog_math::{
    oracle::{Burn, PricePoint},
    units::{whole_periods, IO},
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

/// At the lower price, with no bound of a day's.
fn burn(point: PricePoint, io: u64) -> Result<Burn, MathError> {
    point.burn_for_iosd(io, point.low()?)
}

/// redteam: M7a
#[test]
fn a_bound_in_another_precision_is_literal() {
    // 0.25 USD in 10^-8; 0.24 and 0.24999999 USD in 10^-12
    let point = PricePoint {
        price: 25_000_000,
        conf: 0,
        ema_price: 26_000_000,
        ema_conf: 0,
        exponent: -8,
    };
    assert_eq!(point.average_usd12(), Ok(260_000_000_000));
    assert_eq!(point.low_at_most(240_000_000_000), Ok(24_000_000));
    assert_eq!(point.low_at_most(249_999_999_999), Ok(24_999_999));
    assert_eq!(point.low_at_most(u64::MAX), Ok(25_000_000));
    assert_eq!(point.low_at_most(9_999), Err(MathError::OutOfRange));
    for exponent in [1, -13] {
        let odd = PricePoint { exponent, ..point };
        assert_eq!(odd.average_usd12(), Err(MathError::OutOfRange));
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
    assert_eq!(
        burn(unsure, 1).map(|burn| burn.iosd),
        Err(MathError::OutOfRange)
    );
    assert_eq!(burn(unsure, 1), Err(MathError::OutOfRange));
    assert_eq!(unsure.reference(), Ok(u64::MAX));
    for price in [(0, 1), (1, 0), (0, 0)] {
        let (price, ema_price) = price;
        let none = PricePoint {
            price,
            ema_price,
            ..nothing
        };
        assert_eq!(none.reference(), Err(MathError::OutOfRange));
    }
}

#[test]
fn burns_are_literal() {
    // 0.25 USD less twice half a cent: 0.24
    let point = PricePoint {
        price: 25_000_000,
        conf: 500_000,
        ema_price: 26_000_000,
        ema_conf: 100_000,
        exponent: -8,
    };
    assert_eq!(point.reference(), Ok(25_000_000));
    assert_eq!(burn(point, IO).map(|burn| burn.iosd), Ok(240_000));
    let whole = Burn {
        io: 100 * IO,
        iosd: 24_000_000,
    };
    assert_eq!(burn(point, 100 * IO), Ok(whole));
    // a millionth of a dollar is 416.67 base units; 417 of 833 burn, 416 stay
    assert_eq!(burn(point, 833), Ok(Burn { io: 417, iosd: 1 }));
    assert_eq!(burn(point, 834), Ok(Burn { io: 834, iosd: 2 }));
    assert_eq!(burn(point, 416), Ok(Burn::default()));
    assert_eq!(burn(point, 0), Ok(Burn::default()));
    for exponent in [1, -19, i32::MIN] {
        let odd = PricePoint { exponent, ..point };
        assert_eq!(
            burn(odd, IO).map(|burn| burn.iosd),
            Err(MathError::OutOfRange)
        );
        assert_eq!(burn(odd, IO), Err(MathError::OutOfRange));
    }
    let dear = PricePoint {
        exponent: 0,
        ..point
    };
    assert_eq!(burn(dear, u64::MAX), Err(MathError::Overflow));
}

#[test]
fn credit_pays_at_the_high_price() {
    // 0.26 USD and twice half a cent: 0.27
    let point = PricePoint {
        price: 25_000_000,
        conf: 500_000,
        ema_price: 26_000_000,
        ema_conf: 100_000,
        exponent: -8,
    };
    assert_eq!(point.high(), Ok(27_000_000));
    assert_eq!(point.io_for_credit(270_000), Ok(IO));
    assert_eq!(point.io_for_credit(1), Ok(370)); // 370.37
    assert_eq!(point.io_for_credit(0), Ok(0));
    assert_eq!(point.usd6_at_high(IO), Ok(270_000));
    assert_eq!(point.usd6_at_high(371), Ok(2)); // 1.0017
    assert_eq!(point.usd6_at_high(370), Ok(1)); // 0.999
    assert_eq!(point.usd6_at_high(0), Ok(0));
    // At the low price, 0.24, the same dollars are more.
    assert_eq!(point.io_for_usd6(270_000), Ok(112_500_000));
    // However unsure, there is a price to pay at; there is none where there is no price.
    let unsure = PricePoint {
        ema_conf: 50_000_000,
        ..point
    };
    assert_eq!(unsure.low(), Err(MathError::OutOfRange));
    assert_eq!(unsure.high(), Ok(126_000_000));
    for (price, ema_price) in [(0, 1), (1, 0), (0, 0)] {
        let none = PricePoint {
            price,
            ema_price,
            ..point
        };
        assert_eq!(none.high(), Err(MathError::OutOfRange));
        assert_eq!(none.io_for_credit(1), Err(MathError::OutOfRange));
        assert_eq!(none.usd6_at_high(1), Err(MathError::OutOfRange));
    }
    for (price, conf) in [(u64::MAX, 1), (1, u64::MAX), (2, u64::MAX / 2)] {
        let absurd = PricePoint {
            price,
            conf,
            ..point
        };
        assert_eq!(absurd.high(), Err(MathError::Overflow));
    }
    for exponent in [1, -19, i32::MIN] {
        let odd = PricePoint { exponent, ..point };
        assert_eq!(odd.io_for_credit(1), Err(MathError::OutOfRange));
        assert_eq!(odd.usd6_at_high(1), Err(MathError::OutOfRange));
    }
    let cheap = PricePoint {
        price: 1,
        conf: 0,
        ema_price: 1,
        ema_conf: 0,
        exponent: -18,
    };
    assert_eq!(cheap.io_for_credit(1), Err(MathError::Overflow));
}

#[test]
fn times_are_not_negative() {
    assert_eq!(whole_periods(-1, 60), Err(MathError::OutOfRange));
    assert_eq!(whole_periods(1, -60), Err(MathError::OutOfRange));
    assert_eq!(whole_periods(1, 0), Err(MathError::DivisionByZero));
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
    fn credit_is_exact_and_pays_no_more_than_a_payer_gives(
        point in points(), shift in 0_u32..40, usd6 in 0_u64..=1 << 50,
    ) {
        let point = PricePoint {
            price: (point.price >> shift).max(1),
            ema_price: (point.ema_price >> shift).max(1),
            ..point
        };
        let margin = u128::from(point.conf.max(point.ema_conf)) * 2;
        let high = big(u128::from(point.price.max(point.ema_price)) + margin);
        prop_assert_eq!(point.high(), fits(high.clone()));
        prop_assume!(point.high().is_ok());
        let product = big(usd6) * 100_u8 * big(10_u8).pow(point.exponent.unsigned_abs());
        prop_assert_eq!(point.io_for_credit(usd6), fits(floor(&product, &high)));
        if let (Ok(paid), Ok(given)) = (point.io_for_credit(usd6), point.io_for_usd6(usd6)) {
            prop_assert!(paid <= given);
        }
    }

    #[test]
    fn the_value_of_io_is_exact_at_the_high_price(point in points(), shift in 0_u32..40, io: u64) {
        let point = PricePoint {
            price: (point.price >> shift).max(1),
            ema_price: (point.ema_price >> shift).max(1),
            ..point
        };
        prop_assume!(point.high().is_ok());
        let margin = u128::from(point.conf.max(point.ema_conf)) * 2;
        let product = big(u128::from(point.price.max(point.ema_price)) + margin) * io;
        let scale = big(100_u8) * big(10_u8).pow(point.exponent.unsigned_abs());
        let value = point.usd6_at_high(io);
        prop_assert_eq!(value, fits(ceil(&product, &scale)));
        // The units that a limit leaves room for are those that the limit's dollars buy.
        if let Some(Ok(units)) = value.ok().map(|usd6| point.io_for_credit(usd6)) {
            prop_assert!(units >= io);
        }
    }

    #[test]
    fn a_burn_is_exact_and_leaves_the_dust(
        point in points(), shift in 0_u32..64, offered: u64, offered_shift in 0_u32..64,
    ) {
        let point = PricePoint { price: point.price >> shift, ema_price: point.ema_price >> shift, ..point };
        let Ok(low) = point.low() else {
            prop_assert_eq!(burn(point, offered), Err(MathError::OutOfRange));
            return Ok(());
        };
        let offered = offered >> offered_shift;
        let scale = big(100_u8) * big(10_u8).pow(point.exponent.unsigned_abs());
        let iosd = fits(floor(&(big(offered) * low), &scale));
        prop_assert_eq!(burn(point, offered).map(|burn| burn.iosd), iosd);
        let burned = burn(point, offered);
        prop_assert_eq!(burned.map(|burn| burn.iosd), iosd);
        let Ok(burned) = burned else {
            return Ok(());
        };
        prop_assert_eq!(Ok(burned.io), fits(ceil(&(big(burned.iosd) * &scale), &big(low))));
        prop_assert!(burned.io <= offered);
        // What stays makes no further unit, what burns makes as much as all of it, and a unit less would not.
        prop_assert!(big(offered - burned.io) * low < scale);
        prop_assert_eq!(burn(point, burned.io).map(|burn| burn.iosd), Ok(burned.iosd));
        if let Some(less) = burned.io.checked_sub(1) {
            prop_assert!(burn(point, less).unwrap().iosd < burned.iosd);
        }
        prop_assert_eq!(point.reference(), Ok(point.price.min(point.ema_price)));
    }

    /// redteam M7a: bound and average are in 10^-12 USD whatever the precision of the source, both rounded down.
    #[test]
    fn a_bound_is_exact_in_every_precision(point in points(), shift in 0_u32..64, most: u64, most_shift in 0_u32..64) {
        let point = PricePoint { price: point.price >> shift, ema_price: point.ema_price >> shift, ..point };
        let most = most >> most_shift;
        let (average, bounded) = (point.average_usd12(), point.low_at_most(most));
        if point.exponent < -12 {
            prop_assert_eq!(average, Err(MathError::OutOfRange));
            prop_assert_eq!(bounded, Err(MathError::OutOfRange));
            return Ok(());
        }
        let unit = big(10_u8).pow((point.exponent + 12).unsigned_abs());
        prop_assert_eq!(average, fits(big(point.ema_price) * &unit));
        let most = fits(floor(&big(most), &unit)).unwrap();
        match point.low() {
            Ok(low) if most > 0 => prop_assert_eq!(bounded, Ok(low.min(most))),
            _ => prop_assert_eq!(bounded, Err(MathError::OutOfRange)),
        }
    }

    #[test]
    fn periods_are_exact(secs in 0..=i64::MAX, period in 1..=i64::MAX) {
        prop_assert_eq!(whole_periods(secs, period), Ok((secs / period) as u64));
    }
}
