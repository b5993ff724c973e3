//! A supplier's device from its registration to its end, and the catalogue's numbers.

use crate::{case::Case, world::World};
use iog_client::pda;
use serde_json::{json as value, Value};
use solana_signer::Signer as _;

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_registered_attested_and_terminated() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let device = pda::registry::device(&world.net.wallets.get("device-a").pubkey());
    let case = Case {
        world: &world,
        dir,
        device: device.to_string(),
    };
    case.done("supplier-a", "operator register --name Basement");
    let renamed = case.done("supplier-a", "operator update --name Attic");
    assert_eq!(
        (&renamed["name_before"], &renamed["name"]),
        (&value!("Basement"), &value!("Attic"))
    );
    let key = dir.join("device-a.json");
    let register = format!(
        "device register --device-key {} --class 2 --country de",
        key.to_str().unwrap()
    );
    // One key proves as many cards as its class allows, and 8 at most.
    case.refused(
        "supplier-a",
        &format!("{register} --quantity 9"),
        "InvalidQuantity",
    );
    let class = case.done("keeper", "class show 2");
    let cards = class["max_cards"].as_u64().unwrap();
    assert!((1..=8).contains(&cards), "{class}");
    case.done("supplier-a", &format!("{register} --quantity {cards}"));
    let active = || case.done("keeper", "class show 2")["gpus_active"].clone();
    assert_eq!(active(), cards);
    is_measured(&case);
    is_attested(&case);

    case.done("supplier-a", "device pause DEVICE");
    assert_eq!(active(), 0);
    case.done("supplier-a", "device resume DEVICE");
    case.refused(
        "supplier-a",
        "device close-proof DEVICE",
        "DeviceNotTerminated",
    );
    let line = format!("device set-tunnel-key DEVICE {}", case.key("device-a"));
    case.refused("supplier-a", &line, "KeysEqual");
    let line = format!("device set-tunnel-key DEVICE {}", case.key("device-b"));
    let tunnel = case.done("supplier-a", &line);
    assert_eq!(tunnel["tunnel_key"], case.key("device-b"));

    case.done("supplier-a", "device terminate DEVICE");
    let closed = case.done("supplier-a", "device close-proof DEVICE");
    assert!(
        closed["rent_lamports"].as_u64().unwrap() > 1_000_000,
        "{closed}"
    );
    assert_eq!(case.done("supplier-a", "operator show")["devices"], 0);
    assert_eq!(case.done("keeper", "class show 2")["devices"], 0);
    let shown = case.done("keeper", "device show DEVICE");
    assert_eq!(shown["state"], "terminated");
}

/// Three measurers make a tier; the local network names none.
fn is_measured(case: &Case) {
    let shown = case.done("keeper", "device show DEVICE");
    assert_eq!(
        (&shown["tier"], &shown["tier_until_ts"]),
        (&value!(1), &Value::Null)
    );
    let report = "ab".repeat(32);
    let measure = format!("device measure DEVICE --download 950 --upload 640 --report {report}");
    case.refused("keeper", &measure, "NotMeasurer");
    let measurers = ["keeper", "renter", "supplier-b"];
    for (place, measurer) in measurers.iter().enumerate() {
        let set = format!("measurer set {place} {}", case.key(measurer));
        case.refused("keeper", &set, "NotAuthority");
        let named = case.done("authority", &set);
        assert_eq!(named["measurers"][place]["measures_now"], true);
    }
    let twice = format!("measurer set 3 {}", case.key("keeper"));
    case.refused("authority", &twice, "InvalidMeasurer");
    let named = case.done("keeper", "measurer list");
    assert_eq!(
        (
            &named["quorum"],
            &named["named"],
            &named["can_reach_quorum"]
        ),
        (&value!(3), &value!(3), &value!(true))
    );
    for (count, measurer) in (1..).zip(measurers) {
        let measured = case.done(measurer, &measure);
        let tier = if count < 3 { 1 } else { 3 };
        assert_eq!(measured["tier"], tier, "{measured}");
        let tests = measured["measurements"].as_array().unwrap();
        assert_eq!(tests.len(), count);
        assert!(tests.iter().all(|test| test["counts"] == true));
    }
    case.refused(
        "keeper",
        &format!("{measure} --measured-ts 1"),
        "SpeedTestTooOld",
    );
    case.done("authority", "measurer set 0 none");
    // Two tests make no quorum: the tier stands, for 180 days.
    let refreshed = case.done("renter", "device refresh-tier DEVICE");
    assert_eq!(
        (&refreshed["tier_before"], &refreshed["tier"]),
        (&value!(3), &value!(3))
    );
    assert_eq!(refreshed["measurements"].as_array().unwrap().len(), 2);
}

