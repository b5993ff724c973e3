//! Walks of memory: one at a time, in the background, kept until their openings are proved.

mod patience;

use crate::{snapshot::ProofView, vitals::Vitals};
use futures_util::future::BoxFuture;
use iog_pow::{Pick, Prover, ProverError, Root, Shape};
use iog_pow_gpu::{AnyProver, Settings};
use patience::Patience;
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore};

#[derive(Clone)]
pub struct Provers {
    settings: Settings,
    vitals: Arc<Vitals>,
    walks: Arc<Mutex<BTreeMap<Pubkey, Walk>>>,
    /// A walk takes all memory bandwidth: two at a time would both be late.
    one: Arc<Semaphore>,
    changed: Arc<Notify>,
    /// How a walk that lacks memory waits: the machine's clock, except in tests.
    sleep: fn(Duration) -> BoxFuture<'static, ()>,
}

struct Walk {
    seed: [u8; 32],
    given_up: Arc<AtomicBool>,
    state: State,
}

enum State {
    Walking,
    /// Memory was short; it is tried again by and by.
    Waiting,
    Ready {
        prover: Arc<Mutex<AnyProver>>,
        roots: Vec<Root>,
    },
    Failed,
}

/// What one walk needs to be told, and to tell.
#[derive(Clone)]
struct Task {
    device: Pubkey,
    seed: [u8; 32],
    shape: Shape,
    given_up: Arc<AtomicBool>,
}

type Walked = Result<(AnyProver, Vec<Root>), ProverError>;

impl Provers {
    pub fn new(settings: Settings, vitals: Arc<Vitals>) -> Self {
        Self {
            settings,
            vitals,
            walks: Arc::default(),
            one: Arc::new(Semaphore::new(1)),
            changed: Arc::default(),
            sleep: |pause| Box::pin(tokio::time::sleep(pause)),
        }
    }

    fn walks(&self) -> MutexGuard<'_, BTreeMap<Pubkey, Walk>> {
        self.walks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the walks stand, by device.
    pub fn view(&self) -> BTreeMap<Pubkey, ProofView> {
        let walks = self.walks();
        let views = walks.iter().map(|(device, walk)| {
            let roots = match &walk.state {
                State::Ready { roots, .. } => Some(roots.clone()),
                _ => None,
            };
            let view = ProofView {
                seed: walk.seed,
                roots,
                failed: matches!(walk.state, State::Failed),
            };
            (*device, view)
        });
        views.collect()
    }

    /// Begins a walk; one of the same device for another seed is given up. Must be called within a Tokio runtime.
    pub fn start(&self, device: Pubkey, seed: [u8; 32], shape: Shape) {
        let given_up = Arc::new(AtomicBool::new(false));
        let walk = Walk {
            seed,
            given_up: given_up.clone(),
            state: State::Walking,
        };
        if let Some(old) = self.walks().insert(device, walk) {
            old.give_up();
        }
        let task = Task {
            device,
            seed,
            shape,
            given_up,
        };
        tokio::spawn(self.clone().see_through(task));
    }

    /// Walks; waits and walks again as long as memory is short and the hour lasts.
    async fn see_through(self, task: Task) {
        let mut patience = Patience::default();
        loop {
            let walked = self.walk(task.clone()).await;
            let short = match &walked {
                Err(ProverError::Memory { bytes }) => Some(*bytes),
                _ => None,
            };
            let Some((bytes, pause)) = short.zip(patience.next()) else {
                self.vitals
                    .saw_walk(if walked.is_ok() { "done" } else { "failed" });
                return self.finish(&task, walked);
            };
            tracing::warn!(
                device = %task.device,
                mib = bytes >> 20,
                again_in_secs = pause.as_secs(),
                "memory is too short for the proof: free some, or register the device in a class that it holds"
            );
            self.vitals.saw_walk("short_of_memory");
            self.set(&task, State::Waiting);
            (self.sleep)(pause).await;
            if task.given_up.load(Ordering::Relaxed) {
                return;
            }
            self.set(&task, State::Walking);
        }
    }

    /// One try, on a thread of its own.
    async fn walk(&self, task: Task) -> Walked {
        let permit = self.one.clone().acquire_owned().await;
        let (settings, vitals) = (self.settings.clone(), self.vitals.clone());
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let given_up = task.given_up;
            let stops = |prover: AnyProver| {
                let given_up = given_up.clone();
                prover.unless(move || given_up.load(Ordering::Relaxed))
            };
            settings.commit(task.seed, task.shape, stops, |error| {
                tracing::warn!(device = %task.device, %error, "the CPU walks instead");
                vitals.saw_walk("fell_back");
            })
        })
        .await
        .unwrap_or_else(|error| Err(ProverError::Device(error.to_string())))
    }

    fn set(&self, task: &Task, state: State) {
        if let Some(walk) = self
            .walks()
            .get_mut(&task.device)
            .filter(|walk| Arc::ptr_eq(&walk.given_up, &task.given_up))
        {
            walk.state = state;
        }
        self.changed.notify_waiters();
    }

    fn finish(&self, task: &Task, walked: Walked) {
        let state = match walked {
            Ok((prover, roots)) => State::Ready {
                prover: Arc::new(Mutex::new(prover)),
                roots,
            },
            Err(ProverError::GivenUp) => State::Failed,
            Err(error) => {
                tracing::error!(device = %task.device, %error, "the walk failed");
                State::Failed
            }
        };
        self.set(task, state);
    }

    pub fn is_walking(&self) -> bool {
        let walks = self.walks();
        walks
            .values()
            .any(|walk| matches!(walk.state, State::Walking))
    }

    /// Returns when the next walk ends or waits; at once if none is under way.
    pub async fn next_end(&self) {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        // Enlisted before looking, or an end in between would be missed.
        changed.as_mut().enable();
        if self.is_walking() {
            changed.await;
        }
    }

    /// The opening of a pick, from the walk for this seed.
    pub async fn open(
        &self,
        device: &Pubkey,
        seed: [u8; 32],
        pick: Pick,
    ) -> Result<Vec<u8>, String> {
        let prover = match self.walks().get(device) {
            Some(Walk {
                seed: walked,
                state: State::Ready { prover, .. },
                ..
            }) if *walked == seed => prover.clone(),
            _ => return Err("its walk is not in memory".into()),
        };
        let opened = tokio::task::spawn_blocking(move || {
            let mut prover = prover.lock().unwrap_or_else(PoisonError::into_inner);
            prover.open(&pick).map_err(|error| error.to_string())
        });
        opened.await.map_err(|error| error.to_string())?
    }

    /// Frees the memory of a proof that is over.
    pub fn forget(&self, device: &Pubkey, seed: &[u8; 32]) {
        let mut walks = self.walks();
        if walks.get(device).is_some_and(|walk| walk.seed == *seed) {
            if let Some(walk) = walks.remove(device) {
                walk.give_up();
            }
        }
    }
}

impl Walk {
    fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
