//! Ranking candidates and choosing among them.

mod exact;

use exact::{big, floor};
use iog_math::{
    matching::{choose, compare, rank, reaches, score, Candidate, Defaults, Kind, Wanted},
    reputation::{reputation_bps, Record},
    MathError,
};
use proptest::prelude::*;

const WEEK: u64 = 604_800;
const KINDS: [Kind; 3] = [Kind::General, Kind::Train, Kind::Inference];
const WANTED: Wanted = Wanted {
    gpus: 8,
    per_machine: 0,
    max_price_usd6: 1_000_000,
    min_tier: 0,
    min_reputation_bps: 0,
    preferred_country: None,
    kind: Kind::General,
};
const PLAIN: Candidate = Candidate {
    device: [0; 32],
    gpus: 1,
    price_usd6: 1_000_000,
    tier: 0,
    country: *b"DE",
    reputation_bps: 0,
    idle_secs: 0,
};

fn device(number: u8) -> [u8; 32] {
    [number; 32]
}

#[test]
fn kinds_are_literal() {
    assert_eq!([0, 1, 2].map(Kind::try_from), KINDS.map(Ok));
    assert_eq!(KINDS.map(|kind| kind as u8), [0, 1, 2]);
    for odd in [3, u8::MAX] {
        assert_eq!(Kind::try_from(odd), Err(MathError::OutOfRange));
    }
    let defaults =
        [(0, 0), (3, 5_000), (2, 6_000)].map(|(min_tier, min_reputation_bps)| Defaults {
            min_tier,
            min_reputation_bps,
        });
    assert_eq!(KINDS.map(Kind::defaults), defaults);
    // What the choice of these numbers rests on: a new device may train, and four good hours let it answer.
    let served = |hours: u64| {
        reputation_bps(&Record {
            slots_served: 6 * hours,
            ..Record::default()
        })
    };
    assert!(served(0) >= Kind::Train.defaults().min_reputation_bps);
    assert!(served(3) < Kind::Inference.defaults().min_reputation_bps);
    assert!(served(4) >= Kind::Inference.defaults().min_reputation_bps);
}

#[test]
fn who_may_not_serve_has_no_score() {
    let wanted = Wanted {
        min_tier: 2,
        min_reputation_bps: 5_000,
        ..WANTED
    };
    let fine = Candidate {
        gpus: 8,
        tier: 2,
        reputation_bps: 5_000,
        ..PLAIN
    };
    assert!(score(&wanted, &fine).is_some());
    for odd in [
        Candidate { gpus: 9, ..fine },
        Candidate { gpus: 0, ..fine },
        Candidate {
            price_usd6: 1_000_001,
            ..fine
        },
        Candidate { tier: 1, ..fine },
        Candidate {
            reputation_bps: 4_999,
            ..fine
        },
    ] {
        assert_eq!(score(&wanted, &odd), None, "{odd:?}");
    }
    assert_eq!(score(&Wanted { gpus: 0, ..wanted }, &fine), None);
    // A limit of nothing takes what asks for nothing.
    let free = Wanted {
        max_price_usd6: 0,
        ..WANTED
    };
    assert_eq!(score(&free, &PLAIN), None);
    assert_eq!(
        score(
            &free,
            &Candidate {
                price_usd6: 0,
                ..PLAIN
            }
        ),
        Some(0)
    );
}

/// redteam 4c: a host of eight is not taken whole and paid for four.
#[test]
fn machines_have_exactly_as_many_gpus_as_a_part_asks_for() {
    let fits = |per_machine: u32, gpus: u32| {
        let wanted = Wanted {
            per_machine,
            ..WANTED
        };
        score(&wanted, &Candidate { gpus, ..PLAIN }).is_some()
    };
    assert_eq!(
        [1, 2, 4, 8].map(|gpus| fits(4, gpus)),
        [false, false, true, false]
    );
    assert_eq!([1, 2, 4, 8].map(|gpus| fits(0, gpus)), [true; 4]);
    assert!(!fits(16, 16), "more than are missing");
}

