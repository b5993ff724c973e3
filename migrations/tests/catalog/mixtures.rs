//! One card, keys of several classes: what it earns at best within their deadlines.

use crate::{
    lookalikes::{holders, open_classes, Holder},
    roofline::SLOT_SECS,
};
use iog_migrations::{Class, Pool};

/// Ticks of a second in which walks are counted, a part of one as a whole.
const TICKS: f64 = 8.0;
const MOST_TICKS: usize = 1_500;

fn ticks(secs: f64) -> usize {
    (secs * TICKS).ceil() as usize
}

/// The dearest choice of keys, walked in the order of their deadlines.
fn best_x100(holder: &Holder, classes: &[Class]) -> u32 {
    let mut jobs: Vec<(usize, usize, u32)> = classes
        .iter()
        .filter(|class| class.pool == holder.class.pool)
        .filter_map(|class| {
            let walk = ticks(holder.walk_secs(class)?);
            let due = ticks(f64::from(class.commit_slots) * SLOT_SECS);
            Some((due, walk, class.multiplier_x100))
        })
        .collect();
    jobs.sort_unstable();
    let mut earned = vec![0; MOST_TICKS];
    for (due, walk, multiplier) in jobs {
        for end in walk..=due {
            earned[end] = earned[end].max(earned[end - walk] + multiplier);
        }
    }
    earned.into_iter().max().unwrap()
}

/// The rule of single classes says nothing of mixtures: a deadline of 1.45 walks leaves room for a key of another class beside one's own. A farm whose cards
/// take turns gains as much (docs/proof-of-work.md).
#[test]
fn a_mixture_of_keys_gains_what_taking_turns_does() {
    let classes = open_classes();
    for holder in holders() {
        let (card, best) = (holder.card.name(), best_x100(&holder, &classes));
        let (own, allowed) = (holder.class.multiplier_x100, holder.allowance_x100());
        if allowed == 0 {
            continue;
        }
        // Hundredths of what the card may earn.
        match holder.class.pool {
            Pool::Enterprise => assert!(100 * best <= 134 * own, "{card}: {best} for {own}"),
            Pool::Community => assert!(100 * best <= 153 * allowed, "{card}: {best} of {allowed}"),
        }
    }
}
