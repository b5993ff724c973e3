//! Provers on a machine of made-up cards.

mod courses;
mod opening;
mod restart;

use super::{locks::Place, *};
use crate::vitals::Vitals;
use iog_pow::{Cpu, CpuProver, Engine, Node, Shape, Walker};
use iog_pow_gpu::{AnyProver, CardName, Settings};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tempfile::TempDir;

const SEED: [u8; 32] = [3; 32];
const CHALLENGE: [u8; 32] = [5; 32];

/// Cards that walk on the processor, and halt while they are told to.
#[derive(Default)]
struct Cards {
    /// Cards that the machine has.
    count: usize,
    /// Cards that fail.
    broken: AtomicBool,
    halted: AtomicBool,
    /// Filling or halted now, and most at a time.
    filling: AtomicUsize,
    most: AtomicUsize,
    /// Tables that were filled.
    filled: AtomicUsize,
}

struct Card {
    cards: Arc<Cards>,
    cpu: Cpu,
}

impl Engine for Card {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        let now = self.cards.filling.fetch_add(1, Ordering::SeqCst) + 1;
        self.cards.most.fetch_max(now, Ordering::SeqCst);
        while self.cards.halted.load(Ordering::SeqCst) {
            done(0).inspect_err(|_| {
                self.cards.filling.fetch_sub(1, Ordering::SeqCst);
            })?;
            thread::yield_now();
        }
        self.cards.filling.fetch_sub(1, Ordering::SeqCst);
        if self.cards.broken.load(Ordering::SeqCst) {
            return Err(ProverError::Device("it broke".into()));
        }
        self.cards.filled.fetch_add(1, Ordering::SeqCst);
        self.cpu.fill(done)
    }

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        self.cpu.groups(key)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        self.cpu.read()
    }

    fn gather(&mut self, panels: u32) -> Result<u64, ProverError> {
        self.cpu.gather(panels)
    }
}

/// A machine of such cards.
#[derive(Clone)]
struct Rack(Arc<Cards>);

impl Machine for Rack {
    fn places(&self, cards: &[CardName], count: u32) -> Result<BTreeSet<Place>, ProverError> {
        let numbers = cards.iter().map(|card| match card {
            CardName::Number(number) if *number < self.0.count => Ok(Place::Card(*number)),
            other => Err(ProverError::Unavailable(format!(
                "there is no card {other}"
            ))),
        });
        assert_eq!(u32::try_from(cards.len()), Ok(count));
        numbers.collect()
    }

    fn prover(
        &self,
        seed: [u8; 32],
        shape: Shape,
        cards: &[CardName],
    ) -> Result<AnyProver, ProverError> {
        self.places(cards, shape.cards())?;
        let engines = (0..u16::try_from(shape.cards()).unwrap()).map(|card| {
            let cpu = Cpu::new(seed, card, shape, 1);
            let cards = self.0.clone();
            Box::new(Card { cards, cpu }) as Box<dyn Engine>
        });
        Ok(Walker::over(engines.collect(), seed, shape))
    }

    fn fallback(&self) -> Option<Arc<dyn Machine>> {
        None
    }
}

/// Provers of a machine with eight cards, and where they keep what they walked.
struct Stand {
    provers: Provers,
    cards: Arc<Cards>,
    dir: TempDir,
}

impl Stand {
    fn new() -> Self {
        let cards = Arc::new(Cards {
            count: 8,
            ..Cards::default()
        });
        let dir = tempfile::tempdir().unwrap();
        let provers = on(Rack(cards.clone()), dir.path());
        Self {
            provers,
            cards,
            dir,
        }
    }

    /// Another keeper on the same directory.
    fn restarted(&self, own: &[Pubkey]) -> Provers {
        let provers = on(Rack(self.cards.clone()), self.dir.path());
        provers.restore(own);
        provers
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Until so many tables are being filled.
    async fn until_filling(&self, count: usize) {
        while self.cards.filling.load(Ordering::SeqCst) != count {
            tokio::task::yield_now().await;
        }
    }
}

fn on(machine: impl Machine + 'static, dir: &Path) -> Provers {
    let vitals = Arc::new(Vitals::new(std::time::Duration::from_secs(5)).unwrap());
    Provers::new(Arc::new(machine), Store::new(dir.into()), vitals)
}

fn on_the_cpu(dir: &Path) -> Provers {
    let settings = Settings {
        threads: 1,
        ..Settings::default()
    };
    on(settings, dir)
}

fn shape(cards: u32) -> Shape {
    Shape::TEST.with_cards(cards).unwrap()
}

/// A walk of a device on these cards.
fn walk(device: Pubkey, seed: [u8; 32], cards: &[usize]) -> Walk {
    Walk {
        device,
        seed,
        shape: shape(u32::try_from(cards.len()).unwrap()),
        cards: cards.iter().copied().map(CardName::Number).collect(),
        commit: None,
    }
}

fn ask(walk: &Walk, commit: Node) -> Ask {
    Ask {
        device: walk.device,
        seed: walk.seed,
        shape: walk.shape,
        commit,
        challenge: CHALLENGE,
        cards: Some(walk.cards.clone()),
        beside_job: false,
    }
}

async fn end(provers: &Provers) {
    while provers.is_busy() {
        provers.next_end().await;
    }
}

fn stage_of(provers: &Provers, device: &Pubkey) -> Option<Stage> {
    provers.view().get(device).map(|view| view.stage)
}

/// Walks to the end; what it came to.
async fn walked(provers: &Provers, walk: &Walk) -> Node {
    provers.start(walk.clone());
    end(provers).await;
    provers.view()[&walk.device].commit().unwrap()
}

/// What the definition says.
fn direct(walk: &Walk) -> (Node, Vec<Vec<u8>>) {
    let mut prover = CpuProver::new(walk.seed, walk.shape, 1);
    let commit = prover.commit().unwrap();
    let picks = (0..8).map(|n| iog_pow::pick(&CHALLENGE, n, &walk.shape));
    let openings = picks.map(|pick| prover.open(&pick).unwrap());
    (commit, openings.collect())
}

fn openings(provers: &Provers, walk: &Walk) -> Result<Vec<Vec<u8>>, String> {
    let open = |n| provers.opening(&walk.device, &walk.seed, &CHALLENGE, n);
    (0..8).map(open).collect()
}

fn counted(provers: &Provers, name: &str, result: &str) -> u64 {
    let line = format!("iog_keeper_{name}_total{{result=\"{result}\"}} ");
    let metrics = provers.vitals.render();
    let found = metrics.lines().find_map(|text| text.strip_prefix(&line));
    found.map_or(0, |count| count.parse().unwrap())
}
