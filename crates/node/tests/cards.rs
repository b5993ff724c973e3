//! The renter's check of its cards, and cards between two leases, over the job side's socket.

mod common;

use common::*;
use iog_job::{
    check::{Challenge, Openings, Size, Start, Walked},
    frame,
    wire::{CardFacts, Facts, Refusal, Verb},
    Hash, Key, Phase, Waiting, Why,
};
use iog_node::{
    board::Stage,
    jobs::{CardKeeper, JobsSettings, WalkSettings},
    pipe::Pipe,
};
use iog_pow::{pick, verify, CpuProver, Node, Shape, K_OPENINGS};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    sync::{Arc, Mutex},
};
use tokio::io::AsyncReadExt;

const SMALL: Size = Size {
    rows: 1_024,
    tiles: 4,
    waves: 512,
    cards: 1,
};

fn shape(size: &Size) -> Shape {
    Shape::new(size.rows, size.tiles, size.waves, size.cards).unwrap()
}

/// No test: the process that the job side starts for a check.
#[test]
#[ignore]
fn the_walker() {
    let Some(args) = std::env::var_os("IOG_TEST_WALK") else {
        return;
    };
    let args = args.into_string().unwrap();
    let words: Vec<&str> = args.split(' ').collect();
    let number = |name: &str| {
        let at = words.iter().position(|word| *word == name).unwrap();
        words[at + 1].parse::<u32>().unwrap()
    };
    // Two of the four processors that the engine gives go to one of two cards.
    assert_eq!((number("--threads"), number("--cards")), (2, 1));
    let size = Size {
        rows: number("--rows"),
        ..SMALL
    };
    let mut to = fs::OpenOptions::new()
        .write(true)
        .open("/dev/fd/3")
        .unwrap();
    let mut write = |json: Vec<u8>| {
        to.write_all(&(json.len() as u32).to_le_bytes()).unwrap();
        to.write_all(&json).unwrap();
    };
    let read = || {
        let mut len = [0; 4];
        std::io::stdin().read_exact(&mut len).unwrap();
        let mut json = vec![0; u32::from_le_bytes(len) as usize];
        std::io::stdin().read_exact(&mut json).unwrap();
        json
    };
    let start: Start = serde_json::from_slice(&read()).unwrap();
    // Of the tables that the tests ask for, only the small one is walked.
    if size.rows > 1 << 21 {
        std::thread::sleep(std::time::Duration::from_secs(600));
    }
    let mut prover = CpuProver::new(start.seed.0, shape(&size), 1);
    let root = hex::encode(prover.commit().unwrap());
    write(serde_json::to_vec(&Walked::Root(root)).unwrap());
    let asked: Challenge = serde_json::from_slice(&read()).unwrap();
    let open = |n| {
        prover
            .open(&pick(&asked.challenge.0, n, &shape(&size)))
            .unwrap()
    };
    let openings = (0..K_OPENINGS).map(open).map(hex::encode).collect();
    write(serde_json::to_vec(&Openings { openings }).unwrap());
}

/// This program, whose standard output is the test runner's: the walker writes beside it. Who it is stands in a file.
fn walk(world: &World) -> WalkSettings {
    let pids = world.path().join("walkers");
    let script = format!(
        "echo $$ >> {}; exec 3>&1 >/dev/null; IOG_TEST_WALK=\"$*\" exec \"$0\" --exact the_walker --ignored --nocapture",
        pids.display()
    );
    let program = std::env::current_exe().unwrap();
    WalkSettings {
        command: vec!["sh".into(), "-c".into(), script.into(), program.into()],
        on_cpu: true,
    }
}

async fn with_walk(world: World) -> World {
    let settings = JobsSettings {
        walk: Some(walk(&world)),
        ..settings(&world.path())
    };
    world.start_with(settings).await
}

async fn checked(pipe: &mut Pipe, seed: [u8; 32]) {
    frame::write(pipe, &Start { seed: Hash(seed) })
        .await
        .unwrap();
    let Walked::Root(root) = frame::expect(pipe, 1 << 16).await.unwrap() else {
        panic!()
    };
    let challenge = [9; 32];
    let asked = Challenge {
        challenge: Hash(challenge),
    };
    frame::write(pipe, &asked).await.unwrap();
    let openings: Openings = frame::expect(pipe, 1 << 16).await.unwrap();
    let mut commit = Node::default();
    hex::decode_to_slice(root, &mut commit).unwrap();
    for (n, opening) in (0..K_OPENINGS).zip(&openings.openings) {
        let pick = pick(&challenge, n, &shape(&SMALL));
        let opening = hex::decode(opening).unwrap();
        assert_eq!(
            verify(&seed, &shape(&SMALL), &commit, &pick, &opening),
            Ok(())
        );
    }
    assert_eq!(openings.openings.len(), 8);
}

