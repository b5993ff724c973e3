//! Quotes, orders, payouts and early ends.

mod exact;

use exact::{big, ceil, fits};
use iog_math::{
    market::{early_end, order_cost, payout, EarlyEnd, OrderCost},
    pricing::{hourly_quote, utilisation_factor_x1e8, QuoteInput},
    units::HOUR,
    MathError,
};
use proptest::prelude::*;

const A100: QuoteInput = QuoteInput {
    base_usd6: 760_000,
    utilisation_bps: 5_000,
    kink_bps: 8_000,
    slope1_bps: 0,
    slope2_bps: 20_000,
    tier_bps: 10_000,
    location_bps: 10_000,
    peak_bps: 10_000,
    commitment_bps: 10_000,
};

#[test]
fn the_curve_is_flat_to_the_kink_and_then_rises() {
    let quote = |utilisation_bps| {
        hourly_quote(QuoteInput {
            utilisation_bps,
            ..A100
        })
    };
    assert_eq!(quote(0), Ok(760_000)); // 0.76 USD
    assert_eq!(quote(8_000), Ok(760_000));
    assert_eq!(quote(8_001), Ok(760_152)); // 0.02 % more
    assert_eq!(quote(9_000), Ok(912_000)); // 20 % more
    assert_eq!(quote(10_000), Ok(1_064_000)); // 40 % more
    assert_eq!(quote(10_001), Err(MathError::OutOfRange));
}

#[test]
fn both_slopes_count() {
    // 0.5 per whole below the kink, 3 above: 1 + 0.4 + 0.3
    let factor = utilisation_factor_x1e8(9_000, 8_000, 5_000, 30_000);
    assert_eq!(factor, Ok(170_000_000));
    assert_eq!(
        utilisation_factor_x1e8(4_000, 8_000, 5_000, 30_000),
        Ok(120_000_000)
    );
    assert_eq!(
        utilisation_factor_x1e8(0, 10_001, 0, 0),
        Err(MathError::OutOfRange)
    );
}

#[test]
fn a_quote_rounds_up_once() {
    let quote = hourly_quote(QuoteInput {
        base_usd6: 230_001,
        tier_bps: 12_000,
        location_bps: 9_500,
        peak_bps: 11_000,
        commitment_bps: 8_500,
        ..A100
    });
    // 230,001 * 1.2 * 0.95 * 1.1 * 0.85 = 245,158.0659
    assert_eq!(quote, Ok(245_159));
}

#[test]
fn an_order_in_io_and_one_in_usdc_are_literal() {
    // 8 GPUs for 24 h at 0.76: 145.92 USD; 25 bps in IO or IOSD, 225 in USDC
    let cost = order_cost(760_000, 8, 24, 25, 0).unwrap();
    assert_eq!(
        cost,
        OrderCost {
            rent: 145_920_000,
            renter_fee: 364_800,
            network_fee: 0,
            total: 146_284_800,
        }
    );
    let cost = order_cost(760_000, 8, 24, 225, 500).unwrap();
    assert_eq!((cost.renter_fee, cost.network_fee), (3_283_200, 7_296_000));
    assert_eq!(cost.total, 156_499_200);
    // fees of a single base unit round up
    assert_eq!(order_cost(1, 1, 1, 25, 1).unwrap().total, 3);
    assert_eq!(order_cost(1, 1, 1, 10_001, 0), Err(MathError::OutOfRange));
    assert_eq!(order_cost(1, 1, 1, 0, 10_001), Err(MathError::OutOfRange));
    assert_eq!(order_cost(u64::MAX, 2, 1, 0, 0), Err(MathError::Overflow));
    assert_eq!(order_cost(u64::MAX, 1, 1, 1, 0), Err(MathError::Overflow));
}

#[test]
fn a_payout_is_literal() {
    assert_eq!(payout(145_920_000, 25), Ok((145_555_200, 364_800)));
    assert_eq!(payout(145_920_000, 225), Ok((142_636_800, 3_283_200)));
    assert_eq!(payout(1, 25), Ok((0, 1)));
    assert_eq!(payout(0, 25), Ok((0, 0)));
    assert_eq!(payout(7, 10_000), Ok((0, 7)));
    assert_eq!(payout(7, 10_001), Err(MathError::OutOfRange));
}

