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
        "device register --device-key {} --class 2 --quantity 8 --country de",
        key.to_str().unwrap()
    );
    case.done("supplier-a", &register);
    assert_eq!(case.done("keeper", "class show 2")["gpus_active"], 8);
    is_attested(&case);

    case.done("supplier-a", "device pause DEVICE");
    assert_eq!(case.done("keeper", "class show 2")["gpus_active"], 0);
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

/// The local network's attestor is its authority.
fn is_attested(case: &Case) {
    let report = "ab".repeat(32);
    let attest = format!("device attest DEVICE --download 950 --upload 640 --report {report}");
    case.refused("supplier-a", &attest, "NotAttestor");
    let attested = case.done("authority", &attest);
    assert_eq!(
        (&attested["tier_before"], &attested["tier"]),
        (&value!(0), &value!(3))
    );
    let old = format!("{attest} --measured-ts 1");
    case.refused("authority", &old, "SpeedTestTooOld");
    let line = format!("device attest-security DEVICE --secure --evidence {report}");
    assert_eq!(case.done("authority", &line)["secure"], true);
    let shown = case.done("keeper", "device show DEVICE");
    assert_eq!(
        (&shown["tier"], &shown["secure"], &shown["report_sha256"]),
        (&value!(3), &value!(true), &value!(report))
    );
    for (counter, count) in [
        ("proofs_passed", 0),
        ("proofs_failed", 0),
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
    assert_eq!(case.done("authority", &roles)["catalog_authority"], role);

    let update = "class update 2 --multiplier-x100 80 --base-price 0.21";
    case.refused("renter", update, "NotCatalogAuthority");
    case.refused("keeper", update, "RateMovesTooSoon");
    case.days_pass(1);
    case.refused(
        "keeper",
        "class update 2 --base-price 0.25",
        "RateMovesTooFar",
    );
    let moved = case.done("keeper", update);
    assert_eq!(
        (&moved["multiplier_x100"], &moved["base_price_usd"]),
        (&value!(80), &value!("210000"))
    );
    assert_eq!(
        case.done("keeper", "class update 2 --close")["enabled"],
        false
    );
    assert_eq!(
        case.done("keeper", "class update 2 --open")["enabled"],
        true
    );

    let announced = case.done("keeper", "class schedule 2 --commit-slots 4000 --waves 2");
    assert_eq!(
        (&announced["commit_slots"], &announced["waves"]),
        (&value!(9000), &value!(3))
    );
    let pending = &announced["pending"][0];
    assert_eq!(
        (&pending["commit_slots"], &pending["waves"]),
        (&value!(4000), &value!(2))
    );
    case.refused("renter", "class apply 2", "TooEarly");
    case.days_pass(1);
    let applied = case.done("renter", "class apply 2");
    assert_eq!(
        (&applied["commit_slots"], &applied["waves"]),
        (&value!(4000), &value!(2))
    );
    assert_eq!(applied["pending_from"], Value::Null);
}
