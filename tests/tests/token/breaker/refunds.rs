//! The window of refunds: an exit, so that nobody can shut it for others; what is too large for it comes in parts.

use iog_client::token::Window;
use iog_math::breaker::{capacity, Admission, Bucket};
use iog_tests::world::{iosd_ata, PubkeyOf};
use iog_tests::Dice;

use super::stage::{limit, stage, Stage, REFUNDS};
use crate::setup::{burn_iosd, refund_iosd, settle_iosd, DAY, HOUR, IOSD};

/// 1,000 units a second.
const LIMIT: u64 = 86_400_000;

/// A month after 300,000 IOSD were spent; the window holds [`LIMIT`].
fn limited() -> Stage {
    let mut stage = stage();
    limit(&mut stage.world, REFUNDS, [LIMIT, 10_000, 0]);
    stage
}

impl Stage {
    fn window(&self) -> Window {
        let [.., refunds] = self.world.token_config().windows;
        refunds
    }

    /// Level and credit.
    fn books(&self) -> (u64, u64) {
        let window = self.window();
        (window.level_units, window.credit_units)
    }

    fn wait(&mut self, secs: i64) {
        self.world.set_time(self.world.now() + secs);
    }
}

#[test]
fn refunds_of_old_spending_fill_the_bucket_and_it_recovers_with_time() {
    let mut stage = limited();
    stage.passes(REFUNDS, LIMIT - 1);
    stage.trips(REFUNDS, 2, LIMIT - 1, LIMIT);
    stage.passes(REFUNDS, 1);
    stage.trips(REFUNDS, 1, LIMIT, LIMIT);
    assert_eq!(stage.books(), (LIMIT, 0));
    stage.wait(1);
    stage.trips(REFUNDS, 1_001, LIMIT - 1_000, LIMIT);
    stage.passes(REFUNDS, 1_000);
    stage.wait(12 * HOUR);
    stage.trips(REFUNDS, LIMIT / 2 + 1, LIMIT / 2, LIMIT);
    stage.passes(REFUNDS, LIMIT / 2);
    // A clock that steps back drains nothing.
    stage.wait(-10);
    stage.trips(REFUNDS, 1, LIMIT, LIMIT);
    // A second before it is empty it still counts.
    stage.wait(10 + DAY - 1);
    stage.trips(REFUNDS, LIMIT, 1_000, LIMIT);
    stage.wait(1);
    stage.passes(REFUNDS, LIMIT);
}

/// audit: money L7: one refund of any size used to pass an empty bucket and shut it for days. Now it comes in parts, and another's of a unit
/// passes right behind it as far as the bucket has room.
#[test]
fn a_large_refund_comes_in_parts_and_shuts_nobody_out() {
    let mut stage = limited();
    stage.trips(REFUNDS, 10 * LIMIT, 0, LIMIT);
    stage.passes(REFUNDS, LIMIT - 1);
    stage.passes(REFUNDS, 1);
    assert_eq!(stage.books(), (LIMIT, 0));
    for part in 1..10 {
        stage.trips(REFUNDS, 1, LIMIT, LIMIT);
        // A second later there is room for a thousand units, whoever asks.
        stage.wait(1);
        stage.passes(REFUNDS, 1);
        stage.wait(DAY);
        stage.passes(REFUNDS, LIMIT);
        assert_eq!(stage.books(), (LIMIT, 0), "part {part}");
    }
}

/// audit: money L7: refunds and settlements narrow the window, so that it may hold more than it should: what was spent a moment ago is refunded
/// all the same.
#[test]
fn what_is_covered_passes_a_bucket_that_is_too_full() {
    let mut stage = stage();
    limit(&mut stage.world, REFUNDS, [u64::MAX, 1_000, 0]);
    stage.passes(REFUNDS, 30_000 * IOSD);
    stage.trips(REFUNDS, 1, 30_000 * IOSD, 27_000 * IOSD);
    stage.spend(10 * IOSD);
    stage.passes(REFUNDS, 10 * IOSD);
    stage.trips(REFUNDS, 1, 30_000 * IOSD, 27_000 * IOSD);
}

