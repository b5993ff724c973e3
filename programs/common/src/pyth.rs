//! Pyth's `PriceUpdateV2`, read by offset from the published layout: 8-byte discriminator, 32-byte write authority, a
//! borsh enum for the verification level (0 Partial with one byte, 1 Full), then the price message, then the posted slot.

use crate::price::{check, check_time, Quote, Refusal, Source};
use anchor_lang::prelude::*;
use iog_math::oracle::PricePoint;

/// First eight bytes of sha256("account:PriceUpdateV2").
const DISCRIMINATOR: [u8; 8] = [0x22, 0xf1, 0x23, 0x63, 0x9d, 0x7e, 0xf4, 0xcd];
const LEVEL: usize = 40;
const FULL: u8 = 1;
/// Only fully verified updates are read, so the message always starts right behind the one-byte level.
const MESSAGE: usize = 41;

type Result<T> = core::result::Result<T, Refusal>;

/// Reads and checks the account against its source and the chain's clock.
pub(crate) fn read(
    account: &AccountView,
    source: &Source,
    max_age_secs: i64,
    now: i64,
) -> Result<Quote> {
    if !account.owned_by(&source.receiver) {
        return Err(Refusal::NotPyth);
    }
    let any = Address::new_from_array([0; 32]);
    if source.account != any && source.account != *account.address() {
        return Err(Refusal::WrongAccount);
    }
    let data = account.try_borrow().map_err(|_| Refusal::NotPyth)?;
    parse(&data, &source.feed, max_age_secs, now)
}

/// The checks on the bytes alone.
pub fn parse(data: &[u8], feed: &[u8; 32], max_age_secs: i64, now: i64) -> Result<Quote> {
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
    let at = |offset: usize| -> Result<u64> {
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
    let point = PricePoint {
        price: positive(at(32)?)?,
        conf: at(40)?,
        exponent,
        ema_price: positive(at(68)?)?,
        ema_conf: at(76)?,
    };
    let publish_ts = i64::from_ne_bytes(at(52)?.to_ne_bytes());
    check_time(publish_ts, max_age_secs, now)?;
    check(&point)?;
    Ok(Quote { point, publish_ts })
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::vec::Vec;

    const FEED: [u8; 32] = [0x82; 32];

    /// Laid out by hand from the published struct, not by this module's own constants.
    fn fixture(level: u8, price: i64, conf: u64, exponent: i32, publish: i64) -> Vec<u8> {
        update(level, (price, conf), exponent, publish, (price, conf))
    }

    fn update(
        level: u8,
        (price, conf): (i64, u64),
        exponent: i32,
        publish: i64,
        (ema, ema_conf): (i64, u64),
    ) -> Vec<u8> {
        let mut bytes = DISCRIMINATOR.to_vec();
        bytes.extend_from_slice(&[7; 32]);
        bytes.push(level);
        if level == 0 {
            bytes.push(5);
        }
        bytes.extend_from_slice(&FEED);
        bytes.extend_from_slice(&price.to_le_bytes());
        bytes.extend_from_slice(&conf.to_le_bytes());
        bytes.extend_from_slice(&exponent.to_le_bytes());
        bytes.extend_from_slice(&publish.to_le_bytes());
        bytes.extend_from_slice(&publish.to_le_bytes());
        bytes.extend_from_slice(&ema.to_le_bytes());
        bytes.extend_from_slice(&ema_conf.to_le_bytes());
        bytes.extend_from_slice(&99u64.to_le_bytes());
        bytes
    }

    #[test]
    fn reads_a_full_update() {
        let bytes = update(1, (12_345_678, 1_000), -8, 1_000, (12_000_000, 2_000));
        let read = parse(&bytes, &FEED, 60, 1_010);
        let expected = PricePoint {
            price: 12_345_678,
            conf: 1_000,
            ema_price: 12_000_000,
            ema_conf: 2_000,
            exponent: -8,
        };
        let publish_ts = 1_000;
        let point = expected;
        assert_eq!(read, Ok(Quote { point, publish_ts }));
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
            (fixture(1, 100, u64::MAX, -8, 1_000), Refusal::Uncertain),
            (update(1, (100, 0), -8, 1_000, (0, 0)), Refusal::NotPositive),
            (update(1, (100, 0), -8, 1_000, (99, 2)), Refusal::Uncertain),
            (
                update(1, (1_201, 0), -8, 1_000, (1_000, 0)),
                Refusal::Deviates,
            ),
            (
                update(1, (799, 0), -8, 1_000, (1_000, 0)),
                Refusal::Deviates,
            ),
        ];
        for (bytes, reason) in cases {
            assert_eq!(parse(&bytes, &FEED, 60, 1_000), Err(reason));
        }
        for edge in [940, 1_005] {
            let bytes = update(1, (1_200, 24), -4, edge, (1_000, 20));
            assert!(parse(&bytes, &FEED, 60, 1_000).is_ok(), "published {edge}");
        }
        let good = fixture(1, 100, 2, -8, 1_000);
        assert_eq!(parse(&good, &[0; 32], 60, 1_000), Err(Refusal::WrongFeed));
        assert_eq!(parse(&good[..100], &FEED, 60, 1_000), Err(Refusal::NotPyth));
        assert_eq!(parse(&[0; 200], &FEED, 60, 1_000), Err(Refusal::NotPyth));
    }

    #[test]
    fn no_bytes_make_it_panic_and_no_cut_update_is_taken() {
        let good = fixture(1, 100, 2, -8, 1_000);
        // Behind the average's confidence stands the posted slot, which is not read.
        let read = good.len().saturating_sub(8);
        for len in 0..read {
            assert!(
                parse(&good[..len], &FEED, 60, 1_000).is_err(),
                "{len} bytes"
            );
        }
        assert!(parse(&good[..read], &FEED, 60, 1_000).is_ok());
        for at in 0..good.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[at] = value;
                for now in [i64::MIN, -1, 0, 1_000, i64::MAX] {
                    let _ = parse(&bytes, &FEED, 60, now);
                }
            }
        }
    }
}
