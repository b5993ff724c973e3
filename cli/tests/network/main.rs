//! Verbs that move money and govern, on an embedded network whose IO mint is older than it.

#![cfg(feature = "network")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod credit;
mod hire;
mod market;
mod price;
mod staking;
mod supply;
mod world;

use case::units;
use common::{json, text};
use iog_client::pda;
use serde_json::Value;
use solana_signer::Signer as _;
use std::{path::Path, process::Output};
use world::{World, VESTING};

#[tokio::test(flavor = "multi_thread")]
async fn money_moves_and_the_books_hold() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let mint = world.net.addresses["io_mint"].as_str().unwrap().to_string();
    assert_ne!(mint, pda::token::io_mint().to_string());
    let renter = |line: &str| world.run(dir, "renter", line);

    let balance = json(&renter("token balance"));
    assert_eq!(balance["balance"], "10000000000000");
    let price = json(&renter("price show"));
    assert_eq!(
        (&price["usable"], &price["low_usd"]),
        (&true.into(), &"0.2498".into())
    );

    let burned = json(&renter("token burn-for-iosd --amount 100"));
    assert_eq!(burned["io_burned"], "10000000000");
    assert_eq!(burned["iosd_made"], "24980000");
    assert_eq!(burned["iosd_balance"], "24980000");
    let dear = renter("token burn-for-iosd --amount 100 --min-iosd 24.980001");
    assert_eq!(dear.status.code(), Some(3), "{}", text(&dear.stderr));
    world.burn_elsewhere(&mint.parse().unwrap()).await;
    json(&renter("token burn 2"));

    let supply = json(&renter("token supply"));
    assert_eq!(
        (&supply["mint"], &supply["holds"]),
        (&mint.into(), &true.into())
    );
    assert_eq!(supply["burned"], "10200000000");
    assert_eq!(supply["burned_elsewhere"], "100000000");
    assert_eq!(supply["mint_supply"], "49999989700000000");
    assert_eq!(supply["iosd_mint_supply"], "24980000");
    assert_eq!(supply["iosd_burned_elsewhere"], "0");
    let limits = json(&renter("token limits"));
    assert_eq!(limits["windows"][2]["window"], "iosd");
    assert_eq!(limits["windows"][2]["capacity"], "100000000000");
    assert_eq!(limits["net_emission_burned"], "10000000000");
    assert_eq!(limits["minters"].as_array().unwrap().len(), 2);
    let vesting = json(&renter("vesting list"));
    assert_eq!(vesting[0]["total"], "100000000000000");
    migrates_only_by_its_own_plan(&world, dir);
}

