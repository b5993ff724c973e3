//! Slots: which decide about a stretch, when, and what they are worth.

mod exact;

use exact::{big, floor};
use iog_math::{
    slots::{slot_rent, Judged, Slots, FORGIVEN_PER_DAY, SLOT_SECS},
    MathError,
};
use proptest::prelude::*;

fn judged(paid: u32, missing: u32, forgiven: bool) -> Judged {
    Judged {
        paid,
        missing,
        forgiven,
    }
}

/// redteam 5c: who settles at the second in which an hour ends has to wait for its last slot.
#[test]
fn slots_that_begin_in_a_stretch_decide_about_it() {
    for (from, until, first, begun, judged_ts) in [
        (3_600, 7_200, 6, 6, 7_200),
        (3_597, 7_197, 6, 6, 7_200),
        // three seconds into a slot: the last one that begins runs on behind the hour
        (3_603, 7_203, 7, 6, 7_800),
        (3_603, 7_200, 7, 5, 7_200),
        (3_603, 4_199, 6, 0, 4_800),
        (3_600, 3_601, 6, 1, 4_200),
        (3_600, 3_600, 6, 0, 4_800),
    ] {
        let slots = Slots::of(from, until).unwrap();
        assert_eq!(
            (slots.first, slots.begun),
            (first, begun),
            "{from} to {until}"
        );
        assert_eq!(slots.judged_ts(), Ok(judged_ts), "{from} to {until}");
    }
    for (from, until) in [(10, 9), (-1, 9)] {
        assert_eq!(Slots::of(from, until), Err(MathError::OutOfRange));
    }
    // The widest stretch there is: a result or an error, no panic.
    assert_eq!(Slots::of(0, i64::MAX), Err(MathError::Overflow));
    let last = Slots::of(i64::MAX, i64::MAX).unwrap();
    assert_eq!(last.judged_ts(), Err(MathError::Overflow));
    assert_eq!(SLOT_SECS, 600);
}

/// redteam 5a: who is dead is paid nothing, and half a machine half.
#[test]
fn one_missing_slot_is_forgiven_where_the_rest_is_proved() {
    let hour = Slots::of(3_600, 7_200).unwrap();
    for (proved, may, expected) in [
        (7, true, judged(6, 0, false)),
        (6, true, judged(6, 0, false)),
        (5, true, judged(6, 1, true)),
        (5, false, judged(5, 1, false)),
        (4, true, judged(4, 2, false)),
        (3, true, judged(3, 3, false)),
        (1, true, judged(1, 5, false)),
        (0, true, judged(0, 6, false)),
    ] {
        assert_eq!(hour.judge(proved, may), expected, "{proved} proved");
    }
    let two = Slots::of(3_600, 4_800).unwrap();
    assert_eq!(two.judge(1, true), judged(2, 1, true));
    // a part hour with a single slot forgives none
    let one = Slots::of(3_600, 4_200).unwrap();
    assert_eq!(one.judge(0, true), judged(0, 1, false));
}

/// A lost transaction now and then: 4 slots of 144, 2.8 % of the day instead of a sixth. redteam 5b
#[test]
fn four_slots_of_a_day_are_forgiven() {
    assert_eq!(FORGIVEN_PER_DAY, 4);
    assert_eq!(
        i64::from(FORGIVEN_PER_DAY) * 1_000 / (86_400 / SLOT_SECS),
        27
    );
}

/// redteam 5d: minutes before the first boundary belong to the slot that they lie in, or the next.
#[test]
fn a_stretch_without_a_beginning_is_judged_by_its_slot_or_the_next() {
    let within = Slots::of(3_660, 4_140).unwrap();
    assert_eq!(
        (within.begun, within.looked_at(), within.parts()),
        (0, 2, 1)
    );
    assert_eq!(within.judge(0, true), judged(0, 1, false));
    for proved in [1, 2] {
        assert_eq!(within.judge(proved, true), judged(1, 0, false));
    }
}

#[test]
fn rent_is_rounded_down() {
    assert_eq!(slot_rent(100, 5, 6), Ok(83));
    assert_eq!(slot_rent(100, 6, 6), Ok(100));
    assert_eq!(slot_rent(100, 7, 6), Ok(100));
    assert_eq!(slot_rent(u64::MAX, 6, 6), Ok(u64::MAX));
    assert_eq!(slot_rent(100, 0, 6), Ok(0));
    assert_eq!(slot_rent(1, 1, 0), Err(MathError::DivisionByZero));
}

proptest! {
    /// Second by second: a slot is one that begins in the stretch, and the last one is over when it may be judged.
    #[test]
    fn slots_are_those_that_begin_in_the_stretch(from in 0_i64..100_000, secs in 0_i64..9_000) {
        let until = from + secs;
        let slots = Slots::of(from, until).unwrap();
        let begins: Vec<i64> = (from..until).filter(|second| second % 600 == 0).map(|second| second / 600).collect();
        prop_assert_eq!(slots.begun as usize, begins.len());
        if let (Some(first), Some(last)) = (begins.first(), begins.last()) {
            prop_assert_eq!(slots.first, *first);
            prop_assert_eq!((slots.looked_at(), slots.parts()), (slots.begun, slots.begun));
            prop_assert_eq!(slots.judged_ts(), Ok((last + 1) * 600));
        } else {
            // the one it lies in, and the next
            prop_assert_eq!(slots.first, from / 600);
            prop_assert_eq!((slots.looked_at(), slots.parts()), (2, 1));
            prop_assert_eq!(slots.judged_ts(), Ok((from / 600 + 2) * 600));
        }
        prop_assert!(slots.judged_ts().unwrap() >= until);
    }

    /// Cut anywhere, the parts of a stretch have its slots between them, each once: nobody gains by settling more often.
    #[test]
    fn a_cut_loses_and_doubles_no_slot(from in 0_i64..100_000, first in 0_i64..9_000, second in 0_i64..9_000) {
        let of = |from, until| Slots::of(from, until).unwrap();
        let (cut, until) = (from + first, from + first + second);
        let [whole, one, two] = [of(from, until), of(from, cut), of(cut, until)];
        prop_assert_eq!(whole.begun, one.begun + two.begun);
        if one.begun > 0 && two.begun > 0 {
            prop_assert_eq!(two.first, one.first + i64::from(one.begun));
        }
    }

    /// Paid is what is proved, and one more only where all others are proved and there is another.
    #[test]
    fn nobody_is_paid_for_more_than_one_slot_that_is_missing(begun in 1_u32..1_000, proved in 0_u32..1_000, may: bool) {
        let slots = Slots { first: 0, begun };
        let result = slots.judge(proved, may);
        let proved = proved.min(begun);
        prop_assert_eq!(result.missing, begun - proved);
        prop_assert_eq!(result.forgiven, may && proved > 0 && begun - proved == 1);
        prop_assert_eq!(result.paid, proved + u32::from(result.forgiven));
    }

    #[test]
    fn slot_rent_is_exact(rent: u64, paid: u32, parts in 1_u32..) {
        let exact = floor(&(big(rent) * paid.min(parts)), &big(parts));
        prop_assert_eq!(big(slot_rent(rent, paid, parts).unwrap()), exact);
    }
}
