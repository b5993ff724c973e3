//! Delivery, statuses and logs.

use crate::world::{key, lease, lease_folder, script, text, World, ORDER};
use iog_job::{Hash, Input, JobSpec, Phase, Secret};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{BufRead, BufReader},
    time::Duration,
};

/// A job with two inputs and a secret.
pub fn job(folder: &std::path::Path) -> (JobSpec, Vec<(Hash, std::path::PathBuf)>) {
    let mut spec = JobSpec::session(Hash([1; 32]));
    spec.secrets = vec![Secret {
        name: "TOKEN".into(),
        env: None,
    }];
    let mut sources = Vec::new();
    for (name, bytes) in [("a", b"first input".to_vec()), ("b", vec![7; 300_000])] {
        let path = folder.join(name);
        fs::write(&path, &bytes).unwrap();
        let sha256 = Hash(Sha256::digest(&bytes).into());
        spec.inputs.push(Input {
            target: name.into(),
            sha256,
            len: bytes.len() as u64,
            executable: false,
            url: None,
        });
        sources.push((sha256, path));
    }
    (spec, sources)
}

/// Whoever comes by sudo or cron, or after the session in which the agent began, has another runtime folder, or that one is gone.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_found_from_another_session() {
    let world = World::with(script(), &JobSpec::session(Hash([1; 32])), &[]).await;
    let session = tempfile::tempdir().unwrap();
    let asks = async |runtime: Option<&std::path::Path>, line: &str| {
        let mut command = world.command(line);
        match runtime {
            Some(folder) => command.env("XDG_RUNTIME_DIR", folder),
            None => command.env_remove("XDG_RUNTIME_DIR"),
        };
        let ran = tokio::task::spawn_blocking(move || command.output().unwrap());
        ran.await.unwrap()
    };
    let begun = asks(Some(session.path()), "order status ORDER").await;
    assert!(begun.status.success(), "{}", text(&begun.stderr));
    assert_eq!(fs::read_dir(session.path().join("iog")).unwrap().count(), 1);
    let other = asks(None, "agent start ORDER -o json").await;
    assert_eq!(common_json(&other.stdout)["started"], false);

    fs::remove_dir_all(session.path().join("iog")).unwrap();
    let since = std::time::Instant::now();
    while !session.path().join("iog").exists() {
        assert!(since.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for runtime in [None, Some(session.path())] {
        let again = asks(runtime, "agent start ORDER -o json").await;
        let again = (common_json(&again.stdout), text(&again.stderr));
        assert_eq!(again.0["started"], false, "{}", again.1);
    }
    assert!(asks(None, "agent stop ORDER").await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_the_job_needs_goes_to_the_device() {
    let inputs = tempfile::tempdir().unwrap();
    let (spec, sources) = job(inputs.path());
    let world = World::with(script(), &spec, &sources).await;
    let done = world.run("order upload ORDER").await;
    assert!(done.status.success(), "{}", text(&done.stderr));
    {
        let got = world.node.got.lock().unwrap();
        assert_eq!(got.spec.as_ref(), Some(&spec));
        // The device had the first two bytes: sending went on from there.
        let found: Vec<(Hash, u64, usize)> = got
            .inputs
            .iter()
            .map(|(hash, from, bytes)| (*hash, *from, bytes.len()))
            .collect();
        assert_eq!(found, [(sources[0].0, 2, 9), (sources[1].0, 0, 300_000)]);
        assert_eq!(got.inputs[0].2, b"rst input");
        assert_eq!(got.secrets.0["TOKEN"], "dmVyeS1zZWNyZXQtdmFsdWU=");
        // No number comes twice. redteam link L5
        let mut numbers = got.numbers.clone();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), got.numbers.len());
    }
    let log = fs::read_to_string(world.folder().join("agent.log")).unwrap();
    assert!(log.contains("the secrets are there"), "{log}");
    assert!(
        !log.contains("very-secret-value") && !log.contains("dmVyeS1z"),
        "{log}"
    );
    let status = common_json(&world.run("order status ORDER -o json").await.stdout);
    assert_eq!(status["state"], "active");
    assert_eq!(status["leases"][0]["lease"], lease());
    assert_eq!(status["leases"][0]["job"], "running");
    assert_eq!(status["leases"][0]["delivered"], true);
}

fn common_json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

/// A file that changed since the order was made, and a device that says so of one that did not.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_hash_is_told_and_whose_it_is() {
    let inputs = tempfile::tempdir().unwrap();
    let (spec, sources) = job(inputs.path());
    let mut lies = script();
    lies.disbelieves = true;
    let world = World::with(lies, &spec, &sources).await;
    let refused = world.run("order upload ORDER").await;
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stderr).contains("other bytes came than were sent"),
        "{}",
        text(&refused.stderr)
    );
    fs::write(&sources[0].1, "FIRST INPUT").unwrap();
    let refused = world.run("order upload ORDER").await;
    assert!(
        text(&refused.stderr).contains("no more what it was"),
        "{}",
        text(&refused.stderr)
    );
}

