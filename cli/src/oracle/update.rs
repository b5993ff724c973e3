//! Pyth's `PriceUpdateV2`, read by offset as the programs do (programs/common, pyth.rs): 8 bytes of discriminator, 32 of write
//! authority, the level of verification (1 is full, in one byte), then the price message.

use super::price::{Price, Refusal};
use iog_math::oracle::PricePoint;
use solana_pubkey::Pubkey;

/// First eight bytes of sha256("account:PriceUpdateV2").
pub const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
pub const FEED_AT: usize = 41;
const LEVEL_AT: usize = 40;
const PRICE_AT: usize = 73;
const CONF_AT: usize = 81;
const EXPONENT_AT: usize = 89;
const PUBLISH_AT: usize = 93;
const EMA_AT: usize = 109;
const EMA_CONF_AT: usize = 117;

impl Price {
    /// The fully verified price in an account's data.
    pub fn parse(
        account: &Pubkey,
        data: &[u8],
        feed: &[u8; 32],
        max_age_secs: i64,
    ) -> Result<Self, Refusal> {
        if data.get(..8) != Some(&DISCRIMINATOR) {
            return Err(Refusal::NotPyth);
        }
        if data.get(LEVEL_AT) != Some(&1) {
            return Err(Refusal::NotVerified);
        }
        if data.get(FEED_AT..PRICE_AT) != Some(feed) {
            return Err(Refusal::WrongFeed);
        }
        let number = |at: usize| {
            let bytes = data.get(at..).and_then(|rest| rest.first_chunk());
            let bytes = bytes.ok_or(Refusal::NotPyth)?;
            Ok(u64::from_le_bytes(*bytes))
        };
        let positive = |at: usize| match number(at)? {
            raw if raw > 0 && i64::try_from(raw).is_ok() => Ok(raw),
            _ => Err(Refusal::NotPositive),
        };
        let exponent = data.get(EXPONENT_AT..).and_then(|rest| rest.first_chunk());
        Ok(Self {
            account: *account,
            point: PricePoint {
                price: positive(PRICE_AT)?,
                conf: number(CONF_AT)?,
                ema_price: positive(EMA_AT)?,
                ema_conf: number(EMA_CONF_AT)?,
                exponent: i32::from_le_bytes(*exponent.ok_or(Refusal::NotPyth)?),
            },
            publish_ts: i64::from_ne_bytes(number(PUBLISH_AT)?.to_ne_bytes()),
            max_age_secs,
        })
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

    fn update() -> Vec<u8> {
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
        data
    }

    #[test]
    fn reads_the_published_layout() {
        let parse =
            |data: &[u8], feed: u8| Price::parse(&price(POINT).account, data, &[feed; 32], 60);
        let data = update();
        assert_eq!(parse(&data, 9), Ok(price(POINT)));
        assert_eq!(parse(&data, 8), Err(Refusal::WrongFeed));
        assert_eq!(parse(data.get(..100).unwrap(), 9), Err(Refusal::NotPyth));
        let mut partial = data.clone();
        partial[LEVEL_AT] = 0;
        assert_eq!(parse(&partial, 9), Err(Refusal::NotVerified));
        let mut negative = data;
        negative[PRICE_AT + 7] = 0x80;
        assert_eq!(parse(&negative, 9), Err(Refusal::NotPositive));
    }
}