#[test]
fn scores_are_literal() {
    let wanted = Wanted {
        preferred_country: Some(*b"DE"),
        ..WANTED
    };
    // A quarter under the limit, tier 3, where it should be, 80 % trusted, idle for half a week.
    let candidate = Candidate {
        price_usd6: 750_000,
        tier: 3,
        reputation_bps: 8_000,
        idle_secs: WEEK / 2,
        ..PLAIN
    };
    let of = |kind| score(&Wanted { kind, ..wanted }, &candidate);
    assert_eq!(of(Kind::General), Some(452_000)); // 150,000 + 60,000 + 80,000 + 112,000 + 50,000
    assert_eq!(of(Kind::Train), Some(486_000)); // 130,000 + 180,000 + 40,000 + 96,000 + 40,000
    assert_eq!(of(Kind::Inference), Some(529_000)); // 130,000 + 45,000 + 180,000 + 144,000 + 30,000
    let best = Candidate {
        price_usd6: 0,
        tier: 4,
        reputation_bps: 10_000,
        idle_secs: u64::MAX,
        ..PLAIN
    };
    for kind in KINDS {
        let wanted = Wanted { kind, ..wanted };
        assert_eq!(score(&wanted, &best), Some(1_000_000));
        assert_eq!(
            score(
                &wanted,
                &Candidate {
                    country: *b"FR",
                    ..PLAIN
                }
            ),
            Some(0)
        );
        // More of everything counts as the most there is.
        let absurd = Candidate {
            tier: u8::MAX,
            reputation_bps: u16::MAX,
            ..best
        };
        assert_eq!(score(&wanted, &absurd), Some(1_000_000));
    }
}

#[test]
fn price_outweighs_all_else_and_kinds_differ_in_the_rest() {
    for kind in KINDS {
        let wanted = Wanted {
            kind,
            preferred_country: Some(*b"DE"),
            ..WANTED
        };
        let free = Candidate {
            price_usd6: 0,
            country: *b"FR",
            ..PLAIN
        };
        let dear = Candidate {
            tier: 4,
            reputation_bps: 10_000,
            idle_secs: WEEK,
            ..PLAIN
        };
        assert!(score(&wanted, &free) > score(&wanted, &dear));
    }
    // At one price: a fast line far away, or a trusted device nearby.
    let fast = Candidate {
        device: device(1),
        tier: 4,
        country: *b"US",
        reputation_bps: 6_000,
        ..PLAIN
    };
    let near = Candidate {
        device: device(2),
        tier: 2,
        country: *b"DE",
        reputation_bps: 9_000,
        ..PLAIN
    };
    let first = |kind| {
        let wanted = Wanted {
            kind,
            preferred_country: Some(*b"DE"),
            ..WANTED
        };
        let mut candidates = [near, fast];
        assert_eq!(rank(&wanted, &mut candidates), 2);
        candidates[0].device
    };
    assert_eq!(first(Kind::Train), fast.device);
    assert_eq!(first(Kind::Inference), near.device);
}

#[test]
fn equal_scores_go_by_gpus_and_then_by_address() {
    let of = |number, gpus| Candidate {
        device: device(number),
        gpus,
        ..PLAIN
    };
    let dear = Candidate {
        price_usd6: 2_000_000,
        ..of(0, 8)
    };
    let mut candidates = [of(3, 1), dear, of(2, 1), of(9, 4), of(1, 1)];
    assert_eq!(rank(&WANTED, &mut candidates), 4);
    assert_eq!(candidates, [of(9, 4), of(1, 1), of(2, 1), of(3, 1), dear]);
    assert_eq!(rank(&WANTED, &mut []), 0);
    let mut none = [dear];
    assert_eq!(rank(&WANTED, &mut none), 0);
}

/// Devices of these sizes, the best first.
fn sized(sizes: &[u32]) -> Vec<Candidate> {
    let of = |gpus: &u32| Candidate {
        gpus: *gpus,
        ..PLAIN
    };
    sizes.iter().map(of).collect()
}

/// audit: market M10: where the best fit one after the other, nothing is searched, whatever the order's size.
#[test]
fn what_fits_in_turn_takes_no_search() {
    let ranked = sized(&[1; 8_192]);
    let mut room = vec![7; 4_097];
    let mut taken = 0..;
    let filled = choose(&ranked, 4_096, &mut room, |place| {
        assert_eq!(taken.next(), Some(place));
    });
    assert_eq!((filled, taken.next()), (Ok(4_096), Some(4_096)));
    assert!(room.iter().all(|entry| *entry == 7), "no step was made");
}

/// Places chosen among devices of these sizes, and the GPUs they have.
fn chosen(sizes: &[u32], gpus: u32) -> (Vec<usize>, u32) {
    let ranked = sized(sizes);
    let mut room = vec![7; gpus as usize + 3];
    let mut taken = vec![];
    let filled = choose(&ranked, gpus, &mut room, |place| taken.push(place)).unwrap();
    (taken, filled)
}

