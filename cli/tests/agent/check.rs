//! The renter's check of a device.

use crate::{
    node::{public, Node, Script},
    world::{binding, key, lease_folder, script, text, World, ENGINEER, ORDER},
};
use iog_client::{
    decode, encode,
    market::{self, accounts::Lease},
    registry::{
        self,
        accounts::{Device, HardwareClass},
    },
    AccountData,
};
use iog_job::{Binding, Hash, JobSpec, Key, Kind};
use serde_json::{json, Value};
use solana_pubkey::Pubkey;
use std::fs;

const CLASS: [u8; 32] = [26; 32];
/// The second device's lease, and the seed of its key.
const SECOND: [u8; 32] = [34; 32];
const SECOND_TUNNEL: [u8; 32] = [32; 32];
/// Rows of the class.
const ROWS: u32 = 1_024;

fn blank<T: AccountData>() -> T {
    let mut data = T::DISCRIMINATOR.to_vec();
    data.resize(2_048, 0);
    decode(&data).unwrap()
}

fn walks(rows: u32) -> Script {
    Script {
        walks: Some(rows),
        ..script()
    }
}

/// The device is of a class that proves within 60 s, and the order asks for `check`.
async fn world(script: Script, check: &str) -> World {
    let job = JobSpec {
        kind: Kind::Batch,
        command: vec!["true".into()],
        ..JobSpec::session(Hash([1; 32]))
    };
    let world = World::with(script, &job, &[]).await;
    let class = HardwareClass {
        proof_valid_hours: 4,
        rows: ROWS,
        tiles: 4,
        waves: 512,
        commit_slots: 150,
        max_cards: 8,
        ..blank()
    };
    let device = Device {
        class: CLASS.into(),
        ..blank()
    };
    let address = Pubkey::new_from_array(binding().device.0);
    {
        let mut chain = world.rpc.chain.lock().unwrap();
        let accounts = &mut chain.accounts;
        accounts.insert(CLASS.into(), (registry::ID, encode(&class)));
        accounts.insert(address, (registry::ID, encode(&device)));
    }
    let path = world.folder().join("order.json");
    let mut order: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    order["check"] = json!(check);
    fs::write(&path, order.to_string()).unwrap();
    world
}

fn delivered(world: &World) -> bool {
    world.node.got.lock().unwrap().spec.is_some()
}

fn checks(world: &World) -> Vec<Value> {
    let text = fs::read_to_string(lease_folder(world).join("checks.jsonl")).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// redteam S5: the device is checked before it gets the job, and what came of it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_has_the_cards_gets_the_job() {
    let world = world(walks(ROWS), "require").await;
    world
        .until("order status ORDER -o json", |_| delivered(&world))
        .await;
    let verbs = world.node.got.lock().unwrap().verbs.clone();
    let at = |name| verbs.iter().position(|verb| *verb == name).unwrap();
    assert!(at("check") < at("job"), "{verbs:?}");
    let kept = checks(&world);
    assert_eq!(kept.len(), 1);
    let Value::Object(first) = &kept[0] else {
        panic!()
    };
    assert_eq!(
        (&first["verdict"], &first["size"]),
        (&json!("passed"), &json!("class"))
    );
    assert_eq!(
        (&first["cards"], &first["limit_ms"]),
        (&json!(1), &json!(60_000))
    );
    assert_eq!(first["table_bytes"], json!(512 * 1_024));

    let asked = world.run("order check ORDER -o json").await;
    assert_eq!(asked.status.code(), Some(0), "{}", text(&asked.stderr));
    let shown: Value = serde_json::from_slice(&asked.stdout).unwrap();
    assert_eq!(shown[0]["verdict"], json!("passed"));
    assert_eq!(
        shown[0]["limit_ms"],
        json!(15_000),
        "a quarter of the class's time"
    );
    assert_eq!(checks(&world).len(), 2);
}

