//! Bounds of a class's terms, and how far one change moves them.

use iog_math::{
    pricing::{step_allowed, Location, Terms, MAX_STEP_BPS},
    MathError, Result,
};
use proptest::prelude::*;

const OUT: Result<()> = Err(MathError::OutOfRange);
const TERMS: Terms = Terms {
    base_usd6: 760_000,
    kink_bps: 8_000,
    slope1_bps: 0,
    slope2_bps: 20_000,
    tier_bps: [10_000; 5],
    peak_bps: 10_000,
    peak_hours: 0,
    commitment_bps: [10_000; 3],
    locations: [Location {
        country: [0; 2],
        factor_bps: 0,
    }; 8],
};

fn changed(change: impl FnOnce(&mut Terms)) -> Terms {
    let mut terms = TERMS;
    change(&mut terms);
    terms
}

fn place(country: &[u8; 2], factor_bps: u16) -> Location {
    Location {
        country: *country,
        factor_bps,
    }
}

/// Terms with one number set.
type Set = fn(&mut Terms, u16);

const FACTORS: [(&str, Set); 8] = [
    ("tier 0", |terms, to| terms.tier_bps[0] = to),
    ("tier 1", |terms, to| terms.tier_bps[1] = to),
    ("tier 2", |terms, to| terms.tier_bps[2] = to),
    ("tier 3", |terms, to| terms.tier_bps[3] = to),
    ("tier 4", |terms, to| terms.tier_bps[4] = to),
    ("peak", |terms, to| terms.peak_bps = to),
    ("first location", |terms, to| {
        terms.locations[0] = place(b"DE", to)
    }),
    ("last location", |terms, to| {
        terms.locations[7] = place(b"DE", to)
    }),
];

#[test]
fn bounds_are_literal() {
    assert_eq!(TERMS.validate(), Ok(()));
    let valid = |set: Set, to| changed(|terms| set(terms, to)).validate();
    for (name, set) in FACTORS {
        let found = [4_999, 5_000, 20_000, 20_001].map(|to| valid(set, to));
        assert_eq!(found, [OUT, Ok(()), Ok(()), OUT], "{name}");
    }
    let kink: Set = |terms, to| terms.kink_bps = to;
    assert_eq!(
        [0, 10_000, 10_001].map(|to| valid(kink, to)),
        [Ok(()), Ok(()), OUT]
    );
    let slopes: [Set; 2] = [
        |terms, to| terms.slope1_bps = to,
        |terms, to| terms.slope2_bps = to,
    ];
    for slope in slopes {
        assert_eq!(
            [0, 50_000, 50_001].map(|to| valid(slope, to)),
            [Ok(()), Ok(()), OUT]
        );
    }
    let commitments = [
        ([10_000, 10_000, 10_000], Ok(())),
        ([9_000, 7_000, 5_000], Ok(())),
        ([9_000, 7_000, 4_999], OUT),
        ([10_001, 7_000, 5_000], OUT),
        ([8_000, 9_000, 5_000], OUT), // a week dearer than a day
        ([8_000, 5_000, 5_001], OUT),
    ];
    for (factors, expected) in commitments {
        let found = changed(|terms| terms.commitment_bps = factors).validate();
        assert_eq!(found, expected, "{factors:?}");
    }
    let hours = |hours| changed(|terms| terms.peak_hours = hours).validate();
    assert_eq!(
        [(1 << 24) - 1, 1 << 24, u32::MAX].map(hours),
        [Ok(()), OUT, OUT]
    );
    // An unused entry's factor is not read; a country has one.
    assert_eq!(
        changed(|terms| terms.locations[4].factor_bps = 1).validate(),
        Ok(())
    );
    for (one, other) in (0..8).flat_map(|one| (one + 1..8).map(move |other| (one, other))) {
        let twice = changed(|terms| {
            terms.locations[one] = place(b"DE", 10_000);
            terms.locations[other] = place(b"DE", 10_000);
        });
        assert_eq!(twice.validate(), OUT, "{one} and {other}");
    }
    // The base price is not looked at.
    assert_eq!(changed(|terms| terms.base_usd6 = 0).validate(), Ok(()));
    assert_eq!(
        changed(|terms| terms.base_usd6 = u64::MAX).validate(),
        Ok(())
    );
}

