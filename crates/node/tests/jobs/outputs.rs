//! Lists of what a job left, and its bytes.

use crate::{common::*, sha};
use iog_job::{
    frame,
    wire::{Answer, OutputFile, Verb},
    Phase,
};
use iog_node::pipe::Pipe;
use std::{fs, sync::Arc};

async fn list(world: &World) -> Vec<OutputFile> {
    let mut pipe = world.ask(5, Verb::Outputs).await.unwrap();
    frame::expect(&mut pipe, 1 << 20).await.unwrap()
}

fn fetches(world: &World) -> Vec<String> {
    let text = fs::read_to_string(world.run_dir(5).join("fetches")).unwrap_or_default();
    text.lines().map(String::from).collect()
}

/// Thirty-two streams at once.
async fn many(world: &Arc<World>) -> Vec<Vec<OutputFile>> {
    let ask = |_| {
        let world = Arc::clone(world);
        tokio::spawn(async move { list(&world).await })
    };
    let asked: Vec<_> = (0..32).map(ask).collect();
    let mut lists = Vec::new();
    for list in asked {
        lists.push(list.await.unwrap());
    }
    lists
}

/// Thirty-two streams that ask at once have the files of a job that is over hashed once, and again where one changed. Who fetches one has no
/// other read.
#[tokio::test]
async fn however_many_ask() {
    let spec = script("mkdir out; echo -n a > out/a; echo -n b > out/b");
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let world = Arc::new(world);
    let _job = world.send_job(5, &spec).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    let lists = many(&world).await;
    let mut first = lists[0].clone();
    first.sort_by(|one, other| one.path.cmp(&other.path));
    let found: Vec<_> = first
        .iter()
        .map(|file| (file.path.as_str(), file.len, file.sha256))
        .collect();
    assert_eq!(found, [("out/a", 1, sha(b"a")), ("out/b", 1, sha(b"b"))]);
    assert!(lists.iter().all(|list| *list == lists[0]));
    assert_eq!(fetches(&world).len(), 2, "for 32 streams");

    let path = "out/a".to_string();
    let mut pipe = world.open(5, Verb::Fetch { path, from: 0 }).await;
    let file: OutputFile = frame::expect(&mut pipe, 1 << 10).await.unwrap();
    assert_eq!((file.len, file.sha256), (1, sha(b"a")));
    assert_eq!(fetches(&world)[2..], ["out/a"], "its bytes alone");

    fs::write(world.run_dir(5).join("work/out/b"), "other").unwrap();
    let lists = many(&world).await;
    assert!(lists[0].iter().any(|file| file.sha256 == sha(b"other")));
    assert_eq!(fetches(&world)[3..], ["out/b"]);
}

/// The files of a job that runs may change unseen: they are hashed again, but not for each of those who wait.
#[tokio::test]
async fn while_the_job_runs() {
    let spec = script("mkdir out; echo -n x > out/held; sleep 1000");
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    let held = world.run_dir(5).join("work/out/held");
    poll(|| async { (fs::read(&held).ok()? == b"x").then_some(()) }).await;
    let mut asked = Vec::new();
    for _ in 0..32 {
        asked.push(Pipe::new(world.begin(5, Verb::Outputs).await));
    }
    // All of them were heard before this one was.
    let _facts = world.open(5, Verb::Facts { every_secs: None }).await;
    poll(|| async { (!fetches(&world).is_empty()).then_some(()) }).await;
    fs::write(world.run_dir(5).join("release"), "").unwrap();
    for pipe in &mut asked {
        let answer: Answer = frame::expect(pipe, 1 << 10).await.unwrap();
        assert_eq!(answer, Answer::Admitted);
        let list: Vec<OutputFile> = frame::expect(pipe, 1 << 20).await.unwrap();
        assert_eq!((list.len(), list[0].sha256), (1, sha(b"x")));
    }
    let read = fetches(&world).len();
    assert!(read <= 8, "read {read} times for 32 streams");
}

/// A list that nobody waits for any more is not made: its stream was closed, or its lease ended. Another file can be had meanwhile.
#[tokio::test]
async fn nobody_waits() {
    let spec = script("mkdir out; echo -n x > out/endless; echo -n a > out/a");
    let mut world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    let dropped = world.run_dir(5).join("dropped");
    for lease_ends in [false, true] {
        let asked = world.begin(5, Verb::Outputs).await;
        let began = || async { (fetches(&world).last()? == "out/endless").then_some(()) };
        poll(began).await;
        assert!(!dropped.exists());
        if lease_ends {
            world.board.leases.clear();
            world.publish();
            poll(|| async { (!world.run_dir(5).exists()).then_some(()) }).await;
            drop(asked);
            break;
        }
        drop(asked);
        poll(|| async { dropped.exists().then_some(()) }).await;
        let path = "out/a".to_string();
        let mut pipe = world.open(5, Verb::Fetch { path, from: 0 }).await;
        let file: OutputFile = frame::expect(&mut pipe, 1 << 10).await.unwrap();
        assert_eq!(file.sha256, sha(b"a"));
        fs::remove_file(&dropped).unwrap();
    }
}
