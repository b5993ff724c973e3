//! What is kept of a walk: its file, and devices that compute something else than it says.
#![cfg(feature = "prover")]

use iog_pow::{Cpu, CpuProver, Engine, Node, Pick, ProverError, Record, Replay, Shape, Walker};
use proptest::prelude::*;
use std::sync::LazyLock;

const SEED: [u8; 32] = [1; 32];
const FIRST: Pick = Pick {
    wave: 0,
    card: 0,
    tile: 0,
    i: 0,
    j: 0,
};

fn small(cards: u32) -> Shape {
    Shape::new(64, 32, 3, cards).unwrap()
}

fn record(cards: u32) -> Record {
    let mut prover = CpuProver::new(SEED, small(cards), 1);
    prover.commit().unwrap();
    prover.record().unwrap().clone()
}

/// A device that does something wrong. What a wrong device says is in its driver's hands: these are the ways that a walk meets.
enum Fault {
    /// One group's node is wrong, as with bad memory.
    Node,
    Fails,
    Panics,
    /// Its table cannot be filled.
    Fills,
}

struct Faulty(Cpu, Fault);

impl Engine for Faulty {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        match self.1 {
            Fault::Fills => Err(ProverError::Device("no table".into())),
            _ => self.0.fill(done),
        }
    }

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        let mut nodes = self.0.groups(key)?;
        match self.1 {
            Fault::Node => nodes[1][0] ^= 1,
            Fault::Fails => return Err(ProverError::Device("fell off the bus".into())),
            _ => panic!("a driver's fault"),
        }
        Ok(nodes)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        self.0.read()
    }

    fn gather(&mut self, panels: u32) -> Result<u64, ProverError> {
        self.0.gather(panels)
    }
}

/// The last of `cards` cards has a fault.
fn walk_with(cards: u16, fault: Fault) -> Result<Walker<Box<dyn Engine>>, ProverError> {
    let shape = small(cards.into());
    let cpu = |card| Cpu::new(SEED, card, shape, 1);
    let sound = (0..cards - 1).map(|card| Box::new(cpu(card)) as Box<dyn Engine>);
    let faulty: Box<dyn Engine> = Box::new(Faulty(cpu(cards - 1), fault));
    let mut prover = Walker::over(sound.chain([faulty]).collect(), SEED, shape);
    prover.commit().map(|_| prover)
}

fn device_error<T>(result: Result<T, ProverError>) -> String {
    match result {
        Err(ProverError::Device(text)) => text,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a wrong device was believed"),
    }
}

#[test]
fn a_device_that_computes_wrong_is_found_before_the_chain_finds_it() {
    for cards in [1, 3] {
        let mut prover = walk_with(cards, Fault::Node).unwrap();
        let card = u32::from(cards) - 1;
        let group = |tile| Pick {
            card,
            tile,
            ..FIRST
        };
        // The opened group is computed anew, the others are the device's word: either way the paths do not meet.
        let error = device_error(prover.open(&group(31)));
        assert!(error.contains("it walked wrong"), "{error}");
        // A wrong node elsewhere is nothing that an opening of another tile shows.
        assert!(prover.open(&group(0)).is_ok());
    }
}

#[test]
fn a_device_that_computes_otherwise_than_before_is_found() {
    let record = record(2);
    let mut other_card = Replay::new(SEED, 1, small(2), 1);
    let mut other_seed = Replay::new([2; 32], 0, small(2), 1);
    for engine in [&mut other_card, &mut other_seed] {
        let error = device_error(record.open(&FIRST, engine));
        assert!(error.contains("otherwise than before"), "{error}");
    }
    assert!(record
        .open(&FIRST, &mut Replay::new(SEED, 0, small(2), 1))
        .is_ok());
}

#[test]
fn one_card_that_fails_ends_the_walk_of_all() {
    for cards in [1, 4] {
        let error = device_error(walk_with(cards, Fault::Fails));
        assert_eq!(error, "fell off the bus");
        let error = device_error(walk_with(cards, Fault::Fills));
        assert_eq!(error, "no table");
    }
    // A card alone runs on the caller's thread; with others its panic must not leave them waiting.
    let error = device_error(walk_with(4, Fault::Panics));
    assert!(error.contains("thread ended"), "{error}");
}

#[test]
fn a_file_that_is_not_whole_is_no_record() {
    let bytes = record(3).to_bytes();
    assert_eq!(bytes.len(), 64 + 16 * 9);
    for len in 0..bytes.len() {
        assert_eq!(Record::from_bytes(&bytes[..len]), None, "{len}");
    }
    for extra in [1, 16, 48] {
        let mut long = bytes.clone();
        long.resize(bytes.len() + extra, 0);
        assert_eq!(Record::from_bytes(&long), None, "{extra}");
    }
    // Its mark, and sizes that are no shape or need another number of nodes.
    for byte in [0, 15, 48, 52, 56, 60] {
        let mut changed = bytes.clone();
        changed[byte] ^= 1;
        let read = Record::from_bytes(&changed);
        // 33 tiles are no power of two; 65 rows are not panels.
        assert_eq!(read, None, "{byte}");
    }
}

/// The commit is computed from what is kept, never stored: whoever compares it with the one on chain knows that nothing changed.
#[test]
fn a_changed_record_has_another_commit() {
    let kept = record(3);
    let bytes = kept.to_bytes();
    for byte in (16..48).chain(64..bytes.len()) {
        let mut changed = bytes.clone();
        changed[byte] ^= 1 << (byte % 8);
        let read = Record::from_bytes(&changed).unwrap();
        assert_ne!(read.commit(), kept.commit(), "{byte}");
    }
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..400),
        marked in 0_usize..=64,
    ) {
        static KEPT: LazyLock<Vec<u8>> = LazyLock::new(|| record(1).to_bytes());
        if marked <= bytes.len() {
            bytes[..marked].copy_from_slice(&KEPT[..marked]);
        }
        if let Some(record) = Record::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes);
        }
    }
}
