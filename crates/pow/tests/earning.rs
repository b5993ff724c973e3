//! What a share of the work that is made up or missing earns, under the rule that a device with 4 failures in 12 hours earns
//! nothing: the table of docs/proof-of-work.md. Nothing is walked here; `cheating.rs` shows that proofs pass at these rates.

/// The program's rule: this many failures in the hours that count, the running one with them, and nothing is earned.
const MAX_FAILURES: u32 = 4;
/// Hours before the running one that count with it.
const HOURS: u32 = 11;
/// Every history of failures in those hours, the newest in bit 0.
const HISTORIES: u32 = 1 << HOURS;

/// The chance that all of `looks` looks find what is there. A made-up entry is right by chance once in 256.
fn passes(share: f64, looks: i32) -> f64 {
    (1.0 - share * 255.0 / 256.0).powi(looks)
}

/// The share of hours paid to a device that commits in each.
fn always(pass: f64) -> f64 {
    let likely = |history: u32| {
        let failed = history.count_ones();
        (1.0 - pass).powi(exponent(failed)) * pass.powi(exponent(HOURS - failed))
    };
    let earning = (0..HISTORIES).filter(|history| history.count_ones() < MAX_FAILURES);
    pass * earning.map(likely).sum::<f64>()
}

fn exponent(count: u32) -> i32 {
    i32::try_from(count).unwrap()
}

/// The most that any choice of hours to sit out earns: values of all histories, iterated until each hour adds the same to all.
/// An hour without a commit is no failure, and earns nothing.
fn best(pass: f64) -> f64 {
    let mut values = vec![0.0_f64; usize::try_from(HISTORIES).unwrap()];
    loop {
        let mut next = Vec::with_capacity(values.len());
        for history in 0..HISTORIES {
            let after = (history << 1) & (HISTORIES - 1);
            let value = |history: u32| values[usize::try_from(history).unwrap()];
            let paid = f64::from(u8::from(history.count_ones() < MAX_FAILURES));
            let commits = pass * (paid + value(after)) + (1.0 - pass) * value(after | 1);
            // Half a step: histories that follow each other in a circle would never settle.
            next.push(0.5 * (value(history) + commits.max(value(after))));
        }
        let gains = next.iter().zip(&values).map(|(new, old)| new - old);
        let (least, most) = gains.fold((f64::MAX, f64::MIN), |(least, most), gain| {
            (least.min(gain), most.max(gain))
        });
        if most - least < 1e-5 {
            return 2.0 * most;
        }
        values = next;
    }
}

/// audit: proof L-3. Share, looks at it in a proof (an entry is looked at once, a panel of a tile's two twice), and as the
/// docs have it: how often a proof passes, what always committing earns, and the most that sitting out earns.
const TABLE: [(f64, i32, f64, f64, f64); 10] = [
    (0.01, 8, 0.923, 0.92, 0.92),
    (0.02, 8, 0.851, 0.79, 0.81),
    (0.05, 8, 0.665, 0.31, 0.50),
    (0.10, 8, 0.432, 0.02, 0.23),
    (0.25, 8, 0.101, 0.00, 0.04),
    (0.01, 16, 0.852, 0.80, 0.81),
    (0.02, 16, 0.725, 0.47, 0.59),
    (0.05, 16, 0.442, 0.02, 0.24),
    (0.10, 16, 0.187, 0.00, 0.07),
    (0.25, 16, 0.010, 0.00, 0.00),
];

#[test]
fn the_table_of_the_docs_is_right() {
    for (share, looks, pass, committing, sitting_out) in TABLE {
        let chance = passes(share, looks);
        let found = (chance, always(chance), best(chance));
        let near = |found: f64, told: f64, by: f64| (found - told).abs() <= by;
        assert!(
            near(found.0, pass, 0.0006)
                && near(found.1, committing, 0.0051)
                && near(found.2, sitting_out, 0.0051),
            "{share} by {looks}: {found:?}"
        );
    }
}

/// Whoever makes up a share of the work loses a larger share of the pay, whenever it sits out.
#[test]
fn no_share_pays() {
    for percent in [1, 2, 3, 5, 10, 20, 30, 50] {
        let share = f64::from(percent) / 100.0;
        let earned = best(passes(share, 8));
        assert!(earned < 1.0 - share, "{share}: {earned}");
    }
}

/// One of eight cards is missing: an eighth of all openings are made up.
#[test]
fn seven_cards_of_eight_earn_a_sixth() {
    let pass = passes(1.0 / 8.0, 8);
    assert!((pass - 0.345).abs() < 0.0006, "{pass}");
    assert!((best(pass) - 0.165).abs() < 0.002, "{}", best(pass));
}

/// audit: proof M-2. Who rents from itself is freed of proofs for two hours for each one passed in a row, at most 72 (docs/staking.md), and proves
/// when it is not. The share of hours that it earns at most, were failures never to shut it out: each failure costs an hour and the streak.
fn rented_from_itself(passes: f64) -> f64 {
    let streaks = (1..2_000).map(|streak| {
        let reached = passes.powi(streak - 1);
        reached * f64::from(1 + (2 * streak).min(72))
    });
    let earned: f64 = streaks.sum();
    earned / (earned + 1.0 / passes)
}

#[test]
fn renting_from_oneself_makes_no_cheat_pay() {
    // Passes, and what it earns of an honest device's hour for what it spends: 8 cards for 7; a share of 2, 5 and 10 % of the panels missing; two
    // keys on one card at 1.48 walks; an H200 as a B200, which pays 2.5 times as much.
    for (name, passes, gain) in [
        ("8 with 7", 0.345, 8.0 / 7.0),
        ("2 % missing", 0.725, 1.0 / 0.98),
        ("5 % missing", 0.442, 1.0 / 0.95),
        ("10 % missing", 0.187, 1.0 / 0.9),
        ("two keys", 0.74_f64.powi(8), 2.0),
        ("H200 as B200", 0.067, 2.5),
    ] {
        let earned = rented_from_itself(passes) * gain;
        assert!(earned < 1.0, "{name}: {earned}");
    }
    // An honest device loses nothing by it.
    assert!(rented_from_itself(0.999) > 0.998);
}
