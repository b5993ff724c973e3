//! Every minority that colludes, in every number of reporters and every quorum: its prices, times, silence and carrying against a reference
//! that keeps the rule second by second. The price stays within what the honest said, as certain as they are, and never stops.

use std::ops::RangeInclusive;

use iog_client::events::Event;
use iog_client::price_report::SignedReport;
use iog_client::token::{self, TokenError as E};
use iog_tests::world::expect_code;
use iog_tests::Dice;

use super::stage::{low_of, silent, Stage, QUARTER};

/// Rounds of five minutes, in which an hour becomes known, and quick ones.
const SLOW: u32 = 13;
const ROUNDS: u32 = 60;
/// An act that is paid by the moment takes reports of 20 seconds; for an order, and in the average, a minute's count.
const EXCHANGE: i64 = 20;
const ORDER: i64 = 60;

/// The rule: the newest report of each; the median of the fresh; each median counts until the next, ten minutes at most.
struct Reference {
    quorum: usize,
    newest: Vec<Option<(u64, i64)>>,
    /// Since when which median stood.
    medians: Vec<(i64, u64)>,
    anchor: Option<u64>,
}

impl Reference {
    fn fresh(&self, age: i64, now: i64) -> Option<Vec<u64>> {
        let said = self.newest.iter().flatten();
        let fresh = said.filter(|(_, ts)| (now - age..=now + 5).contains(ts));
        let mut prices: Vec<u64> = fresh.map(|(price, _)| *price).collect();
        prices.sort_unstable();
        (prices.len() >= self.quorum).then_some(prices)
    }

    /// Takes what came in one transaction; returns how many were newer.
    fn take(&mut self, reports: &[(usize, u64, i64)], now: i64) -> u8 {
        let mut taken = 0;
        for (reporter, price, ts) in reports {
            let known = &mut self.newest[*reporter];
            if known.is_none_or(|(_, last)| *ts > last) {
                *known = Some((*price, *ts));
                taken += 1;
            }
        }
        if let Some(prices) = self.fresh(ORDER, now).filter(|_| taken > 0) {
            // A fifth around the average, or the last that was known.
            self.anchor = self.average(now).or(self.anchor);
            let median = middle(&prices);
            let cut = |known: u64| median.clamp(known - known / 5, known + known / 5);
            self.medians.push((now, self.anchor.map_or(median, cut)));
        }
        taken
    }

    /// The mean of all seconds since the last full five minutes an hour ago, for which a median is known; 45 minutes at least.
    fn average(&self, now: i64) -> Option<u64> {
        let (mut sum, mut secs) = (0_u128, 0_u128);
        let mut next = 0;
        for second in (now / 300 - 12) * 300..now {
            while self
                .medians
                .get(next)
                .is_some_and(|(since, _)| *since <= second)
            {
                next += 1;
            }
            let standing = next.checked_sub(1).map(|last| self.medians[last]);
            if let Some((_, price)) = standing.filter(|(since, _)| second - since < 600) {
                sum += u128::from(price);
                secs += 1;
            }
        }
        (secs >= 2_700).then(|| u64::try_from(sum / secs).unwrap())
    }

    /// What IOSD is made at.
    fn low(&self, now: i64) -> Option<u64> {
        let prices = self.fresh(EXCHANGE, now)?;
        let average = self.average(now)?;
        Some(middle(&prices).min(average) - 2 * spread(&prices))
    }
}

fn middle(sorted: &[u64]) -> u64 {
    let half = sorted.len() / 2;
    match sorted.len() % 2 {
        1 => sorted[half],
        _ => u64::midpoint(sorted[half - 1], sorted[half]),
    }
}

/// How far the middle half goes from the median, a quarter rounded up being dropped at each end; a thousandth of the price at least.
fn spread(sorted: &[u64]) -> u64 {
    let price = middle(sorted);
    let dropped = sorted.len().div_ceil(4);
    let half = sorted.get(dropped..sorted.len() - dropped).unwrap_or(&[]);
    let far = half.iter().map(|other| price.abs_diff(*other)).max();
    far.unwrap_or(0).max(price.div_ceil(1_000))
}

struct Trial {
    stage: Stage,
    model: Reference,
    dice: Dice,
    /// The last ones.
    colluders: usize,
    truth: u64,
    /// What the honest said, and when.
    honest: Vec<(i64, u64)>,
    /// What was carried once, for replays.
    past: Vec<(usize, u64, i64)>,
}

impl Trial {
    fn new(named: u8, quorum: u64) -> Self {
        let reporters = usize::from(named);
        let needed = usize::try_from(quorum).unwrap();
        Self {
            stage: silent(named, quorum),
            model: Reference {
                quorum: needed,
                newest: vec![None; reporters],
                medians: Vec::new(),
                anchor: None,
            },
            dice: Dice(u64::from(named) * 100 + quorum),
            colluders: ((needed - 1) / 2).min(reporters - needed),
            truth: QUARTER,
            honest: Vec::new(),
            past: Vec::new(),
        }
    }

    fn around(&mut self, permille: u64) -> u64 {
        let swing = self.truth / 1_000 * permille;
        self.truth - swing + self.dice.below(2 * swing + 1)
    }

