//! The leaky bucket against an exact one.

mod exact;

use exact::{big, floor};
use iog_math::{
    breaker::{capacity, Admission, Bucket},
    units::{CAP_IO, IO},
    MathError,
};
use num_bigint::BigInt;
use proptest::prelude::*;

const START: i64 = 1_750_000_000;

fn admitted(admission: Admission) -> Bucket {
    match admission {
        Admission::Admitted(bucket) => bucket,
        Admission::Refused { level, capacity } => panic!("{level} of {capacity}"),
    }
}

/// A bucket whose level is exact: in parts of a unit, a window's seconds to the unit.
struct Exact {
    parts: BigInt,
    clock: i64,
    window: i64,
}

impl Exact {
    fn advance(&mut self, capacity: u64, now: i64) {
        if now > self.clock {
            let leaked = BigInt::from(capacity) * (now - self.clock);
            self.parts = (&self.parts - leaked).max(BigInt::ZERO);
            self.clock = now;
        }
    }

    /// What `level` is above the exact one, in parts.
    fn below(&self, level: u64) -> BigInt {
        BigInt::from(level) * self.window - &self.parts
    }
}

#[test]
fn capacities_are_literal() {
    // 1 % of 500 M IO, at least 10,000 and at most 1 M IO
    let of = |supply| capacity(1_000_000 * IO, 100, 10_000 * IO, supply);
    assert_eq!(of(50_000_000 * IO), Ok(500_000 * IO));
    assert_eq!(of(500_000_000 * IO), Ok(1_000_000 * IO));
    assert_eq!(of(199), Ok(10_000 * IO));
    assert_eq!(capacity(u64::MAX, 100, 0, 199), Ok(1));
    assert_eq!(capacity(5, 0, 9, u64::MAX), Ok(5));
    assert_eq!(capacity(u64::MAX, 10_000, 0, u64::MAX), Ok(u64::MAX));
    assert_eq!(capacity(1, 10_001, 0, 0), Err(MathError::OutOfRange));
}

#[test]
fn a_bucket_fills_refuses_and_drains() {
    let admit = |bucket: Bucket, now, amount| bucket.admit(3_600_000, 3_600, START + now, amount);
    let full = admitted(admit(Bucket::default(), 0, 3_600_000).unwrap());
    let expected = Bucket {
        level: 3_600_000,
        at_ts: START,
    };
    assert_eq!(full, expected);
    let refused = |level| {
        Ok(Admission::Refused {
            level,
            capacity: 3_600_000,
        })
    };
    assert_eq!(admit(full, 0, 1), refused(3_600_000));
    assert_eq!(admit(full, -9, 1), refused(3_600_000));
    assert_eq!(admit(full, 1, 1_001), refused(3_599_000));
    assert_eq!(admitted(admit(full, 1, 1_000).unwrap()).level, 3_600_000);
    assert_eq!(admit(full, 1, u64::MAX), refused(3_599_000));
    let half = full.drained(3_600_000, 3_600, START + 1_800).unwrap();
    assert_eq!((half.level, half.at_ts), (1_800_000, START + 1_800));
    let empty = full.drained(3_600_000, 3_600, START + 3_600).unwrap();
    assert_eq!((empty.level, empty.at_ts), (0, START + 3_600));
    assert_eq!(
        full.drained(1, 0, START),
        Err(MathError::OutOfRange),
        "no window"
    );
    assert_eq!(full.admit(1, -1, START, 0), Err(MathError::OutOfRange));
}

#[test]
fn frequent_calls_drain_what_a_rare_one_does() {
    // a unit in 7 seconds: nothing for 6, and the time is not lost
    let mut bucket = Bucket {
        level: 10,
        at_ts: START,
    };
    for second in 1..=70 {
        bucket = bucket.drained(10, 70, START + second).unwrap();
        assert_eq!(bucket.level, 10 - second as u64 / 7);
    }
    // a call after 13 seconds drains one and keeps 6 of them for the next
    let full = Bucket {
        level: 10,
        at_ts: START,
    };
    let once = full.drained(10, 70, START + 13).unwrap();
    assert_eq!((once.level, once.at_ts), (9, START + 7));
    assert_eq!(once.drained(10, 70, START + 14).unwrap().level, 8);
}

#[test]
fn an_empty_bucket_saves_no_time_up() {
    let idle = Bucket {
        level: 0,
        at_ts: START,
    };
    // 80 of 100 seconds that a unit takes
    let later = admitted(idle.admit(1, 100, START + 80, 1).unwrap());
    assert_eq!(later.drained(1, 100, START + 179).unwrap().level, 1);
    assert_eq!(later.drained(1, 100, START + 180).unwrap().level, 0);
}

#[test]
fn a_capacity_below_the_level_refuses_until_it_has_drained() {
    let bucket = Bucket {
        level: 1_000,
        at_ts: START,
    };
    let admit = |now, amount| bucket.admit(100, 100, START + now, amount).unwrap();
    for now in [0, 1, 500, 899] {
        let refused = Admission::Refused {
            level: 1_000 - now as u64,
            capacity: 100,
        };
        assert_eq!(admit(now, 1), refused);
    }
    assert_eq!(admitted(admit(901, 1)).level, 100);
    assert_eq!(bucket.drained(0, 100, i64::MAX), Ok(bucket));
}