/// redteam S5, S8: one that has half the memory gets nothing, and the renter is told what to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_with_half_the_memory_gets_no_job() {
    let world = world(walks(ROWS / 2), "require").await;
    let told = world
        .until("order status ORDER -o json", |output| {
            text(&output.stdout).contains("iog order dispute")
        })
        .await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let check = told["leases"][0]["check"].as_str().unwrap();
    assert!(check.starts_with("check wrong: "), "{check}");
    assert!(
        check.contains(&format!("iog order end {}", key(ORDER))),
        "{check}"
    );
    assert!(!delivered(&world));
    assert_eq!(checks(&world)[0]["verdict"], json!("wrong"));

    let asked = world.run("order check ORDER --size class -o json").await;
    assert_eq!(asked.status.code(), Some(3));
    assert!(text(&asked.stderr).contains("1 of 1 leases failed the check"));
    assert!(!delivered(&world));
    // As soon as one passes, the job goes there.
    world.node.script.lock().unwrap().walks = Some(ROWS);
    let asked = world.run("order check ORDER --size class").await;
    assert_eq!(asked.status.code(), Some(0), "{}", text(&asked.stderr));
    world
        .until("order status ORDER", |_| delivered(&world))
        .await;
}

/// redteam S5: a renter who only wants to be warned is warned.
#[tokio::test(flavor = "multi_thread")]
async fn a_warning_does_not_hold_the_job_back() {
    let world = world(walks(ROWS / 2), "warn").await;
    world
        .until("order status ORDER", |_| delivered(&world))
        .await;
    assert_eq!(checks(&world)[0]["verdict"], json!("wrong"));
    let off = self::world(walks(ROWS), "off").await;
    off.until("order status ORDER", |_| delivered(&off)).await;
    assert!(checks(&off).is_empty());
}

fn second_binding() -> Binding {
    Binding {
        lease: Key(SECOND),
        device: Key([35; 32]),
        ..binding()
    }
}

/// The order runs on a second device, too.
fn joins(world: &World) {
    let device = Device {
        class: CLASS.into(),
        ..blank()
    };
    let lease = Lease {
        order: ORDER.into(),
        device: second_binding().device.0.into(),
        state: 1,
        matched_ts: 9_100,
        gpus: 1,
        place: 1,
        tunnel_key: Pubkey::new_from_array(public(SECOND_TUNNEL).0),
        ..blank()
    };
    world.set(|order, _| {
        let part = &mut order.parts[0];
        (part.gpus, part.matched, part.accepted) = (2, 2, 2);
    });
    let mut chain = world.rpc.chain.lock().unwrap();
    let address = Pubkey::new_from_array(second_binding().device.0);
    chain
        .accounts
        .insert(address, (registry::ID, encode(&device)));
    chain
        .accounts
        .insert(SECOND.into(), (market::ID, encode(&lease)));
}

/// What was kept of the second device's checks.
fn second_checks(world: &World) -> String {
    let folder = format!("leases/{}-9100/checks.jsonl", key(SECOND));
    fs::read_to_string(world.folder().join(folder)).unwrap_or_default()
}

/// redteam S5: a device that does not answer holds the others' job for seconds, not for as long as it is dialled.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_answer_holds_nobody_up() {
    let world = world(walks(ROWS), "warn").await;
    joins(&world);
    world
        .until("order status ORDER", |_| delivered(&world))
        .await;
    assert_eq!(checks(&world)[0]["verdict"], json!("passed"));
    // It is still being dialled.
    assert_eq!(second_checks(&world), "");
}

/// redteam S5: nor does one whose cards are never free; where the check is required, both are waited for and walk together.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_cards_are_not_free_holds_nobody_up_unless_it_must_pass() {
    for mode in ["warn", "require"] {
        let world = world(walks(ROWS), mode).await;
        joins(&world);
        let second = Node::start(
            SECOND_TUNNEL,
            public(ENGINEER),
            &world.relay,
            second_binding(),
            Script {
                signs: SECOND_TUNNEL,
                ..script()
            },
        )
        .await;
        if mode == "warn" {
            world
                .until("order status ORDER", |_| delivered(&world))
                .await;
            assert_eq!(checks(&world)[0]["verdict"], json!("passed"));
            assert_eq!(second_checks(&world), "");
            continue;
        }
        let tried = |node: &Node| {
            let verbs = &node.got.lock().unwrap().verbs;
            verbs.iter().filter(|verb| **verb == "check").count()
        };
        world
            .until("order status ORDER", |_| tried(&second) > 25)
            .await;
        assert!(checks(&world).is_empty() && !delivered(&world));
        second.script.lock().unwrap().walks = Some(ROWS);
        let both = || delivered(&world) && second.got.lock().unwrap().spec.is_some();
        world.until("order status ORDER", |_| both()).await;
        assert!(second_checks(&world).contains("passed"));
        assert_eq!(checks(&world)[0]["verdict"], json!("passed"));
    }
}
