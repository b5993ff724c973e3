//! The curve and the price of a booking.

mod exact;

use exact::{big, ceil, fits};
use iog_math::{
    pricing::{
        commitment_bps, hourly_quote, quote, utilisation_factor_x1e8, Booking, Location,
        QuoteInput, Terms,
    },
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

/// Busy in the evening, cheap in Germany, dear in Japan.
const TERMS: Terms = Terms {
    base_usd6: 760_000,
    kink_bps: 8_000,
    slope1_bps: 0,
    slope2_bps: 20_000,
    tier_bps: [9_000, 9_500, 10_000, 11_000, 12_000],
    peak_bps: 12_500,
    peak_hours: 0b1111 << 18,
    commitment_bps: [9_500, 9_000, 8_000],
    locations: {
        let mut locations = [Location {
            country: [0; 2],
            factor_bps: 0,
        }; 8];
        locations[0] = Location {
            country: *b"JP",
            factor_bps: 15_000,
        };
        locations[3] = Location {
            country: *b"DE",
            factor_bps: 8_000,
        };
        locations
    },
};
/// A time of day that is nothing special.
const NOON: i64 = 20_000 * 86_400 + 12 * 3_600;
const BOOKING: Booking = Booking {
    hours: 1,
    min_tier: 2,
    countries: &[],
    now: NOON,
};

fn priced(booking: Booking) -> u64 {
    quote(&TERMS, 0, &booking).unwrap()
}

/// Whoever ends early pays the discount of the length that it reached: 30 hours of a booked month are billed as a day. redteam 7a
#[test]
fn the_discount_is_that_of_the_length_reached() {
    let factors = [9_800, 9_500, 9_000];
    for (hours, factor) in [
        (0, 10_000),
        (23, 10_000),
        (24, 9_800),
        (30, 9_800),
        (167, 9_800),
        (168, 9_500),
        (719, 9_500),
        (720, 9_000),
        (u32::MAX, 9_000),
    ] {
        assert_eq!(commitment_bps(factors, hours), factor, "{hours} hours");
    }
}

#[test]
fn a_booking_is_priced_by_the_tier_it_asks_for() {
    let prices = [0, 1, 2, 3, 4].map(|min_tier| {
        priced(Booking {
            min_tier,
            ..BOOKING
        })
    });
    assert_eq!(prices, [684_000, 722_000, 760_000, 836_000, 912_000]);
    for min_tier in [5, u8::MAX] {
        let odd = Booking {
            min_tier,
            ..BOOKING
        };
        assert_eq!(quote(&TERMS, 0, &odd), Err(MathError::OutOfRange));
    }
}

#[test]
fn a_long_booking_costs_less_from_its_very_hour_on() {
    let hours = [0, 1, 23, 24, 167, 168, 719, 720, u32::MAX];
    let prices = hours.map(|hours| priced(Booking { hours, ..BOOKING }));
    let (full, day, week, month) = (760_000, 722_000, 684_000, 608_000);
    assert_eq!(
        prices,
        [full, full, full, day, day, week, week, month, month]
    );
}

#[test]
fn the_dearest_allowed_country_counts() {
    let price = |countries: &[[u8; 2]]| {
        priced(Booking {
            countries,
            ..BOOKING
        })
    };
    assert_eq!(price(&[]), 760_000);
    assert_eq!(price(&[[0; 2]; 8]), 760_000); // none named
    assert_eq!(price(&[*b"DE"]), 608_000);
    assert_eq!(price(&[*b"JP"]), 1_140_000);
    assert_eq!(price(&[*b"FR"]), 760_000); // not listed
    assert_eq!(price(&[[0; 2], *b"DE", [0; 2]]), 608_000);
    assert_eq!(price(&[*b"DE", *b"FR"]), 760_000);
    assert_eq!(price(&[*b"DE", *b"JP", *b"FR"]), 1_140_000);
    assert_eq!(price(&[*b"ED"]), 760_000);
}

#[test]
fn peak_hours_are_those_of_the_utc_day() {
    let hour = 3_600;
    let midnight = NOON - 12 * hour;
    let price = |now| quote(&TERMS, 0, &Booking { now, ..BOOKING });
    let (off, peak) = (Ok(760_000), Ok(950_000));
    assert_eq!(price(midnight + 18 * hour - 1), off);
    assert_eq!(price(midnight + 18 * hour), peak);
    assert_eq!(price(midnight + 22 * hour - 1), peak);
    assert_eq!(price(midnight + 22 * hour), off);
    assert_eq!(price(0), off);
    assert_eq!(price(19 * hour), peak);
    assert!(price(i64::MAX).is_ok());
    assert_eq!(price(-1), Err(MathError::OutOfRange));
    // The first and the last hour of the day.
    let ends = Terms {
        peak_hours: 1 | 1 << 23,
        ..TERMS
    };
    let price = |now| quote(&ends, 0, &Booking { now, ..BOOKING });
    assert_eq!(
        [price(0), price(hour), price(24 * hour - 1)],
        [peak, off, peak]
    );
}

#[test]
fn all_factors_multiply_and_round_once() {
    let booking = Booking {
        hours: 200,
        min_tier: 4,
        countries: &[*b"JP"],
        now: NOON + 7 * 3_600,
    };
    // 0.760001 * 1.2 * 1.2 * 1.5 * 1.25 * 0.9 = 1.84680243
    let terms = Terms {
        base_usd6: 760_001,
        ..TERMS
    };
    assert_eq!(quote(&terms, 9_000, &booking), Ok(1_846_803));
    assert_eq!(quote(&terms, 10_001, &booking), Err(MathError::OutOfRange));
    let dear = Terms {
        base_usd6: u64::MAX,
        ..TERMS
    };
    assert_eq!(quote(&dear, 9_000, &booking), Err(MathError::Overflow));
    let free = Terms {
        base_usd6: 0,
        ..TERMS
    };
    assert_eq!(quote(&free, 9_000, &booking), Ok(0));
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

/// Few codes, so that bookings and terms meet.
fn country() -> impl Strategy<Value = [u8; 2]> {
    prop_oneof![
        Just([0; 2]),
        Just(*b"DE"),
        Just(*b"JP"),
        Just(*b"FR"),
        Just(*b"US")
    ]
}

prop_compose! {
    fn terms()(
        base_usd6 in 0..=u64::from(u32::MAX),
        kink_bps in 0_u16..=10_000,
        slope1_bps in 0_u16..=50_000,
        slope2_bps in 0_u16..=50_000,
        tier_bps in prop::array::uniform5(5_000_u16..=20_000),
        peak_bps in 5_000_u16..=20_000,
        peak_hours in 0_u32..1 << 24,
        commitment_bps in prop::array::uniform3(5_000_u16..=10_000),
        listed in prop::collection::btree_map(country(), 5_000_u16..=20_000, 0..5),
    ) -> Terms {
        let mut locations = [Location::default(); 8];
        for (entry, (country, factor_bps)) in locations.iter_mut().zip(listed) {
            *entry = Location { country, factor_bps };
        }
        Terms { base_usd6, kink_bps, slope1_bps, slope2_bps, tier_bps, peak_bps, peak_hours, commitment_bps, locations }
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
    fn a_booking_costs_exactly_its_factors(
        terms in terms(),
        utilisation_bps in 0_u16..=10_000,
        hours in prop_oneof![0_u32..1_000, any::<u32>()],
        min_tier in 0_u8..=4,
        countries in prop::collection::vec(country(), 0..8),
        now in 0_i64..1 << 34,
    ) {
        let booking = Booking { hours, min_tier, countries: &countries, now };
        let mut location = None;
        for named in countries.iter().filter(|country| **country != [0; 2]) {
            let mut factor = 10_000;
            for entry in terms.locations {
                if entry.country == *named {
                    factor = entry.factor_bps;
                }
            }
            location = location.max(Some(factor));
        }
        let hour = now / 3_600 % 24;
        let peak = terms.peak_hours & 1 << hour != 0;
        let commitment = match hours {
            0..24 => 10_000,
            24..168 => terms.commitment_bps[0],
            168..720 => terms.commitment_bps[1],
            720.. => terms.commitment_bps[2],
        };
        let below = utilisation_bps.min(terms.kink_bps);
        let curve = big(100_000_000_u32)
            + big(below) * terms.slope1_bps
            + big(utilisation_bps - below) * terms.slope2_bps;
        let product = curve
            * terms.base_usd6
            * terms.tier_bps[usize::from(min_tier)]
            * location.unwrap_or(10_000)
            * if peak { terms.peak_bps } else { 10_000 }
            * commitment;
        prop_assert_eq!(quote(&terms, utilisation_bps, &booking), fits(ceil(&product, &big(10_u8).pow(24))));
    }

    #[test]
    fn naming_another_country_never_makes_it_cheaper(
        terms in terms(),
        countries in prop::collection::vec(country(), 1..8),
        more in country(),
    ) {
        prop_assume!(countries.iter().any(|country| *country != [0; 2]));
        let wider: Vec<_> = countries.iter().copied().chain([more]).collect();
        let price = |countries: &[[u8; 2]]| quote(&terms, 5_000, &Booking { countries, ..BOOKING }).unwrap();
        prop_assert!(price(&countries) <= price(&wider));
    }
}