/// The local network's attestor is its authority.
fn is_attested(case: &Case) {
    let report = "ab".repeat(32);
    let line = format!("device attest-security DEVICE --secure --evidence {report}");
    case.refused("supplier-a", &line, "NotAttestor");
    assert_eq!(case.done("authority", &line)["secure"], true);
    let shown = case.done("keeper", "device show DEVICE");
    assert_eq!(
        (&shown["tier"], &shown["secure"], &shown["alive"]),
        (&value!(3), &value!(true), &value!(false))
    );
    for (counter, count) in [
        ("proofs_passed", 0),
        ("proofs_failed", 0),
        ("pass_streak", 0),
        ("heartbeats", 0),
        ("uptime_hours", 0),
        ("uptime_hours_of", 127),
    ] {
        assert_eq!(shown[counter], count, "{counter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_moved_by_its_role() {
    let keys = tempfile::tempdir().unwrap();
    let dir = keys.path();
    let world = World::start(dir).await;
    let case = Case {
        world: &world,
        dir,
        device: String::new(),
    };
    let (authority, role) = (case.key("authority"), case.key("keeper"));
    let roles = format!("class roles --attestor {authority} --catalog-authority {role}");
    case.refused("keeper", &roles, "NotAuthority");
    // In the network's first day at once.
    let held = case.done("authority", &roles);
    assert_eq!(
        (&held["roles"][0]["key"], &held["roles"][1]["key"]),
        (&value!(authority), &value!(role))
    );

    let update = "class update 2 --base-price 0.21";
    case.refused("renter", update, "NotCatalogAuthority");
    case.refused("keeper", update, "RateMovesTooSoon");
    case.days_pass(1);
    case.refused(
        "keeper",
        "class update 2 --base-price 0.25",
        "RateMovesTooFar",
    );
    let moved = case.done("keeper", update);
    assert_eq!(moved["base_price_usd"], "210000");
    assert_eq!(
        case.done("keeper", "class update 2 --close")["enabled"],
        false
    );
    assert_eq!(
        case.done("keeper", "class update 2 --open")["enabled"],
        true
    );
    a_role_is_named_a_day_ahead(&case);
    terms_wait_seven_days(&case);
    hours_are_closed(&case);
}

/// audit: money M4
fn a_role_is_named_a_day_ahead(case: &Case) {
    let attestor = format!("class roles --attestor {}", case.key("renter"));
    let named = case.done("authority", &attestor);
    assert_eq!(
        (&named["roles"][0]["key"], &named["roles"][0]["pending"]),
        (&value!(case.key("authority")), &value!(case.key("renter")))
    );
    case.refused("renter", "class apply-role attestor", "TooEarly");
    case.done("authority", "class drop-role attestor");
    case.refused("renter", "class apply-role attestor", "NothingScheduled");
    let removed = case.done("authority", "class roles --attestor none");
    assert_eq!(removed["roles"][0]["key"], Value::Null);
    let quorum = case.done("authority", "measurer quorum 5");
    assert_eq!(
        (&quorum["quorum"], &quorum["pending_quorum"]),
        (&value!(3), &value!(5))
    );
    case.done("authority", "measurer set 0 none");
    let set = format!("measurer set 0 {}", case.key("renter"));
    let named = case.done("authority", &set);
    assert_eq!(named["measurers"][0]["measures_now"], false);
    case.refused("renter", "measurer apply 0", "TooEarly");
    case.days_pass(1);
    let given = case.done("renter", "measurer apply 0");
    assert_eq!(given["measurers"][0]["measures_now"], true);
    let applied = case.done("renter", "governance apply registry quorum");
    assert_eq!(applied["value"], "5");
    case.done(
        "authority",
        &set.replace("set 0", "set 1")
            .replace(&case.key("renter"), &case.key("keeper")),
    );
    let dropped = case.done("authority", "measurer drop 1");
    assert_eq!(dropped["measurers"].as_array().unwrap().len(), 1);
}

fn terms_wait_seven_days(case: &Case) {
    let lower = "class schedule 2 --multiplier-x100 60 --proof-valid-hours 6 --commit-slots 4000";
    case.refused("renter", lower, "NotCatalogAuthority");
    let far = "class schedule 2 --multiplier-x100 59";
    case.refused("keeper", far, "RateMovesTooFar");
    let announced = case.done("keeper", lower);
    assert_eq!(
        (&announced["commit_slots"], &announced["multiplier_x100"]),
        (&value!(9000), &value!(75))
    );
    // Only the minimum stake falls at once: 200 IO for each multiplier up to one.
    assert_eq!(announced["stake_multiplier_x100"], 60);
    let pending = &announced["pending"][0];
    assert_eq!(
        (
            &pending["commit_slots"],
            &pending["multiplier_x100"],
            &pending["proof_valid_hours"]
        ),
        (&value!(4000), &value!(60), &value!(6))
    );
    // The guardian and the authority may drop it; the lower minimum stays.
    case.refused("keeper", "class drop 2", "NotGuardian");
    let dropped = case.done("authority", "class drop 2");
    assert_eq!(dropped["pending_from"], Value::Null);
    assert_eq!(dropped["stake_multiplier_x100"], 60);
    let announced = case.done("keeper", lower);
    let from = announced["pending_from"].as_i64().unwrap();
    assert_eq!(announced["pending_lapses"], from + 604_800);
    case.days_pass(6);
    case.refused("renter", "class apply 2", "TooEarly");
    case.days_pass(1);
    let applied = case.done("renter", "class apply 2");
    assert_eq!(
        (
            &applied["commit_slots"],
            &applied["multiplier_x100"],
            &applied["proof_valid_hours"]
        ),
        (&value!(4000), &value!(60), &value!(6))
    );
    assert_eq!(applied["pending_from"], Value::Null);
}

/// Nobody checked in: hours share nothing out, and all is carried.
fn hours_are_closed(case: &Case) {
    let closed = case.done("keeper", "emission close --max-hours 2");
    // 2 x 4,566 IO of the schedule's first hours, to the unit
    assert_eq!(
        (&closed["hours_closed"], &closed["scheduled"]),
        (&value!(2), &value!("913235668058"))
    );
    assert_eq!(
        (
            &closed["shared"],
            &closed["law"],
            &closed["next_hour_to_close"]
        ),
        (&value!("0"), &value!(true), &value!(3))
    );
    case.refused("keeper", "emission mint-due", "nothing is due");
    let books = case.done("keeper", "emission books");
    assert_eq!(
        (&books["exempt_hours"], &books["max_per_score"]),
        (&value!(72), &value!("2500"))
    );
    let set = case.done("authority", "governance set emission exempt-hours 48");
    assert_eq!(
        (&set["value"], &set["pending"]),
        (&value!("72"), &value!("48"))
    );
    case.days_pass(6);
    let apply = "governance apply emission exempt-hours";
    case.refused("renter", apply, "TooEarly");
    case.days_pass(1);
    assert_eq!(case.done("renter", apply)["value"], "48");
}
