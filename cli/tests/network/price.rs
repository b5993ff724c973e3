//! A price of the network's own: reporters sign it, anyone carries it, and it makes IOSD.

use crate::{case::Case, common::json, world::World};
use iog_client::{pda, token::instructions::RemoveMinter};
use serde_json::{json as value, Value};
use solana_signer::Signer as _;

const REPORTERS: [&str; 3] = ["keeper", "supplier-a", "supplier-b"];
/// A median is held for ten minutes.
const HELD_SECS: i64 = 590;

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_of_reporters_gives_the_price() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let case = Case {
        world: &world,
        dir,
        device: String::new(),
    };
    names_reporters(&case);
    carries_what_was_signed(&case);
    let before = case.done("renter", "price show");
    assert_eq!(
        (&before["kind"], &before["usable"]),
        (&value!("pyth"), &value!(true))
    );
    let set = case.done("authority", "governance price-source set --quorum");
    assert_eq!(set["pending_kind"], "quorum");
    let waits = case.done("renter", "governance show");
    assert_eq!(
        waits["programs"][0]["changes_waiting"],
        value!(["price-source"])
    );
    case.days_pass(1);
    case.done("renter", "governance price-source apply");
    // Reports of a day ago make no price.
    let stale = case.done("renter", "price show");
    assert_eq!(
        (&stale["kind"], &stale["usable"]),
        (&value!("quorum"), &value!(false))
    );
    case.refused("renter", "token burn-for-iosd --amount 100", "PriceStale");
    makes_an_average(&case);
    makes_iosd(&case);
}

/// In the network's first day reporters count at once.
fn names_reporters(case: &Case) {
    let create = "price feed create --quorum 3";
    case.refused("keeper", create, "NotAuthority");
    let feed = case.done("authority", create);
    assert_eq!(
        (&feed["quorum"], &feed["can_reach_quorum"]),
        (&value!(3), &value!(false))
    );
    for (place, wallet) in REPORTERS.iter().enumerate() {
        let set = format!("price feed set-reporter {place} {}", case.key(wallet));
        case.done("authority", &set);
    }
    let shown = case.done("renter", "price reporters");
    assert_eq!(
        (&shown["named"], &shown["can_reach_quorum"]),
        (&value!(3), &value!(true))
    );
    assert_eq!(shown["reporters"][1]["key"], case.key("supplier-a"));
    let stranger = "price report --price 0.25";
    case.refused("renter", stranger, "NotReporter");
}

/// redteam P5
fn carries_what_was_signed(case: &Case) {
    let mut files = Vec::new();
    for (wallet, price) in REPORTERS.iter().zip(["0.2499", "0.25", "0.2502"]) {
        let sign = format!("price report --price {price} --sign-only");
        let signed = case.done(wallet, &sign);
        assert_eq!(signed["key"], case.key(wallet));
        let file = case.dir.join(format!("{wallet}-price.json"));
        std::fs::write(&file, signed.to_string()).unwrap();
        files.push(file.to_str().unwrap().to_string());
    }
    let carry = format!("price report --signed {}", files.join(","));
    let carried = case.done("renter", &carry);
    assert_eq!(carried["carried"].as_array().unwrap().len(), 3);
    assert_eq!(carried["fresh_reports"], 3);
    assert_eq!(carried["reporters"][0]["price_usd"], "0.2499");
    assert_eq!(carried["reporters"][1]["from_median_bps"], 0);
    // 0.0002 of 0.25, rounded down
    assert_eq!(carried["reporters"][2]["from_median_bps"], 8);
}

/// An hour of reports, of which each stands until the next.
fn makes_an_average(case: &Case) {
    for _ in 0..7 {
        for wallet in REPORTERS {
            case.done(wallet, "price report --price 0.25");
        }
        case.secs_pass(HELD_SECS);
    }
    for wallet in REPORTERS {
        case.done(wallet, "price report --price 0.25");
    }
    let shown = case.done("renter", "price show");
    assert_eq!(
        (&shown["spot_usd"], &shown["average_usd"], &shown["usable"]),
        (&value!("0.25"), &value!("0.25"), &value!(true)),
        "{shown}"
    );
    // At least a thousandth of the price.
    assert_eq!(shown["spot_conf_usd"], "0.00025");
}

/// redteam M7a. What the token program has not seen for an hour makes none.
fn makes_iosd(case: &Case) {
    case.refused("renter", "token burn-for-iosd --amount 100", "PriceNotSeen");
    let seen = case.done("supplier-b", "token observe-price");
    assert_eq!(seen["average_usd"], "0.25");
    case.refused("renter", "token burn-for-iosd --amount 100", "PriceNotSeen");
    makes_an_average(case);
    let burned = case.done("renter", "token burn-for-iosd --amount 100");
    // 100 IO at 0.25 USD less twice a thousandth of it
    assert_eq!(
        (&burned["io_burned"], &burned["iosd_made"]),
        (&value!("10000000000"), &value!("24950000"))
    );
}

/// audit: money M3. A minter that was removed comes back a day later, and the guardian or the authority may stop it before.
#[tokio::test(flavor = "multi_thread")]
async fn a_removed_minter_comes_back() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let case = Case {
        world: &world,
        dir,
        device: String::new(),
    };
    json(&world.run(dir, "renter", "token burn-for-iosd --amount 100"));
    let market = pda::market::escrow_authority();
    let create = "order create --class 2 --gpus 1 --hours 1 --pay iosd";
    case.done("renter", create);
    let restore = format!("token restore-minter {market} --rights net-emission,iosd");
    case.refused("authority", &restore, "MinterHasRights");
    // The network is set up.
    case.days_pass(1);
    let authority = world.net.wallets.get("authority");
    let remove = RemoveMinter {
        authority: authority.pubkey(),
        minter: pda::token::minter(&market),
    };
    let remove = [remove.instruction()];
    let sent = world.net.sender.send(&remove, authority, &[]);
    sent.await.unwrap();
    let create = "order create --class 2 --gpus 1 --hours 1 --pay iosd";
    case.refused("renter", create, "MissingRight");
    case.refused("renter", &restore, "NotAuthority");
    let restored = case.done("authority", &restore);
    assert_eq!(restored["rights"], value!(["net_emission", "iosd"]));
    assert!(restored["active_from"].as_i64().unwrap() > case.now() + 86_000);
    case.refused(
        "renter",
        &format!("token drop-minter {market}"),
        "NotGuardian",
    );
    let dropped = case.done("authority", &format!("token drop-minter {market}"));
    assert_eq!(dropped["rights"], Value::Array(Vec::new()));
    case.done("authority", &restore);
    case.days_pass(1);
    case.done("renter", create);
}