/// audit: money L7: the window is a share of what can be refunded, spent and not earned, not of what nobody has spent yet: when everybody spends
/// promptly it does not shrink.
#[test]
fn the_window_is_a_share_of_what_is_outstanding() {
    let mut stage = stage();
    limit(&mut stage.world, REFUNDS, [u64::MAX, 1_000, 0]);
    let tenth = 30_000 * IOSD;
    stage.trips(REFUNDS, tenth + 1, 0, tenth);
    // All that is left is spent: nothing is in supply, and the window is twice as wide.
    stage.spend(300_000 * IOSD);
    stage.wait(30 * DAY);
    stage.trips(REFUNDS, 2 * tenth + 1, 0, 2 * tenth);
    // What is earned can no longer be refunded.
    let key = stage.key.insecure_clone();
    let settle = settle_iosd(&key, 500_000 * IOSD).instruction();
    stage.world.must(settle, &[&key]);
    stage.trips(REFUNDS, 10_000 * IOSD + 1, 0, 10_000 * IOSD);
    stage.passes(REFUNDS, 10_000 * IOSD);
}

#[test]
fn what_was_spent_lately_is_refunded_without_filling_the_bucket() {
    let mut stage = limited();
    stage.spend(50_000_000);
    assert_eq!(stage.books(), (0, 50_000_000));
    stage.passes(REFUNDS, 20_000_000);
    assert_eq!(stage.books(), (0, 30_000_000));
    // The credit leaks at the window's capacity: 1,000 units a second.
    stage.wait(10_000);
    stage.passes(REFUNDS, 25_000_000);
    assert_eq!(stage.books(), (5_000_000, 0));
    stage.trips(REFUNDS, LIMIT - 5_000_000 + 1, 5_000_000, LIMIT);
    stage.passes(REFUNDS, LIMIT - 5_000_000);
    // A full bucket lets pass what is spent now, and no more.
    stage.spend(7_000);
    stage.trips(REFUNDS, 7_001, LIMIT, LIMIT);
    assert_eq!(stage.books(), (LIMIT, 7_000));
    stage.passes(REFUNDS, 7_000);
    stage.trips(REFUNDS, 1, LIMIT, LIMIT);
    // What leaked of the credit is gone; it makes no room in the bucket.
    stage.spend(7_000);
    stage.wait(7);
    stage.trips(REFUNDS, 7_001, LIMIT - 7_000, LIMIT);
    stage.passes(REFUNDS, 7_000);
    assert_eq!(stage.books(), (LIMIT, 0));
}

/// More than the capacity spent in a day leaves more credit than a day leaks.
#[test]
fn the_credit_leaks_within_the_day_by_the_windows_capacity() {
    let mut stage = limited();
    stage.spend(3 * LIMIT);
    stage.wait(DAY);
    stage.spend(1);
    assert_eq!(stage.books(), (0, 2 * LIMIT + 1));
    stage.wait(-5);
    stage.spend(1);
    assert_eq!(stage.books(), (0, 2 * LIMIT + 2));
    stage.wait(5 + 3 * DAY);
    stage.passes(REFUNDS, 1);
    assert_eq!(stage.books(), (1, 0));
}

#[test]
fn nobody_fills_it_by_spending_and_being_refunded() {
    let mut stage = limited();
    let griefer = stage.world.wallet();
    stage.post();
    stage.world.burn_for_iosd(&griefer, 1_000 * 100_000_000);
    let wallet = griefer.pubkey_of();
    let key = stage.key.insecure_clone();
    for _ in 0..100 {
        let spend = burn_iosd(&key, &wallet, LIMIT).instruction();
        stage.world.must(spend, &[&key, &griefer]);
        let refund = refund_iosd(&key, &wallet, LIMIT).instruction();
        stage.world.must(refund, &[&key]);
        stage.wait(1);
    }
    assert_eq!(stage.world.balance(&iosd_ata(&wallet)), 1_000 * IOSD);
    // Each second a thousand units of the credit leaked and as many counted, and leaked again.
    let (level, _) = stage.books();
    assert!(level <= 1_000, "{level}");
    // What another spent a month ago is refunded in the window's full width.
    stage.passes(REFUNDS, LIMIT - 1_000);
}