fn migrates_only_by_its_own_plan(world: &World, dir: &Path) {
    let mint = |name: &str| format!("{name} = {}\n", world.net.addresses[name]);
    let plan = include_str!("../../../migrations/plans/local.toml");
    let own = dir.join("plan.toml");
    let lines = [&mint("io_mint"), &mint("usdc_mint"), plan, VESTING].concat();
    std::fs::write(&own, lines).unwrap();
    let migrate =
        |plan: &str| world.run(dir, "authority", &format!("network migrate --plan {plan}"));
    let steps = json(&migrate(own.to_str().unwrap()));
    let steps = steps.as_array().unwrap();
    assert!(steps.len() > 15, "{steps:?}");
    assert!(steps.iter().all(|step| step["outcome"] == "already_done"));
    let other = migrate("local");
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("io_mint"), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_treasury_buys_io_and_the_authority_governs() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let run = |wallet: &str, line: &str| world.run(dir, wallet, line);
    let code = |output: &Output| output.status.code();

    assert_eq!(code(&run("keeper", "treasury open-auction")), Some(3));
    world.fill_fees();
    let opened = json(&run("keeper", "treasury open-auction"));
    assert_eq!(
        (&opened["round"], &opened["lot_ui"]),
        (&1.into(), &"1000".into())
    );
    assert_eq!(code(&run("keeper", "treasury open-auction")), Some(3));
    let sold = json(&run("renter", "treasury sell --amount 100"));
    assert_eq!(sold["io_burned"], sold["quoted_io"]);
    // 100 IO at 0.25 USD less 5 percent, which rises by 0.07 bps of the price a second.
    let paid = units(&sold["usdc_paid"]);
    assert!((23_750_000..=23_900_000).contains(&paid), "{paid}");
    let dear = run("renter", "treasury sell --amount 100 --min-usdc 30");
    assert_eq!(code(&dear), Some(3), "{}", text(&dear.stderr));
    let shown = json(&run("renter", "treasury show"));
    assert_eq!(shown["auctions"][0]["live"], true);
    assert_eq!(units(&shown["auctions"][0]["left"]), 1_000_000_000 - paid);
    let vaults = shown["vaults"].as_array().unwrap();
    assert!(vaults.iter().all(|vault| vault["holds"] == true), "{shown}");

    let set = json(&run("authority", "governance set treasury premium-bps 300"));
    assert_eq!(
        (&set["value"], &set["pending"]),
        (&"200".into(), &"300".into())
    );
    assert_eq!(
        code(&run("renter", "governance apply treasury premium-bps")),
        Some(3)
    );
    let now = world.net.net.clock().unwrap().unix_timestamp;
    world.net.net.warp_to_timestamp(now + 86_400).unwrap();
    let applied = json(&run("renter", "governance apply treasury premium-bps"));
    assert_eq!(
        (&applied["value"], &applied["pending"]),
        (&"300".into(), &Value::Null)
    );

    // What was seen a day ago counts no more: the price is shown anew, and an hour later it makes IOSD.
    world.net.net.warp_to_timestamp(now + 90_000).unwrap();
    let unseen = run("renter", "token burn-for-iosd --amount 1");
    assert!(text(&unseen.stderr).contains("PriceNotSeen"), "{unseen:?}");
    json(&run("renter", "token observe-price"));
    world.net.net.warp_to_timestamp(now + 95_000).unwrap();
    let keeper = world.net.wallets.get("keeper").pubkey();
    json(&run(
        "authority",
        &format!("governance guardian token {keeper}"),
    ));
    let paused = json(&run("keeper", "governance pause token iosd"));
    assert_eq!(paused["paused"], serde_json::json!(["iosd"]));
    let refused = run("renter", "token burn-for-iosd --amount 1");
    assert!(text(&refused.stderr).contains("Paused"), "{refused:?}");
    assert_eq!(
        code(&run("keeper", "governance resume token iosd")),
        Some(3)
    );
    json(&run("authority", "governance resume token iosd"));
    json(&run("renter", "token burn-for-iosd --amount 1"));
    the_guardian_drops_what_waits(&run, &keeper.to_string());
}

/// audit: money L10. The table of powers has the keys and the numbers of the network.
fn the_guardian_drops_what_waits(run: &impl Fn(&str, &str) -> Output, guardian: &str) {
    json(&run(
        "authority",
        &format!("governance guardian market {guardian}"),
    ));
    let set = json(&run(
        "authority",
        "governance set market network-fee-bps 50",
    ));
    assert_eq!(set["pending_state"], "waits");
    let refused = run("renter", "governance drop market network-fee-bps");
    assert!(text(&refused.stderr).contains("NotGuardian"), "{refused:?}");
    let dropped = json(&run("keeper", "governance drop market network-fee-bps"));
    assert_eq!(
        (&dropped["value"], &dropped["pending"]),
        (&"0".into(), &Value::Null)
    );
    let nothing = run("keeper", "governance drop market network-fee-bps");
    assert!(
        text(&nothing.stderr).contains("NothingScheduled"),
        "{nothing:?}"
    );

    let shown = json(&run("renter", "governance show staking"));
    assert_eq!(shown["roles"][0]["role"], "slasher");
    let powers = shown["powers"].as_array().unwrap();
    let power = |role: &str| {
        let found = powers.iter().find(|power| power["role"] == role);
        found.unwrap_or_else(|| panic!("{role} is missing"))
    };
    let slasher = power("Slasher");
    assert_eq!(slasher["held_by"], serde_json::json!([]));
    let at_once = slasher["at_once"].as_str().unwrap();
    assert!(at_once.contains("up to 1000 bps of a stake"), "{at_once}");
    let shown = json(&run("renter", "governance show"));
    let powers = shown["powers"].as_array().unwrap();
    let guardians = powers
        .iter()
        .find(|power| power["role"] == "Guardian")
        .unwrap();
    let held = format!("token market: {guardian}");
    assert_eq!(guardians["held_by"], serde_json::json!([held]));
    assert_eq!(shown["programs"].as_array().unwrap().len(), 6);
}
