//! The price of a quorum, against a model that states the rule: a quarter dropped at each end, a median, an hour by the second.

use iog_math::quorum::{median, time_of, Average, Median, Report, MAX_PRICE, REPORTERS};
use proptest::prelude::*;

const NOW: i64 = 1_790_000_000;

fn reports(list: &[(u64, i64)]) -> [Report; REPORTERS] {
    let mut reports = [Report::default(); REPORTERS];
    for (report, (price, age)) in reports.iter_mut().zip(list) {
        *report = Report {
            price: *price,
            ts: NOW - age,
        };
    }
    reports
}

fn fresh(prices: &[u64]) -> [Report; REPORTERS] {
    reports(&prices.iter().map(|price| (*price, 0)).collect::<Vec<_>>())
}

fn of(prices: &[u64]) -> Option<Median> {
    median(&fresh(prices), prices.len() as u64, 60, NOW).unwrap()
}

#[test]
fn medians_are_literal() {
    let says = |price, conf| Some(Median { price, conf });
    // three: only the middle is left, and a thousandth is the least confidence
    assert_eq!(of(&[2_000, 1_000, 9_000_000]), says(2_000, 2));
    // four: the middle two
    assert_eq!(of(&[1_000, 1_010, 1_021, 5_000]), says(1_015, 6));
    // five: the middle alone; nine: the middle three
    assert_eq!(of(&[1, 2, 1_000, 4_000, 5_000]), says(1_000, 1));
    let nine = [1, 2, 3, 980, 1_000, 1_030, 7_000, 8_000, 9_000];
    assert_eq!(of(&nine), says(1_000, 30));
    assert!(median(&fresh(&[1, 2, 3]), 0, 60, NOW).is_err());
}

#[test]
fn old_and_early_reports_do_not_count() {
    let list = [(10, 60), (11, 61), (12, -5), (13, -6), (14, 0)];
    assert_eq!(median(&reports(&list), 4, 60, NOW), Ok(None));
    let three = median(&reports(&list), 3, 60, NOW).unwrap().unwrap();
    assert_eq!(three.price, 12);
    // What is fresh enough for an order is too old for an exchange.
    assert_eq!(median(&reports(&list), 3, 20, NOW), Ok(None));
}

/// redteam: P3
#[test]
fn a_feed_is_as_old_as_the_report_that_makes_the_quorum() {
    let list = [(10, 1), (10, 59), (10, 58), (10, 57), (10, 56)];
    assert_eq!(time_of(&reports(&list), 5), Some(NOW - 59));
    assert_eq!(time_of(&reports(&list), 3), Some(NOW - 57));
    assert_eq!(time_of(&reports(&list[..2]), 3), None);
}

/// redteam: P4
#[test]
fn the_average_is_of_an_hour_by_the_second() {
    let mut average = Average::default();
    assert_eq!(average.mean(NOW), Ok(None));
    for minutes in (0..45).step_by(5) {
        average.record(1_000, NOW + minutes * 60).unwrap();
    }
    assert_eq!(average.mean(NOW + 2_699), Ok(None), "45 minutes are needed");
    assert_eq!(average.mean(NOW + 2_700), Ok(Some(1_000)));
    for minutes in (45..60).step_by(5) {
        average.record(1_000, NOW + minutes * 60).unwrap();
    }
    assert_eq!(average.mean(NOW + 3_600), Ok(Some(1_000)));
    // A price that rises by a fifth counts by the time that it stood.
    average.record(1_200, NOW + 3_600).unwrap();
    let after = average.mean(NOW + 3_900).unwrap().unwrap();
    assert!((1_014..=1_017).contains(&after), "{after}");
    // A gap: a median is held for ten minutes, then nothing is known.
    assert!(average.mean(NOW + 4_200).unwrap().is_some());
    assert_eq!(average.mean(NOW + 6_000), Ok(None));
    // The clock steps back: no time passes, nothing is counted twice.
    let before = average;
    average.record(3_000, NOW + 3_000).unwrap();
    assert_eq!(average.buckets, before.buckets);
    assert!(average.record(0, NOW).is_err() && average.record(MAX_PRICE + 1, NOW).is_err());
}

