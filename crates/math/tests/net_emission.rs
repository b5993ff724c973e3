//! The allowance that burns fill, against the exact sum of their streams.

mod exact;

use exact::{big, fits, floor};
use iog_math::{
    net_emission::{Allowance, BUCKETS, DAYS},
    units::CAP_IO,
    MathError,
};
use num_bigint::BigUint;
use num_traits::Zero;
use proptest::prelude::*;

const DAY: i64 = 86_400;
/// 720 hours.
const STREAM: i64 = 720 * 3_600;
/// The first second of day 20,000.
const START: i64 = 20_000 * DAY;

/// What was burned and minted again, and up to when.
#[derive(Default)]
struct Exact {
    /// When a burn begins to stream, and its amount.
    burns: Vec<(i64, u64)>,
    burned: BigUint,
    spent: BigUint,
    clock: i64,
}

impl Exact {
    fn advance(&mut self, now: i64) {
        self.clock = self.clock.max(now);
    }

    fn burn(&mut self, now: i64, amount: u64) {
        self.advance(now);
        self.burns.push(((self.clock / DAY + 1) * DAY, amount));
        self.burned += amount;
    }

    /// `sum of burn * clamp(now - end of its day, 0, 720 h)`, in 2,592,000ths.
    fn streamed(&self) -> BigUint {
        let part =
            |(from, amount): &(i64, u64)| big(*amount) * streamed_secs(self.clock - from) as u64;
        self.burns.iter().map(part).sum()
    }

    fn check(&self, state: &Allowance) -> Result<(), TestCaseError> {
        let streamed = self.streamed();
        let secs = big(STREAM as u64);
        prop_assert_eq!(
            big(state.available) + &self.spent,
            floor(&streamed, &secs),
            "at {}",
            self.clock
        );
        prop_assert_eq!(big(state.remainder), streamed % secs);
        let waiting = big(state.unreleased().unwrap());
        prop_assert_eq!(&self.burned, &(&self.spent + state.available + waiting));
        let streams = |(from, _): &&(i64, u64)| (0..STREAM).contains(&(self.clock - *from));
        let streaming: u64 = self.burns.iter().filter(streams).map(|burn| burn.1).sum();
        prop_assert_eq!(state.streaming, streaming);
        prop_assert_eq!(
            (state.at_ts, state.day),
            (self.clock, (self.clock / DAY) as u64)
        );
        Ok(())
    }
}

fn streamed_secs(since: i64) -> i64 {
    since.clamp(0, STREAM)
}

#[test]
fn a_burn_waits_for_the_day_to_end_and_then_streams_720_hours() {
    let mut state = Allowance::default();
    // two units a second
    state.burn(START + DAY / 2, 5_184_000).unwrap();
    assert_eq!(state.day, 20_000);
    assert_eq!((DAYS, BUCKETS), (30, 31));
    let at = |secs| state.available_at(START + DAY + secs);
    assert_eq!(at(-1), Ok(0));
    assert_eq!(at(0), Ok(0));
    assert_eq!(at(1), Ok(2));
    assert_eq!(at(3_600), Ok(7_200));
    assert_eq!(at(STREAM / 2), Ok(2_592_000));
    assert_eq!(at(STREAM - 1), Ok(5_183_998));
    assert_eq!(at(STREAM), Ok(5_184_000));
    assert_eq!(at(STREAM + 1), Ok(5_184_000));
    assert_eq!(at(STREAM + DAY), Ok(5_184_000));
    assert_eq!(at(100 * 365 * DAY), Ok(5_184_000));
}

#[test]
fn the_last_second_of_a_day_and_the_first_of_the_next_are_a_day_apart() {
    let mut state = Allowance::default();
    state.burn(START - 1, 2_592_000).unwrap();
    state.burn(START, 2_592_000).unwrap();
    assert_eq!(state.streaming, 2_592_000);
    assert_eq!(state.available_at(START + DAY), Ok(86_400));
    assert_eq!(state.available_at(START + DAY + 1), Ok(86_402));
    assert_eq!(
        state.available_at(START + STREAM),
        Ok(2 * 2_592_000 - DAY as u64)
    );
    assert_eq!(state.unreleased(), Ok(2 * 2_592_000));
}

#[test]
fn a_unit_is_available_when_it_is_whole() {
    let mut state = Allowance::default();
    state.burn(START, 1).unwrap();
    state.advance(START + DAY + STREAM - 1).unwrap();
    assert_eq!((state.available, state.remainder), (0, 2_591_999));
    assert_eq!(state.unreleased(), Ok(1));
    state.advance(START + DAY + STREAM).unwrap();
    assert_eq!((state.available, state.remainder), (1, 0));
    assert_eq!(state.unreleased(), Ok(0));
}

#[test]
fn no_more_than_what_is_available_is_spent() {
    let mut state = Allowance::default();
    assert_eq!(state.spend(START, 0), Ok(()));
    assert_eq!(state.spend(START, 1), Err(MathError::OutOfRange));
    state.burn(START, 2_592_000).unwrap();
    let now = START + DAY + 10;
    assert_eq!(state.spend(now, 11), Err(MathError::OutOfRange));
    assert_eq!((state.available, state.at_ts), (10, now));
    assert_eq!(state.spend(now, 10), Ok(()));
    assert_eq!(state.spend(now, 1), Err(MathError::OutOfRange));
    assert_eq!(state.spend(now + 1, 1), Ok(()));
}

