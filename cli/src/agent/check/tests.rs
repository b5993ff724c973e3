//! The conversation, against devices that keep to it and devices that do not.

use super::talk::{converse, walk_time, Extent, Outcome, Plan, Verdict};
use crate::market::blank;
use iog_client::registry::accounts::HardwareClass;
use iog_job::{
    check::{Challenge, Openings, Size, Start, Walked},
    frame,
};
use iog_pow::{pick, CpuProver, Shape, K_OPENINGS};
use std::time::Duration;

fn class() -> HardwareClass {
    HardwareClass {
        proof_valid_hours: 4,
        rows: 1_024,
        tiles: 4,
        waves: 512,
        commit_slots: 150,
        max_cards: 8,
        ..blank()
    }
}

#[test]
fn what_is_asked_follows_the_class() {
    let whole = Plan::of(&class(), 2, Extent::Class).unwrap();
    assert_eq!(
        whole.size(),
        Size {
            rows: 1_024,
            tiles: 4,
            waves: 512,
            cards: 2
        }
    );
    assert_eq!(whole.limit, Duration::from_secs(60));
    let large = HardwareClass {
        rows: 1 << 27,
        ..class()
    };
    let small = Plan::of(&large, 16, Extent::Small).unwrap();
    assert_eq!(
        small.size(),
        Size {
            rows: 1 << 21,
            tiles: 4,
            waves: 64,
            cards: 8
        }
    );
    assert_eq!(small.limit, Duration::from_secs(15));
    assert!(small.size().is_small());
    let unproved = HardwareClass {
        proof_valid_hours: 0,
        ..class()
    };
    assert_eq!(Plan::of(&unproved, 1, Extent::Class), None);
}

/// What a device does. `lie` changes its openings.
async fn device(stream: tokio::io::DuplexStream, shape: Shape, lie: fn(&mut Vec<String>)) {
    let (mut from, mut to) = tokio::io::split(stream);
    let start: Start = frame::expect(&mut from, 1 << 10).await.unwrap();
    let mut prover = CpuProver::new(start.seed.0, shape, 1);
    let root = hex::encode(prover.commit().unwrap());
    frame::write(&mut to, &Walked::Root(root)).await.unwrap();
    let asked: Challenge = frame::expect(&mut from, 1 << 10).await.unwrap();
    let mut open = |n| prover.open(&pick(&asked.challenge.0, n, &shape)).unwrap();
    let mut openings: Vec<String> = (0..K_OPENINGS).map(|n| hex::encode(open(n))).collect();
    lie(&mut openings);
    frame::write(&mut to, &Openings { openings }).await.unwrap();
}

async fn checked(plan: Plan, walks: Shape, lie: fn(&mut Vec<String>)) -> Outcome {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (mut from, mut to) = tokio::io::split(ours);
    let check = converse(&mut from, &mut to, &plan, Duration::ZERO);
    let (outcome, ()) = tokio::join!(check, device(theirs, walks, lie));
    outcome
}

/// redteam S5
#[tokio::test]
async fn a_walk_is_believed_by_its_openings_and_its_time() {
    let plan = Plan::of(&class(), 2, Extent::Class).unwrap();
    let honest = checked(plan, plan.shape, |_| ()).await;
    assert_eq!((honest.verdict, honest.reason), (Verdict::Passed, None));
    assert!(honest.walk.unwrap() < plan.limit);

    let slow = Plan {
        limit: Duration::ZERO,
        ..plan
    };
    assert_eq!(
        checked(slow, plan.shape, |_| ()).await.verdict,
        Verdict::Slow
    );
    // Half the cards, half the table.
    let one = plan.shape.with_cards(1).unwrap();
    assert_eq!(checked(plan, one, |_| ()).await.verdict, Verdict::Wrong);
    let half = Shape::new(512, 4, 512, 2).unwrap();
    assert_eq!(checked(plan, half, |_| ()).await.verdict, Verdict::Wrong);
    let changed = checked(plan, plan.shape, |all| all.swap(0, 1)).await;
    assert_eq!(changed.verdict, Verdict::Wrong);
    let short = checked(plan, plan.shape, |all| all.truncate(7)).await;
    assert_eq!(short.reason.as_deref(), Some("it opens too few"));
}

/// redteam S5: who answers late on purpose makes the line look long, and would walk for as much longer.
#[test]
fn a_line_that_looks_long_gives_no_time() {
    let took = Duration::from_secs(20);
    let walk = |round_trip| walk_time(took, Duration::from_millis(round_trip));
    assert_eq!(walk(80), Duration::from_millis(19_920));
    assert_eq!(walk(1_000), Duration::from_secs(19));
    assert_eq!(walk(8_000), Duration::from_secs(19));
}

#[test]
fn a_lost_line_and_a_full_card_beside_a_job_are_no_faults() {
    for (verdict, class, small) in [
        (Verdict::Passed, false, false),
        (Verdict::Silent, false, false),
        (Verdict::NoRoom, true, false),
        (Verdict::Slow, true, true),
        (Verdict::Refused, true, true),
    ] {
        assert_eq!(verdict.is_bad(Extent::Class), class, "{verdict:?}");
        assert_eq!(verdict.is_bad(Extent::Small), small, "{verdict:?}");
    }
}
