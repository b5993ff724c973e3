//! The price of the network's own feed, as the programs reckon it (`programs/common/src/quorum.rs`).

use super::price::{Price, Refusal};
use iog_client::token::accounts::PriceFeed;
use iog_math::{
    oracle::PricePoint,
    quorum::{median, Average, Bucket, Median, Report, EXPONENT, REPORTERS},
};
use solana_pubkey::Pubkey;

/// The newest report of each place; of places without one the price is 0.
pub fn reports(account: &PriceFeed) -> [Report; REPORTERS] {
    account.feed.reporters.each_ref().map(|reporter| Report {
        price: reporter.price,
        ts: reporter.ts,
    })
}

/// The median of the reports that are fresh enough; `None` where they are fewer than the quorum.
pub fn median_of(account: &PriceFeed, max_age_secs: i64, now: i64) -> Option<Median> {
    let quorum = account.feed.quorum.value;
    median(&reports(account), quorum, max_age_secs, now).ok()?
}

/// The average of the last hour; `None` where less than 45 minutes of it are covered.
pub fn mean_of(account: &PriceFeed, now: i64) -> Option<u64> {
    let average = Average {
        buckets: account.feed.buckets.each_ref().map(|bucket| Bucket {
            sum: bucket.sum,
            secs: bucket.secs,
            period: bucket.period,
        }),
        held_price: account.feed.held_price,
        held_ts: account.feed.held_ts,
        anchor: account.feed.anchor_price,
    };
    average.mean(now).ok()?
}

impl Price {
    /// The feed's price at `now`, of reports that are fresh enough.
    pub fn of_feed(
        address: &Pubkey,
        account: &PriceFeed,
        max_age_secs: i64,
        now: i64,
    ) -> Result<Self, Refusal> {
        let median = median_of(account, max_age_secs, now).ok_or(Refusal::Stale)?;
        Ok(Self {
            account: *address,
            point: PricePoint {
                price: median.price,
                conf: median.conf,
                ema_price: mean_of(account, now).ok_or(Refusal::Stale)?,
                ema_conf: median.conf,
                exponent: EXPONENT,
            },
            publish_ts: account.feed.feed_ts,
            max_age_secs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    /// Three reports at 0.25 USD a second apart, and an hour of it.
    fn feed() -> PriceFeed {
        let mut account: PriceFeed = blank();
        account.feed.quorum.value = 3;
        account.feed.feed_ts = 3_598;
        for (reporter, ts) in account.feed.reporters.iter_mut().zip([3_598, 3_599, 3_600]) {
            (reporter.price, reporter.ts) = (2_500_000_000, ts);
        }
        for (bucket, period) in account.feed.buckets.iter_mut().zip(0..12) {
            bucket.period = period;
            (bucket.sum, bucket.secs) = (2_500_000_000 * 300, 300);
        }
        account
    }

    #[test]
    fn the_feeds_price_is_median_and_average() {
        let address = Pubkey::new_from_array([1; 32]);
        let at = |account: &PriceFeed, now| Price::of_feed(&address, account, 20, now);
        let price = at(&feed(), 3_600).unwrap();
        assert_eq!(
            (price.point.price, price.point.conf, price.point.ema_price),
            (2_500_000_000, 2_500_000, 2_500_000_000)
        );
        assert_eq!((price.point.exponent, price.publish_ts), (-10, 3_598));
        assert_eq!(price.check(3_600), Ok(()));
        // redteam P2, redteam P3: two of the three are fresh 19 s later
        assert_eq!(at(&feed(), 3_619), Err(Refusal::Stale));
        // redteam P4: an hour that is not covered has no average
        let mut young = feed();
        young.feed.buckets[0].secs = 0;
        young.feed.buckets[1].secs = 0;
        young.feed.buckets[2].secs = 0;
        assert!(at(&young, 3_600).is_ok());
        young.feed.buckets[3].secs = 299;
        assert_eq!(at(&young, 3_600), Err(Refusal::Stale));
    }
}
