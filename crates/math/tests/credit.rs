//! The queue of what is owed for credit.

use iog_math::{credit::payable, MathError};
use proptest::prelude::*;

#[test]
fn a_claim_is_paid_as_far_as_the_funds_reach_into_it() {
    // 100 claimed before it, 50 its own.
    let funded = [0, 100, 101, 149, 150, 1_000, u64::MAX];
    let found = funded.map(|funded| payable(funded, 100, 50, 0));
    assert_eq!(found, [0, 0, 1, 49, 50, 50, 50].map(Ok));
    assert_eq!(payable(130, 100, 50, 20), Ok(10));
    assert_eq!(payable(130, 100, 50, 30), Ok(0));
    assert_eq!(payable(150, 100, 50, 50), Ok(0));
    assert_eq!(payable(150, 100, 0, 0), Ok(0));
    // More paid than was there: no claim that this queue made.
    assert_eq!(payable(130, 100, 50, 31), Err(MathError::Overflow));
    assert_eq!(payable(99, 100, 50, 1), Err(MathError::Overflow));
    assert_eq!(payable(u64::MAX, 0, 50, 51), Err(MathError::Overflow));
    // The end of the counters.
    assert_eq!(payable(u64::MAX, u64::MAX - 5, u64::MAX, 0), Ok(5));
}

/// A claim of the queue: `(start, claim, paid)`.
fn queue(claims: &[u64]) -> (Vec<(u64, u64, u64)>, u64) {
    let mut tail = 0;
    let queued = claims
        .iter()
        .map(|claim| {
            let start = tail;
            tail += claim;
            (start, *claim, 0)
        })
        .collect();
    (queued, tail)
}

proptest! {
    #[test]
    fn the_funds_are_paid_out_in_order_and_whole(
        claims in prop::collection::vec(0_u64..=1 << 40, 1..20),
        funded in prop_oneof![0_u64..=1 << 44, any::<u64>()],
    ) {
        let (queued, tail) = queue(&claims);
        let paid: Vec<_> = queued
            .iter()
            .map(|(start, claim, paid)| payable(funded, *start, *claim, *paid).unwrap())
            .collect();
        prop_assert_eq!(paid.iter().sum::<u64>(), funded.min(tail));
        // Nobody is paid before everybody ahead has all.
        let mut complete = true;
        for (paid, claim) in paid.iter().zip(&claims) {
            prop_assert!(paid <= claim);
            prop_assert!(complete || *paid == 0);
            complete &= paid == claim;
        }
    }

    #[test]
    fn whoever_asks_whenever_gets_the_same(
        claims in prop::collection::vec(0_u64..=1 << 40, 1..10),
        rounds in prop::collection::vec((0_u64..=1 << 40, any::<prop::sample::Index>()), 1..40),
    ) {
        let (mut queued, tail) = queue(&claims);
        let mut funded = 0;
        for (more, who) in rounds {
            funded += more;
            let place = who.index(queued.len());
            let (start, claim, paid) = &mut queued[place];
            *paid += payable(funded, *start, *claim, *paid).unwrap();
            prop_assert_eq!(payable(funded, *start, *claim, *paid), Ok(0));
            // Never more out than came in, however they take turns.
            prop_assert!(queued.iter().map(|(_, _, paid)| paid).sum::<u64>() <= funded.min(tail));
        }
        for (start, claim, paid) in &mut queued {
            *paid += payable(funded, *start, *claim, *paid).unwrap();
        }
        prop_assert_eq!(queued.iter().map(|(_, _, paid)| paid).sum::<u64>(), funded.min(tail));
    }
}
