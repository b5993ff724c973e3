//! Slots: which decide about a stretch, when, and what they are worth.

use iog_math::slots::{slot_rent, Judged, Slots};
use iog_math::MathError;

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
        assert_eq!((slots.first, slots.begun), (first, begun), "{from} to {until}");
        assert_eq!(slots.judged_ts(), Ok(judged_ts), "{from} to {until}");
    }
    assert_eq!(Slots::of(10, 9), Err(MathError::OutOfRange));
    assert_eq!(Slots::of(-1, 9), Err(MathError::OutOfRange));
}

/// redteam 5a: who is dead is paid nothing, and half a machine half.
#[test]
fn one_missing_slot_is_forgiven_where_the_rest_is_proved() {
    let hour = Slots::of(3_600, 7_200).unwrap();
    for (proved, may, paid, missing, forgiven) in [
        (6, true, 6, 0, false),
        (5, true, 6, 1, true),
        (5, false, 5, 1, false),
        (4, true, 4, 2, false),
        (3, true, 3, 3, false),
        (1, true, 1, 5, false),
        (0, true, 0, 6, false),
    ] {
        let expected = Judged { paid, missing, forgiven };
        assert_eq!(hour.judge(proved, may), expected, "{proved} proved");
    }
    let two = Slots::of(3_600, 4_800).unwrap();
    assert_eq!(two.judge(1, true), Judged { paid: 2, missing: 1, forgiven: true });
    // a part hour with a single slot forgives none
    let one = Slots::of(3_600, 4_200).unwrap();
    assert_eq!(one.judge(0, true), Judged { paid: 0, missing: 1, forgiven: false });
}

/// redteam 5d: minutes before the first boundary belong to the slot that they lie in, or the next.
#[test]
fn a_stretch_without_a_beginning_is_judged_by_its_slot_or_the_next() {
    let within = Slots::of(3_660, 4_140).unwrap();
    assert_eq!((within.begun, within.looked_at(), within.parts()), (0, 2, 1));
    assert_eq!(within.judge(0, true), Judged { paid: 0, missing: 1, forgiven: false });
    for proved in [1, 2] {
        assert_eq!(within.judge(proved, true), Judged { paid: 1, missing: 0, forgiven: false });
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
