//! Pyth's price service, and the transactions that post what it answers. The update is the one that Hermes documents
//! (pyth-network/pyth-crosschain, `apps/hermes/server/src/api/doc_examples.rs`): BTC/USD of 28 July 2023.

use super::server::{Reply, Server, PATIENCE};
use crate::{
    config,
    price::{hermes, http::AskError, http::Http, pnau, pyth, Look, Prices, PythUpdate},
    vitals::Vitals,
};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use std::sync::Arc;

const UPDATE: &str = include_str!("update.b64");
const BTC_USD: &str = "e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43";
const PUBLISHED: i64 = 1_690_576_635;
/// Bytes of a transaction at most.
const PACKET: usize = 1_232;

fn feed() -> [u8; 32] {
    hex::decode(BTC_USD).unwrap().try_into().unwrap()
}

fn update() -> PythUpdate {
    pnau::parse(&STANDARD.decode(UPDATE).unwrap(), &feed()).unwrap()
}

#[test]
fn a_real_update_is_read() {
    let update = update();
    assert_eq!((update.price, update.exponent), (2_931_999_000_000, -8));
    assert_eq!((update.publish_ts, update.guardian_set), (PUBLISHED, 3));
    assert_eq!(
        (update.vaa.len(), update.message.len(), update.proof.len()),
        (952, 85, 8)
    );
    let bytes = STANDARD.decode(UPDATE).unwrap();
    assert_eq!(pnau::parse(&bytes, &[7; 32]), None, "another feed");
    // However it is cut or whatever byte of its frame is another: no panic, and no update from a broken frame.
    for end in 0..bytes.len() {
        assert_eq!(pnau::parse(&bytes[..end], &feed()), None, "{end}");
    }
    for at in [0, 4, 7] {
        let mut broken = bytes.clone();
        broken[at] ^= 0xff;
        assert_eq!(pnau::parse(&broken, &feed()), None, "{at}");
    }
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 0xff;
        let _ = pnau::parse(&other, &feed());
    }
}