fn a_full_hour() -> Average {
    let mut average = Average::default();
    for minutes in (0..=65).step_by(5) {
        let then = NOW - 3_900 + minutes * 60;
        average.record(2_500_000_000, then).unwrap();
    }
    average
}

/// Whoever makes the median for a second moves the average by a second's weight of a fifth, whatever it says. redteam: P4
#[test]
fn no_median_counts_for_more_than_a_fifth() {
    for lie in [MAX_PRICE, 1] {
        let mut average = a_full_hour();
        average.record(lie, NOW + 1).unwrap();
        let mean = average.mean(NOW + 2).unwrap().unwrap();
        assert!(mean.abs_diff(2_500_000_000) <= 140_000_u64, "{mean}");
    }
}

/// An hour in which nobody reports wipes nothing out: what follows starts a fifth around the last average. redteam: P4
#[test]
fn silence_does_not_free_the_price() {
    let mut average = a_full_hour();
    let after = NOW + 86_400;
    assert_eq!(average.mean(after), Ok(None));
    for minutes in (0..50).step_by(5) {
        average.record(MAX_PRICE, after + minutes * 60).unwrap();
    }
    let mean = average.mean(after + 3_000).unwrap().unwrap();
    assert!(mean <= 3_200_000_000, "{mean}");
}

/// What docs/money.md says an outage costs: until when the average is unknown, or the price more than a fifth off it.
#[test]
fn after_a_silence_it_takes_so_long() {
    let average = a_full_hour();
    assert!(average.mean(NOW + 1_500).unwrap().is_some());
    assert_eq!(average.mean(NOW + 1_800), Ok(None));
    for (price, minutes) in [
        (2_500_000_000_u64, 45..=45),
        (5_000_000_000, 105..=115),
        (1_250_000_000, 90..=100),
    ] {
        for every in [30, 300] {
            let (back, mut average) = (NOW + 4_500, a_full_hour());
            let usable = (0..).map(|step| step * every).find(|secs| {
                average.record(price, back + secs).unwrap();
                let mean = average.mean(back + secs).unwrap();
                mean.is_some_and(|mean| price.abs_diff(mean) * 5 <= mean)
            });
            let took = usable.unwrap() / 60;
            assert!(minutes.contains(&took), "{price} every {every}: {took}");
        }
    }
}

/// A second by second account of which median stood when.
fn model(steps: &[(i64, u64)], now: i64) -> Option<u64> {
    let newest = now / 300;
    let (mut sum, mut secs) = (0_u128, 0_u128);
    let mut held: Option<(i64, u64)> = None;
    let mut at = 0;
    for second in NOW..now {
        while at < steps.len() && steps[at].0 <= second {
            held = Some(steps[at]);
            at += 1;
        }
        if let Some((since, price)) = held {
            if second - since < 600 && newest - second / 300 < 13 {
                sum += u128::from(price);
                secs += 1;
            }
        }
    }
    (secs >= 2_700).then(|| u64::try_from(sum / secs).unwrap())
}

/// What a majority makes of an average of 1,000,000 in so many hours, when every so many seconds it says the most (or the least) that is
/// within a fifth of the average.
fn pushed(every_secs: i64, hours: i64, numerator: u64) -> u64 {
    let mut average = Average::default();
    for minutes in (0..=65).step_by(5) {
        average
            .record(1_000_000, NOW - 3_900 + minutes * 60)
            .unwrap();
    }
    let mut now = NOW;
    while now < NOW + hours * 3_600 {
        let mean = average.mean(now).unwrap().unwrap();
        average.record(mean * numerator / 5, now).unwrap();
        now += every_secs;
    }
    average.mean(now).unwrap().unwrap()
}

