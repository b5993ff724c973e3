//! Whom the agent believes about which devices serve its order.

use crate::{
    lines::job,
    node::{public, Node},
    world::{binding, lease, script, text, World, ENGINEER, TUNNEL},
};
use iog_client::market::accounts::Order;
use iog_link::{Closed, Link, Settings};
use serde_json::Value;
use solana_pubkey::Pubkey;
use std::{fs, sync::Arc};

/// A machine of the liar's.
const LIAR: [u8; 32] = [77; 32];

fn pubkey(seed: [u8; 32]) -> Pubkey {
    Pubkey::new_from_array(public(seed).0)
}

fn status(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn verbs(node: &Node) -> Vec<&'static str> {
    node.got.lock().unwrap().verbs.clone()
}

/// redteam link L2: an endpoint that puts a machine of its own in the device's place gets nothing sent there, and nobody else does.
#[tokio::test(flavor = "multi_thread")]
async fn one_endpoint_alone_opens_nothing() {
    let inputs = tempfile::tempdir().unwrap();
    let (spec, sources) = job(inputs.path());
    let world = World::witnessed(script(), &spec, &sources).await;
    let liar = Node::start(LIAR, public(ENGINEER), &world.relay, binding(), script()).await;
    for (first, second) in [(LIAR, TUNNEL), (TUNNEL, LIAR)] {
        World::tell(&world.rpc, |_, lease| lease.tunnel_key = pubkey(first));
        let witness = world.witness.as_ref().unwrap();
        World::tell(witness, |_, lease| lease.tunnel_key = pubkey(second));
        let refused = world.run("order upload ORDER").await;
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(4), "{said}");
        assert!(
            said.contains(&format!("differ about lease {}", lease())),
            "{said}"
        );
        let refused = world.run("order exec ORDER -- echo hi").await;
        assert_eq!(refused.status.code(), Some(4));
        world.run("agent stop ORDER").await;
    }
    assert!(verbs(&liar).is_empty() && verbs(&world.node).is_empty());

    world.set(|_, _| ());
    let done = world.run("order upload ORDER").await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(
        world.node.got.lock().unwrap().secrets.0["TOKEN"],
        "dmVyeS1zZWNyZXQtdmFsdWU="
    );
    assert!(verbs(&liar).is_empty());
}

/// redteam link L2: where one is silent nothing new is opened, and what runs goes on.
#[tokio::test(flavor = "multi_thread")]
async fn what_runs_goes_on_while_one_endpoint_is_silent() {
    let inputs = tempfile::tempdir().unwrap();
    let (spec, sources) = job(inputs.path());
    let world = World::witnessed(script(), &spec, &sources).await;
    let done = world.run("order upload ORDER").await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    let liar = Node::start(LIAR, public(ENGINEER), &world.relay, binding(), script()).await;
    world.witness.as_ref().unwrap().chain.lock().unwrap().broken = true;
    // The order has a new match at the first, and then is over.
    World::tell(&world.rpc, |_, lease| {
        (lease.tunnel_key, lease.matched_ts) = (pubkey(LIAR), 9_300);
    });
    let doubted = |output: &std::process::Output| {
        let told = status(output)["endpoint_trouble"].to_string();
        told.contains("silent") && !told.contains("SECRET")
    };
    let told = status(&world.until("order status ORDER -o json", doubted).await);
    assert_eq!(told["leases"].as_array().unwrap().len(), 1);
    assert_eq!(told["leases"][0]["job"], "running");
    let echo = world.run("order exec ORDER -- echo hi").await;
    assert_eq!(text(&echo.stdout), "hi\n", "{}", text(&echo.stderr));
    let end = |order: &mut Order| (order.state, order.end_ts) = (4, 9_500);
    World::tell(&world.rpc, |order, _| end(order));
    let over = |output: &std::process::Output| status(output)["state"] == "ended";
    let told = status(&world.until("order status ORDER -o json", over).await);
    assert_eq!(told["leases"][0]["stage"], "running");
    assert!(world.folder().join("secrets/TOKEN").exists());
    assert!(verbs(&liar).is_empty());

    world.set(|order, _| end(order));
    world.witness.as_ref().unwrap().chain.lock().unwrap().broken = false;
    let over = |output: &std::process::Output| status(output)["leases"][0]["stage"] == "over";
    world.until("order status ORDER -o json", over).await;
    assert!(!world.folder().join("secrets").exists());
}