#[test]
fn a_step_is_at_most_a_fifth() {
    let commitments: [Set; 3] = [
        |terms, to| terms.commitment_bps[0] = to,
        |terms, to| terms.commitment_bps[1] = to,
        |terms, to| terms.commitment_bps[2] = to,
    ];
    for set in FACTORS.iter().map(|(_, set)| *set).chain(commitments) {
        let step = |to| {
            let new = changed(|terms| set(terms, to));
            assert_eq!(step_allowed(&TERMS, &new), step_allowed(&new, &TERMS));
            step_allowed(&TERMS, &new)
        };
        let found = [7_999, 8_000, 12_000, 12_001].map(step);
        assert_eq!(found, [OUT, Ok(()), Ok(()), OUT]);
    }
    let step = |change: Set, to| step_allowed(&TERMS, &changed(|terms| change(terms, to)));
    let kink: Set = |terms, to| terms.kink_bps = to;
    assert_eq!(
        [5_999, 6_000, 10_000].map(|to| step(kink, to)),
        [OUT, Ok(()), Ok(())]
    );
    let slope1: Set = |terms, to| terms.slope1_bps = to;
    assert_eq!([10_000, 10_001].map(|to| step(slope1, to)), [Ok(()), OUT]);
    let slope2: Set = |terms, to| terms.slope2_bps = to;
    let found = [9_999, 10_000, 30_000, 30_001].map(|to| step(slope2, to));
    assert_eq!(found, [OUT, Ok(()), Ok(()), OUT]);
    let base = changed(|terms| terms.base_usd6 = u64::MAX);
    assert_eq!(step_allowed(&TERMS, &base), Ok(()));
    assert_eq!(MAX_STEP_BPS, 2_000);
}

#[test]
fn a_place_may_move_in_the_list_but_not_in_price() {
    let here = changed(|terms| terms.locations[0] = place(b"DE", 15_000));
    let there = changed(|terms| terms.locations[5] = place(b"DE", 15_000));
    assert_eq!(step_allowed(&here, &there), Ok(()));
    assert_eq!(step_allowed(&here, &TERMS), OUT); // dropped: 15,000 to 10,000
    assert_eq!(step_allowed(&TERMS, &here), OUT);
    let other = changed(|terms| terms.locations[0] = place(b"JP", 15_000));
    assert_eq!(step_allowed(&here, &other), OUT); // the same number of another country
}

#[test]
fn an_hour_becomes_peak_only_within_a_step() {
    let terms = |peak_bps, peak_hours| Terms {
        peak_bps,
        peak_hours,
        ..TERMS
    };
    assert_eq!(
        step_allowed(&terms(10_000, 0), &terms(12_000, 0b11)),
        Ok(())
    );
    assert_eq!(step_allowed(&terms(15_000, 0b1), &terms(15_000, 0b11)), OUT);
    assert_eq!(step_allowed(&terms(15_000, 0b11), &terms(15_000, 0b1)), OUT);
    assert_eq!(
        step_allowed(&terms(12_000, 0b11), &terms(14_000, 0b11)),
        Ok(())
    );
    assert_eq!(step_allowed(&terms(12_000, 0b1), &terms(14_000, 0b11)), OUT);
    assert_eq!(
        step_allowed(&terms(12_000, 0b11), &terms(14_000, 0b1)),
        Ok(())
    );
}

fn country() -> impl Strategy<Value = [u8; 2]> {
    prop_oneof![Just([0; 2]), Just(*b"DE"), Just(*b"JP"), Just(*b"FR")]
}

prop_compose! {
    /// Terms whose factors lie close enough for some changes to be allowed and others not.
    fn close()(
        kink_bps in 7_900_u16..=10_000,
        slopes in prop::array::uniform2(0_u16..=10_100),
        tier_bps in prop::array::uniform5(9_000_u16..=11_050),
        peak_bps in 9_000_u16..=12_050,
        peak_hours in 0_u32..1 << 2,
        commitment_bps in prop::array::uniform3(7_950_u16..=10_000),
        listed in prop::collection::btree_map(country(), 8_000_u16..=12_050, 0..4),
    ) -> Terms {
        let mut locations = [Location::default(); 8];
        for (entry, (country, factor_bps)) in locations.iter_mut().zip(listed) {
            *entry = Location { country, factor_bps };
        }
        let [slope1_bps, slope2_bps] = slopes;
        Terms { base_usd6: 1, kink_bps, slope1_bps, slope2_bps, tier_bps, peak_bps, peak_hours, commitment_bps, locations }
    }
}

/// Every factor that some booking can meet, and the kink.
fn factors(terms: &Terms) -> Vec<u16> {
    let mut all = vec![terms.kink_bps, terms.peak_bps];
    all.extend(terms.tier_bps);
    all.extend(terms.commitment_bps);
    all.extend((0..24).map(|hour| match terms.peak_hours >> hour & 1 {
        1 => terms.peak_bps,
        _ => 10_000,
    }));
    for country in [b"DE", b"JP", b"FR"] {
        let listed = terms
            .locations
            .iter()
            .find(|entry| entry.country == *country);
        all.push(listed.map_or(10_000, |entry| entry.factor_bps));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_step_moves_no_factor_that_a_booking_meets_too_far(old in close(), new in close()) {
        let near = factors(&old).iter().zip(factors(&new)).all(|(from, to)| from.abs_diff(to) <= 2_000)
            && old.slope1_bps.abs_diff(new.slope1_bps) <= 10_000
            && old.slope2_bps.abs_diff(new.slope2_bps) <= 10_000;
        prop_assert_eq!(step_allowed(&old, &new).is_ok(), near);
        prop_assert_eq!(step_allowed(&new, &old).is_ok(), near);
        prop_assert_eq!(step_allowed(&old, &old), Ok(()));
    }
}
