//! A device that two wallets stake, a slash case that falls, and the ways out.

use crate::{
    case::{units, Case, DAY},
    world::World,
};
use iog_client::pda;
use serde_json::{json, Value};
use solana_signer::Signer as _;

#[tokio::test(flavor = "multi_thread")]
async fn a_co_staker_comes_is_accused_and_leaves() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let device = pda::registry::device(&world.net.wallets.get("device-a").pubkey());
    let case = Case {
        world: &world,
        dir,
        device: device.to_string(),
    };
    registers_with_half_a_stake(&case);
    finds_a_co_staker(&case);
    roles_are_named(&case);
    is_accused_and_acquitted(&case);
    is_accused_of_the_past(&case);
    takes_the_overflow(&case);
    lets_the_co_staker_go(&case);
}

fn registers_with_half_a_stake(case: &Case) {
    case.done("supplier-a", "operator register --name Basement");
    let key = case.dir.join("device-a.json");
    let key = key.to_str().unwrap();
    let register =
        format!("device register --device-key {key} --class 2 --quantity 1 --country DE");
    case.done("supplier-a", &register);
    case.refused("supplier-a", "stake open DEVICE 99", "BelowMinimum");
    case.done("supplier-a", "stake open DEVICE 100");
    let shown = case.done("supplier-a", "stake show DEVICE");
    assert_eq!(shown["counts"], "10000000000");
    assert_eq!(shown["covers_minimum"], false);

    let listed = case.done("supplier-a", "reward list");
    assert_eq!(listed[0]["role"], "owner");
    assert_eq!(listed[0]["claimable"], "0");
    let eligibility = case.done("supplier-a", "reward eligibility DEVICE");
    let hours = eligibility["uptime"].as_array().unwrap();
    assert_eq!(hours.len(), 5);
    assert!(hours.iter().all(|hour| hour["sign_of_life"] == false));
    let checks = eligibility["checks"].as_array().unwrap();
    let uptime = checks.iter().find(|check| check["check"] == "uptime");
    let to_do = uptime.unwrap()["to_do"].as_str().unwrap();
    assert!(to_do.contains("heartbeat"), "{to_do}");
}

fn finds_a_co_staker(case: &Case) {
    let too_much = "offer make --device DEVICE --amount 100.1 --share-bps 2500";
    case.refused("supplier-a", too_much, "OfferTooLarge");
    let make = "offer make --device DEVICE --amount 100 --share-bps 2500";
    case.done("supplier-a", make);
    case.done("supplier-a", "offer retract --device DEVICE");
    // audit: money L3. For one wallet alone.
    let named = format!("{make} --co-staker {}", case.key("renter"));
    let made = case.done("supplier-a", &named);
    assert_eq!(made["co_staker"], case.key("renter"));
    case.refused("supplier-b", "offer accept --device DEVICE", "NotInvited");
    let offers = case.done("renter", "offer list");
    assert_eq!(offers.as_array().unwrap().len(), 1);
    let shown = case.done("renter", "offer show --device DEVICE");
    assert_eq!(
        (&shown["amount"], &shown["co_share_bps"]),
        (&json!("10000000000"), &json!(2500))
    );
    assert_eq!(shown["covers_minimum_with_it"], true);
    assert_eq!(shown["binds"], true);
    case.refused("supplier-a", "offer accept --device DEVICE", "SelfCoStake");
    case.done("renter", "offer accept --device DEVICE --dry-run");
    case.done("renter", "offer accept --device DEVICE");
    let stake = case.done("renter", "stake show DEVICE");
    assert_eq!(stake["co_staker"], case.key("renter"));
    assert_eq!(stake["counts"], "20000000000");
    assert_eq!(
        (&stake["covers_minimum"], &stake["co_shares_now"]),
        (&json!(true), &json!(true))
    );
}

/// audit: money M4. Naming waits a day, in which the guardian or the authority may drop it.
fn roles_are_named(case: &Case) {
    let name = |role: &str, wallet: &str| format!("slash roles --{role} {}", case.key(wallet));
    let named = case.done("authority", &name("slasher", "renter"));
    assert_eq!(
        (&named["roles"][0]["key"], &named["roles"][0]["pending"]),
        (&Value::Null, &json!(case.key("renter")))
    );
    case.refused("renter", "slash drop-role slasher", "NotGuardian");
    let dropped = case.done("authority", "slash drop-role slasher");
    assert_eq!(dropped["roles"][0]["pending"], Value::Null);
    case.done("authority", &name("slasher", "keeper"));
    let same = name("appeal-authority", "keeper");
    case.refused("authority", &same, "RolesEqual");
    case.done("authority", &name("appeal-authority", "authority"));
    case.refused("renter", "slash apply-role slasher", "TooEarly");
    case.days_pass(1);
    for (place, role, wallet) in [
        (0, "slasher", "keeper"),
        (1, "appeal-authority", "authority"),
    ] {
        let given = case.done("renter", &format!("slash apply-role {role}"));
        assert_eq!(given["roles"][place]["key"], case.key(wallet));
    }
}

