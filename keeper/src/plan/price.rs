//! What IO costs: when a report is worth its fee, and what is carried along with it.

use super::Policy;
use crate::{
    action::Action,
    config::Price,
    price::{pyth, PythUpdate},
    snapshot::{Local, PythAccount, Reported, Snapshot},
};
use iog_client::price_report::{SignedReport, MOST_AT_ONCE};

/// A report that is older may be too old for the programs, a minute at most, by the time it lands.
const SENDABLE_SECS: i64 = 45;
/// How far ahead of its own clock the chain takes a report.
const AHEAD_SECS: i64 = 5;
/// A posted update is of use for a minute; staging and posting take their time.
const STAGEABLE_SECS: i64 = 30;
const BPS: u128 = 10_000;

pub(super) fn plan(snapshot: &Snapshot, local: &Local, policy: &Policy) -> Vec<Action> {
    let pace = Pace {
        price: &policy.price,
        // The other half is for the reports that keep the feed alive.
        may_follow: local.price.spent_lamports < policy.price.lamports_per_day / 2,
    };
    let report = report(snapshot, local, &pace);
    let pyth = snapshot.price.pyth.as_ref();
    let post = pyth.and_then(|pyth| post(snapshot, local, pyth, &pace));
    report.into_iter().chain(post).collect()
}

/// How often is often enough.
struct Pace<'a> {
    price: &'a Price,
    /// Whether the budget lets it follow the price.
    may_follow: bool,
}

impl Pace<'_> {
    fn has_rested(&self, since_secs: i64) -> bool {
        since_secs >= signed(self.price.least_secs)
    }

    /// After so many seconds, and so far from what was reported last.
    fn is_due(&self, since_secs: i64, last: u64, price: u64) -> bool {
        let distance = u128::from(last.abs_diff(price)).saturating_mul(BPS);
        let least = u128::from(last).saturating_mul(self.price.move_bps.into());
        let follows = self.may_follow && distance >= least;
        self.has_rested(since_secs) && (follows || since_secs >= signed(self.price.every_secs))
    }
}

fn signed(secs: u64) -> i64 {
    i64::try_from(secs).unwrap_or(i64::MAX)
}

/// Our own report when it is due, with whatever of the others' is newer than what the chain has, the oldest there first.
fn report(snapshot: &Snapshot, local: &Local, pace: &Pace<'_>) -> Option<Action> {
    let now = snapshot.time.now;
    let known = |report: &SignedReport| -> Option<Reported> {
        let last = snapshot.price.reporters.get(&report.key).copied()?;
        let age = now.saturating_sub(report.ts);
        let fresh = (AHEAD_SECS.saturating_neg()..=SENDABLE_SECS).contains(&age);
        let since = report.ts.saturating_sub(last.ts);
        (fresh && since > 0 && pace.has_rested(since)).then_some(last)
    };
    let due = |report: &SignedReport, last: &Reported| {
        let since = report.ts.saturating_sub(last.ts);
        pace.is_due(since, last.price, report.price)
    };
    let own = local.price.own.as_ref();
    let own = own.and_then(|own| Some((own, known(own)?)));
    let own = own.filter(|(own, last)| due(own, last)).map(|(own, _)| own);
    let others = local.price.others.iter();
    let mut others: Vec<(Reported, &SignedReport)> = others
        .filter(|other| own.is_none_or(|own| own.key != other.key))
        .filter_map(|other| Some((known(other)?, other)))
        .collect();
    // Who has no key of its own only carries: what others signed is its whole business.
    let carries = pace.price.key.is_none() && others.iter().any(|(last, other)| due(other, last));
    if own.is_none() && !carries {
        return None;
    }
    others.sort_by_key(|(last, other)| (last.ts, other.key, std::cmp::Reverse(other.ts)));
    // Two peers may serve the same reporter's; the newer comes first.
    others.dedup_by_key(|(_, other)| other.key);
    let others = others.into_iter().map(|(_, other)| other);
    let reports = own.into_iter().chain(others).take(MOST_AT_ONCE);
    Some(Action::ReportPrice {
        reports: reports.cloned().collect(),
    })
}

/// One step of posting Pyth's price: stage the message, then post it; what is staged and of no use is taken back.
fn post(
    snapshot: &Snapshot,
    local: &Local,
    account: &PythAccount,
    pace: &Pace<'_>,
) -> Option<Action> {
    let now = snapshot.time.now;
    let newer = |update: &&PythUpdate| {
        let posted = account.posted.map_or(i64::MIN, |(_, _, ts)| ts);
        let age = now.saturating_sub(update.publish_ts);
        update.feed == account.feed && update.publish_ts > posted && age <= SENDABLE_SECS
    };
    if let Some(staged) = &account.staged {
        let known = local.price.updates.iter().filter(newer);
        let mut known = known.filter(|update| pyth::is_staged(staged, &update.vaa));
        let update = known.next().cloned();
        return Some(match update {
            Some(update) => Action::PostPyth { update },
            None => Action::DropVaa {
                digest: pyth::digest(staged),
            },
        });
    }
    let update = local.price.updates.last().filter(newer)?;
    let age = now.saturating_sub(update.publish_ts);
    let due = match account.posted {
        None => true,
        Some((price, exponent, ts)) => {
            let since = update.publish_ts.saturating_sub(ts);
            let price = if exponent == update.exponent {
                price
            } else {
                0
            };
            pace.is_due(since, price, update.price)
        }
    };
    (due && age <= STAGEABLE_SECS).then(|| Action::StageVaa {
        update: update.clone(),
    })
}
