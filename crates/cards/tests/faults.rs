//! Fault by fault, with a library that has NVML's C interface. No card has run it. redteam 14

use iog_cards::{Cards, CardsError, Overwrite};
use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const FIRST: &str = "GPU-aaaaaaaa-0000-0000-0000-000000000000";
const SECOND: &str = "GPU-aaaaaaaa-0000-0000-0000-000000000001";

/// A driver of the test's own: what it says stands in a file.
struct Driver(tempfile::TempDir);

impl Driver {
    fn new(says: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(dir.path().join("nvml.so"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nvml.c"))
            .arg("-ldl")
            .status();
        assert!(built.unwrap().success());
        let driver = Self(dir);
        driver.says(says);
        driver
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("cards")
    }

    fn says(&self, what: &str) {
        let mut options = fs::OpenOptions::new();
        let mut file = options.create(true).append(true).open(self.file()).unwrap();
        writeln!(file, "{what}").unwrap();
    }

    fn heard(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn try_open(&self, overwrite: Option<Box<Overwrite>>) -> Result<Cards, CardsError> {
        let cards = Cards::open(&self.0.path().join("nvml.so"), overwrite)?;
        Ok(cards.with_patience(Duration::from_millis(500)))
    }

    fn open(&self) -> Cards {
        self.try_open(None).unwrap()
    }
}

/// The first event of the second card that says this.
fn event(cards: &Cards, text: &str) -> String {
    let since = Instant::now();
    loop {
        let (events, _) = cards.events(&[SECOND.to_string()], 0);
        if let Some(found) = events.into_iter().find(|event| event.contains(text)) {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "no event {text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn cards_are_told_of_by_each_of_their_names() {
    let driver = Driver::new("1.celsius=71\n1.load=98\n1.pid=1\n1.used=4096\n1.minor=5");
    let cards = driver.open();
    let list = cards.list();
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[0].uuid.as_str(), list[0].bus.as_str()),
        (FIRST, "00000000:01:00.0")
    );
    assert_eq!(list[1].cdi(), format!("nvidia.com/gpu={SECOND}"));
    assert_eq!(list[1].node, Some("/dev/nvidia5".into()));
    for name in ["1", SECOND, "0000:02:00.0", "02:00.0"] {
        let facts = cards.facts_of(&[name.to_string()]);
        assert_eq!(facts.len(), 1, "{name}");
        let card = &facts[0];
        assert_eq!(
            (card.uuid.as_str(), card.name.as_str()),
            (SECOND, "NVIDIA Stub")
        );
        assert_eq!(
            (card.celsius, card.load, card.processes),
            (Some(71), Some(98), Some(1))
        );
        assert_eq!(
            (card.memory_bytes, card.memory_used_bytes),
            (1 << 33, 4_096)
        );
        assert_eq!(
            (card.milliwatts, card.megahertz),
            (Some(50_000), Some(1_410))
        );
        assert_eq!((card.mig, card.uncorrected_errors), (Some(false), Some(0)));
        assert_eq!(
            (card.driver.as_str(), card.compute_mode.as_deref()),
            ("550.54.15", Some("default"))
        );
    }
    assert!(cards.facts_of(&["2".into(), "GPU-b".into()]).is_empty());
    assert_eq!(cards.facts().len(), 2);
}

#[test]
fn a_driver_that_is_not_there_is_named() {
    let driver = Driver::new("0.driver=0");
    let error = driver.try_open(None).err().unwrap().to_string();
    assert!(error.contains("node.nvml"), "{error}");
    let error = Cards::open("/nowhere/libnvidia-ml.so.1".as_ref(), None);
    assert!(matches!(error, Err(CardsError::Driver(_))));
}

/// redteam J11: faults and heat, with their time, of the cards that are asked for.
#[test]
fn faults_and_heat_are_events() {
    let driver = Driver::new("");
    let cards = driver.open();
    driver.says("1.xid=79\n1.xids=1");
    let xid = event(&cards, "Xid 79");
    assert!(xid.starts_with(&format!("{SECOND} at 1")), "{xid}");
    driver.says("1.celsius=95");
    event(&cards, "95 degrees");
    assert_eq!(cards.facts()[1].last_xid, Some(79));
    let (all, newest) = cards.events(&[SECOND.to_string()], 0);
    assert_eq!(all.len(), 2, "heat is told once: {all:?}");
    assert!(cards.events(&[SECOND.to_string()], newest).0.is_empty());
    assert!(cards.events(&[FIRST.to_string()], 0).0.is_empty());

    driver.says("1.gone=1");
    event(&cards, "does not answer");
    assert_eq!(cards.list().len(), 1);
}

/// redteam J7: what a lease changed is put back, and its memory overwritten, when no process holds the card any more.
#[test]
fn a_card_is_restored() {
    let driver = Driver::new("0.limit=300000\n0.pid=999999");
    let written = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&written);
    let overwrite: Box<Overwrite> = Box::new(move |card, bytes| {
        to.lock().unwrap().push((card.to_string(), bytes));
        Ok(())
    });
    let cards = driver.try_open(Some(overwrite)).unwrap();
    driver.says("0.limit=100000\n0.compute=3\n0.mig=1");
    assert_eq!(cards.restore("0"), Err("processes {999999} hold it".into()));
    assert!(written.lock().unwrap().is_empty());
    driver.says("0.pid=0");
    assert_eq!(cards.restore("0"), Ok(()));
    let told = driver.heard();
    for line in ["0.limit=300000", "0.compute=0", "0.mig=0", "0.clocks=0"] {
        let before = told.find("0.pid=0").unwrap();
        assert!(told[before..].contains(line), "{line}: {told}");
    }
    let bytes = (1u64 << 33) - (1 << 20);
    assert_eq!(*written.lock().unwrap(), [(FIRST.to_string(), bytes)]);
    // Its own program's proof is nothing of a renter's.
    driver.says(&format!("0.pid={}", std::process::id()));
    assert_eq!(cards.restore(FIRST), Ok(()));
}

/// redteam J7: what does not come back is said, fault by fault.
#[test]
fn a_card_that_does_not_come_back_is_not_given_away() {
    for (says, reason) in [
        ("0.gone=1", "it is not there"),
        ("0.ecc=2", "2 ECC errors that cannot be mended"),
        ("0.stuck=1\n0.limit=1", "the power limit cannot be put back"),
    ] {
        let driver = Driver::new("");
        let cards = driver.open();
        driver.says(says);
        let error = cards.restore("0").unwrap_err();
        assert!(error.contains(reason), "{says}: {error}");
        assert_eq!(cards.restore("1"), Ok(()), "the other one is whole");
    }
    let driver = Driver::new("");
    let cards = driver.open();
    // A program's own fault, and the card's.
    driver.says("1.xid=31\n1.xids=1");
    event(&cards, "Xid 31");
    assert_eq!(cards.restore("1"), Ok(()));
    driver.says("1.xid=48\n1.xids=2");
    event(&cards, "Xid 48");
    assert_eq!(cards.restore("1"), Err("Xid 48".into()));
    let failing: Box<Overwrite> = Box::new(|_, _| Err("no memory".into()));
    let cards = Driver::new("");
    let cards = cards.try_open(Some(failing)).unwrap();
    assert_eq!(cards.restore("0"), Err("no memory".into()));
}