/// What lies at an address is the device's to fetch: the rest goes there meanwhile. What the device says of a secret is told.
#[tokio::test(flavor = "multi_thread")]
async fn inputs_at_an_address_hold_nothing_up() {
    let inputs = tempfile::tempdir().unwrap();
    let (mut spec, sources) = job(inputs.path());
    spec.inputs[0].url = Some("https://example.com/a".into());
    let mut script = script();
    script.refuses_secrets = true;
    let world = World::with(script, &spec, &sources[1..]).await;
    let refused = world.run("order upload ORDER").await;
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(said.contains("a value is no UTF-8"), "{said}");
    world.node.script.lock().unwrap().refuses_secrets = false;
    let waits = |output: &std::process::Output| {
        let told = common_json(&output.stdout)["leases"][0]["trouble"].to_string();
        told.contains("has fetched inputs from their addresses")
    };
    world.until("order status ORDER -o json", waits).await;
    let there = || {
        world
            .node
            .got
            .lock()
            .unwrap()
            .secrets
            .0
            .contains_key("TOKEN")
    };
    let since = std::time::Instant::now();
    while !there() {
        assert!(since.elapsed() < Duration::from_secs(40));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let got = world.node.got.lock().unwrap();
    let sent: Vec<Hash> = got.inputs.iter().map(|(hash, ..)| *hash).collect();
    assert_eq!(sent, [sources[1].0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_start_only_the_offer_is_made() {
    let world = World::start(script()).await;
    world.set(|order, lease| {
        (order.state, order.started_ts, order.end_ts) = (1, 0, 0);
        order.expires_ts = 20_000;
        lease.state = 0;
    });
    let early = world.run("order exec ORDER -- echo hi").await;
    assert_eq!(early.status.code(), Some(3));
    assert!(
        text(&early.stderr).contains("has not started"),
        "{}",
        text(&early.stderr)
    );
    // redteam K4
    for _ in 0..200 {
        if world.node.got.lock().unwrap().offers > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(world.node.got.lock().unwrap().verbs, ["offer"]);

    // It waits for the start, and is there when it comes.
    world.node.script.lock().unwrap().phases = vec![Phase::Exited { code: 0 }];
    let mut child = world.command("order logs ORDER -f").spawn().unwrap();
    let said = child.stderr.take().unwrap();
    let (tell, waits) = tokio::sync::oneshot::channel();
    let told = tokio::task::spawn_blocking(move || {
        let mut lines = BufReader::new(said).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains("matched")));
        tell.send(()).unwrap();
        lines.for_each(drop);
    });
    waits.await.unwrap();
    world.set(|_, _| ());
    let waiting = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    told.await.unwrap();
    let logs = waiting.await.unwrap();
    assert_eq!(text(&logs.stdout), "hello\n");
}

/// redteam S4
#[tokio::test(flavor = "multi_thread")]
async fn logs_do_not_steer_the_terminal_and_survive_a_cut() {
    let mut hostile = script();
    hostile.log = b"one\n\x1b]0;owned\x07\x1b[2Jtwo \xff\nthree\n".to_vec();
    hostile.cut_after = Some(14);
    let world = World::start(hostile).await;
    let logs = world.run("order logs ORDER -f").await;
    assert!(logs.status.success(), "{}", text(&logs.stderr));
    assert_eq!(
        text(&logs.stdout),
        "one\n\\u{1b}]0;owned\\u{7}\\u{1b}[2Jtwo \\xff\nthree\n"
    );
    let said = text(&logs.stderr);
    assert!(said.contains("from byte 14"), "{said}");
    assert!(said.contains("by relay http://127.0.0.1:"), "{said}");
    let raw = world.run("order logs ORDER --raw --from 4").await;
    assert_eq!(raw.stdout, b"\x1b]0;owned\x07\x1b[2Jtwo \xff\nthree\n");
    // Without -f a cut is an end that is not one.
    world.node.script.lock().unwrap().cut_after = Some(7);
    assert_eq!(world.run("order logs ORDER").await.status.code(), Some(5));
    let named = world.run("order logs ORDER --all").await;
    let lines = text(&named.stdout);
    assert!(
        lines.lines().all(|line| line.starts_with(&lease()[..8])),
        "{lines}"
    );
    let facts = world.run("order top ORDER").await;
    assert!(text(&facts.stderr).contains("say of themselves"));
    assert!(
        !text(&facts.stdout).contains('\u{1b}'),
        "{}",
        text(&facts.stdout)
    );
}

/// Statuses count only if the lease's tunnel key signed them, and contradictions are kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_signature_is_no_status() {
    let mut forged = script();
    forged.signs = [99; 32];
    let world = World::start(forged).await;
    let lease = || async {
        let status = world.run("order status ORDER -o json").await;
        common_json(&status.stdout)["leases"][0].clone()
    };
    let mut trouble = String::new();
    for _ in 0..100 {
        trouble = lease().await["trouble"]
            .as_str()
            .unwrap_or_default()
            .to_string();
        if !trouble.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(trouble.contains("not signed as it should be"), "{trouble}");
    assert!(lease().await["job"].is_null());
    assert!(!lease_folder(&world).join("statuses.jsonl").exists());

    let evidence = world
        .run("order evidence ORDER --dir evidence -o json")
        .await;
    let listed = common_json(&evidence.stdout);
    assert_eq!(
        (&listed[0]["statuses"], &listed[0]["conflicts"]),
        (&0.into(), &0.into())
    );
    assert!(world.iog.home.path().join("evidence").is_dir());
}

/// redteam link L1: a second agent of the same order ends at once.
#[tokio::test(flavor = "multi_thread")]
async fn one_agent_holds_the_key() {
    let world = World::start(script()).await;
    world.run("order status ORDER").await;
    let second = world.run("agent run ORDER").await;
    assert_eq!(second.status.code(), Some(3));
    assert!(
        text(&second.stderr).contains("runs already"),
        "{}",
        text(&second.stderr)
    );
    let listed = common_json(&world.run("agent list -o json").await.stdout);
    assert_eq!(
        (&listed[0]["order"], &listed[0]["agent_runs"]),
        (&key(ORDER).into(), &true.into())
    );
    let stopped = common_json(&world.run("agent stop ORDER -o json").await.stdout);
    assert_eq!(stopped["stopped"], true);
    let stopped = common_json(&world.run("agent stop ORDER -o json").await.stdout);
    assert_eq!(stopped["stopped"], false);
}

/// The endpoint is silent, then another chain: field case 14.
#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_bound_to_its_chain() {
    let world = World::start(script()).await;
    world.rpc.chain.lock().unwrap().broken = true;
    let silent = world.run("order logs ORDER").await;
    assert_eq!(silent.status.code(), Some(4), "{}", text(&silent.stderr));
    world.rpc.chain.lock().unwrap().broken = false;
    let order = fs::read_to_string(world.folder().join("order.json")).unwrap();
    world.run("agent stop ORDER").await;
    fs::write(
        world.folder().join("order.json"),
        order.replace(&key([11; 32]), &key([12; 32])),
    )
    .unwrap();
    let other = world.run("order status ORDER").await;
    assert!(
        text(&other.stderr).contains("started anew") || other.status.code() == Some(4),
        "{}",
        text(&other.stderr)
    );
}

/// redteam link K5: what a job waits for, and how it ended, is before the renter in ten seconds.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_job_waits_for_and_its_end_are_shown_at_once() {
    let waiting = Phase::Waiting {
        r#for: iog_job::Waiting::Inputs,
    };
    for (phase, words) in [(waiting, "inputs"), (Phase::Exited { code: 3 }, "exited 3")] {
        let mut script = script();
        script.phases = vec![phase];
        let world = World::start(script).await;
        let status = "order status ORDER";
        world.run(status).await;
        let since = std::time::Instant::now();
        let shown = |output: &std::process::Output| text(&output.stdout).contains(words);
        world.until(status, shown).await;
        assert!(since.elapsed() < Duration::from_secs(10), "{words}");
    }
}
