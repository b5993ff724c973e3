//! Where prices are read.

use std::fs;

use super::programs::programs;
use serde_json::Value;

/// No exit waits for an oracle: of all instructions of all programs only these have a place for a price. A claim turns dollars into IO, at
/// a price that its owner waits for; what it is made of stays booked. Without a new price in IO an order goes on at its old one and ends, and
/// a restitution reads one when it is proposed, never when it is carried out. `update_cover` and `observe_price` only look.
#[test]
fn a_price_is_read_where_something_begins_and_nowhere_else() {
    let mut readers = Vec::new();
    for program in programs() {
        let path = format!(
            "{}/../idl/{}.json",
            env!("CARGO_MANIFEST_DIR"),
            program.name
        );
        let idl: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for instruction in idl["instructions"].as_array().unwrap() {
            let accounts = instruction["accounts"].as_array().unwrap();
            if accounts.iter().any(|account| account["name"] == "price") {
                let name = instruction["name"].as_str().unwrap();
                readers.push(format!("{}.{name}", program.name));
            }
        }
    }
    let expected = [
        "market.quote",
        "market.create_order",
        "market.extend",
        "market.price_anew",
        "market.claim_credit",
        "market.update_cover",
        "staking.propose_restitution",
        "token.observe_price",
        "token.burn_io_for_iosd",
        "treasury.sell_io",
    ];
    assert_eq!(readers, expected);
}