    /// What the honest sign in a round: within half a per cent of the truth, up to eight seconds ago.
    fn honestly(&mut self) -> Vec<(usize, u64, i64)> {
        self.truth = self.around(4);
        let now = self.stage.now();
        let honest = self.model.newest.len() - self.colluders;
        let mut all = Vec::new();
        for reporter in 0..honest {
            let price = self.around(5);
            let ts = now - i64::try_from(self.dice.below(9)).unwrap();
            self.honest.push((ts, price));
            all.push((reporter, price, ts));
        }
        all
    }

    /// What colluders sign: anything that is taken at all, or nothing.
    fn dishonestly(&mut self) -> Vec<(usize, u64, i64)> {
        let now = self.stage.now();
        let honest = self.model.newest.len() - self.colluders;
        let mut all = Vec::new();
        for reporter in honest..self.model.newest.len() {
            for _ in 0..self.dice.below(3) {
                let wild = [1, 1_000_000_000_000_000, self.truth / 10, self.truth * 10];
                let near = [self.around(20), self.around(60), self.around(190)];
                let price = match self.dice.below(2) {
                    0 => self.dice.pick(&wild),
                    _ => self.dice.pick(&near),
                };
                let late = self.dice.pick(&[-5, -1, 0, 1, 19, 20, 21, 59, 60]);
                all.push((reporter, price, now - late));
            }
        }
        all
    }

    fn carry(&mut self, batch: &[(usize, u64, i64)]) {
        let reports: Vec<SignedReport> = batch
            .iter()
            .map(|(reporter, price, ts)| self.stage.says_at(*reporter, *price, *ts))
            .collect();
        let taken = self.model.take(batch, self.stage.now());
        let outcome = self.stage.world.carry(&reports);
        if taken == 0 {
            return expect_code(outcome, E::NothingNewer);
        }
        let told = outcome.unwrap().events;
        let [Event::Token(token::Event::PriceReported(told))] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(told.reports, taken);
    }

    /// One round: everybody signs, somebody carries it in any order and any parts, with what was carried before.
    fn round(&mut self) {
        let mut all = self.honestly();
        all.extend(self.dishonestly());
        let now = self.stage.now();
        let old = self.past.iter().filter(|(_, _, ts)| now - ts <= ORDER);
        let old: Vec<_> = old.copied().collect();
        self.past = all.clone();
        if !old.is_empty() {
            all.push(self.dice.pick(&old));
        }
        for end in (1..all.len()).rev() {
            all.swap(end, self.dice.index(end + 1));
        }
        while !all.is_empty() {
            let some = 1 + self.dice.index(all.len().min(5));
            let batch: Vec<_> = all.drain(..some).collect();
            self.carry(&batch);
        }
    }

    /// The lowest and the highest that the honest said in the last seconds.
    fn honest_range(&self, secs: i64) -> RangeInclusive<u64> {
        let from = self.stage.now() - secs;
        let said = self.honest.iter().filter(|(ts, _)| *ts >= from);
        let said: Vec<u64> = said.map(|(_, price)| *price).collect();
        *said.iter().min().unwrap()..=*said.iter().max().unwrap()
    }

    /// The built program's price is the rule's, and the rule keeps its promise.
    fn check(&mut self) {
        let now = self.stage.now();
        let Some(low) = self.model.low(now) else {
            assert!(self.model.average(now).is_none(), "a minority stopped it");
            return self.stage.burn_refused(E::PriceStale);
        };
        let meta = self.stage.burn().unwrap_or_else(|failure| {
            panic!("a minority stopped it: {failure:?}");
        });
        assert_eq!(low_of(&meta.events), low);
        let fresh = self.model.fresh(EXCHANGE, now).unwrap();
        let honest = self.honest_range(EXCHANGE);
        assert!(honest.contains(&middle(&fresh)), "{fresh:?}");
        let certain = (honest.end() - honest.start()).max(middle(&fresh).div_ceil(1_000));
        assert!(spread(&fresh) <= certain, "{fresh:?}");
        // The average may hold what was said 13 times five minutes and a minute ago.
        let average = self.model.average(now).unwrap();
        assert!(self.honest_range(3_960).contains(&average), "{average}");
    }

    fn run(mut self) {
        for round in 0..ROUNDS {
            let wait = match round {
                0..SLOW => 250 + self.dice.below(51),
                _ => 3 + self.dice.below(30),
            };
            self.stage.world.advance(i64::try_from(wait).unwrap());
            self.round();
            let pause = i64::try_from(self.dice.below(13)).unwrap();
            self.stage.world.advance(pause);
            self.check();
        }
        assert!(self.model.average(self.stage.now()).is_some());
    }
}

/// redteam P1, P2, P3, P8: with a quorum of `q` of `n`, the smaller of `(q - 1) / 2` and `n - q`.
#[test]
fn no_minority_moves_or_stops_the_price() {
    for named in 3..=9_u8 {
        let least = (named / 2 + 1).max(3);
        for quorum in least..=named {
            Trial::new(named, u64::from(quorum)).run();
        }
    }
}