/// Without waiting in between not a unit counts, and another's refund finds the window empty.
#[test]
fn at_one_moment_not_a_unit_counts() {
    let mut stage = limited();
    for _ in 0..100 {
        stage.spend(LIMIT);
        stage.passes(REFUNDS, LIMIT);
    }
    assert_eq!(stage.books(), (0, 0));
    stage.passes(REFUNDS, LIMIT);
}

#[test]
fn its_capacity_is_that_of_the_other_windows() {
    // Limit, share and floor; 300,000 IOSD are outstanding, less the unit that is refunded first.
    for (limits, expected) in [
        ([u64::MAX, 123, 0], 3_689_999_999),
        ([u64::MAX, 0, 5_000], 5_000),
        ([4_000, 0, 5_000], 4_000),
        ([4_000, 10_000, 5_000], 4_000),
        ([u64::MAX, 1, 50_000_000], 50_000_000),
    ] {
        let mut stage = stage();
        limit(&mut stage.world, REFUNDS, limits);
        stage.passes(REFUNDS, 1);
        stage.trips(REFUNDS, expected, 1, expected);
        stage.passes(REFUNDS, expected - 1);
    }
}

/// The books of the window are those of `iog_math::breaker`, whatever is spent and refunded when.
#[test]
fn its_books_are_the_maths_to_the_unit() {
    // Capacities of which a unit takes whole seconds and of which it does not, fixed and with the supply.
    let windows = [
        [LIMIT, 10_000, 0],
        [77_777_777, 10_000, 0],
        [u64::MAX, 3, 0],
        [u64::MAX, 1, 33_333_333],
    ];
    for (seed, limits) in (1..).zip(windows) {
        let (mut dice, mut stage) = (Dice(seed), stage());
        limit(&mut stage.world, REFUNDS, limits);
        let (mut bucket, mut credit) = (Bucket::default(), Bucket::default());
        let mut seen = [0; 3];
        for _ in 0..300 {
            let now = stage.world.now();
            let size = dice.below(29);
            let amount = 1 + dice.below(1 << size);
            let [most, share, floor] = limits;
            let holds = capacity(most, share, floor, stage.supply(REFUNDS)).unwrap();
            match dice.below(4) {
                0 => {
                    stage.spend(amount);
                    let outstanding = stage.supply(REFUNDS);
                    let holds = capacity(most, share, floor, outstanding).unwrap();
                    credit = credit.drained(holds, DAY, now).unwrap();
                    credit.level += amount;
                    seen[0] += 1;
                }
                1 => {
                    let leap = dice.pick(&[-3, 0, 1, 59, HOUR, 5 * HOUR]);
                    stage.wait(leap);
                }
                _ => {
                    let left = credit.drained(holds, DAY, now).unwrap();
                    let covered = left.level.min(amount);
                    // What is covered wholly does not touch the bucket.
                    let admission = if covered == amount {
                        Admission::Admitted(bucket)
                    } else {
                        bucket.admit(holds, DAY, now, amount - covered).unwrap()
                    };
                    match admission {
                        Admission::Admitted(next) => {
                            stage.passes(REFUNDS, amount);
                            bucket = next;
                            credit = Bucket {
                                level: left.level - covered,
                                ..left
                            };
                            seen[1] += 1;
                        }
                        Admission::Refused { level, capacity } => {
                            stage.trips(REFUNDS, amount, level, capacity);
                            seen[2] += 1;
                        }
                    }
                }
            }
            let window = stage.window();
            let got = (
                (window.level_units, window.at_ts),
                (window.credit_units, window.credit_ts),
            );
            let expected = ((bucket.level, bucket.at_ts), (credit.level, credit.at_ts));
            assert_eq!(got, expected, "seed {seed}");
        }
        assert!(
            seen.iter().all(|count| *count >= 5),
            "seed {seed}: {seen:?}"
        );
    }
}
