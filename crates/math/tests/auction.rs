//! The auction's offer and what it buys, against exact arithmetic.

mod exact;

use exact::{big, ceil, fits, floor};
use iog_math::{
    auction::{fill, Fill, Terms},
    oracle::PricePoint,
    units::{IO, USD6},
    MathError,
};
use proptest::prelude::*;

/// 5 % below to 2 % above in an hour.
const TERMS: Terms = Terms {
    discount_bps: 500,
    premium_bps: 200,
    length_secs: 3_600,
};

/// 0.25 USD spot, 0.26 on average.
const PRICE: PricePoint = PricePoint {
    price: 25_000_000,
    conf: 1_000_000,
    ema_price: 26_000_000,
    ema_conf: 1_000_000,
    exponent: -8,
};

#[test]
fn the_offer_rises_to_its_premium_and_stays() {
    let at = |secs| TERMS.factor_bps(secs).unwrap();
    assert_eq!([i64::MIN, -1, 0, 5].map(at), [9_500; 4]);
    assert_eq!([6, 1_800, 3_599].map(at), [9_501, 9_850, 10_199]);
    assert_eq!([3_600, 3_601, i64::MAX].map(at), [10_200; 3]);
}

#[test]
fn terms_without_an_offer_or_a_length_are_refused() {
    for terms in [
        Terms {
            discount_bps: 10_000,
            ..TERMS
        },
        Terms {
            length_secs: 0,
            ..TERMS
        },
        Terms {
            length_secs: -1,
            ..TERMS
        },
    ] {
        assert_eq!(terms.validate(), Err(MathError::OutOfRange));
        assert_eq!(terms.factor_bps(1), Err(MathError::OutOfRange));
    }
    let steep = Terms {
        discount_bps: 9_999,
        premium_bps: u64::MAX,
        length_secs: 1,
    };
    assert_eq!(steep.validate(), Ok(()));
    assert_eq!(steep.factor_bps(1), Err(MathError::Overflow));
}

#[test]
fn fills_are_literal() {
    let sell = |factor_bps, io, usdc_left| fill(&PRICE, factor_bps, io, usdc_left).unwrap();
    // 100 IO at 0.25 less 5 %
    let whole = Fill {
        io: 100 * IO,
        usdc: 23_750_000,
    };
    assert_eq!(sell(9_500, 100 * IO, u64::MAX), whole);
    assert_eq!(sell(9_500, 100 * IO, 23_750_000), whole);
    // the treasury has 1 USDC: 4.21052632 IO, rounded up
    let short = Fill {
        io: 421_052_632,
        usdc: USD6,
    };
    assert_eq!(sell(9_500, 100 * IO, USD6), short);
    // a millionth of a dollar is 400 base units; the rest stays with the seller
    let least = Fill { io: 400, usdc: 1 };
    assert_eq!(sell(10_000, 799, u64::MAX), least);
    for (factor_bps, io, usdc_left) in [(10_000, 399, 9), (10_000, 400, 0), (0, 400, 9)] {
        assert_eq!(sell(factor_bps, io, usdc_left), Fill::default());
    }
}

#[test]
fn prices_that_are_none_are_refused() {
    for price in [
        PricePoint { price: 0, ..PRICE },
        PricePoint {
            ema_price: 0,
            ..PRICE
        },
        PricePoint {
            exponent: 1,
            ..PRICE
        },
        PricePoint {
            exponent: -19,
            ..PRICE
        },
    ] {
        assert_eq!(fill(&price, 10_000, IO, USD6), Err(MathError::OutOfRange));
    }
    let huge = PricePoint {
        price: u64::MAX,
        ema_price: u64::MAX,
        ..PRICE
    };
    assert_eq!(
        fill(&huge, 10_000, u64::MAX, USD6),
        Err(MathError::Overflow)
    );
}

/// Numbers of any length.
fn numbers() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0_u32..64).prop_map(|(number, shift)| number >> shift)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn an_offer_is_exact_and_never_falls(
        discount_bps in 0_u64..10_000, premium_bps in 0_u64..=1 << 40, length_secs in 1..=i64::MAX,
        elapsed: i64, later in 0..=i64::MAX,
    ) {
        let terms = Terms { discount_bps, premium_bps, length_secs };
        let running = elapsed.clamp(0, length_secs) as u64;
        let risen = floor(&(big(discount_bps + premium_bps) * running), &big(length_secs as u64));
        let factor = terms.factor_bps(elapsed).unwrap();
        prop_assert_eq!(big(factor), big(10_000 - discount_bps) + risen);
        prop_assert!((10_000 - discount_bps..=10_000 + premium_bps).contains(&factor));
        prop_assert!(terms.factor_bps(elapsed.saturating_add(later)).unwrap() >= factor);
    }

    #[test]
    fn a_fill_is_exact_and_pays_no_more_than_the_offer(
        price in 1..=u64::MAX, ema_price in 1..=u64::MAX, shift in 0_u32..64, exponent in -18_i32..=0,
        factor_bps in prop_oneof![0_u64..20_000, numbers()], io in numbers(), usdc_left in numbers(),
    ) {
        let point = PricePoint {
            price: (price >> shift).max(1), ema_price: (ema_price >> shift).max(1), conf: 0, ema_conf: 0, exponent,
        };
        let offer = big(point.price.min(point.ema_price)) * factor_bps;
        // per base unit of IO: 10^8 of them, 10^6 of USDC, the price's decimals, basis points
        let scale = big(10_u8).pow(2 + exponent.unsigned_abs() + 4);
        let product = &offer * io;
        let filled = fill(&point, factor_bps, io, usdc_left);
        if product.bits() > 128 {
            prop_assert_eq!(filled, Err(MathError::Overflow));
            return Ok(());
        }
        let filled = filled.unwrap();
        let worth = floor(&product, &scale);
        prop_assert_eq!(big(filled.usdc), worth.min(big(usdc_left)));
        if filled.usdc == 0 {
            prop_assert_eq!(filled.io, 0);
            return Ok(());
        }
        let paid = big(filled.usdc) * &scale;
        prop_assert_eq!(Ok(filled.io), fits(ceil(&paid, &offer)));
        prop_assert!(filled.io <= io && filled.usdc <= usdc_left);
        prop_assert!(paid <= &offer * filled.io);
        prop_assert!(paid > &offer * (filled.io - 1), "a unit less would buy it too");
        // What the seller keeps buys nothing more, unless the money is at its end.
        if filled.usdc < usdc_left {
            prop_assert!(&offer * (io - filled.io) < scale);
        }
    }
}