/// redteam link L2: what was booked with one endpoint of somebody else's keeps its secrets.
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_somebody_else_is_not_believed_alone() {
    let inputs = tempfile::tempdir().unwrap();
    let (spec, sources) = job(inputs.path());
    let world = World::with(script(), &spec, &sources).await;
    let path = world.folder().join("order.json");
    let order = fs::read_to_string(&path).unwrap();
    // An address of this machine that is none of its loopback's.
    let other = order.replace("http://127.0.0.1", "http://0.0.0.0");
    fs::write(&path, &other).unwrap();
    let refused = world.run("order upload ORDER").await;
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("--witness-url"), "{said}");
    assert!(verbs(&world.node).is_empty());
    let trusted = other.replacen('{', "{\"trust_endpoint\":true,", 1);
    fs::write(&path, trusted).unwrap();
    let done = world.run("order upload ORDER").await;
    assert!(done.status.success(), "{}", text(&done.stderr));
}

/// redteam link L1: who lost the line to another program takes it back when told to, and not by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_displaced_agent_comes_back_when_it_is_asked_to() {
    let world = World::start(script()).await;
    assert!(world
        .run("order exec ORDER -- echo hi")
        .await
        .status
        .success());
    let settings = Settings {
        relays: vec![world.relay.entry("127.0.0.1")],
        relay_only: true,
        ..Settings::default()
    };
    let other = Link::bind(&ENGINEER, &settings, Arc::new(Closed))
        .await
        .unwrap();
    other.online().await;
    let lost = |output: &std::process::Output| output.status.code() == Some(3);
    let refused = world.until("order exec ORDER -- echo hi", lost).await;
    let said = text(&refused.stderr);
    assert!(
        said.contains("iog agent start") && said.contains("--take-over"),
        "{said}"
    );
    let list = status(&world.run("agent list -o json").await);
    assert_eq!(list[0]["agent_runs"], false);
    let unasked = world.run("agent start ORDER").await;
    assert_eq!(unasked.status.code(), Some(3), "{}", text(&unasked.stderr));
    assert!(!other.displaced());

    let back = world.run("agent start ORDER --take-over -o json").await;
    assert_eq!(status(&back)["started"], true, "{}", text(&back.stderr));
    let echo = world.run("order exec ORDER -- echo hi").await;
    assert_eq!(text(&echo.stdout), "hi\n", "{}", text(&echo.stderr));
    other.until_displaced().await;
    other.close().await;
}

/// redteam K6: what a device did not sign, or signed in another order, is told at once and counted.
#[tokio::test(flavor = "multi_thread")]
async fn statuses_that_do_not_hold_are_told_and_counted() {
    let mut job = script();
    job.signs = [99; 32];
    let world = World::start(job).await;
    let wrong = |output: &std::process::Output| status(output)["leases"][0]["wrong_statuses"] == 1;
    let told = status(&world.until("order status ORDER -o json", wrong).await);
    let said = told["leases"][0]["wrong_status"].as_str().unwrap();
    assert!(said.contains("not signed as it should be"), "{said}");
    assert!(told["leases"][0]["job"].is_null());
    let logs = world.run("order logs ORDER").await;
    let warned = text(&logs.stderr);
    assert!(warned.contains("warning: lease"), "{warned}");

    // The first one holds, the second does not follow it.
    world.run("agent stop ORDER").await;
    world.node.script.lock().unwrap().signs = TUNNEL;
    assert!(world.run("order status ORDER").await.status.success());
    let runs = |output: &std::process::Output| status(output)["leases"][0]["job"] == "running";
    world.until("order status ORDER -o json", runs).await;
    world.run("agent stop ORDER").await;
    {
        let mut script = world.node.script.lock().unwrap();
        script.unchained = true;
        script.phases.push(iog_job::Phase::Exited { code: 0 });
    }
    let wrong = |output: &std::process::Output| status(output)["leases"][0]["wrong_statuses"] == 1;
    let told = status(&world.until("order status ORDER -o json", wrong).await);
    let said = told["leases"][0]["wrong_status"].as_str().unwrap();
    assert!(said.contains("does not follow"), "{said}");
    let shown = status(
        &world
            .run("order evidence ORDER --dir evidence -o json")
            .await,
    );
    assert_eq!(shown[0]["conflicts"], 2, "{shown}");
}
