//! Inputs that a job names by address.

use crate::{
    common::*,
    https::{Server, BODY, DATA},
    log, sha,
};
use iog_job::{Input, JobSpec, Phase, Waiting, Why};
use iog_node::{fetch::FetchSettings, jobs::JobsSettings};
use std::{fs, path::Path, time::Duration};

fn input(target: &str, url: String) -> Input {
    Input {
        target: target.into(),
        sha256: sha(DATA),
        len: DATA.len() as u64,
        executable: false,
        url: Some(url),
    }
}

/// Of a node that serves its operator alone, and so needs no filter.
pub fn own(dir: &Path, server: &Server) -> JobsSettings {
    let mut settings = settings(dir);
    settings.policy.fetch = true;
    settings.policy.own_renters = [lease_of(5, None).renter].into();
    settings.fetch = Some(FetchSettings {
        command: vec![env!("CARGO_BIN_EXE_iog-node-fetch").into()],
        egress: None,
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        roots: vec![server.pem.clone()],
        pause: Duration::from_millis(20),
        patience: Duration::from_secs(3_600),
    });
    settings
}

fn waits() -> Phase {
    Phase::Waiting {
        r#for: Waiting::Inputs,
    }
}

/// redteam J6: a job starts with what its addresses gave, after three redirects; a transfer that was cut goes on where it was.
#[tokio::test]
async fn inputs_by_address() {
    let server = Server::local().await;
    let mut spec = script("cat one");
    spec.inputs.push(input("one", server.url("redirect/2")));
    let mut cut = script("cat in");
    cut.inputs.push(input("in", server.url("cut")));
    let world = World::new(vec![lease_of(5, Some(&spec)), lease_of(6, Some(&cut))]);
    let settings = own(&world.path(), &server);
    let world = world.start_with(settings).await;
    let _jobs = (
        world.send_job(5, &spec).await,
        world.send_job(6, &cut).await,
    );
    let fetched =
        |status: &iog_job::Status| matches!(status.phase, Phase::Preparing { total: 10, .. });
    world.until(5, fetched).await;
    for lease in [5, 6] {
        world.until_phase(lease, Phase::Exited { code: 0 }).await;
        assert_eq!(log(&world, lease).await, DATA);
    }
    let asked = server.asked();
    for request in [
        "redirect/2 0",
        "redirect/1 0",
        "redirect/0 0",
        "data 0",
        "cut 0",
        "cut 4",
    ] {
        let times = asked.iter().filter(|asked| *asked == request).count();
        assert_eq!(times, 1, "{request} of {asked:?}");
    }
}

/// redteam J6: neither a fourth redirect, nor plain HTTP, nor another network, nor more bytes, nor other ones; the renter learns that it
/// failed and the code, and no word of what was said there.
#[tokio::test]
async fn what_is_not_fetched() {
    let server = Server::local().await;
    let all = [
        ("redirect/3", ""),
        ("plain", ""),
        ("metadata", ""),
        ("missing", ": 404"),
        ("large", ""),
        ("other", ""),
        ("page", ""),
    ];
    let of = |path: &str| -> JobSpec {
        let mut spec = script("cat in");
        spec.inputs.push(input("in", server.url(path)));
        spec
    };
    let specs: Vec<_> = (10_u8..)
        .zip(all)
        .map(|(lease, (path, _))| (lease, of(path)))
        .collect();
    let leases = specs
        .iter()
        .map(|(lease, spec)| lease_of(*lease, Some(spec)));
    let world = World::new(leases.collect());
    let settings = own(&world.path(), &server);
    let world = world.start_with(settings).await;
    for ((lease, spec), (path, code)) in specs.iter().zip(all) {
        let _job = world.send_job(*lease, spec).await;
        let why = Why::Fetch(format!("input 0{code}"));
        let over = world.until(*lease, |status| status.phase.is_over()).await;
        assert_eq!(over.phase, Phase::Failed { why }, "{path}");
    }
    let text = fs::read_to_string(world.path().join("report/report.json")).unwrap();
    assert!(!text.contains(BODY));
    assert!(world
        .report()
        .unwrap()
        .leases
        .iter()
        .all(|lease| lease.host_failed_since_ts.is_none()));
}

/// redteam J6: off unless the operator allows it; for strangers only behind the filter; and into no private network.
#[tokio::test]
async fn who_may_fetch() {
    let server = Server::local().await;
    let mut spec = script("cat in");
    spec.inputs.push(input("in", server.url("data")));
    for case in ["policy", "stranger", "address"] {
        let world = World::new(vec![lease_of(5, Some(&spec))]);
        let mut settings = own(&world.path(), &server);
        let fetch = settings.fetch.as_mut().unwrap();
        match case {
            "policy" => settings.policy.fetch = false,
            "stranger" => settings.policy.own_renters.clear(),
            _ => fetch.allowed.clear(),
        }
        let world = world.start_with(settings).await;
        let _job = world.send_job(5, &spec).await;
        match case {
            "address" => {
                let why = Why::Fetch("input 0".into());
                world.until_phase(5, Phase::Failed { why }).await;
            }
            _ => {
                world.until_phase(5, waits()).await;
            }
        }
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}
