//! Orders, payouts and early ends.

mod exact;

use exact::{big, ceil, floor};
use iog_math::{
    market::{
        early_end, interval_rent, order_cost, order_cost_of, payout, with_fees, EarlyEnd,
        OrderCost, Span,
    },
    units::HOUR,
    MathError,
};
use proptest::prelude::*;

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

/// An order of parts has one rate in all: 8 H100 at 1.52 and 4 RTX 4090 at 0.37 are 13.64 USD an hour. redteam 4a
#[test]
fn an_order_of_several_parts_costs_its_rate_in_all() {
    let cost = order_cost_of(13_640_000, 24, 25, 500).unwrap();
    assert_eq!(
        cost,
        OrderCost {
            rent: 327_360_000,
            renter_fee: 818_400,
            network_fee: 16_368_000,
            total: 344_546_400,
        }
    );
    // Each fee rounds up by itself.
    assert_eq!(order_cost_of(1, 1, 25, 1).unwrap().total, 3);
    assert_eq!(order_cost_of(0, 0, 25, 1).unwrap().total, 0);
    assert_eq!(order_cost_of(1, 1, 10_001, 0), Err(MathError::OutOfRange));
    assert_eq!(order_cost_of(1, 1, 0, 10_001), Err(MathError::OutOfRange));
    assert_eq!(order_cost_of(u64::MAX, 2, 0, 0), Err(MathError::Overflow));
    assert_eq!(order_cost_of(u64::MAX, 1, 0, 1), Err(MathError::Overflow));
}

/// What must be there is rounded up, what may go down: hour by hour the fees never add up to more than was deposited. redteam 7b
#[test]
fn fees_on_rent_round_up_or_down() {
    assert_eq!(with_fees(1_520_000, 25, 0, true), Ok(1_523_800));
    assert_eq!(with_fees(1_520_000, 25, 0, false), Ok(1_523_800));
    // 25 bps of 1,521 are 3.8 and 1 bps 0.15
    assert_eq!(with_fees(1_521, 25, 1, true), Ok(1_521 + 4 + 1));
    assert_eq!(with_fees(1_521, 25, 1, false), Ok(1_521 + 3));
    assert_eq!(with_fees(0, 10_000, 10_000, true), Ok(0));
    for up in [true, false] {
        assert_eq!(with_fees(7, 10_001, 0, up), Err(MathError::OutOfRange));
        assert_eq!(with_fees(7, 0, 10_001, up), Err(MathError::OutOfRange));
        let twice = with_fees(u64::MAX, 10_000, 0, up);
        assert_eq!(twice, Err(MathError::Overflow));
    }
}

#[test]
fn rent_of_an_interval_counts_whole_minutes() {
    assert_eq!(interval_rent(760_000, 0), Ok(0));
    assert_eq!(interval_rent(760_000, 59), Ok(0));
    assert_eq!(interval_rent(760_000, 60), Ok(12_666));
    assert_eq!(interval_rent(760_000, 119), Ok(12_666));
    assert_eq!(interval_rent(760_000, HOUR - 1), Ok(747_333));
    assert_eq!(interval_rent(760_000, HOUR), Ok(760_000));
    assert_eq!(interval_rent(760_000, 90 * 60), Ok(1_140_000));
    assert_eq!(interval_rent(1, -1), Err(MathError::OutOfRange));
    assert_eq!(interval_rent(u64::MAX, 61 * 60), Err(MathError::Overflow));
}

const DAY: i64 = 24 * HOUR;

fn span(from_ts: i64, rate_per_hour: u64) -> Span {
    Span {
        from_ts,
        rate_per_hour,
    }
}

