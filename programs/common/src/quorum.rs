//! The price that a quorum of reporters signs, as the token program keeps it. Other programs read it by offset: they need no link to
//! the token program for it.

use crate::{
    governance::{Parameter, Role},
    price::{check, check_time, Quote, Refusal, Source, TOKEN},
};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::{
    oracle::PricePoint,
    quorum::{self, Average, Bucket, Report, BUCKETS, EXPONENT, REPORTERS},
};

type Result<T> = core::result::Result<T, Refusal>;

/// First eight bytes of sha256("account:PriceFeed"). The token program asserts it against its own struct.
pub const DISCRIMINATOR: [u8; 8] = [0xbd, 0x67, 0xfc, 0x17, 0x98, 0x23, 0xf3, 0x9c];
/// How old a report may be that counts in the average, and that may still be carried.
pub const REPORT_AGE_SECS: i64 = 60;

/// A reporter and its newest report.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Reporter {
    pub role: Role,
    /// 10^-10 USD for one whole IO; 0 before the first report.
    pub price: u64,
    /// When the reporter saw it, unix seconds.
    pub ts: i64,
}

impl Reporter {
    /// Its report goes with it.
    pub fn forget(&mut self) {
        self.price = 0;
        self.ts = 0;
    }
}

/// Price times seconds of five minutes.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct PriceBucket {
    pub sum: u64,
    pub secs: u64,
    /// Number of the five minutes since 1970.
    pub period: u64,
}

/// All that the price comes from.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Feed {
    pub reporters: [Reporter; REPORTERS],
    /// Fresh reports that make a price.
    pub quorum: Parameter,
    pub buckets: [PriceBucket; BUCKETS],
    /// The newest median as far as it counts, and since when it counts in the average.
    pub held_price: u64,
    pub held_ts: i64,
    /// The last average that was known: what a median may stand a fifth off.
    pub anchor_price: u64,
    /// Time of the `quorum`-th newest report; never falls.
    pub feed_ts: i64,
}

impl Feed {
    pub fn reports(&self) -> [Report; REPORTERS] {
        self.reporters.map(|reporter| Report {
            price: reporter.price,
            ts: reporter.ts,
        })
    }

    /// Reporters that are named and act.
    pub fn named(&self) -> usize {
        let acts = |reporter: &&Reporter| reporter.role.key != crate::governance::NOBODY;
        self.reporters.iter().filter(acts).count()
    }

    pub fn average(&self) -> Average {
        Average {
            buckets: self.buckets.map(|bucket| Bucket {
                sum: bucket.sum,
                secs: bucket.secs,
                period: bucket.period,
            }),
            held_price: self.held_price,
            held_ts: self.held_ts,
            anchor: self.anchor_price,
        }
    }

    /// Takes the median of the reports into the average, and moves the feed's time. Called after reports changed.
    pub fn record(&mut self, now: i64) -> iog_math::Result<()> {
        let reports = self.reports();
        let quorum = self.quorum.value;
        let time = quorum::time_of(&reports, quorum);
        self.feed_ts = time.unwrap_or(i64::MIN).max(self.feed_ts);
        let Some(median) = quorum::median(&reports, quorum, REPORT_AGE_SECS, now)? else {
            return Ok(());
        };
        let mut average = self.average();
        average.record(median.price, now)?;
        self.buckets = average.buckets.map(|bucket| PriceBucket {
            sum: bucket.sum,
            secs: bucket.secs,
            period: bucket.period,
        });
        self.held_price = average.held_price;
        self.held_ts = average.held_ts;
        self.anchor_price = average.anchor;
        Ok(())
    }

    /// The price at `now` from reports that are at most `max_age_secs` old.
    pub fn quote(&self, max_age_secs: i64, now: i64) -> Result<Quote> {
        let reports = self.reports();
        let median = quorum::median(&reports, self.quorum.value, max_age_secs, now);
        let median = median.ok().flatten().ok_or(Refusal::Stale)?;
        check_time(self.feed_ts, max_age_secs, now)?;
        let mean = self.average().mean(now).ok().flatten();
        let point = PricePoint {
            price: median.price,
            conf: median.conf,
            ema_price: mean.ok_or(Refusal::Stale)?,
            ema_conf: median.conf,
            exponent: EXPONENT,
        };
        check(&point)?;
        let publish_ts = self.feed_ts;
        Ok(Quote { point, publish_ts })
    }
}

/// Reads the feed. There is one; the source pins its address.
pub(crate) fn read(
    account: &AccountView,
    source: &Source,
    max_age_secs: i64,
    now: i64,
) -> Result<Quote> {
    if source.account != *account.address() {
        return Err(Refusal::WrongAccount);
    }
    if !account.owned_by(&TOKEN) {
        return Err(Refusal::NotPyth);
    }
    let data = account.try_borrow().map_err(|_| Refusal::NotPyth)?;
    parse(&data)?.quote(max_age_secs, now)
}

/// The feed in the bytes of its account.
pub fn parse(data: &[u8]) -> Result<&Feed> {
    let (discriminator, rest) = data.split_at_checked(8).ok_or(Refusal::NotPyth)?;
    if discriminator != DISCRIMINATOR {
        return Err(Refusal::NotPyth);
    }
    let feed = rest.get(..core::mem::size_of::<Feed>());
    bytemuck::try_from_bytes(feed.ok_or(Refusal::NotPyth)?).map_err(|_| Refusal::NotPyth)
}