#[test]
fn choices_are_literal() {
    assert_eq!(chosen(&[8, 4, 2], 8), (vec![0], 8));
    assert_eq!(chosen(&[1, 1, 8], 8), (vec![2], 8)); // the two do not help
    assert_eq!(chosen(&[1, 1, 8, 2, 4], 8), (vec![0, 1, 3, 4], 8)); // here they do, and are better
    assert_eq!(chosen(&[3, 2, 2], 4), (vec![1, 2], 4)); // the best one would leave one GPU missing
    assert_eq!(chosen(&[4, 4, 4], 6), (vec![0], 4)); // no exact fill
    assert_eq!(chosen(&[3, 5, 4], 6), (vec![1], 5)); // the fullest that there is
    assert_eq!(chosen(&[8, 16], 4), (vec![], 0));
    assert_eq!(chosen(&[1, 2], 0), (vec![], 0));
    assert_eq!(chosen(&[], 5), (vec![], 0));
    assert_eq!(chosen(&[0, 2, 0, 2], 4), (vec![1, 3], 4));
    assert_eq!(chosen(&[u32::MAX, 1], 4), (vec![1], 1));
    assert_eq!(
        [8, 9, 10].map(|gpus| reaches(&sized(&[1, 1, 8, 2, 4]), gpus)),
        [8, 8, 10]
    );
    assert_eq!(reaches(&sized(&[3, 2, 2]), 4), 3); // the best one is in its way
    let mut small = [0; 4];
    let refused = choose(&[PLAIN], 4, &mut small, |_| panic!("took one"));
    assert_eq!(refused, Err(MathError::OutOfRange));
}

prop_compose! {
    fn candidate()(
        gpus in 0_u32..10, price_usd6 in 0_u64..1_100_000, tier in 0_u8..=4, reputation_bps in 0_u16..=10_000,
        idle_secs in prop_oneof![0..WEEK * 2, any::<u64>()], here: bool, coarse: bool,
    ) -> Candidate {
        // Coarse ones often have equal scores.
        let coarsely = |value: u64, step: u64| if coarse { value - value % step } else { value };
        Candidate {
            device: [0; 32],
            gpus,
            price_usd6: coarsely(price_usd6, 500_000),
            tier,
            country: if here { *b"DE" } else { *b"FR" },
            reputation_bps: coarsely(reputation_bps.into(), 5_000) as u16,
            idle_secs: coarsely(idle_secs, WEEK),
        }
    }
}

prop_compose! {
    fn wanted()(
        gpus in 0_u32..10, max_price_usd6 in prop_oneof![0_u64..2_000_000, any::<u64>()], min_tier in 0_u8..3,
        min_reputation_bps in 0_u16..3_000, preferred in prop::option::of(Just(*b"DE")), kind in prop::sample::select(&KINDS),
    ) -> Wanted {
        Wanted { gpus, per_machine: 0, max_price_usd6, min_tier, min_reputation_bps, preferred_country: preferred, kind }
    }
}

prop_compose! {
    fn candidates()(list in prop::collection::vec(candidate(), 0..30)) -> Vec<Candidate> {
        list.iter().zip(0..).map(|(candidate, number)| Candidate { device: device(number), ..*candidate }).collect()
    }
}