/// How fast a majority that lies as much as it can moves the average, in millionths of what it was; the price is a fifth beyond it. It is
/// faster than a fifth an hour, which would be 2.5 times in five: each lie is in the next average. The table of powers says so. redteam: P4
#[test]
fn a_majority_moves_the_average_so_fast() {
    let up = [1, 2, 5].map(|hours| pushed(5, hours, 6));
    assert_eq!(up, [1_355_891, 1_942_255, 5_737_511]);
    let down = [1, 2, 5].map(|hours| pushed(5, hours, 4));
    assert_eq!(down, [714_968, 474_182, 137_375]);
    // Reporting less often is slower, never faster.
    assert!(pushed(300, 5, 6) < pushed(30, 5, 6) && pushed(30, 5, 6) < up[2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_average_agrees_with_every_second(
        steps in proptest::collection::vec((0_i64..900, 1..=MAX_PRICE), 1..24), after in 0_i64..700,
    ) {
        let mut average = Average::default();
        let mut now = NOW;
        let mut taken = Vec::new();
        let mut anchor = None;
        for (wait, price) in steps {
            now += wait;
            average.record(price, now).unwrap();
            // a fifth around what was last known
            anchor = model(&taken, now).or(anchor);
            let price = anchor.map_or(price, |known| {
                let step = (known / 5).max(1);
                price.clamp((known - step.min(known)).max(1), (known + step).min(MAX_PRICE))
            });
            taken.push((now, price));
        }
        now += after;
        prop_assert_eq!(average.mean(now).unwrap(), model(&taken, now));
    }

    /// Every minority: with a quorum of `q` of `n`, the smaller of `(q - 1) / 2` and `n - q` colluders say what they like, or nothing; the
    /// price stays within what the honest reported, and is as certain as they are. redteam: P1, P2, P8
    #[test]
    fn no_minority_moves_or_stops_a_price(
        named in 3_usize..=9,
        more in 0_usize..7,
        honest in proptest::collection::vec((24_000_000_000_u64..26_000_000_000, 0_i64..=20), 9),
        lies in proptest::collection::vec((0..=MAX_PRICE, -30_i64..90), 4),
    ) {
        let quorum = ((named / 2 + 1).max(3) + more).min(named);
        let colluders = ((quorum - 1) / 2).min(named - quorum);
        let truth = &honest[..named - colluders];
        let mut list = lies[..colluders].to_vec();
        list.extend_from_slice(truth);
        let found = median(&reports(&list), quorum as u64, 20, NOW).unwrap();
        let low = truth.iter().map(|(price, _)| *price).min().unwrap();
        let high = truth.iter().map(|(price, _)| *price).max().unwrap();
        let found = found.expect("the honest are a quorum");
        prop_assert!((low..=high).contains(&found.price));
        prop_assert!(found.conf <= (high - low).max(found.price.div_ceil(1_000)));
        // Its time is no newer than the honest are, either.
        let newest = NOW - truth.iter().map(|(_, age)| *age).min().unwrap();
        let time = time_of(&reports(&list), quorum as u64);
        prop_assert!(time.is_some_and(|time| time <= newest && time >= NOW - 20));
    }

    /// With one colluder more than that there is a lie that gets through, or a silence that stops it: the bound is exact.
    #[test]
    fn one_more_than_a_minority_can(named in 3_usize..=9, more in 0_usize..7) {
        let quorum = ((named / 2 + 1).max(3) + more).min(named);
        let colluders = ((quorum - 1) / 2).min(named - quorum) + 1;
        if colluders > named - quorum {
            let silent = vec![(1_000, 0); named - colluders];
            prop_assert_eq!(median(&reports(&silent), quorum as u64, 20, NOW), Ok(None));
        } else {
            // The others sleep, but for as many as it takes.
            let mut list = vec![(9_000, 0); colluders];
            list.resize(quorum, (1_000, 0));
            let found = median(&reports(&list), quorum as u64, 20, NOW).unwrap().unwrap();
            prop_assert!(found.price > 1_000);
        }
    }
}
