//! Pyth's `PriceUpdateV2`, read by offset from the published layout: 8-byte discriminator, 32-byte write authority, a
//! borsh enum for the verification level (0 Partial with one byte, 1 Full), then the price message, then the posted slot.

use anchor_lang::prelude::*;

/// Pyth's Solana receiver, owner of every price update account.
pub const RECEIVER: Address = anchor_lang::address!("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
/// IO/USD, from Pyth's public list of feeds.
pub const IO_USD_FEED: [u8; 32] = [
    0x82, 0x59, 0x5d, 0x15, 0x09, 0xb7, 0x70, 0xfa, 0x52, 0x68, 0x1e, 0x26, 0x0a, 0xf4, 0xdd, 0xa9,
    0x75, 0x2b, 0x87, 0x31, 0x6d, 0x7c, 0x04, 0x85, 0x35, 0xd8, 0xea, 0xd3, 0xfa, 0x85, 0x6e, 0xb1,
];
/// First eight bytes of sha256("account:PriceUpdateV2").
const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
const LEVEL: usize = 40;
const FULL: u8 = 1;
/// Only fully verified updates are read, so the message always starts right behind the one-byte level.
const MESSAGE: usize = 41;

/// Older prices than this start no new business (economics.md).
pub const MAX_AGE_SECS: i64 = 60;
/// How far ahead of the chain's clock a publish time may stand.
pub const MAX_SKEW_SECS: i64 = 5;
/// The confidence interval may be at most 1/50 = 2 % of the price.
pub const MAX_CONF_DIVISOR: u64 = 50;

/// A price that passed every check: `price * 10^exponent` USD for one whole token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price {
    pub price: u64,
    pub conf: u64,
    pub ema_price: u64,
    pub ema_conf: u64,
    pub exponent: i32,
    pub publish_ts: i64,
}

/// Why a price account is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    NotPyth,
    WrongFeed,
    NotFullyVerified,
    Stale,
    FromTheFuture,
    NotPositive,
    Uncertain,
    ExponentOutOfRange,
}

/// Reads and checks the account against the pinned feed and the chain's clock.
pub fn read(
    account: &AccountView,
    feed: &[u8; 32],
    now: i64,
) -> core::result::Result<Price, Refusal> {
    if !account.owned_by(&RECEIVER) {
        return Err(Refusal::NotPyth);
    }
    let data = account.try_borrow().map_err(|_| Refusal::NotPyth)?;
    parse(&data, feed, now)
}

/// The checks on the bytes alone.
pub fn parse(data: &[u8], feed: &[u8; 32], now: i64) -> core::result::Result<Price, Refusal> {
    if data.get(..8) != Some(&DISCRIMINATOR[..]) {
        return Err(Refusal::NotPyth);
    }
    if data.get(LEVEL) != Some(&FULL) {
        return Err(Refusal::NotFullyVerified);
    }
    let message = data.get(MESSAGE..).ok_or(Refusal::NotPyth)?;
    if message.get(..32) != Some(&feed[..]) {
        return Err(Refusal::WrongFeed);
    }
    let at = |offset: usize| -> core::result::Result<u64, Refusal> {
        message
            .get(offset..)
            .and_then(|rest| rest.first_chunk::<8>())
            .map(|bytes| u64::from_le_bytes(*bytes))
            .ok_or(Refusal::NotPyth)
    };
    let exponent = message
        .get(48..)
        .and_then(|rest| rest.first_chunk::<4>())
        .map(|bytes| i32::from_le_bytes(*bytes))
        .ok_or(Refusal::NotPyth)?;
    let positive = |raw: u64| match i64::from_ne_bytes(raw.to_ne_bytes()) {
        value if value > 0 => Ok(raw),
        _ => Err(Refusal::NotPositive),
    };
    let price = Price {
        price: positive(at(32)?)?,
        conf: at(40)?,
        exponent,
        publish_ts: i64::from_ne_bytes(at(52)?.to_ne_bytes()),
        ema_price: positive(at(68)?)?,
        ema_conf: at(76)?,
    };
    check(&price, now)?;
    Ok(price)
}