/// redteam S5: the walk for the renter's own seed; one at a time, within the lease; also beside a job, with a small table.
#[tokio::test]
async fn a_renter_checks_its_cards() {
    let world = with_walk(World::new(vec![lease_of(5, None), lease_of(6, None)])).await;
    let mut pipe = world.open(5, Verb::Check(SMALL)).await;
    let again = world.ask(5, Verb::Check(SMALL)).await.unwrap_err();
    assert_eq!(again, Refusal::Busy);
    // Both wait for their seeds: they walk at the same moment.
    let mut other = world.open(6, Verb::Check(SMALL)).await;
    tokio::join!(checked(&mut pipe, [1; 32]), checked(&mut other, [2; 32]));
    assert_eq!(pipe.read(&mut [0]).await.unwrap(), 0, "shut down, not cut");
    world.until_phase(5, Phase::Running { ready: true }).await;
    let mut pipe = world.open(5, Verb::Check(SMALL)).await;
    checked(&mut pipe, [3; 32]).await;

    for wrong in [
        Size {
            rows: 1_000,
            ..SMALL
        },
        Size { cards: 2, ..SMALL },
        // The lease has 3 GiB of main memory.
        Size {
            rows: 1 << 23,
            ..SMALL
        },
    ] {
        let refused = world.ask(5, Verb::Check(wrong)).await.unwrap_err();
        assert_eq!(refused, Refusal::Malformed, "{wrong:?}");
    }
    let whole = Size {
        rows: 1 << 22,
        ..SMALL
    };
    assert_eq!(
        world.ask(5, Verb::Check(whole)).await.unwrap_err(),
        Refusal::Busy,
        "the job has the card"
    );
}

