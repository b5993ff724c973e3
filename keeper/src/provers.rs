//! Proofs of this machine's devices: walks of memory in the background, and what they answer to a challenge. Nothing here waits in the way
//! of a pass: walking, opening, files and the freeing of memory have threads of their own.

mod cards;
mod locks;
mod machine;
mod open;
mod openings;
mod patience;
mod state;
mod store;
mod walk;

pub use cards::Cards;
pub use machine::Machine;
pub use open::Ask;
pub use store::Store;
pub use walk::Walk;

use crate::{
    snapshot::{ProofView, Stage},
    vitals::Vitals,
};
use futures_util::future::BoxFuture;
use iog_pow::ProverError;
use locks::Locks;
use solana_pubkey::Pubkey;
use state::{Entry, Signs, State, Table, Walked};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tokio::sync::{oneshot, Notify};

/// At the end of the keeper its cards are given this long to stop.
const END: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub struct Provers {
    machine: Arc<dyn Machine>,
    store: Arc<Store>,
    vitals: Arc<Vitals>,
    /// By device. Held for moments only: every pass looks here.
    entries: Arc<Mutex<BTreeMap<Pubkey, Entry>>>,
    locks: Locks,
    changed: Arc<Notify>,
    /// A table is gone: whoever lacks memory tries again.
    freed: Arc<Notify>,
    /// How a walk that lacks memory waits: the machine's clock, except in tests.
    sleep: fn(Duration) -> BoxFuture<'static, ()>,
}

