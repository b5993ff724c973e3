//! Pyth's `PriceUpdateV2`, read by offset as the market program does: 8 bytes of discriminator, 32 of write authority, the
//! level of verification (1 is full, in one byte), then the price message.

use crate::{
    chain::missing,
    context::Context,
    error::{CliError, Result},
};
use iog_client::{market::accounts::Config, pda};
use iog_math::{oracle::PricePoint, units::Usd6};
use solana_pubkey::Pubkey;

/// Pyth's receiver, owner of every price update.
const RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
/// First eight bytes of sha256("account:PriceUpdateV2").
const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
const LEVEL_AT: usize = 40;
const FEED_AT: usize = 41;
const PRICE_AT: usize = 73;
const CONF_AT: usize = 81;
const EXPONENT_AT: usize = 89;
const PUBLISH_AT: usize = 93;
const EMA_AT: usize = 109;
const EMA_CONF_AT: usize = 117;
/// What the market takes (programs/common, pyth.rs).
const MAX_AGE_SECS: i64 = 60;

/// A price account and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub account: Pubkey,
    pub point: PricePoint,
    pub publish_ts: i64,
}

impl Price {
    /// Whether the market would still take it at `now`.
    pub fn is_fresh(&self, now: i64) -> bool {
        now.saturating_sub(self.publish_ts) <= MAX_AGE_SECS
    }
}

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

/// The given account, else the newest fully verified one of the market's feed.
pub async fn price(context: &Context, given: Option<Pubkey>) -> Result<Price> {
    let config: Config = context.config(&pda::market::config()).await?;
    if let Some(address) = given {
        let accounts = context.accounts(&[address]).await?;
        let account = accounts.into_iter().next().flatten();
        let account = account.filter(|account| account.owner == RECEIVER);
        let account = account.ok_or_else(|| missing("Pyth price", &address, WHERE))?;
        return parse(&address, &account.data, &config.io_feed).ok_or_else(|| {
            CliError::usage(format!(
                "{address} is no fully verified price of IO/USD: {WHERE}"
            ))
        });
    }
    let filters: [(usize, &[u8]); 2] = [(0, &DISCRIMINATOR), (FEED_AT, &config.io_feed)];
    let found = context.program_accounts(&RECEIVER, filters.iter()).await?;
    found
        .iter()
        .filter_map(|(address, data)| parse(address, data, &config.io_feed))
        .max_by_key(|price| price.publish_ts)
        .ok_or_else(|| CliError::usage(format!("no price account of IO/USD was found: {WHERE}")))
}

const WHERE: &str =
    "pass --price-account with one (iog network up writes it to addresses.json as io_price)";

fn parse(address: &Pubkey, data: &[u8], feed: &[u8; 32]) -> Option<Price> {
    let known = data.get(..8)? == DISCRIMINATOR
        && *data.get(LEVEL_AT)? == 1
        && data.get(FEED_AT..PRICE_AT)? == feed;
    let number = |at: usize| Some(u64::from_le_bytes(*data.get(at..)?.first_chunk()?));
    // A negative price is no price.
    let positive = |at: usize| number(at).filter(|raw| *raw > 0 && i64::try_from(*raw).is_ok());
    let price = Price {
        account: *address,
        point: PricePoint {
            price: positive(PRICE_AT)?,
            conf: number(CONF_AT)?,
            ema_price: positive(EMA_AT)?,
            ema_conf: number(EMA_CONF_AT)?,
            exponent: i32::from_le_bytes(*data.get(EXPONENT_AT..)?.first_chunk()?),
        },
        publish_ts: i64::from_le_bytes(*data.get(PUBLISH_AT..)?.first_chunk()?),
    };
    known.then_some(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_published_layout() {
        let mut data = DISCRIMINATOR.to_vec();
        data.extend_from_slice(&[7; 32]);
        data.push(1);
        data.extend_from_slice(&[9; 32]);
        for part in [25_000_000u64, 10_000] {
            data.extend_from_slice(&part.to_le_bytes());
        }
        data.extend_from_slice(&(-8i32).to_le_bytes());
        for part in [1_000u64, 999, 26_000_000, 20_000, 5] {
            data.extend_from_slice(&part.to_le_bytes());
        }
        let address = Pubkey::new_from_array([1; 32]);
        let price = parse(&address, &data, &[9; 32]).unwrap();
        let point = PricePoint {
            price: 25_000_000,
            conf: 10_000,
            ema_price: 26_000_000,
            ema_conf: 20_000,
            exponent: -8,
        };
        assert_eq!((price.point, price.publish_ts), (point, 1_000));
        assert!(price.is_fresh(1_060) && !price.is_fresh(1_061));
        assert_eq!(parse(&address, &data, &[8; 32]), None);
        assert_eq!(parse(&address, data.get(..100).unwrap(), &[9; 32]), None);
    }
}