#[test]
fn the_first_hour_is_never_refunded() {
    let (start, end) = (1_000, 1_000 + 3 * HOUR);
    let one = [span(start, 760_000)];
    let two_hours = Ok(EarlyEnd {
        unused_minutes: 120,
        refund: 1_520_000,
        billed_until_ts: start + HOUR,
    });
    for now in [i64::MIN, start - 1, start, start + 1, start + HOUR] {
        assert_eq!(early_end(&one, end, now), two_hours, "{now}");
    }
    // a second into the second hour costs its minute
    let later = early_end(&one, end, start + HOUR + 1).unwrap();
    assert_eq!((later.unused_minutes, later.refund), (119, 1_507_333));
    assert_eq!(later.billed_until_ts, start + HOUR + 60);
    for now in [end - 59, end, end + 1, i64::MAX] {
        let none = early_end(&one, end, now).unwrap();
        assert_eq!((none.unused_minutes, none.refund), (0, 0));
        assert_eq!(none.billed_until_ts, end);
    }
    let short = early_end(&[span(0, 760_000)], HOUR - 60, 0).unwrap();
    assert_eq!((short.unused_minutes, short.refund), (0, 0));
}

#[test]
fn every_span_comes_back_at_its_own_rate() {
    // A day at 0.76, extended by a day at 1.00 and by another at 0.50.
    let spans = [
        span(0, 760_000),
        span(DAY, 1_000_000),
        span(2 * DAY, 500_000),
    ];
    let refund = |now| {
        let ended = early_end(&spans, 3 * DAY, now).unwrap();
        (ended.unused_minutes, ended.refund)
    };
    assert_eq!(refund(0), (71 * 60, 53_480_000)); // 23 * 0.76 + 24 + 12
    assert_eq!(refund(DAY - 60), (48 * 60 + 1, 36_012_666)); // a minute of the first: 12,666.67
    assert_eq!(refund(DAY), (48 * 60, 36_000_000));
    assert_eq!(refund(DAY + 1), (48 * 60 - 1, 35_983_333)); // 23 h 59 min: 23,983,333.33
    assert_eq!(refund(2 * DAY), (24 * 60, 12_000_000));
    assert_eq!(refund(3 * DAY - 60), (1, 8_333));
    assert_eq!(refund(3 * DAY), (0, 0));
    // The first hour stays used where it reaches into the second span.
    let early = [span(0, 600_000), span(1_800, 6_000_000)];
    assert_eq!(early_end(&early, 2 * HOUR, 0).unwrap().refund, 6_000_000);
    // Each span rounds down by itself: two thirds and two thirds are nothing.
    let thirds = [span(0, 9), span(HOUR, 40), span(HOUR + 60, 40)];
    assert_eq!(early_end(&thirds, HOUR + 120, 0).unwrap().refund, 0);
    assert_eq!(early_end(&thirds[..2], HOUR + 120, 0).unwrap().refund, 1);
}

#[test]
fn spans_that_are_no_booking_are_refused() {
    let refused = [
        (&[][..], HOUR),
        (&[span(5, 1)], 5),
        (&[span(6, 1)], 5),
        (&[span(0, 1)], HOUR + 1),                // half a minute
        (&[span(0, 1), span(61, 1)], HOUR),       // a rate from the middle of a minute
        (&[span(60, 1), span(0, 1)], HOUR),       // out of order
        (&[span(0, 1), span(0, 1)], HOUR),        // nothing between
        (&[span(0, 1), span(HOUR, 1)], HOUR),     // begins at the end
        (&[span(0, 1), span(2 * HOUR, 1)], HOUR), // or after it
    ];
    for (spans, end) in refused {
        assert_eq!(
            early_end(spans, end, 0),
            Err(MathError::OutOfRange),
            "{spans:?}"
        );
    }
    // The widest bookings there are: a result or an error, no panic.
    let widest = [span(i64::MIN + 15, 1)];
    assert_eq!(
        early_end(&widest, i64::MAX, i64::MAX),
        Err(MathError::Overflow)
    );
    let wide = [span(-(i64::MAX / 120) * 60, 1)];
    let end = -wide[0].from_ts;
    assert_eq!(
        early_end(&wide, end, 0).map(|end| end.refund),
        Ok(1_281_023_894_007_607)
    );
    assert_eq!(
        early_end(&[span(0, u64::MAX)], 3 * HOUR, 0),
        Err(MathError::Overflow)
    );
    assert_eq!(
        early_end(&[span(i64::MAX - 60, 1)], i64::MAX, 0),
        Err(MathError::Overflow)
    );
}

