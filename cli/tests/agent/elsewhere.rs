//! A renter's further machine that delivers, and what devices fetch themselves.

use crate::{
    lines::job,
    node::Got,
    world::{key, script, text, World, ORDER},
};
use iog_job::{Mirrors, Sealed};
use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::Path,
    process::Output,
};

fn mirrors(of: iog_job::Hash) -> Mirrors {
    let sealed = Sealed {
        sha256: iog_job::Hash([3; 32]),
        key: iog_job::Hash([4; 32]),
    };
    Mirrors {
        urls: vec!["https://mirror.example.com".into()],
        sealed: [(of, sealed)].into(),
    }
}

fn said(output: &Output, what: &str) -> bool {
    text(&output.stdout).contains(what)
}

/// What docs/compute.md says that the other machine needs: no key of the order.
fn copy(from: &Path, to: &Path) {
    let mut private = fs::DirBuilder::new();
    private.recursive(true).mode(0o700);
    private.create(to.join("secrets")).unwrap();
    for name in ["job.json", "sources.json", "secrets/TOKEN"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(to.join(name), mode).unwrap();
    }
}

/// redteam V2: where the machine that booked is off, another with a ticket and a copy of the folder delivers job, inputs and secrets; what
/// it has not and mirrors have is left to the device.
#[tokio::test(flavor = "multi_thread")]
async fn a_further_machine_delivers_with_a_ticket() {
    let inputs = tempfile::tempdir().unwrap();
    let (mut spec, sources) = job(inputs.path());
    spec.mirrors = Some(mirrors(sources[1].0));
    let world = World::with(script(), &spec, &sources).await;
    let other = tempfile::tempdir().unwrap();
    let elsewhere = |line: &str| {
        let mut command = world.command(line);
        command.env("HOME", other.path());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let machine = elsewhere("agent key -o json").await.unwrap();
    let machine: serde_json::Value = serde_json::from_slice(&machine.stdout).unwrap();
    let machine = machine["key"].as_str().unwrap();
    let ticket = other.path().join("ticket.json");
    let ticket = ticket.to_str().unwrap();
    let verbs = "offer,job,input,secrets,status";
    let line = format!("order ticket ORDER --key {machine} --verbs {verbs} --out {ticket}");
    let made = world.run(&line).await;
    assert!(made.status.success(), "{}", text(&made.stderr));
    world.run("agent stop ORDER").await;
    *world.node.got.lock().unwrap() = Got::default();
    let folder = other.path().join(".local/share/iog/orders");
    let folder = folder.join(key(ORDER));
    copy(&world.folder(), &folder);
    // Only the other one of the two files is there.
    fs::remove_file(&sources[1].1).unwrap();
    let joined = elsewhere(&format!("agent join {ticket}")).await.unwrap();
    assert!(joined.status.success(), "{}", text(&joined.stderr));
    let started = elsewhere("agent start ORDER").await.unwrap();
    assert!(started.status.success(), "{}", text(&started.stderr));
    let got = || {
        let got = world.node.got.lock().unwrap();
        let inputs: Vec<_> = got.inputs.iter().map(|(hash, ..)| *hash).collect();
        (
            got.spec.clone(),
            inputs,
            got.secrets.0.contains_key("TOKEN"),
        )
    };
    let since = std::time::Instant::now();
    while got() != (Some(spec.clone()), vec![sources[0].0], true) {
        assert!(since.elapsed().as_secs() < 40, "{:?}", got());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // The mirror's part of it came.
    let whole = (sources[1].0, 0, Vec::new());
    world.node.got.lock().unwrap().inputs.push(whole);
    loop {
        let status = elsewhere("order status ORDER -o json").await.unwrap();
        if said(&status, "\"delivered\": true") {
            break;
        }
        assert!(since.elapsed().as_secs() < 40, "{}", text(&status.stdout));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(!folder.join("engineer.json").exists() && !folder.join("receipt.json").exists());
    elsewhere("agent stop ORDER").await.unwrap();
}

/// redteam V2: what a device fetches at this moment is left to it, and keeps nothing else back.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_device_fetches_keeps_nothing_back() {
    let inputs = tempfile::tempdir().unwrap();
    let (mut spec, sources) = job(inputs.path());
    spec.mirrors = Some(mirrors(sources[0].0));
    let mut fetching = script();
    fetching.fetches = Some(sources[0].0);
    let world = World::with(fetching, &spec, &sources).await;
    let first = |world: &World| {
        let got = world.node.got.lock().unwrap();
        got.inputs.first().map(|(hash, ..)| *hash)
    };
    world.run("agent start ORDER").await;
    let since = std::time::Instant::now();
    while first(&world).is_none() {
        assert!(since.elapsed().as_secs() < 40);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(first(&world), Some(sources[1].0));
    let whole = (sources[0].0, 0, Vec::new());
    world.node.got.lock().unwrap().inputs.push(whole);
    let delivered = |output: &Output| said(output, "\"delivered\": true");
    world.until("order status ORDER -o json", delivered).await;
    let got = world.node.got.lock().unwrap();
    assert_eq!(got.secrets.0["TOKEN"], "dmVyeS1zZWNyZXQtdmFsdWU=");
    assert_eq!(got.inputs.len(), 2);
}
