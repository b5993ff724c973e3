//! A lease from its match to its end.

use crate::{common::*, log, running};
use iog_job::{
    frame,
    wire::{OutputFile, Refusal, Verb},
    Phase, Why,
};
use iog_node::board::Stage;
use std::fs;
use tokio::io::AsyncReadExt;

/// redteam J9, K3: at the lease's end streams are cut and the job is killed, though the chain side says nothing more; log and outputs may be
/// read, and go with the time for which they are kept.
#[tokio::test]
async fn the_end_of_a_lease() {
    let spec = script("mkdir -p out; echo kept > out/file; echo line; sleep 1000");
    let mut lease = lease_of(5, Some(&spec));
    lease.ends_ts = NOW + 2;
    let mut world = World::new(vec![lease]).start().await;
    let _job = world.send_job(5, &spec).await;
    world.until_phase(5, running()).await;
    let verb = Verb::Exec {
        command: vec!["cat".into()],
        terminal: None,
        term: None,
    };
    let mut exec = world.open(5, verb.clone()).await;
    let cut = exec.read_u8().await.unwrap_err();
    assert_eq!(
        cut.kind(),
        std::io::ErrorKind::UnexpectedEof,
        "cut, not ended"
    );
    world.until_phase(5, Phase::Stopped).await;
    assert_eq!(world.ask(5, verb).await.unwrap_err(), Refusal::Over);
    assert_eq!(world.ask(5, Verb::Job).await.unwrap_err(), Refusal::Over);
    assert!(world.run_dir(5).join("sealed").exists());
    assert_eq!(log(&world, 5).await, b"line\n");
    let mut outputs = world.open(5, Verb::Outputs).await;
    let files: Vec<OutputFile> = frame::expect(&mut outputs, 1 << 20).await.unwrap();
    assert_eq!(files[0].path, "out/file");

    world.board.leases.clear();
    world.publish();
    poll(|| async { (!world.run_dir(5).exists()).then_some(()) }).await;
    let left = || {
        fs::read_dir(world.path().join("jobs/leases"))
            .unwrap()
            .count()
    };
    poll(|| async { (left() == 0).then_some(()) }).await;
    assert_eq!(
        world.ask(5, Verb::Outputs).await.unwrap_err(),
        Refusal::NotYours
    );
}

/// redteam K4: a job that is not the ordered one, or more than was offered, is refused; the lease goes on, and the right job still runs.
#[tokio::test]
async fn what_was_not_offered() {
    let spec = script("exit 0");
    let mut egress = script("exit 0");
    egress.egress = true;
    let mut asked = lease_of(6, Some(&spec));
    asked.stage = Stage::Matched;
    let mut world = World::new(vec![lease_of(5, Some(&egress)), asked])
        .start()
        .await;
    let mut offer = iog_job::Offer::from(&spec);
    offer.resources.memory_bytes = 64 << 20;
    drop(world.open(6, Verb::Offer(offer.clone())).await);
    let offered = || async {
        let report = world.report()?;
        report.leases.into_iter().find_map(|lease| lease.offer)
    };
    assert_eq!(poll(offered).await, offer);

    let mut job = world.open(5, Verb::Job).await;
    frame::write(&mut job, &egress).await.unwrap();
    assert!(job.read_u8().await.is_err());
    let refused = world
        .until(5, |status| matches!(status.phase, Phase::Refused { .. }))
        .await;
    let why = "the operator allows no connections to the internet".to_string();
    assert_eq!(refused.phase, Phase::Refused { why });

    let mut more = script("exit 0");
    more.resources.memory_bytes = 128 << 20;
    world.board.leases[1].stage = Stage::Running;
    world.board.leases[1].command_hash = more.hash().unwrap();
    world.publish();
    world.until(6, |status| status.number == 1).await;
    let mut job = world.open(6, Verb::Job).await;
    frame::write(&mut job, &spec).await.unwrap();
    let why = "it is not the job that the order names".to_string();
    world.until_phase(6, Phase::Refused { why }).await;
    let mut job = world.open(6, Verb::Job).await;
    frame::write(&mut job, &more).await.unwrap();
    let why = "resources.memory_bytes exceeds the offer".to_string();
    world.until_phase(6, Phase::Refused { why }).await;
}

/// redteam K1: nothing is prepared before the card is free; K6: a host that cannot do what it accepted says so, without its paths.
#[tokio::test]
async fn cards_and_hosts() {
    let mut lease = lease_of(5, None);
    lease.cards_free = false;
    let mut world = World::new(vec![lease]);
    fs::write(world.path().join("engine/broken"), "").unwrap();
    world = world.start().await;
    let waits = Phase::Waiting {
        r#for: iog_job::Waiting::Card,
    };
    world.until_phase(5, waits).await;
    assert!(!world.run_dir(5).exists());
    world.board.leases[0].cards_free = true;
    world.publish();
    let why = Why::Host("disk".into());
    world.until_phase(5, Phase::Failed { why }).await;
    let since = || async { world.report()?.leases[0].host_failed_since_ts };
    assert!(poll(since).await >= NOW);
    let text = fs::read_to_string(world.path().join("report/report.json")).unwrap();
    assert!(!text.contains("secret path"));
}

/// redteam K6: what the job itself makes impossible is refused to its renter, and the machine has not failed.
#[tokio::test]
async fn the_jobs_own_fault() {
    let world = World::new(vec![lease_of(5, None)]);
    fs::write(world.path().join("engine/odd"), "").unwrap();
    let world = world.start().await;
    let why = "its user is no user".to_string();
    world.until_phase(5, Phase::Refused { why }).await;
    let phase = || async { world.report()?.leases.first()?.phase.clone() };
    poll(phase).await;
    assert_eq!(world.report().unwrap().leases[0].host_failed_since_ts, None);
}

/// redteam J1: the job side may be root, and what the link side leaves in its folder leads it nowhere else.
#[tokio::test]
async fn a_link_in_the_link_sides_folder() {
    let world = World::new(vec![lease_of(5, None)]);
    let (link, secret) = (world.path().join("link"), world.path().join("other.json"));
    fs::create_dir(&link).unwrap();
    fs::write(&secret, "{\"what root alone may read\": 7}").unwrap();
    std::os::unix::fs::symlink(&secret, link.join("refused.json")).unwrap();
    let mut world = world.start().await;
    world.until_phase(5, running()).await;
    assert!(world.report().unwrap().refused.is_empty());
    fs::remove_file(link.join("refused.json")).unwrap();
    fs::write(link.join("refused.json"), "{\"stranger\": 7}").unwrap();
    world.publish();
    let counted = || async { (*world.report()?.refused.get("stranger")? == 7).then_some(()) };
    poll(counted).await;
}