impl Provers {
    pub fn new(machine: Arc<dyn Machine>, store: Store, vitals: Arc<Vitals>) -> Self {
        Self {
            machine,
            store: Arc::new(store),
            vitals,
            entries: Arc::default(),
            locks: Locks::default(),
            changed: Arc::default(),
            freed: Arc::default(),
            sleep: |pause| Box::pin(tokio::time::sleep(pause)),
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Pubkey, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up what a keeper before left on disk of these devices.
    pub fn restore(&self, own: &[Pubkey]) {
        self.store.sweep(|device| own.contains(device));
        for device in own {
            let (found, trouble) = self.store.load(device);
            for reason in trouble {
                tracing::error!(%device, reason, "a kept proof cannot be used: it is walked again");
                self.vitals.saw_proof_file("unreadable");
            }
            let of_record = found.record.as_ref();
            let of_record = of_record.map(|record| (*record.seed(), record.commit()));
            let of_openings = found
                .openings
                .as_ref()
                .map(|of| (of.asked.seed, of.asked.commit));
            let Some((seed, commit)) = of_record.or(of_openings) else {
                continue;
            };
            self.vitals.saw_proof_file("restored");
            let walked = Walked {
                commit,
                // Of another walk they are of no use.
                openings: found
                    .openings
                    .filter(|of| (of.asked.seed, of.asked.commit) == (seed, commit))
                    .map(Arc::new),
                record: found.record.map(Arc::new),
                table: None,
                opening: false,
            };
            let entry = Entry {
                seed,
                signs: Arc::default(),
                state: State::Walked(Box::new(walked)),
            };
            self.entries().insert(*device, entry);
        }
    }

    /// How the proofs stand, by device.
    pub fn view(&self) -> BTreeMap<Pubkey, ProofView> {
        let entries = self.entries();
        let views = entries.iter().map(|(device, entry)| {
            let view = ProofView {
                seed: entry.seed,
                stage: stage(&entry.state),
                table: entry.signs.has_table(),
            };
            (*device, view)
        });
        views.collect()
    }

    /// Whether a walk or an opening is under way that does not wait for memory.
    pub fn is_busy(&self) -> bool {
        self.entries().values().any(Entry::is_busy)
    }

    /// Returns when the next of them ends or waits; at once if there is none.
    pub async fn next_end(&self) {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        // Enlisted before looking, or an end in between would be missed.
        changed.as_mut().enable();
        if self.is_busy() {
            changed.await;
        }
    }

    /// Returns when the next table is gone; at once if there is none.
    pub async fn next_free(&self) {
        let freed = self.freed.notified();
        tokio::pin!(freed);
        freed.as_mut().enable();
        if self.entries().values().any(|entry| entry.signs.has_table()) {
            freed.await;
        }
    }

    /// An opening of a challenge to the walk for this seed.
    pub fn opening(
        &self,
        device: &Pubkey,
        seed: &[u8; 32],
        challenge: &[u8; 32],
        n: u8,
    ) -> Result<Vec<u8>, String> {
        let entries = self.entries();
        let walked = match entries.get(device) {
            Some(Entry {
                seed: own,
                state: State::Walked(walked),
                ..
            }) if own == seed => Some(walked),
            _ => None,
        };
        let openings = walked.and_then(|walked| walked.openings.as_ref());
        let openings = openings.filter(|openings| openings.asked.challenge == *challenge);
        let opening = openings.and_then(|openings| openings.get(n));
        opening
            .cloned()
            .ok_or_else(|| "its openings are not there".into())
    }

    /// Frees the memory of a device that is wanted for something else: at once, whoever works with it. A walk that is not finished is given up.
    pub fn release(&self, device: &Pubkey) {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(device) else {
            return;
        };
        entry.signs.may_have_table(false);
        match &mut entry.state {
            State::Walked(walked) => Table::discard(walked.table.take()),
            State::Waiting | State::Failed => {
                entry.signs.give_up();
                entries.remove(device);
            }
            // Its thread removes it when the memory is free.
            State::Walking => entry.signs.give_up(),
        }
    }

    /// Frees the memory of a proof that is over, and what is kept of it.
    pub fn forget(&self, device: &Pubkey, seed: &[u8; 32]) {
        let mut entries = self.entries();
        let Some(entry) = entries.get(device).filter(|entry| entry.seed == *seed) else {
            return;
        };
        entry.signs.give_up();
        if !matches!(entry.state, State::Walking) {
            entries.remove(device).into_iter().for_each(Entry::dismiss);
        }
        let (provers, device) = (self.clone(), *device);
        // A disk that hangs must not hold up a pass.
        let removing = move || {
            let anew = || provers.entries().contains_key(&device);
            // The next walk has begun meanwhile: it writes over the files.
            if let Err(reason) = provers.store.remove(&device, anew) {
                tracing::warn!(%device, reason, "what is kept of a proof that is over cannot be removed");
            }
        };
        let _ = thread::Builder::new().spawn(removing);
    }

    /// Gives everything up that is under way.
    pub fn give_up(&self) {
        for entry in self.entries().values() {
            entry.signs.give_up();
        }
    }

    /// As [`Provers::give_up`]; returns when the cards have stopped, or soon.
    pub async fn end(&self) {
        self.give_up();
        let stopped = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                let under_way = |entry: &Entry| matches!(entry.state, State::Walking);
                if !self.entries().values().any(under_way) {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(END, stopped).await;
    }

    /// Does something to the entry of a proof, if it is still the same.
    fn with_entry(&self, device: &Pubkey, signs: &Arc<Signs>, act: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self
            .entries()
            .get_mut(device)
            .filter(|entry| Arc::ptr_eq(&entry.signs, signs))
        {
            act(entry);
        }
        self.changed.notify_waiters();
    }
}

fn stage(state: &State) -> Stage {
    match state {
        State::Walking | State::Waiting => Stage::Walking,
        State::Failed => Stage::Failed,
        State::Walked(walked) => {
            let commit = walked.commit;
            match &walked.openings {
                _ if walked.opening => Stage::Opening { commit },
                Some(openings) => Stage::Opened {
                    commit,
                    challenge: openings.asked.challenge,
                },
                None => Stage::Walked { commit },
            }
        }
    }
}

/// Runs it on a thread of its own: whoever ends the keeper does not wait for it, and the runtime's threads stay free.
async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ProverError> {
    let (send, receive) = oneshot::channel();
    let run = move || {
        // Nobody listens if the keeper has ended: then what was made is freed here.
        let _ = send.send(work());
    };
    thread::Builder::new()
        .name("proof".into())
        .spawn(run)
        .map_err(|error| ProverError::Device(format!("there is no thread for it: {error}")))?;
    receive
        .await
        .map_err(|_| ProverError::Device("its thread ended early; see the errors before".into()))
}

#[cfg(test)]
mod tests;