/// redteam S5: a check with the whole table goes before the job, and ends with its stream.
#[tokio::test]
async fn a_job_waits_for_a_whole_check() {
    let spec = script("sleep 100");
    let world = with_walk(World::new(vec![lease_of(5, Some(&spec))])).await;
    let whole = Size {
        rows: 1 << 22,
        ..SMALL
    };
    let mut pipe = world.open(5, Verb::Check(whole)).await;
    frame::write(
        &mut pipe,
        &Start {
            seed: Hash([1; 32]),
        },
    )
    .await
    .unwrap();
    let (_job, _) = world.send_job(5, &spec).await;
    let r#for = Waiting::Card;
    world.until_phase(5, Phase::Waiting { r#for }).await;
    let pids = fs::read_to_string(world.path().join("walkers")).unwrap();
    let proc = format!("/proc/{}", pids.trim());
    assert!(fs::metadata(&proc).is_ok());
    drop(pipe);
    world.until_phase(5, Phase::Running { ready: true }).await;
    poll(|| async { fs::metadata(&proc).is_err().then_some(()) }).await;
}

/// redteam S5: not before the card is free, not after the lease, and not on a node that does not walk.
#[tokio::test]
async fn a_check_has_its_time() {
    let mut lease = lease_of(5, None);
    lease.cards_free = false;
    let mut over = lease_of(6, None);
    over.stage = Stage::Kept;
    let world = with_walk(World::new(vec![lease, over])).await;
    world
        .until_phase(
            5,
            Phase::Waiting {
                r#for: Waiting::Card,
            },
        )
        .await;
    let early = world.ask(5, Verb::Check(SMALL)).await.unwrap_err();
    assert_eq!(early, Refusal::Unavailable);
    assert_eq!(
        world.ask(6, Verb::Check(SMALL)).await.unwrap_err(),
        Refusal::Over
    );
    let world = World::new(vec![lease_of(5, None)]).start().await;
    world.until_phase(5, Phase::Running { ready: true }).await;
    let none = world.ask(5, Verb::Check(SMALL)).await.unwrap_err();
    assert_eq!(none, Refusal::NotFound);
}

/// A driver that does what the test says.
#[derive(Default)]
struct Driver {
    restored: Mutex<Vec<String>>,
    broken: Mutex<BTreeMap<String, String>>,
    events: Mutex<Vec<String>>,
}

impl CardKeeper for Driver {
    fn facts(&self, cards: &[String]) -> Vec<CardFacts> {
        let fact = |uuid: &String| CardFacts {
            uuid: uuid.clone(),
            celsius: Some(71),
            ..CardFacts::default()
        };
        cards.iter().map(fact).collect()
    }

    fn uuid(&self, card: &str) -> Option<String> {
        Some(card.to_string())
    }

    fn events(&self, _: &[String], after: u64) -> (Vec<String>, u64) {
        let events = self.events.lock().unwrap();
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let new = events.get(after..).unwrap_or_default().to_vec();
        (new, events.len() as u64)
    }

    fn restore(&self, card: &str) -> Result<(), String> {
        if let Some(reason) = self.broken.lock().unwrap().get(card) {
            return Err(reason.clone());
        }
        self.restored.lock().unwrap().push(card.to_string());
        Ok(())
    }
}

async fn with_driver(world: World, driver: &Arc<Driver>) -> World {
    let keeper: Arc<dyn CardKeeper> = Arc::<Driver>::clone(driver);
    let settings = JobsSettings {
        card_keeper: Some(keeper),
        ..settings(&world.path())
    };
    world.start_with(settings).await
}

/// redteam J7: a card is made ready before each lease's first job, and once for it; one that does not come back gets none, and that is told.
#[tokio::test]
async fn cards_are_made_ready_between_leases() {
    let driver = Arc::new(Driver::default());
    let mut first = lease_of(5, None);
    first.cards = vec!["GPU-a".into()];
    let mut world = with_driver(World::new(vec![first]), &driver).await;
    world.until_phase(5, Phase::Running { ready: true }).await;
    assert_eq!(*driver.restored.lock().unwrap(), ["GPU-a"]);

    driver
        .broken
        .lock()
        .unwrap()
        .insert("GPU-a".into(), "Xid 79".into());
    world.board.leases[0].stage = Stage::Kept;
    let mut next = lease_of(6, None);
    // Another match of the same device, and so of the same card.
    next.binding.device = Key([5; 32]);
    next.cards = vec!["GPU-a".into()];
    world.board.leases.push(next.clone());
    world.publish();
    let failed = poll(|| async {
        let report = world.report()?;
        let lease = report
            .leases
            .into_iter()
            .find(|of| of.binding == next.binding)?;
        lease.host_failed_since_ts.map(|_| lease.phase.unwrap())
    })
    .await;
    let why = Why::Host("card".into());
    assert_eq!(failed, Phase::Failed { why });
    assert_eq!(driver.restored.lock().unwrap().len(), 1);
    // The operator has mended it: the next try is of itself.
    driver.broken.lock().unwrap().clear();
    poll(|| async {
        let report = world.report()?;
        let lease = report
            .leases
            .into_iter()
            .find(|of| of.binding == next.binding)?;
        (lease.phase == Some(Phase::Running { ready: true })).then_some(())
    })
    .await;
    assert_eq!(*driver.restored.lock().unwrap(), ["GPU-a", "GPU-a"]);
}

/// redteam J11: what happens to a lease's cards is in its signed statuses, what happened before is not; facts are the driver's.
#[tokio::test]
async fn events_of_the_cards_are_signed() {
    let driver = Arc::new(Driver::default());
    driver.events.lock().unwrap().push("old".into());
    let mut lease = lease_of(5, None);
    lease.cards = vec!["GPU-a".into()];
    let world = with_driver(World::new(vec![lease]), &driver).await;
    world.until_phase(5, Phase::Running { ready: true }).await;
    let mut facts = world.open(5, Verb::Facts { every_secs: None }).await;
    let facts: Facts = frame::expect(&mut facts, 1 << 16).await.unwrap();
    assert_eq!(facts.cards[0].celsius, Some(71));
    driver
        .events
        .lock()
        .unwrap()
        .push("GPU-a at 1000: Xid 79".into());
    let told = world.until(5, |status| !status.events.is_empty()).await;
    assert_eq!(told.events, ["GPU-a at 1000: Xid 79"]);
    assert_eq!(told.phase, Phase::Running { ready: true });
}