#[test]
fn small_buckets_are_exact_in_one_call_and_empty_within_two_windows_of_calls() {
    for (capacity, window) in (1..=40_u64).flat_map(|c| (1..=40_i64).map(move |w| (c, w))) {
        let full = Bucket {
            level: capacity,
            at_ts: START,
        };
        for elapsed in 0..=window {
            let leaked = capacity * elapsed as u64 / window as u64;
            let drained = full.drained(capacity, window, START + elapsed).unwrap();
            assert_eq!(drained.level, capacity - leaked);
        }
        let mut bucket = full;
        for second in 1..=2 * window {
            bucket = bucket.drained(capacity, window, START + second).unwrap();
        }
        assert_eq!(bucket.level, 0, "{capacity} in {window}");
    }
}

/// Small capacities, where a unit takes seconds, and large ones, where a second takes units.
fn sizes() -> impl Strategy<Value = (u64, i64)> {
    prop_oneof![
        (0_u64..20, 1_i64..50),
        (0_u64..1_000, 1_i64..100_000),
        (0..=CAP_IO, 1_i64..10_000_000),
    ]
}

/// Where the clock goes, in ten thousandths of a window or in seconds; and what is asked for, in 255ths of what is free.
fn steps() -> impl Strategy<Value = Vec<(bool, i64, u8)>> {
    let time = prop_oneof![
        3 => (Just(false), 0_i64..5),
        4 => (Just(true), 0_i64..2_000),
        1 => (Just(true), 9_000_i64..30_000),
        1 => (any::<bool>(), -1_000_i64..0),
    ];
    let share = prop_oneof![Just(255_u8), any::<u8>()];
    proptest::collection::vec((time, share).prop_map(|((w, t), s)| (w, t, s)), 1..100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_capacity_is_exact(limit: u64, share in 0_u64..=10_000, floor_units: u64, supply: u64) {
        let exact = floor(&(big(supply) * share), &big(10_000_u16));
        let expected = exact.max(big(floor_units)).min(big(limit));
        prop_assert_eq!(big(capacity(limit, share, floor_units, supply).unwrap()), expected);
    }

    #[test]
    fn a_bucket_is_never_below_the_exact_one((capacity, window) in sizes(), steps in steps()) {
        let (mut bucket, mut now) = (Bucket::default(), START);
        let mut model = Exact { parts: BigInt::ZERO, clock: 0, window };
        let mut passed: Vec<(i64, u64)> = Vec::new();
        let mut rounded = 0_u32;
        for (of_window, time, share) in steps {
            now += if of_window { time * window / 10_000 } else { time };
            model.advance(capacity, now);
            let drained = bucket.drained(capacity, window, now).unwrap();
            // A call that moves the clock rounds once, and the leak since then is rounded once more.
            rounded += u32::from(drained.at_ts != bucket.at_ts);
            let above = model.below(drained.level);
            prop_assert!(above >= BigInt::ZERO, "{} parts", above);
            prop_assert!(above < BigInt::from(window) * (rounded + 1), "{} parts", above);
            prop_assert!(drained.at_ts <= model.clock && drained.level <= capacity);

            let free = capacity - drained.level;
            let refused = Admission::Refused { level: drained.level, capacity };
            prop_assert_eq!(bucket.admit(capacity, window, now, free + 1), Ok(refused));
            let amount = (u128::from(free) * u128::from(share) / 255) as u64;
            bucket = admitted(bucket.admit(capacity, window, now, amount).unwrap());
            prop_assert_eq!(bucket, Bucket { level: drained.level + amount, ..drained });
            model.parts += BigInt::from(amount) * window;
            passed.push((model.clock, amount));
        }
        for (from, _) in &passed {
            let within = |(at, _): &&(i64, u64)| (*from..=from + window).contains(at);
            let sum: u64 = passed.iter().filter(within).map(|(_, amount)| amount).sum();
            prop_assert!(sum <= 2 * capacity, "{} of {}", sum, capacity);
        }
        // The clock may have stepped back; a window after the latest second all is gone.
        let later = bucket.drained(capacity, window, model.clock + window).unwrap();
        prop_assert_eq!(later.level, 0);
    }

    #[test]
    fn frequent_calls_lose_little(
        (capacity, window) in sizes(), whole: bool, mut times in proptest::collection::vec(0_i64..10_000_000, 1..200),
    ) {
        // a window in which a unit takes whole seconds, or any
        let window = if whole && capacity < 1_000 { window * capacity.max(1) as i64 } else { window };
        times.iter_mut().for_each(|time| *time %= window + 1);
        times.sort_unstable();
        let full = Bucket { level: capacity, at_ts: START };
        let mut often = full;
        for time in &times {
            often = often.drained(capacity, window, START + time).unwrap();
            let once = full.drained(capacity, window, START + time).unwrap();
            prop_assert!(often.level >= once.level);
            prop_assert!(often.level - once.level <= times.len() as u64);
            if window % capacity.max(1) as i64 == 0 {
                prop_assert_eq!(often.level, once.level);
            }
            // at least half of the leak, whatever the capacity
            let (drained, exact) = (capacity - often.level, capacity - once.level);
            prop_assert!(u128::from(drained) * 2 >= u128::from(exact));
        }
    }

    #[test]
    fn no_bucket_panics(level: u64, at_ts: i64, capacity: u64, window: i64, now: i64, amount: u64) {
        let bucket = Bucket { level, at_ts };
        if let Ok(Admission::Admitted(filled)) = bucket.admit(capacity, window, now, amount) {
            prop_assert!(filled.level <= capacity && filled.level >= amount);
            prop_assert!(filled.at_ts >= at_ts);
        }
        prop_assert_eq!(bucket.drained(capacity, window, now).is_ok(), window > 0);
    }
}
