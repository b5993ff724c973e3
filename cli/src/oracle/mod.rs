//! The price of IO: where it comes from, and what it is.

mod price;
pub mod quorum;
mod update;

use crate::{
    chain::missing,
    context::Context,
    error::{CliError, Result},
};
use iog_client::{
    pda, token,
    token::accounts::{PriceFeed, PriceSource},
};
use iog_math::{oracle::PricePoint, units::Usd6};
use price::Refusal;
pub use price::{Price, EXCHANGE_AGE_SECS, ORDER_AGE_SECS};
use solana_pubkey::Pubkey;
use update::{DISCRIMINATOR, FEED_AT};

const WHERE: &str =
    "pass --price-account with one (iog network up writes it to addresses.json as io_price)";

/// A price that the caller names instead of an oracle.
pub fn named(io_usd: Usd6) -> PricePoint {
    PricePoint {
        price: io_usd.0,
        conf: 0,
        ema_price: io_usd.0,
        ema_conf: 0,
        exponent: -6,
    }
}

/// `price * 10^exponent` US dollars, without zeros at the end.
pub fn usd(price: u64, exponent: i32) -> String {
    let decimals = usize::try_from(exponent.saturating_neg()).unwrap_or(0);
    let digits = format!("{price:0>width$}", width = decimals.saturating_add(1));
    let (whole, part) = digits.split_at(digits.len().saturating_sub(decimals));
    let part = part.trim_end_matches('0');
    match part {
        "" => whole.to_string(),
        part => format!("{whole}.{part}"),
    }
}

/// Where every program reads the price from.
pub async fn source(context: &Context) -> Result<PriceSource> {
    context.config(&pda::token::price_source()).await
}

/// The only account that the source allows.
pub fn only_account(source: &PriceSource) -> Option<Pubkey> {
    (source.account != Pubkey::default()).then_some(source.account)
}

/// Whether the price is that of the network's own reporters.
pub fn is_quorum(source: &PriceSource) -> bool {
    source.receiver == token::ID
}

/// The given account or the source's only one, else the newest fully verified one of the feed; for an act that takes it at this age.
pub async fn price(context: &Context, given: Option<Pubkey>, max_age_secs: i64) -> Result<Price> {
    let source = source(context).await?;
    find(context, &source, given, max_age_secs).await
}

/// As [`price`]; refuses what the programs would refuse now.
pub async fn usable_price(
    context: &Context,
    given: Option<Pubkey>,
    max_age_secs: i64,
) -> Result<Price> {
    let price = price(context, given, max_age_secs).await?;
    price.require_usable(context.time().await?.now)?;
    Ok(price)
}

fn unusable(account: &Pubkey, refusal: Refusal) -> CliError {
    let (name, message) = refusal.text();
    CliError::Refused(format!(
        "the price in {account} cannot be used now: {name}: {message}; see iog price show"
    ))
}

impl Price {
    /// Refuses what the programs would refuse at `now`.
    pub fn require_usable(&self, now: i64) -> Result<()> {
        self.check(now)
            .map_err(|refusal| unusable(&self.account, refusal))
    }
}

pub async fn find(
    context: &Context,
    source: &PriceSource,
    given: Option<Pubkey>,
    max_age_secs: i64,
) -> Result<Price> {
    match (given, only_account(source)) {
        (Some(given), Some(only)) if given != only => {
            let (name, message) = Refusal::WrongAccount.text();
            Err(CliError::usage(format!(
                "{name}: {message}: leave --price-account away, or pass {only}"
            )))
        }
        (Some(address), _) | (None, Some(address)) if is_quorum(source) => {
            of_quorum(context, &address, max_age_secs).await
        }
        (Some(address), _) | (None, Some(address)) => {
            at(context, source, &address, max_age_secs).await
        }
        (None, None) => newest(context, source, max_age_secs).await,
    }
}

async fn of_quorum(context: &Context, address: &Pubkey, max_age_secs: i64) -> Result<Price> {
    let hint = "open it with iog price feed create";
    let feed: PriceFeed = context.get(address, hint).await?;
    let now = context.time().await?.now;
    Price::of_feed(address, &feed, max_age_secs, now).map_err(|refusal| unusable(address, refusal))
}

async fn at(
    context: &Context,
    source: &PriceSource,
    address: &Pubkey,
    max_age_secs: i64,
) -> Result<Price> {
    let accounts = context.accounts(&[*address]).await?;
    let account = accounts.into_iter().next().flatten();
    let account = account.filter(|account| account.owner == source.receiver);
    let account = account.ok_or_else(|| missing("price", address, WHERE))?;
    Price::parse(address, &account.data, &source.feed, max_age_secs).map_err(|refusal| {
        let (name, message) = refusal.text();
        CliError::usage(format!(
            "{address} is no price of IO/USD: {name}: {message}; {WHERE}"
        ))
    })
}

async fn newest(context: &Context, source: &PriceSource, max_age_secs: i64) -> Result<Price> {
    let filters: [(usize, &[u8]); 2] = [(0, &DISCRIMINATOR), (FEED_AT, &source.feed)];
    let found = context
        .program_accounts(&source.receiver, filters.iter())
        .await?;
    found
        .iter()
        .filter_map(|(address, data)| Price::parse(address, data, &source.feed, max_age_secs).ok())
        .max_by_key(|price| price.publish_ts)
        .ok_or_else(|| CliError::usage(format!("no price account of IO/USD was found: {WHERE}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_written_exactly() {
        assert_eq!(usd(24_980_000, -8), "0.2498");
        assert_eq!(usd(123, -2), "1.23");
        assert_eq!(usd(5, -8), "0.00000005");
        assert_eq!(usd(500, -2), "5");
    }
}