proptest! {
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
    fn a_rate_in_all_costs_what_its_gpus_do(
        price in 0_u64..=1 << 40, gpus in 0_u32..1_000, hours in 0_u32..10_000, renter_bps: u16, network_bps: u16,
    ) {
        let of_rate = order_cost_of(price * u64::from(gpus), hours, renter_bps, network_bps);
        prop_assert_eq!(of_rate, order_cost(price, gpus, hours, renter_bps, network_bps));
    }

    #[test]
    fn rent_with_fees_is_exact(rent: u64, shift in 0_u32..64, renter_bps in 0_u16..=10_000, network_bps in 0_u16..=10_000) {
        let rent = rent >> shift;
        let fee = |bps: u16| (big(rent) * bps, big(10_000_u16));
        for (up, round) in [(true, ceil as fn(&_, &_) -> _), (false, floor)] {
            let [(a, whole), (b, _)] = [renter_bps, network_bps].map(fee);
            let exact = big(rent) + round(&a, &whole) + round(&b, &whole);
            prop_assert_eq!(with_fees(rent, renter_bps, network_bps, up), exact::fits(exact));
        }
    }

    /// What goes hour by hour with fees rounded down is always in what was deposited with fees rounded up once. redteam 7b
    #[test]
    fn hours_never_take_more_than_the_deposit(
        hours in prop::collection::vec(0_u64..=1 << 40, 1..100), renter_bps in 0_u16..=10_000, network_bps in 0_u16..=10_000,
    ) {
        let rent: u64 = hours.iter().sum();
        let gone: u64 = hours.iter().map(|hour| with_fees(*hour, renter_bps, network_bps, false).unwrap()).sum();
        let there = order_cost_of(rent, 1, renter_bps, network_bps).unwrap().total;
        prop_assert!(gone <= there);
        prop_assert_eq!(with_fees(rent, renter_bps, network_bps, true), Ok(there));
    }

    #[test]
    fn interval_rent_is_exact(rate: u64, shift in 0_u32..64, secs in 0..=i64::MAX) {
        let rate = rate >> shift;
        let minutes = secs.unsigned_abs() / 60;
        let exact = floor(&(big(rate) * minutes), &big(60_u8));
        prop_assert_eq!(interval_rent(rate, secs), exact::fits(exact));
    }

    #[test]
    fn a_refund_is_exact_and_never_exceeds_the_unused_rent(
        stretches in prop::collection::vec((1_i64..5_000, 0_u64..=1 << 40), 1..5),
        start in -1_000_000_i64..1_000_000,
        used in -100_i64..1_500_000,
    ) {
        let mut spans = vec![];
        let mut end = start;
        for (minutes, rate) in &stretches {
            spans.push(span(end, *rate));
            end += minutes * 60;
        }
        let ended = early_end(&spans, end, start + used).unwrap();
        // The rule: what is used is up to now, at least the first hour, at most all, in minutes begun.
        let length = end - start;
        let secs = used.max(HOUR).min(length);
        let billed = ended.billed_until_ts - start;
        prop_assert!(billed >= secs && billed < secs + 60);
        prop_assert_eq!(end - ended.billed_until_ts, ended.unused_minutes as i64 * 60);
        // Minute by minute, each at the rate that it was booked at.
        let mut refund = big(0_u8);
        let mut rent = big(0_u8);
        let mut minute = start;
        for (minutes, rate) in &stretches {
            let mut unused = 0_u64;
            for _ in 0..*minutes {
                unused += u64::from(minute >= ended.billed_until_ts);
                minute += 60;
            }
            refund += floor(&(big(*rate) * unused), &big(60_u8));
            rent += big(*rate) * unused;
        }
        prop_assert_eq!(big(ended.refund), refund.clone());
        prop_assert!(refund * 60_u8 <= rent);
    }

    #[test]
    fn spans_of_one_rate_refund_as_one_does(
        rate in (0_u64..=1 << 40).prop_map(|rate| rate * 60), cuts in prop::collection::vec(1_i64..500, 1..5), used in 0_i64..200_000,
    ) {
        // Whole units a minute leave nothing to round.
        let mut spans = vec![];
        let mut end = 0;
        for minutes in cuts {
            spans.push(span(end, rate));
            end += minutes * 60;
        }
        prop_assert_eq!(early_end(&spans, end, used), early_end(&spans[..1], end, used));
    }
}