#[test]
fn the_first_hour_is_never_refunded() {
    let (start, end) = (1_000, 1_000 + 3 * HOUR);
    let two_hours = Ok(EarlyEnd {
        unused_minutes: 120,
        refund: 1_520_000,
        billed_until_ts: start + HOUR,
    });
    for now in [i64::MIN, start - 1, start, start + 1, start + HOUR] {
        assert_eq!(early_end(760_000, start, end, now), two_hours, "{now}");
    }
    // a second into the second hour costs its minute
    let later = early_end(760_000, start, end, start + HOUR + 1).unwrap();
    assert_eq!((later.unused_minutes, later.refund), (119, 1_507_333));
    assert_eq!(later.billed_until_ts, start + HOUR + 60);
    for now in [end - 59, end, end + 1, i64::MAX] {
        let none = early_end(760_000, start, end, now).unwrap();
        assert_eq!((none.unused_minutes, none.refund), (0, 0));
        assert_eq!(none.billed_until_ts, end);
    }
    let short = early_end(760_000, 0, HOUR - 1, 0).unwrap();
    assert_eq!((short.unused_minutes, short.refund), (0, 0));
    assert_eq!(early_end(1, 5, 5, 5), Err(MathError::OutOfRange));
    assert_eq!(early_end(1, 6, 5, 5), Err(MathError::OutOfRange));
    // The widest booking there is: a result or an error, no panic.
    assert_eq!(
        early_end(1, i64::MIN, i64::MAX, 0).map(|end| end.refund),
        Ok(2_562_047_788_015_215)
    );
    assert_eq!(
        early_end(1, i64::MIN, i64::MAX, i64::MIN),
        Err(MathError::Overflow)
    );
}

prop_compose! {
    fn input()(
        base_usd6 in 0..=u64::from(u32::MAX),
        utilisation_bps in 0_u16..=10_000,
        kink_bps in 0_u16..=10_000,
        slope1_bps: u16,
        slope2_bps: u16,
        tier_bps: u16,
        location_bps: u16,
        peak_bps: u16,
        commitment_bps: u16,
    ) -> QuoteInput {
        QuoteInput {
            base_usd6, utilisation_bps, kink_bps, slope1_bps, slope2_bps,
            tier_bps, location_bps, peak_bps, commitment_bps,
        }
    }
}

proptest! {
    #[test]
    fn a_quote_is_exact(q in input()) {
        let below = q.utilisation_bps.min(q.kink_bps);
        let above = q.utilisation_bps - below;
        let factor = big(100_000_000_u32)
            + big(below) * big(q.slope1_bps)
            + big(above) * big(q.slope2_bps);
        let product = factor * q.base_usd6 * q.tier_bps * q.location_bps * q.peak_bps * q.commitment_bps;
        prop_assert_eq!(hourly_quote(q), fits(ceil(&product, &big(10_u8).pow(24))));
    }

    #[test]
    fn a_quote_never_falls_as_utilisation_rises(q in input(), more in 0_u16..=10_000) {
        let busier = QuoteInput { utilisation_bps: q.utilisation_bps.saturating_add(more).min(10_000), ..q };
        prop_assert!(hourly_quote(q).unwrap() <= hourly_quote(busier).unwrap());
    }

    #[test]
    fn the_escrow_covers_fees_and_payouts(
        price in 0_u64..=1 << 40, gpus in 0_u32..1_000, hours in 0_u32..10_000,
        renter_bps in 0_u16..=10_000, network_bps in 0_u16..=10_000, supplier_bps in 0_u16..=10_000,
    ) {
        let rent = big(price) * gpus * hours;
        let fee = |bps: u16| ceil(&(rent.clone() * bps), &big(10_000_u16));
        let cost = order_cost(price, gpus, hours, renter_bps, network_bps);
        if rent.clone() + fee(renter_bps) + fee(network_bps) > big(u64::MAX) {
            prop_assert_eq!(cost, Err(MathError::Overflow));
            return Ok(());
        }
        let cost = cost.unwrap();
        prop_assert_eq!(big(cost.rent), rent.clone());
        prop_assert_eq!(big(cost.renter_fee), fee(renter_bps));
        prop_assert_eq!(big(cost.network_fee), fee(network_bps));
        prop_assert_eq!(cost.total, cost.rent + cost.renter_fee + cost.network_fee);
        let (to_supplier, taken) = payout(cost.rent, supplier_bps).unwrap();
        prop_assert_eq!(big(taken), fee(supplier_bps));
        prop_assert_eq!(to_supplier + taken, cost.rent);
    }

    #[test]
    fn a_refund_never_exceeds_the_unused_rent(
        rate in 0_u64..=1 << 40, start in -1_000_000_i64..1_000_000, hours in 1_i64..10_000, used in -100_i64..40_000_000,
    ) {
        let end = start + hours * HOUR;
        let ended = early_end(rate, start, end, start + used).unwrap();
        let billed = ended.billed_until_ts - start;
        prop_assert!(billed >= HOUR);
        prop_assert!(billed >= used.min(hours * HOUR));
        prop_assert!(billed < used.max(HOUR).min(hours * HOUR) + 60);
        prop_assert_eq!(end - ended.billed_until_ts, ended.unused_minutes as i64 * 60);
        prop_assert_eq!(big(ended.refund), big(rate) * ended.unused_minutes / 60_u8);
        prop_assert!(ended.refund <= rate * (hours as u64 - 1));
    }
}
