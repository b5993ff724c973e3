//! Who reports a price, what, and what comes of it.

use crate::{
    context::Context,
    error::Result,
    oracle::{
        quorum::{mean_of, median_of},
        usd, ORDER_AGE_SECS,
    },
    output::{Record, Time},
    waiting::{holder, somebody, Moment, DAY_SECS},
};
use iog_client::{
    pda,
    token::{
        accounts::{Config, PriceFeed},
        types::Reporter,
    },
};
use iog_math::quorum::{Median, EXPONENT};

const BPS: u128 = 10_000;

pub async fn show(context: &Context) -> Result<()> {
    context.out.one(&record(context).await?);
    Ok(())
}

pub async fn feed(context: &Context) -> Result<PriceFeed> {
    context.config::<Config>(&pda::token::config()).await?;
    let hint = "this network has no feed of its own: iog price feed create opens one";
    context.get(&pda::token::price_feed(), hint).await
}

/// The feed as it is now. With `--dry-run` it may not exist.
pub async fn record(context: &Context) -> Result<Record> {
    if context.dry_run
        && context
            .find::<PriceFeed>(&pda::token::price_feed())
            .await?
            .is_none()
    {
        return Ok(Record::new());
    }
    let account = feed(context).await?;
    let books: Config = context.config(&pda::token::config()).await?;
    let moment = Moment {
        now: context.time().await?.now,
        since_ts: books.authority_since_ts,
    };
    Ok(of(&account, &moment))
}

fn of(account: &PriceFeed, moment: &Moment) -> Record {
    let (feed, now) = (&account.feed, moment.now);
    let median = median_of(account, ORDER_AGE_SECS, now);
    let places = (0u8..).zip(&feed.reporters);
    let taken = places.filter(|(_, place)| is_held(place) || place.role.pending_ts != 0);
    let reporters = taken.map(|(place, reporter)| line(place, reporter, median.as_ref(), moment));
    let count = |of: &dyn Fn(&&Reporter) -> bool| {
        u64::try_from(feed.reporters.iter().filter(of).count()).unwrap_or(u64::MAX)
    };
    let named = count(&|place| is_held(place));
    let quorum = &feed.quorum;
    let waits = quorum.pending_ts != 0;
    let dollars = |price: u64| usd(price, EXPONENT);
    Record::new()
        .put("feed", pda::token::price_feed())
        .put("quorum", quorum.value)
        .put("pending_quorum", waits.then_some(quorum.pending))
        .put(
            "pending_quorum_from",
            waits.then_some(Time(quorum.pending_ts)),
        )
        .put(
            "pending_quorum_state",
            moment.state(quorum.pending_ts, DAY_SECS),
        )
        .put("named", named)
        // With fewer there is no price.
        .put("can_reach_quorum", named >= quorum.value)
        .put("fresh_reports", count(&|place| is_fresh(place, now)))
        .put("median_usd", median.map(|median| dollars(median.price)))
        .put("conf_usd", median.map(|median| dollars(median.conf)))
        .put("average_usd", mean_of(account, now).map(dollars))
        .put("feed_ts", (feed.feed_ts > 0).then_some(Time(feed.feed_ts)))
        .put("reporters", reporters.collect::<Vec<_>>())
}

/// One place. How far a report is from the median is for governance to look at: nothing follows from it by itself.
fn line(place: u8, reporter: &Reporter, median: Option<&Median>, moment: &Moment) -> Record {
    let reported = reporter.price > 0;
    let age = moment.now.saturating_sub(reporter.ts).max(0).unsigned_abs();
    Record::new()
        .put("place", place)
        .extend(moment.role("price-reporter", &holder!(reporter.role)))
        .put("price_usd", reported.then(|| usd(reporter.price, EXPONENT)))
        .put("ts", reported.then_some(Time(reporter.ts)))
        .put("age_secs", reported.then_some(age))
        .put("fresh", is_fresh(reporter, moment.now))
        .put(
            "from_median_bps",
            median
                .filter(|_| reported)
                .map(|median| apart(reporter.price, median.price)),
        )
}

fn is_held(reporter: &Reporter) -> bool {
    somebody(reporter.role.key).is_some()
}

fn is_fresh(reporter: &Reporter, now: i64) -> bool {
    reporter.price > 0 && now.saturating_sub(reporter.ts) <= ORDER_AGE_SECS
}

/// Basis points of the median, rounded down.
fn apart(price: u64, median: u64) -> u64 {
    let apart = u128::from(price.abs_diff(median)).saturating_mul(BPS);
    let bps = apart.checked_div(u128::from(median)).unwrap_or(0);
    u64::try_from(bps).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam P8
    #[test]
    fn how_far_a_report_is_off_is_shown() {
        assert_eq!(apart(2_502_000_000, 2_500_000_000), 8);
        assert_eq!(apart(2_499_000_000, 2_500_000_000), 4);
        assert_eq!(apart(25_000_000_000, 2_500_000_000), 90_000);
        assert_eq!(apart(1, 0), 0);
    }
}
