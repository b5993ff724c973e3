//! The price of IO, from whichever source the token program names: Pyth, or a quorum of the network's own reporters. Consumers see
//! one interface with the same refusals, and say how old a price their act may take.

use crate::{pyth, quorum};
use anchor_lang::prelude::*;
use iog_math::{oracle::PricePoint, quorum::MAX_SKEW_SECS};

/// The token program, whose feed the quorum's is.
pub const TOKEN: Address = anchor_lang::address!("BzKJcuSJPUbYJfBh2A1MLfaLv5a8drNLL6whSyno8vZe");

/// How old a price may be that orders are booked at.
pub const ORDER_AGE_SECS: i64 = 60;
/// How old a price may be where the caller chooses the moment and is paid by it: making IOSD, auctions, claims.
pub const EXCHANGE_AGE_SECS: i64 = 20;
/// By how much a price may be older than the newest that was used: a choice among all of a minute's is worth money, and a stricter
/// rule would let whoever uses the newest shut all others out.
pub const MAX_STEP_BACK_SECS: i64 = 10;
/// The confidence interval may be at most 1/50 = 2 % of the price.
pub const MAX_CONF_DIVISOR: u64 = 50;
/// Spot and average may differ by at most 1/5 = 20 % of the average: beyond that one of them is wrong.
pub const MAX_DEVIATION_DIVISOR: u64 = 5;

/// Which prices are believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Source {
    /// The program that owns the updates: Pyth's receiver, or the token program for the quorum.
    pub receiver: Address,
    /// Pyth's id of the feed; the quorum has one feed only.
    pub feed: [u8; 32],
    /// The only account that is read; zeros for any of the receiver's.
    pub account: Address,
}

/// A price that passed every check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quote {
    pub point: PricePoint,
    /// Unix seconds.
    pub publish_ts: i64,
}

/// Why a price account is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    NotPyth,
    WrongAccount,
    WrongFeed,
    NotFullyVerified,
    Stale,
    FromTheFuture,
    NotPositive,
    Uncertain,
    Deviates,
    ExponentOutOfRange,
    Older,
}

type Result<T> = core::result::Result<T, Refusal>;

/// Reads and checks the account against its source and the chain's clock.
pub fn read(account: &AccountView, source: &Source, max_age_secs: i64, now: i64) -> Result<Quote> {
    if source.receiver == TOKEN {
        quorum::read(account, source, max_age_secs, now)
    } else {
        pyth::read(account, source, max_age_secs, now)
    }
}

impl Quote {
    /// Refuses a price that is much older than the newest that was used here, and remembers the newer.
    pub fn follow(&self, newest_ts: &mut i64) -> Result<()> {
        if newest_ts.saturating_sub(self.publish_ts) > MAX_STEP_BACK_SECS {
            return Err(Refusal::Older);
        }
        *newest_ts = self.publish_ts.max(*newest_ts);
        Ok(())
    }
}

pub(crate) fn check_time(publish_ts: i64, max_age_secs: i64, now: i64) -> Result<()> {
    if publish_ts > now.saturating_add(MAX_SKEW_SECS) {
        return Err(Refusal::FromTheFuture);
    }
    if now.saturating_sub(publish_ts) > max_age_secs {
        return Err(Refusal::Stale);
    }
    Ok(())
}

pub(crate) fn check(price: &PricePoint) -> Result<()> {
    let exceeds = |part: u64, divisor: u64, whole: u64| {
        u128::from(part).saturating_mul(u128::from(divisor)) > u128::from(whole)
    };
    for (value, conf) in [(price.price, price.conf), (price.ema_price, price.ema_conf)] {
        if exceeds(conf, MAX_CONF_DIVISOR, value) {
            return Err(Refusal::Uncertain);
        }
    }
    let deviation = price.price.abs_diff(price.ema_price);
    if exceeds(deviation, MAX_DEVIATION_DIVISOR, price.ema_price) {
        return Err(Refusal::Deviates);
    }
    // USD prices have 4 to 12 decimals; anything else is a mistake or another kind of feed.
    if !(-12..=-4).contains(&price.exponent) {
        return Err(Refusal::ExponentOutOfRange);
    }
    Ok(())
}

/// Instantiates the errors of [`Refusal`](crate::price::Refusal): the same codes in every program of the suite.
#[macro_export]
macro_rules! price_errors {
    () => {
        /// Refusals of a price: the same codes in every program of the suite.
        #[error_code(offset = 6950)]
        pub enum PriceError {
            #[msg("The price account is not one of the source that is set: see iog price show")]
            PriceNotPyth,
            #[msg("The price account is not the one that is set")]
            PriceWrongAccount,
            #[msg("The price account is of another feed")]
            PriceWrongFeed,
            #[msg("The price update is not fully verified")]
            PriceNotVerified,
            #[msg("The price is too old for this act: post or bring a fresh one and try again")]
            PriceStale,
            #[msg("The price is from the future")]
            PriceFromTheFuture,
            #[msg("The price is not positive")]
            PriceNotPositive,
            #[msg("The price is too uncertain: its confidence is above 2 percent")]
            PriceUncertain,
            #[msg(
                "The price is more than 20 percent off its average: try again when it has settled"
            )]
            PriceDeviates,
            #[msg("The price's exponent is out of range")]
            PriceExponent,
            #[msg("A newer price has been used here: post or bring a fresh one and try again")]
            PriceOlder,
        }

        impl From<$crate::price::Refusal> for PriceError {
            fn from(refusal: $crate::price::Refusal) -> Self {
                use $crate::price::Refusal;
                match refusal {
                    Refusal::NotPyth => Self::PriceNotPyth,
                    Refusal::WrongAccount => Self::PriceWrongAccount,
                    Refusal::WrongFeed => Self::PriceWrongFeed,
                    Refusal::NotFullyVerified => Self::PriceNotVerified,
                    Refusal::Stale => Self::PriceStale,
                    Refusal::FromTheFuture => Self::PriceFromTheFuture,
                    Refusal::NotPositive => Self::PriceNotPositive,
                    Refusal::Uncertain => Self::PriceUncertain,
                    Refusal::Deviates => Self::PriceDeviates,
                    Refusal::ExponentOutOfRange => Self::PriceExponent,
                    Refusal::Older => Self::PriceOlder,
                }
            }
        }
    };
}