fn check(price: &Price, now: i64) -> core::result::Result<(), Refusal> {
    if price.publish_ts > now.saturating_add(MAX_SKEW_SECS) {
        return Err(Refusal::FromTheFuture);
    }
    if now.saturating_sub(price.publish_ts) > MAX_AGE_SECS {
        return Err(Refusal::Stale);
    }
    for (value, conf) in [(price.price, price.conf), (price.ema_price, price.ema_conf)] {
        if u128::from(conf).saturating_mul(u128::from(MAX_CONF_DIVISOR)) > u128::from(value) {
            return Err(Refusal::Uncertain);
        }
    }
    // Pyth publishes USD prices with 4 to 12 decimals; anything else is a mistake or another kind of feed.
    if !(-12..=-4).contains(&price.exponent) {
        return Err(Refusal::ExponentOutOfRange);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::vec::Vec;

    /// Laid out by hand from the published struct, not by this module's own constants.
    fn fixture(level: u8, price: i64, conf: u64, exponent: i32, publish: i64) -> Vec<u8> {
        let mut bytes = DISCRIMINATOR.to_vec();
        bytes.extend_from_slice(&[7; 32]);
        bytes.push(level);
        if level == 0 {
            bytes.push(5);
        }
        bytes.extend_from_slice(&IO_USD_FEED);
        bytes.extend_from_slice(&price.to_le_bytes());
        bytes.extend_from_slice(&conf.to_le_bytes());
        bytes.extend_from_slice(&exponent.to_le_bytes());
        bytes.extend_from_slice(&publish.to_le_bytes());
        bytes.extend_from_slice(&publish.to_le_bytes());
        bytes.extend_from_slice(&price.to_le_bytes());
        bytes.extend_from_slice(&conf.to_le_bytes());
        bytes.extend_from_slice(&99u64.to_le_bytes());
        bytes
    }

    #[test]
    fn reads_a_full_update() {
        let read = parse(
            &fixture(1, 12_345_678, 1_000, -8, 1_000),
            &IO_USD_FEED,
            1_010,
        );
        let expected = Price {
            price: 12_345_678,
            conf: 1_000,
            ema_price: 12_345_678,
            ema_conf: 1_000,
            exponent: -8,
            publish_ts: 1_000,
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn refuses_each_defect_by_its_own_reason() {
        let cases = [
            (fixture(0, 100, 1, -8, 1_000), Refusal::NotFullyVerified),
            (fixture(1, -100, 1, -8, 1_000), Refusal::NotPositive),
            (fixture(1, 0, 0, -8, 1_000), Refusal::NotPositive),
            (fixture(1, 100, 3, -8, 1_000), Refusal::Uncertain),
            (fixture(1, 100, 2, -13, 1_000), Refusal::ExponentOutOfRange),
            (fixture(1, 100, 2, -3, 1_000), Refusal::ExponentOutOfRange),
            (fixture(1, 100, 2, -8, 939), Refusal::Stale),
            (fixture(1, 100, 2, -8, 1_006), Refusal::FromTheFuture),
        ];
        for (bytes, reason) in cases {
            assert_eq!(parse(&bytes, &IO_USD_FEED, 1_000), Err(reason));
        }
        let good = fixture(1, 100, 2, -8, 1_000);
        assert_eq!(parse(&good, &[0; 32], 1_000), Err(Refusal::WrongFeed));
        assert_eq!(
            parse(&good[..100], &IO_USD_FEED, 1_000),
            Err(Refusal::NotPyth)
        );
        assert_eq!(parse(&[0; 200], &IO_USD_FEED, 1_000), Err(Refusal::NotPyth));
    }
}