#[tokio::test]
async fn asks_for_the_networks_feed_and_remembers_what_it_was_told() {
    let body =
        format!(r#"{{"binary": {{"encoding": "base64", "data": ["{UPDATE}"]}}, "parsed": null}}"#);
    let server = Server::saying(Reply::Json(body));
    let settings = config::Price {
        hermes: Some(config::HermesSettings {
            endpoint: server.url(),
            headers: None,
            timeout_ms: 10_000,
            shard: 0,
        }),
        ..config::Price::default()
    };
    let vitals = Arc::new(Vitals::new(std::time::Duration::from_secs(5)).unwrap());
    let prices = Arc::new(Prices::open(&settings, vitals).unwrap());
    for _ in 0..2 {
        prices.begin(Look {
            now: PUBLISHED,
            pyth_feed: Some(feed()),
            at_once: true,
        });
        tokio::time::timeout(PATIENCE, prices.next_end())
            .await
            .unwrap();
        assert_eq!(prices.view().updates, [update()]);
        let question = server.question();
        let path = format!(
            "GET /v2/updates/price/latest?ids%5B%5D={BTC_USD}&encoding=base64&parsed=false "
        );
        assert!(question.starts_with(&path), "{question}");
    }
    // Where the price is not Pyth's there is nothing to ask for.
    prices.begin(Look {
        now: PUBLISHED,
        pyth_feed: None,
        at_once: true,
    });
    tokio::time::timeout(PATIENCE, prices.next_end())
        .await
        .unwrap();
    assert_eq!(server.questions_left(), 0);
}

#[tokio::test]
async fn an_odd_answer_is_no_update() {
    let http = Http::new().unwrap();
    for (reply, expected) in [
        (Reply::Json("{}".into()), hermes::HermesError::NoUpdate),
        (
            Reply::Json(r#"{"binary": {"data": ["!", 7, "UE5BVQEA"]}}"#.into()),
            hermes::HermesError::NoUpdate,
        ),
        (Reply::Json("<html>".into()), AskError::NotJson.into()),
        (Reply::Endless, AskError::TooLong.into()),
    ] {
        let server = Server::saying(reply);
        let settings = config::HermesSettings {
            endpoint: server.url(),
            headers: None,
            timeout_ms: 10_000,
            shard: 0,
        };
        let hermes = hermes::Hermes::open(&settings).unwrap();
        assert_eq!(hermes.latest(&http, &feed()).await, Err(expected));
    }
}

/// The documented accounts of SOL/USD, and the network's plan for IO/USD.
#[test]
fn the_push_oracles_accounts_are_where_pyth_says() {
    let sol_usd = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";
    let sol_usd: [u8; 32] = hex::decode(sol_usd).unwrap().try_into().unwrap();
    let account = pyth::feed_account(0, &sol_usd);
    assert_eq!(
        account.to_string(),
        "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE"
    );
}

#[test]
fn two_transactions_post_an_update() {
    let mut update = update();
    // As deep a proof as some 4,000 feeds need.
    update.proof.resize(12, [9; 20]);
    let payer = Pubkey::new_unique();
    let account = pyth::staging(&payer).unwrap();
    let first = pyth::stage(&payer, &update, 8_000_000).unwrap();
    let second = pyth::post(&payer, &update, 0).unwrap();
    for instructions in [&first, &second] {
        let size = size(instructions, &payer);
        assert!(size <= PACKET, "{size}");
    }
    let of = |name: &str| Sha256::digest(format!("global:{name}"))[..8].to_vec();
    let names: Vec<Vec<u8>> = first[1..]
        .iter()
        .chain(&second)
        .map(|instruction| instruction.data[..8].to_vec())
        .collect();
    let expected = [
        "init_encoded_vaa",
        "write_encoded_vaa",
        "write_encoded_vaa",
        "verify_encoded_vaa_v1",
        "update_price_feed",
        "close_encoded_vaa",
    ];
    assert_eq!(names, expected.map(of));
    assert_eq!(pyth::staged_len(&update), 998);

    // What both write is the whole message.
    let mut written = vec![0; 952];
    for write in [&first[2], &second[0]] {
        let at = u32::from_le_bytes(write.data[8..12].try_into().unwrap()) as usize;
        let part = &write.data[16..];
        assert_eq!(write.data[12..16], (part.len() as u32).to_le_bytes());
        written[at..at + part.len()].copy_from_slice(part);
        assert_eq!(write.accounts[1].pubkey, account);
    }
    assert_eq!(written, *update.vaa);

    let post = &second[2];
    assert_eq!(post.program_id, pyth::PUSH_ORACLE);
    assert_eq!(post.accounts[5].pubkey, pyth::feed_account(0, &feed()));
    let tail = &post.data[8..];
    assert_eq!(tail[..4], 85u32.to_le_bytes());
    assert_eq!(tail[4..89], update.message);
    assert_eq!(tail[89..93], 12u32.to_le_bytes());
    assert_eq!(tail[93 + 240..93 + 243], [0, 0, 0], "treasury, shard");
    assert_eq!(tail[93 + 243..], feed());
}

/// As the network counts it: one signature, the message, and two instructions about compute before ours.
fn size(instructions: &[Instruction], payer: &Pubkey) -> usize {
    let mut keys = vec![*payer, Pubkey::new_from_array([1; 32])];
    let mut bytes = 1 + 64 + 3 + 1 + 32 + 1 + (3 + 5) + (3 + 9);
    for instruction in instructions {
        keys.push(instruction.program_id);
        keys.extend(instruction.accounts.iter().map(|meta| meta.pubkey));
        let data = instruction.data.len();
        bytes += 2 + instruction.accounts.len() + data + if data < 128 { 1 } else { 2 };
    }
    keys.sort();
    keys.dedup();
    bytes + 32 * keys.len()
}

#[test]
fn what_is_staged_is_told_from_what_is_not() {
    let vaa = update().vaa;
    let mut account = vec![0; 46 + vaa.len()];
    account[8] = 1;
    account[46..46 + pyth::SPLIT].copy_from_slice(&vaa[..pyth::SPLIT]);
    assert!(pyth::is_staged(&account, &vaa));
    for at in [8, 46, 46 + pyth::SPLIT - 1] {
        let mut other = account.clone();
        other[at] ^= 3;
        assert!(!pyth::is_staged(&other, &vaa), "{at}");
        assert_ne!(pyth::digest(&other), pyth::digest(&account));
    }
    account.push(0);
    assert!(!pyth::is_staged(&account, &vaa));
    assert!(!pyth::is_staged(&[], &vaa));
}

#[test]
fn a_posted_price_is_read_where_it_is_fully_verified() {
    let mut data = vec![0; 134];
    data[40] = 1;
    data[73..81].copy_from_slice(&2_500_000i64.to_le_bytes());
    data[89..93].copy_from_slice(&(-7i32).to_le_bytes());
    data[93..101].copy_from_slice(&PUBLISHED.to_le_bytes());
    assert_eq!(pyth::posted(&data), Some((2_500_000, -7, PUBLISHED)));
    data[40] = 0;
    assert_eq!(pyth::posted(&data), None);
    assert_eq!(pyth::posted(&[]), None);
}