proptest! {
    // Four of five pairs do not fit each other and are thrown away.
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_score_is_exact(wanted in wanted(), candidate in candidate()) {
        let eligible = candidate.gpus > 0
            && candidate.gpus <= wanted.gpus
            && candidate.price_usd6 <= wanted.max_price_usd6
            && candidate.tier >= wanted.min_tier
            && candidate.reputation_bps >= wanted.min_reputation_bps;
        let found = score(&wanted, &candidate);
        prop_assert_eq!(found.is_some(), eligible);
        prop_assume!(eligible);
        let (limit, asked) = (wanted.max_price_usd6, candidate.price_usd6);
        let saved = match limit {
            0 => big(0_u8),
            _ => floor(&(big(limit - asked) * 10_000_u16), &big(limit)),
        };
        let idle = floor(&(big(candidate.idle_secs.min(WEEK)) * 10_000_u16), &big(WEEK));
        let near = wanted.preferred_country == Some(candidate.country);
        let weights: [u8; 5] = match wanted.kind {
            Kind::General => [60, 8, 8, 14, 10],
            Kind::Train => [52, 24, 4, 12, 8],
            Kind::Inference => [52, 6, 18, 18, 6],
        };
        prop_assert_eq!(weights.iter().sum::<u8>(), 100);
        let exact = saved * weights[0]
            + big(candidate.tier) * 2_500_u16 * weights[1]
            + big(near) * 10_000_u16 * weights[2]
            + big(candidate.reputation_bps) * weights[3]
            + idle * weights[4];
        prop_assert_eq!(big(found.unwrap()), exact);
    }

    #[test]
    fn a_better_device_never_scores_less(wanted in wanted(), candidate in candidate(), less: u64, tier in 0_u8..=4, more: u16) {
        prop_assume!(score(&wanted, &candidate).is_some());
        let better = Candidate {
            price_usd6: candidate.price_usd6.saturating_sub(less),
            tier: candidate.tier.max(tier),
            reputation_bps: candidate.reputation_bps.saturating_add(more).min(10_000),
            idle_secs: candidate.idle_secs.saturating_add(less),
            ..candidate
        };
        prop_assert!(score(&wanted, &better) >= score(&wanted, &candidate));
    }

    #[test]
    fn a_ranking_does_not_depend_on_the_order_it_came_in(
        wanted in wanted(),
        (sorted, shuffled) in candidates().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
    ) {
        let (mut one, mut other) = (sorted.clone(), shuffled);
        let eligible = rank(&wanted, &mut one);
        prop_assert_eq!(rank(&wanted, &mut other), eligible);
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(eligible, sorted.iter().filter(|candidate| score(&wanted, candidate).is_some()).count());
        prop_assert!(one[eligible..].iter().all(|candidate| score(&wanted, candidate).is_none()));
        let scored = |candidate: &Candidate| (score(&wanted, candidate), *candidate);
        let mut cached: Vec<_> = sorted.iter().map(scored).collect();
        cached.sort_by(|a, b| compare((a.0, &a.1), (b.0, &b.1)));
        prop_assert!(cached.iter().map(|(_, candidate)| candidate).eq(&one));
        for pair in one[..eligible].windows(2) {
            let key = |candidate: &Candidate| (score(&wanted, candidate), candidate.gpus, std::cmp::Reverse(candidate.device));
            prop_assert!(key(&pair[0]) > key(&pair[1]));
        }
    }

    #[test]
    fn a_choice_is_the_best_of_the_fullest(sizes in prop::collection::vec(0_u32..9, 0..10), gpus in 0_u32..40) {
        // Every subset there is: the fullest first, then the one that keeps the earliest.
        let kept = |subset: u32| (0..sizes.len()).map(move |place| subset >> place & 1 == 1);
        let best = (0..1_u32 << sizes.len())
            .filter(|subset| kept(*subset).zip(&sizes).all(|(kept, size)| !kept || *size > 0))
            .map(|subset| (kept(subset).zip(&sizes).filter(|(kept, _)| *kept).map(|(_, size)| size).sum::<u32>(), subset))
            .filter(|(sum, _)| *sum <= gpus)
            .max_by_key(|(sum, subset)| (*sum, kept(*subset).collect::<Vec<_>>()))
            .unwrap();
        let places = kept(best.1).enumerate().filter(|(_, kept)| *kept).map(|(place, _)| place).collect::<Vec<_>>();
        prop_assert!(reaches(&sized(&sizes), gpus) <= best.0);
        prop_assert_eq!(chosen(&sizes, gpus), (places, best.0));
    }

    #[test]
    fn equal_devices_of_doubling_sizes_take_as_few_as_can_be(powers in prop::collection::vec(0_u32..4, 1..12), gpus in 1_u32..60) {
        let mut candidates: Vec<_> = powers.iter().zip(0..).map(|(power, number)| Candidate {
            device: device(number),
            gpus: 1 << power,
            ..PLAIN
        }).collect();
        let eligible = rank(&Wanted { gpus, ..WANTED }, &mut candidates);
        let sizes: Vec<_> = candidates[..eligible].iter().map(|candidate| candidate.gpus).collect();
        let (places, filled) = chosen(&sizes, gpus);
        let fewest = (0..1_u32 << sizes.len())
            .filter(|subset| (0..sizes.len()).filter(|place| subset >> place & 1 == 1).map(|place| sizes[place]).sum::<u32>() == filled)
            .map(u32::count_ones)
            .min();
        prop_assert_eq!(Some(places.len() as u32), fewest);
    }
}