fn proposal(case: &Case, amount: u64, offence_ts: i64) -> String {
    let (evidence, _) = case.evidence();
    format!(
        "slash propose --device DEVICE --amount {amount} --reason 7 --offence {offence_ts} --evidence {evidence}"
    )
}

/// The appeal authority rejects the case: nothing is burned.
fn is_accused_and_acquitted(case: &Case) {
    let propose = |amount: u64| proposal(case, amount, case.now());
    case.refused("renter", &propose(20), "NotSlasher");
    // 10 % of 200 IO in one case
    case.refused("keeper", &propose(21), "SlashAboveCap");
    let later = proposal(case, 20, case.now() + DAY);
    case.refused("keeper", &later, "OffenceInFuture");
    let proposed = case.done("keeper", &propose(20));
    assert_eq!(proposed["evidence_sha256"], case.evidence().1);
    assert_eq!(proposed["co_staker_is_liable"], true);
    let cases = case.done("renter", "slash list --device DEVICE");
    assert_eq!(cases[0]["state"], "open");
    assert_eq!(
        (&cases[0]["owner_amount"], &cases[0]["co_amount"]),
        (&json!("1000000000"), &json!("1000000000"))
    );
    let stake = case.done("renter", "stake show DEVICE");
    assert_eq!(
        (&stake["held"], &stake["co_held"], &stake["open_cases"]),
        (&json!("1000000000"), &json!("1000000000"), &json!(1))
    );
    let appealed = case.done("renter", "slash appeal 0");
    assert_eq!(appealed["state"], "appealed");
    let days = appealed["uphold_from_ts"].as_i64().unwrap() - case.now();
    assert!((3 * DAY - 600..=3 * DAY).contains(&days), "{days}");
    case.refused("keeper", "slash finalize 0", "runs until");
    case.refused("authority", "slash resolve 0 --uphold", "UpheldTooEarly");
    let resolved = case.done("authority", "slash resolve 0 --reject");
    assert_eq!(resolved["finalize_would"], "release");
    let closed = case.done("supplier-b", "slash finalize 0");
    assert_eq!(
        (&closed["burned"], &closed["released"]),
        (&json!("0"), &json!("2000000000"))
    );
    let open = case.done("keeper", "slash list");
    assert!(open.as_array().unwrap().is_empty());
}

/// audit: money M5, audit: money M8. Of an offence from before it came a co-staker bears nothing; the slasher takes the case back.
fn is_accused_of_the_past(case: &Case) {
    let stake = case.done("renter", "stake show DEVICE");
    let came_ts = stake["co_since_ts"].as_i64().unwrap();
    let proposed = case.done("keeper", &proposal(case, 10, came_ts - 1));
    assert_eq!(proposed["co_staker_is_liable"], false);
    let cases = case.done("renter", "slash list --device DEVICE");
    assert_eq!(
        (&cases[0]["owner_amount"], &cases[0]["co_amount"]),
        (&json!("1000000000"), &json!("0"))
    );
    case.refused("renter", "slash withdraw 1", "MayNotWithdraw");
    let withdrawn = case.done("keeper", "slash withdraw 1");
    assert_eq!(
        (&withdrawn["state"], &withdrawn["finalize_would"]),
        (&json!("withdrawn"), &json!("release"))
    );
    let closed = case.done("supplier-b", "slash finalize 1");
    assert_eq!(closed["released"], "1000000000");
}

fn takes_the_overflow(case: &Case) {
    let withdraw = "stake withdraw-overflow --device DEVICE --amount 30";
    case.refused("supplier-a", withdraw, "NotOverflow");
    case.done("supplier-a", "stake add DEVICE 50");
    // The co-staker's part stands in for the owner's 14 days after it came.
    case.refused("supplier-a", withdraw, "NotOverflow");
    case.days_pass(14);
    let withdrawn = case.done("supplier-a", withdraw);
    assert_eq!(
        (&withdrawn["free_before"], &withdrawn["amount"]),
        (&json!("5000000000"), &json!("12000000000"))
    );
    let stake = case.done("supplier-a", "stake show DEVICE");
    assert_eq!(stake["free_overflow"], "2000000000");
}

fn lets_the_co_staker_go(case: &Case) {
    case.refused("renter", "reward claim DEVICE --co", "no co-staker");
    let left = case.done("renter", "offer leave --device DEVICE");
    let times = ["co_counts_until_ts", "co_unlock_ts"].map(|key| left[key].as_i64().unwrap());
    assert_eq!(times[1] - times[0], 14 * DAY);
    case.refused("renter", "offer withdraw --device DEVICE", "CoStakeLocked");
    case.days_pass(7);
    let stake = case.done("renter", "stake show DEVICE");
    assert_eq!(stake["counts"], "12000000000");
    case.days_pass(14);
    let before = case.done("renter", "token balance");
    let paid = case.done("supplier-b", "offer withdraw --device DEVICE");
    assert_eq!(paid["withdrawn"], "10000000000");
    let after = case.done("renter", "token balance");
    let balance = |shown: &Value| units(&shown["balance"]);
    assert_eq!(balance(&after) - balance(&before), 10_000_000_000);
    let stake = case.done("renter", "stake show DEVICE");
    assert_eq!(stake["co_staker"], Value::Null);
}
