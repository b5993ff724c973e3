//! A price, whichever source it is of, and why the programs do not take one (`programs/common/src/price.rs`).

use iog_client::{errors::explain, token};
use iog_math::oracle::PricePoint;
use solana_pubkey::Pubkey;

/// How old a price may be that orders are booked at.
pub const ORDER_AGE_SECS: i64 = 60;
/// How old a price may be where the caller is paid by the moment that it chooses: IOSD, auctions, claims.
pub const EXCHANGE_AGE_SECS: i64 = 20;
const MAX_SKEW_SECS: i64 = 5;
/// Confidence at most 1/50 of the price, spot and average at most 1/5 apart.
const MAX_CONF_DIVISOR: u64 = 50;
const MAX_DEVIATION_DIVISOR: u64 = 5;
/// Error code of [`Refusal::NotPyth`]; the others follow.
const FIRST_CODE: u32 = 6_950;

/// Why the programs do not take a price account, in the order of their error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotPyth,
    WrongAccount,
    WrongFeed,
    NotVerified,
    Stale,
    FromTheFuture,
    NotPositive,
    Uncertain,
    Deviates,
    Exponent,
}

impl Refusal {
    /// The error's name and message, as the programs have them.
    pub fn text(self) -> (&'static str, &'static str) {
        let code = FIRST_CODE.saturating_add(self as u32);
        explain(&token::ID, code).unwrap_or(("PriceRefused", "The price cannot be used"))
    }
}

/// A price account and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub account: Pubkey,
    pub point: PricePoint,
    pub publish_ts: i64,
    /// How old the act takes it.
    pub max_age_secs: i64,
}

impl Price {
    /// Seconds since it was published.
    pub fn age_secs(&self, now: i64) -> i64 {
        now.saturating_sub(self.publish_ts)
    }

    /// Whether the programs would take it at `now`.
    pub fn check(&self, now: i64) -> Result<(), Refusal> {
        if self.age_secs(now) < MAX_SKEW_SECS.saturating_neg() {
            return Err(Refusal::FromTheFuture);
        }
        if self.age_secs(now) > self.max_age_secs {
            return Err(Refusal::Stale);
        }
        let point = &self.point;
        let exceeds = |part: u64, divisor: u64, whole: u64| {
            u128::from(part).saturating_mul(u128::from(divisor)) > u128::from(whole)
        };
        if exceeds(point.conf, MAX_CONF_DIVISOR, point.price)
            || exceeds(point.ema_conf, MAX_CONF_DIVISOR, point.ema_price)
        {
            return Err(Refusal::Uncertain);
        }
        let apart = point.price.abs_diff(point.ema_price);
        if exceeds(apart, MAX_DEVIATION_DIVISOR, point.ema_price) {
            return Err(Refusal::Deviates);
        }
        if !(-12..=-4).contains(&point.exponent) {
            return Err(Refusal::Exponent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: PricePoint = PricePoint {
        price: 25_000_000,
        conf: 10_000,
        ema_price: 26_000_000,
        ema_conf: 20_000,
        exponent: -8,
    };

    fn price(point: PricePoint) -> Price {
        Price {
            account: Pubkey::new_from_array([1; 32]),
            point,
            publish_ts: 1_000,
            max_age_secs: 60,
        }
    }

    #[test]
    fn refuses_what_the_programs_refuse() {
        let good = price(POINT);
        for (now, expected) in [
            (995, Ok(())),
            (994, Err(Refusal::FromTheFuture)),
            (1_060, Ok(())),
            (1_061, Err(Refusal::Stale)),
        ] {
            assert_eq!(good.check(now), expected, "{now}");
        }
        // audit: money L1
        let exchange = Price {
            max_age_secs: EXCHANGE_AGE_SECS,
            ..good
        };
        assert_eq!(exchange.check(1_020), Ok(()));
        assert_eq!(exchange.check(1_021), Err(Refusal::Stale));
        for (point, refusal) in [
            (
                PricePoint {
                    conf: 500_001,
                    ..POINT
                },
                Refusal::Uncertain,
            ),
            (
                PricePoint {
                    price: 31_200_001,
                    ..POINT
                },
                Refusal::Deviates,
            ),
            (
                PricePoint {
                    exponent: -3,
                    ..POINT
                },
                Refusal::Exponent,
            ),
        ] {
            assert_eq!(price(point).check(1_000), Err(refusal));
        }
    }

    #[test]
    fn refusals_have_the_programs_names() {
        assert_eq!(Refusal::NotPyth.text().0, "PriceNotPyth");
        assert_eq!(Refusal::Stale.text().0, "PriceStale");
        assert_eq!(Refusal::Exponent.text().0, "PriceExponent");
    }
}
