//! Walks of memory: one at a time, in the background, kept until their openings are proved.

use crate::snapshot::ProofView;
use iog_pow::{CpuProver, Pick, Prover, Root, Shape};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
};
use tokio::sync::{Notify, Semaphore};

#[derive(Clone)]
pub struct Provers {
    threads: usize,
    walks: Arc<Mutex<BTreeMap<Pubkey, Walk>>>,
    /// A walk takes all memory bandwidth: two at a time would both be late.
    one: Arc<Semaphore>,
    changed: Arc<Notify>,
}

struct Walk {
    seed: [u8; 32],
    given_up: Arc<AtomicBool>,
    state: State,
}

enum State {
    Walking,
    Ready {
        prover: Arc<Mutex<CpuProver>>,
        roots: Vec<Root>,
    },
    Failed,
}

type Walked = Result<(CpuProver, Vec<Root>), String>;

impl Provers {
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            walks: Arc::default(),
            one: Arc::new(Semaphore::new(1)),
            changed: Arc::default(),
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
            old.given_up.store(true, Ordering::Relaxed);
        }
        let provers = self.clone();
        tokio::spawn(async move {
            let permit = provers.one.clone().acquire_owned().await;
            let threads = provers.threads;
            let walked = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                walk_memory(CpuProver::new(seed, shape, threads), &given_up)
            })
            .await
            .unwrap_or_else(|error| Err(error.to_string()));
            provers.finish(&device, seed, walked);
        });
    }

    fn finish(&self, device: &Pubkey, seed: [u8; 32], walked: Walked) {
        if let Some(walk) = self
            .walks()
            .get_mut(device)
            .filter(|walk| walk.seed == seed)
        {
            walk.state = match walked {
                Ok((prover, roots)) => State::Ready {
                    prover: Arc::new(Mutex::new(prover)),
                    roots,
                },
                Err(reason) => {
                    tracing::error!(%device, reason, "the walk failed");
                    State::Failed
                }
            };
        }
        self.changed.notify_waiters();
    }

    pub fn is_walking(&self) -> bool {
        let walks = self.walks();
        walks
            .values()
            .any(|walk| matches!(walk.state, State::Walking))
    }

    /// Returns when the next walk ends; at once if none is under way.
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
            walks.remove(device);
        }
    }
}

fn walk_memory(mut prover: CpuProver, given_up: &AtomicBool) -> Walked {
    let text = |error: iog_pow::ProverError| error.to_string();
    if given_up.load(Ordering::Relaxed) {
        return Err("given up".into());
    }
    prover.fill().map_err(text)?;
    let mut roots = Vec::new();
    for wave in 0..prover.shape().waves() {
        if given_up.load(Ordering::Relaxed) {
            return Err("given up".into());
        }
        roots.push(prover.wave(wave).map_err(text)?);
    }
    Ok((prover, roots))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_walk_becomes_ready_and_opens() {
        let provers = Provers::new(1);
        let (device, seed) = (Pubkey::new_unique(), [3; 32]);
        provers.start(device, seed, Shape::TEST);
        while provers.is_walking() {
            provers.next_end().await;
        }
        let mut direct = CpuProver::new(seed, Shape::TEST, 1);
        let roots = direct.commit().unwrap();
        assert_eq!(provers.view()[&device].roots.as_ref(), Some(&roots));

        let pick = iog_pow::pick(&[5; 32], 0, &Shape::TEST);
        let opening = provers.open(&device, seed, pick).await.unwrap();
        assert_eq!(opening, direct.open(&pick).unwrap());
        assert!(provers.open(&device, [4; 32], pick).await.is_err());
        provers.forget(&device, &seed);
        assert!(provers.view().is_empty());
    }

    #[tokio::test]
    async fn a_new_seed_replaces_the_old_walk() {
        let provers = Provers::new(1);
        let device = Pubkey::new_unique();
        provers.start(device, [1; 32], Shape::TEST);
        provers.start(device, [2; 32], Shape::TEST);
        while provers.is_walking() {
            provers.next_end().await;
        }
        let view = &provers.view()[&device];
        assert_eq!(view.seed, [2; 32]);
        assert!(view.roots.is_some());
    }
}
