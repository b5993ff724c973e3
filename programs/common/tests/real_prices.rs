//! The parser of Pyth's accounts on accounts that Pyth wrote: field by field, and with each field spoilt.

use base64::{engine::general_purpose::STANDARD, Engine as _};
use iog_common::{
    price::{Quote, Refusal},
    pyth::parse,
};
use iog_math::oracle::PricePoint;

/// Pyth's id of SOL/USD.
const SOL: [u8; 32] = [
    0xef, 0x0d, 0x8b, 0x6f, 0xda, 0x2c, 0xeb, 0xa4, 0x1d, 0xa1, 0x5d, 0x40, 0x95, 0xd1, 0xda, 0x39,
    0x2a, 0x0d, 0x2f, 0x8e, 0xd0, 0xc6, 0xc7, 0xbc, 0x0f, 0x4c, 0xfa, 0xc8, 0xc2, 0x80, 0xb5, 0x6d,
];
/// Pyth's id of AAPL/USD.
const AAPL: [u8; 32] = [
    0x49, 0xf6, 0xb6, 0x5c, 0xb1, 0xde, 0x6b, 0x10, 0xea, 0xf7, 0x5e, 0x7c, 0x03, 0xca, 0x02, 0x9c,
    0x30, 0x6d, 0x03, 0x57, 0xe9, 0x1b, 0x53, 0x11, 0xb1, 0x75, 0x08, 0x4a, 0x5a, 0xd5, 0x56, 0x88,
];

/// An account, what is in it, and what the parser does not read: when the price before was published, and in which slot it was posted.
struct Real {
    what: &'static str,
    data: Vec<u8>,
    feed: [u8; 32],
    point: PricePoint,
    publish_ts: i64,
    previous_ts: i64,
    slot: u64,
}

fn bytes(text: &str) -> Vec<u8> {
    STANDARD.decode(text.trim()).unwrap_or_default()
}

fn point(
    exponent: i32,
    (price, conf): (u64, u64),
    (ema_price, ema_conf): (u64, u64),
) -> PricePoint {
    PricePoint {
        price,
        conf,
        ema_price,
        ema_conf,
        exponent,
    }
}

fn all() -> [Real; 4] {
    [
        Real {
            what: "SOL/USD, mainnet, 7 October 2026",
            data: bytes(include_str!(
                "../../../tests/real/sol-usd-mainnet-2026-10.b64"
            )),
            feed: SOL,
            point: point(-8, (11_862_164_451, 3_335_799), (11_871_955_320, 2_530_658)),
            publish_ts: 1_791_360_258,
            previous_ts: 1_791_360_257,
            slot: 454_163_853,
        },
        Real {
            what: "SOL/USD, mainnet, 22 August 2026",
            data: bytes(include_str!(
                "../../../tests/real/sol-usd-mainnet-2026-08.b64"
            )),
            feed: SOL,
            point: point(-8, (9_419_293_224, 3_408_102), (9_410_135_200, 4_445_580)),
            publish_ts: 1_787_390_255,
            previous_ts: 1_787_390_255,
            slot: 440_890_706,
        },
        Real {
            what: "SOL/USD, devnet, 18 September 2026",
            data: bytes(include_str!(
                "../../../tests/real/sol-usd-devnet-2026-09.b64"
            )),
            feed: SOL,
            point: point(-8, (10_482_005_693, 1_667_134), (10_386_806_900, 1_803_614)),
            publish_ts: 1_789_705_589,
            previous_ts: 1_789_705_588,
            slot: 500_160_547,
        },
        Real {
            what: "AAPL/USD, devnet, 2 July 2026",
            data: bytes(include_str!(
                "../../../tests/real/aapl-usd-devnet-2026-07.b64"
            )),
            feed: AAPL,
            point: point(-5, (30_181_002, 14_208), (29_991_126, 20_700)),
            publish_ts: 1_783_000_135,
            previous_ts: 1_783_000_134,
            slot: 473_475_603,
        },
    ]
}

fn number(data: &[u8], at: usize) -> Option<u64> {
    let bytes = data.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

#[test]
fn each_field_stands_where_the_parser_reads_it() {
    for real in all() {
        let read = parse(&real.data, &real.feed, 60, real.publish_ts);
        let expected = Quote {
            point: real.point,
            publish_ts: real.publish_ts,
        };
        assert_eq!(read, Ok(expected), "{}", real.what);
        assert_eq!(real.data.len(), 134, "{}", real.what);
        let previous_ts = number(&real.data, 101);
        assert_eq!(previous_ts, Some(real.previous_ts.unsigned_abs()));
        assert_eq!(number(&real.data, 125), Some(real.slot), "{}", real.what);
    }
}

#[test]
fn its_age_counts_from_its_own_time() {
    for real in all() {
        let (feed, ts) = (&real.feed, real.publish_ts);
        let refusal = |max_age, now| parse(&real.data, feed, max_age, now).err();
        for (max_age, now, refused) in [
            (60, ts - 5, None),
            (60, ts - 6, Some(Refusal::FromTheFuture)),
            (20, ts + 20, None),
            (20, ts + 21, Some(Refusal::Stale)),
            (60, ts + 60, None),
            (60, ts + 61, Some(Refusal::Stale)),
        ] {
            assert_eq!(refusal(max_age, now), refused, "{} at {now}", real.what);
        }
    }
}

/// A real account with one thing wrong is refused for that.
#[test]
fn one_wrong_field_is_enough() {
    for real in all() {
        let refusal = |spoil: &dyn Fn(&mut Vec<u8>)| {
            let mut data = real.data.clone();
            spoil(&mut data);
            parse(&data, &real.feed, 60, real.publish_ts).err()
        };
        let put = |at: usize, value: u64| {
            refusal(&move |data| data[at..at + 8].copy_from_slice(&value.to_le_bytes()))
        };
        assert_eq!(refusal(&|_| ()), None);
        assert_eq!(refusal(&|data| data[7] ^= 1), Some(Refusal::NotPyth));
        let partial = Some(Refusal::NotFullyVerified);
        assert_eq!(refusal(&|data| data[40] = 0), partial, "{}", real.what);
        assert_eq!(refusal(&|data| data[72] ^= 1), Some(Refusal::WrongFeed));
        assert_eq!(put(73, 0), Some(Refusal::NotPositive));
        assert_eq!(put(109, u64::MAX), Some(Refusal::NotPositive));
        let uncertain = Some(Refusal::Uncertain);
        assert_eq!(put(81, real.point.price / 50 + 1), uncertain);
        assert_eq!(put(117, real.point.ema_price / 50 + 1), uncertain);
        let deviates = Some(Refusal::Deviates);
        assert_eq!(put(73, real.point.ema_price * 6 / 5 + 1), deviates);
        assert_eq!(put(73, real.point.ema_price * 4 / 5 - 1), deviates);
        let exponent = Some(Refusal::ExponentOutOfRange);
        assert_eq!(refusal(&|data| data[89] = 0xf3), exponent);
        // A program that changed the level to two bytes would shift all that follows: nothing of it may pass for a price.
        let shifted = refusal(&|data| data.insert(41, 12));
        assert_eq!(shifted, Some(Refusal::WrongFeed), "{}", real.what);
    }
}

/// Each is no price of the other's feed.
#[test]
fn no_account_passes_for_another_feed() {
    for real in all() {
        let other = if real.feed == SOL { AAPL } else { SOL };
        let read = parse(&real.data, &other, 60, real.publish_ts);
        assert_eq!(read, Err(Refusal::WrongFeed), "{}", real.what);
    }
}
