//! What the token program has seen of the price of IO: IOSD is made at no more than 1.2 times the lowest average of 24 hours
//! (`programs/token/src/state/net_emission.rs`).

use crate::{
    context::Context,
    error::{CliError, Result},
    oracle::{self, usd},
    output::{Record, Time},
};
use iog_client::{
    pda,
    token::{accounts::NetEmission, instructions::ObservePrice, types::Sight},
};
use iog_math::units::mul_div_floor;
use solana_pubkey::Pubkey;

const DAY_SECS: i64 = 86_400;
/// A price must have been seen an hour ago, or before (`SEEN_SECS`).
const SEEN_SECS: i64 = 3_600;
/// What was seen is in 10^-12 USD for an IO.
const EXPONENT: i32 = -12;

fn recent(books: &NetEmission, now: i64) -> impl Iterator<Item = &Sight> {
    let from_ts = now.saturating_sub(DAY_SECS);
    let seen = books.sights.iter().filter(|sight| sight.first_ts != 0);
    seen.filter(move |sight| (from_ts..=now).contains(&sight.first_ts))
}

/// The most that IOSD is made at when the average of now is this one, in 10^-12 USD; `None` while nothing was seen for an hour.
fn most(books: &NetEmission, average: u64, now: i64) -> Option<u64> {
    let old = |sight: &Sight| now.saturating_sub(sight.first_ts) >= SEEN_SECS;
    recent(books, now).find(|sight| old(sight))?;
    let lowest = recent(books, now).map(|sight| sight.lowest_usd12).min()?;
    mul_div_floor(lowest.min(average), 6, 5).ok()
}

/// As [`most`]; refuses where the program would.
pub async fn most_usd12(context: &Context, price: &oracle::Price) -> Result<u64> {
    let books: NetEmission = context
        .get(&pda::token::net_emission(), "this network has no IOSD yet")
        .await?;
    let now = context.time().await?.now;
    most(&books, price.point.average_usd12()?, now).ok_or_else(|| {
        CliError::Refused(
            "PriceNotSeen: the token program has seen no price for an hour: call iog token observe-price, and come back in an hour".into(),
        )
    })
}

pub async fn run(context: &Context, given: Option<Pubkey>) -> Result<()> {
    let signer = context.signer()?;
    let price = oracle::usable_price(context, given, oracle::ORDER_AGE_SECS).await?;
    let observe = ObservePrice {
        price: price.account,
    };
    let receipt = context
        .submit(&[observe.instruction()], &signer, &[])
        .await?;
    let record = Record::new().put("price_account", price.account).put(
        "average_usd",
        usd(price.point.ema_price, price.point.exponent),
    );
    let books: Option<NetEmission> = context.find(&pda::token::net_emission()).await?;
    let now = context.time().await?.now;
    let seen = books.map(|books| seen(&books, now)).unwrap_or_default();
    context.out.one(&record.extend(seen).extend(receipt));
    Ok(())
}

/// What was seen in 24 hours.
pub fn seen(books: &NetEmission, now: i64) -> Record {
    let since = recent(books, now).map(|sight| sight.first_ts).min();
    let lowest = recent(books, now).map(|sight| sight.lowest_usd12).min();
    let from = since.map(|since| since.saturating_add(SEEN_SECS).max(now));
    Record::new()
        .put("price_seen_since_ts", since.map(Time))
        .put(
            "lowest_average_usd",
            lowest.map(|lowest| usd(lowest, EXPONENT)),
        )
        .put("iosd_can_be_made_from_ts", from.map(Time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    /// redteam M7a
    #[test]
    fn iosd_is_made_at_no_more_than_what_was_seen_for_an_hour() {
        let mut books: NetEmission = blank();
        assert_eq!(most(&books, 100, 10_000), None);
        books.sights[0].first_ts = 6_401;
        books.sights[0].lowest_usd12 = 1_000;
        assert_eq!(most(&books, 100, 10_000), None);
        assert_eq!(most(&books, 2_000, 10_001), Some(1_200));
        assert_eq!(most(&books, 500, 10_001), Some(600));
        books.sights[1].first_ts = 10_000;
        books.sights[1].lowest_usd12 = 900;
        assert_eq!(most(&books, 2_000, 10_001), Some(1_080));
        // a day later the older of the two counts no more
        assert_eq!(most(&books, 2_000, 6_401 + 86_400), Some(1_080));
        assert_eq!(most(&books, 2_000, 10_001 + 86_400), None);
    }
}
