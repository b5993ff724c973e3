//! Ciphertexts of the renter's on mirrors.

use crate::{common::*, fetch::own, https::Server, log, sha};
use iog_job::{
    frame, sealed,
    wire::{Received, Verb},
    Hash, Image, Input, JobSpec, Mirrors, Phase, Waiting,
};
use std::{collections::BTreeMap, fs, time::Duration};
use tokio::io::AsyncWriteExt;

fn data() -> Vec<u8> {
    (0..200_000_u32).map(|at| (at % 251) as u8).collect()
}

/// A job whose input `in` lies at these mirrors.
fn job(server: &Server, folders: &[&str]) -> JobSpec {
    let mut spec = script("cat in");
    spec.inputs.push(Input {
        target: "in".into(),
        sha256: sha(&data()),
        len: 200_000,
        executable: false,
        url: None,
    });
    spec.mirrors = Some(Mirrors {
        urls: folders.iter().map(|folder| server.url(folder)).collect(),
        sealed: BTreeMap::new(),
    });
    keep(server, &mut spec, 9, &data());
    spec
}

/// The ciphertext's name on the mirrors.
fn keep(server: &Server, spec: &mut JobSpec, key: u8, bytes: &[u8]) -> Hash {
    let mut to = Vec::new();
    let key = Hash([key; 32]);
    let (plain, sealed) = sealed::seal(key, bytes.len() as u64, &mut &*bytes, &mut to).unwrap();
    assert_eq!(sealed.sha256, sha(&to));
    server.keep(sealed.sha256.to_string(), to);
    let mirrors = spec.mirrors.as_mut().unwrap();
    mirrors.sealed.insert(plain, sealed);
    sealed.sha256
}

fn waits() -> Phase {
    Phase::Waiting {
        r#for: Waiting::Inputs,
    }
}

async fn send(world: &World, lease: u8, from: usize) {
    // A mirror may be asked for it at this moment.
    let mut pipe = poll(|| world.ask_input(lease, from as u64)).await;
    pipe.write_all(&data()[from..]).await.unwrap();
    pipe.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut pipe, 1 << 10).await.unwrap();
    assert!(received.complete);
}

impl World {
    async fn ask_input(&self, lease: u8, from: u64) -> Option<iog_node::pipe::Pipe> {
        let sha256 = sha(&data());
        self.ask(lease, Verb::Input { sha256, from }).await.ok()
    }
}

/// redteam V2, P1: where the renter's machine is away input and archive come from a mirror; one that has nothing, one that is cut and one
/// that changed a byte are passed over, and what was right of theirs is kept. No mirror is asked for anything but ciphertext.
#[tokio::test]
async fn mirrors_serve_while_the_renter_is_away() {
    let server = Server::local().await;
    let mut spec = job(&server, &["missing", "cutting", "garbled/", "mirror"]);
    let name = spec.sealed(&sha(&data())).unwrap().sha256;
    let archive = b"an archive".repeat(9_000);
    spec.image = Some(Image {
        reference: None,
        digest: sha(&archive),
        len: 90_000,
        config: Hash([4; 32]),
    });
    let image = keep(&server, &mut spec, 10, &archive);
    spec.validate().unwrap();
    let world = World::new(vec![lease_of(5, Some(&spec))]);
    let settings = own(&world.path(), &server);
    let world = world.start_with(settings).await;
    let (pipe, needs) = world.send_job(5, &spec).await;
    assert_eq!(needs.inputs.len(), 2);
    assert_eq!(server.asked(), Vec::<String>::new());
    drop(pipe);
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    assert_eq!(log(&world, 5).await, data());
    let given = world.run_spec(5).unwrap().archive.unwrap();
    assert_eq!(fs::read(given).unwrap(), archive);
    let asked = server.asked();
    let of = |name: Hash| -> Vec<String> {
        let name = name.to_string();
        let of = asked.iter().filter(|asked| asked.contains(&name));
        of.map(|asked| asked.replace(&name, "NAME")).collect()
    };
    assert_eq!(
        of(name),
        [
            "missing/NAME 0",
            "cutting/NAME 0",
            "garbled/NAME 65552",
            "mirror/NAME 65552"
        ]
    );
    assert!(!of(image).is_empty());
    let hashes = [spec.hash().unwrap(), sha(&data()), sha(&archive)];
    let told = asked.iter().filter(|asked| *asked != "connected");
    for asked in told {
        let is_any = hashes.iter().any(|hash| asked.contains(&hash.to_string()));
        assert!(!is_any, "{asked}");
    }
}