#[test]
fn a_clock_that_steps_back_changes_nothing() {
    let mut state = Allowance::default();
    state.burn(START, 2_592_000).unwrap();
    state.advance(START + 2 * DAY).unwrap();
    let before = state;
    for now in [START + DAY, START, 0, -1, i64::MIN] {
        state.advance(now).unwrap();
        assert_eq!(state, before);
        assert_eq!(state.available_at(now), Ok(86_400));
    }
    // A burn then belongs to the day that the state is in, not to one that may have streamed.
    state.burn(START, 7).unwrap();
    assert_eq!(state.available_at(START + 3 * DAY), Ok(2 * 86_400));
    assert_eq!(state.unreleased(), Ok(2_592_000 - 86_400 + 7));
}

#[test]
fn a_new_state_starts_at_its_first_call() {
    let mut state = Allowance::default();
    state.advance(START + 5).unwrap();
    let started = Allowance {
        day: 20_000,
        at_ts: START + 5,
        ..Allowance::default()
    };
    assert_eq!(state, started);
    // A burn at second 0 is no new state: it streams like any other.
    let mut epoch = Allowance::default();
    epoch.burn(-5, 2_592_000).unwrap();
    assert_eq!(epoch.available_at(DAY + 9), Ok(9));
    assert_eq!(epoch.available_at(START), Ok(2_592_000));
    assert_eq!(epoch.unreleased(), Ok(2_592_000));
}

#[test]
fn the_whole_supply_streams_out() {
    let mut state = Allowance::default();
    for day in 0..31 {
        state.burn(START + day * DAY, CAP_IO).unwrap();
    }
    assert_eq!(state.streaming, 30 * CAP_IO);
    let end = START + 31 * DAY + STREAM;
    assert!(state.available_at(end - 1).unwrap() < 31 * CAP_IO);
    assert_eq!(state.available_at(end), Ok(31 * CAP_IO));
    assert_eq!(state.available_at(i64::MAX), Ok(31 * CAP_IO));
    let bucket = state.buckets[20_030 % 31];
    assert_eq!(bucket, CAP_IO);
    assert_eq!(
        state.burn(START + 30 * DAY, u64::MAX),
        Err(MathError::Overflow)
    );
}

/// How the clock moves: by seconds, hours, days, months, years, or back.
fn jumps() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0_i64..60,
        4 => 0..DAY,
        2 => (0_i64..40).prop_map(|days| days * DAY),
        3 => 0..5 * DAY,
        2 => 25 * DAY..35 * DAY,
        1 => 0..2_000 * DAY,
        2 => -3 * DAY..0,
        1 => -2_000 * DAY..0,
    ]
}

fn amounts() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..100, 0_u64..10_000_000_000, 0..=CAP_IO]
}

#[derive(Clone, Debug)]
enum Step {
    Touch,
    Burn(u64),
    /// A share of what is available in 255ths.
    Spend(u8),
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        1 => Just(Step::Touch),
        3 => amounts().prop_map(Step::Burn),
        3 => any::<u8>().prop_map(Step::Spend),
        1 => Just(Step::Spend(255)),
    ];
    proptest::collection::vec((jumps(), step), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_history_is_the_exact_sum_rounded_down(start in 0_i64..30_000 * DAY, steps in steps()) {
        let (mut state, mut model) = (Allowance::default(), Exact::default());
        let mut now = start;
        for (jump, step) in steps {
            now += jump;
            match step {
                Step::Touch => {
                    model.advance(now);
                    state.advance(now).unwrap();
                }
                Step::Burn(amount) => {
                    model.burn(now, amount);
                    state.burn(now, amount).unwrap();
                }
                Step::Spend(share) => {
                    let available = state.available_at(now).unwrap();
                    let amount = available / 255 * u64::from(share) + available % 255 * u64::from(share) / 255;
                    model.advance(now);
                    model.spent += amount;
                    state.spend(now, amount).unwrap();
                    prop_assert_eq!(state.available, available - amount);
                }
            }
            model.check(&state)?;
            prop_assert!(model.spent <= model.burned);
            prop_assert_eq!(state.available_at(now), Ok(state.available));
        }
        // A month and a day later everything burned is available, and the unspent rest of it can be minted.
        let later = (model.clock / DAY + 31) * DAY;
        let left = fits(&model.burned - &model.spent).unwrap();
        prop_assert_eq!(state.available_at(later), Ok(left));
        state.spend(later, left).unwrap();
        prop_assert_eq!(state.spend(i64::MAX, 1), Err(MathError::OutOfRange));
        prop_assert!(state.remainder.is_zero() && state.streaming.is_zero());
    }

    #[test]
    fn touching_often_changes_nothing(amount in amounts(), first in 0..DAY, touches in proptest::collection::vec(0..DAY, 0..80)) {
        let mut often = Allowance::default();
        often.burn(START + first, amount).unwrap();
        let rarely = often;
        let mut now = START + first;
        for touch in touches {
            now += touch;
            often.advance(now).unwrap();
            prop_assert_eq!(rarely.available_at(now), Ok(often.available));
        }
    }

    #[test]
    fn no_state_panics(
        buckets: [u64; BUCKETS], day: u64, at_ts: i64, streaming: u64, remainder: u64, available: u64, now: i64, amount: u64,
    ) {
        let mut state = Allowance { buckets, day, at_ts, streaming, remainder, available };
        let _ = (state.unreleased(), state.available_at(now));
        let _ = (state.burn(now, amount), state.spend(now, amount), state.unreleased());
        let mut same_day = Allowance { day: at_ts.unsigned_abs() / 86_400, ..state };
        let _ = (same_day.advance(now), same_day.unreleased());
    }
}