/// redteam V2: the renter's machine is the first source, as long as it sends; one that is there and sends nothing is waited for no longer
/// than the node's patience.
#[tokio::test]
async fn the_renter_comes_first() {
    for silent in [false, true] {
        let server = Server::local().await;
        let spec = job(&server, &["mirror"]);
        let world = World::new(vec![lease_of(5, Some(&spec))]);
        let mut settings = own(&world.path(), &server);
        if silent {
            settings.fetch.as_mut().unwrap().patience = Duration::from_millis(100);
        }
        let world = world.start_with(settings).await;
        let _job = world.send_job(5, &spec).await;
        if !silent {
            world.until_phase(5, waits()).await;
            send(&world, 5, 0).await;
        }
        world.until_phase(5, Phase::Exited { code: 0 }).await;
        assert_eq!(log(&world, 5).await, data());
        assert_eq!(!server.asked().is_empty(), silent);
    }
}

/// redteam V2: a mirror that stands still keeps nobody waiting: the renter comes back and goes on where it stopped.
#[tokio::test]
async fn a_slow_mirror_gives_way_to_the_renter() {
    let server = Server::local().await;
    let spec = job(&server, &["hanging"]);
    let world = World::new(vec![lease_of(5, Some(&spec))]);
    let settings = own(&world.path(), &server);
    let world = world.start_with(settings).await;
    drop(world.send_job(5, &spec).await);
    let part = || {
        let folders = fs::read_dir(world.path().join("jobs/leases")).unwrap();
        let mut folders = folders.map(|entry| entry.unwrap().path());
        let name = format!("inputs/{}.part", sha(&data()));
        let found = folders.find_map(|path| fs::metadata(path.join(&name)).ok());
        async move { found.filter(|part| part.len() == 65_536).map(|_| ()) }
    };
    poll(part).await;
    let (_job, needs) = world.send_job(5, &spec).await;
    assert_eq!(needs.inputs.len(), 1);
    send(&world, 5, 65_536).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    assert_eq!(log(&world, 5).await, data());
}

/// redteam V2: mirrors that fail fail no job, however often: the renter comes back and sends it. An address that fails does not either where
/// there are mirrors.
#[tokio::test]
async fn mirrors_that_fail_end_nothing() {
    let server = Server::local().await;
    let mut spec = job(&server, &["missing"]);
    spec.inputs[0].url = Some(server.url("page"));
    let world = World::new(vec![lease_of(5, Some(&spec))]);
    let settings = own(&world.path(), &server);
    let world = world.start_with(settings).await;
    drop(world.send_job(5, &spec).await);
    let often = |folder: &'static str| {
        let asked = server.asked();
        let times = asked.iter().filter(|asked| asked.starts_with(folder));
        let times = times.count();
        async move { (times >= 6).then_some(()) }
    };
    poll(|| often("missing")).await;
    poll(|| often("page")).await;
    send(&world, 5, 0).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
}

/// redteam J6: mirrors are asked by nobody whose operator does not allow it.
#[tokio::test]
async fn no_mirror_is_asked_unless_the_operator_allows_it() {
    let server = Server::local().await;
    let spec = job(&server, &["mirror"]);
    let world = World::new(vec![lease_of(5, Some(&spec))]);
    let mut settings = own(&world.path(), &server);
    settings.policy.fetch = false;
    let world = world.start_with(settings).await;
    drop(world.send_job(5, &spec).await);
    world.until_phase(5, waits()).await;
    send(&world, 5, 0).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    assert_eq!(server.asked(), Vec::<String>::new());
}
