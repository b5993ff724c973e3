//! The course of a walk: its turn, its tries, and what is kept of it.

use super::{
    on_thread,
    patience::Patience,
    state::{Entry, Held, Signs, State, Table, Walked},
    Machine, Provers,
};
use iog_pow::{Node, ProverError, Record, Shape};
use iog_pow_gpu::CardName;
use solana_pubkey::Pubkey;
use std::sync::Arc;

/// What is walked.
#[derive(Clone, Debug)]
pub struct Walk {
    pub device: Pubkey,
    pub seed: [u8; 32],
    pub shape: Shape,
    /// As many as the shape has.
    pub cards: Vec<CardName>,
    /// What it must come to, where it is committed and walked again.
    pub commit: Option<Node>,
}

type Done = Result<(Table, Record), ProverError>;

impl Provers {
    /// Begins a walk; one of the same device for another seed is given up, and what is kept of it removed. Must be called within a Tokio
    /// runtime.
    pub fn start(&self, walk: Walk) {
        let signs = Arc::new(Signs::default());
        let entry = Entry {
            seed: walk.seed,
            signs: signs.clone(),
            state: State::Walking,
        };
        let old = self.entries().insert(walk.device, entry);
        old.into_iter().for_each(Entry::dismiss);
        tokio::spawn(self.clone().see_through(Arc::new(walk), signs));
    }

    /// Walks; walks again as long as memory is short or a card fails, and the hour lasts.
    async fn see_through(self, walk: Arc<Walk>, signs: Arc<Signs>) {
        let mut patience = Patience::default();
        loop {
            let done = self.walk(&walk, &signs).await;
            let again = match &done {
                Err(ProverError::Memory { .. } | ProverError::Device(_)) => patience.next(),
                _ => None,
            };
            let (Err(error), Some(pause)) = (&done, again) else {
                return self.finish(&walk, &signs, done).await;
            };
            self.tell_of_pause(&walk, error, pause.as_secs());
            self.with_entry(&walk.device, &signs, |entry| entry.state = State::Waiting);
            tokio::select! {
                () = (self.sleep)(pause) => {}
                () = self.freed.notified() => patience.unspent(pause),
            }
            if signs.given_up() {
                return;
            }
            self.with_entry(&walk.device, &signs, |entry| entry.state = State::Walking);
        }
    }

    fn tell_of_pause(&self, walk: &Walk, error: &ProverError, again_in_secs: u64) {
        let device = &walk.device;
        if let ProverError::Memory { bytes } = error {
            let mib = bytes >> 20;
            tracing::warn!(%device, mib, again_in_secs, "memory is too short for the proof: free some, or register the device in a class that it holds");
            self.vitals.saw_walk("short_of_memory");
        } else {
            tracing::warn!(%device, %error, again_in_secs, "the walk failed and is tried again");
            self.vitals.saw_walk("device_failed");
        }
        self.vitals.saw_proof(device, Some(error.to_string()));
    }

    /// One try, when nobody else walks on these cards.
    async fn walk(&self, walk: &Arc<Walk>, signs: &Arc<Signs>) -> Done {
        let cards = match self.walk_on(self.machine.clone(), walk, signs).await {
            Err(error) if error != ProverError::GivenUp => error,
            done => return done,
        };
        let Some(cpu) = self.machine.fallback() else {
            return Err(cards);
        };
        tracing::warn!(device = %walk.device, error = %cards, "the CPU walks instead");
        self.vitals.saw_walk("fell_back");
        self.walk_on(cpu, walk, signs).await
    }

    async fn walk_on(
        &self,
        machine: Arc<dyn Machine>,
        walk: &Arc<Walk>,
        signs: &Arc<Signs>,
    ) -> Done {
        let (asked, of) = (machine.clone(), walk.clone());
        let places = on_thread(move || asked.places(&of.cards, of.shape.cards())).await??;
        let _turn = self.locks.take(&places).await;
        if signs.given_up() {
            return Err(ProverError::GivenUp);
        }
        let (provers, walk, signs) = (self.clone(), walk.clone(), signs.clone());
        on_thread(move || provers.attempt(machine.as_ref(), &walk, &signs)).await?
    }

    /// On a thread of its own.
    fn attempt(&self, machine: &dyn Machine, walk: &Walk, signs: &Arc<Signs>) -> Done {
        // Declared first, so that it goes last.
        let held = Held::new(signs.clone());
        let stop = signs.clone();
        let prover = machine.prover(walk.seed, walk.shape, &walk.cards)?;
        let mut prover = prover.unless(move || stop.given_up());
        let commit = prover.commit()?;
        if walk.commit.is_some_and(|committed| committed != commit) {
            let text = "it came to another commit than the first time; test its memory before it proves again";
            return Err(ProverError::Device(text.into()));
        }
        let record = prover.record().cloned().ok_or(ProverError::Order)?;
        let table = Table {
            prover,
            _held: held.telling(&self.freed),
        };
        Ok((table, record))
    }

    /// Keeps a finished walk on disk before anybody hears of it: what is committed must be opened.
    async fn keep(&self, walk: &Walk, record: &Arc<Record>) -> Option<String> {
        let (store, device, record) = (self.store.clone(), walk.device, record.clone());
        let kept = on_thread(move || store.keep_walk(&device, &record)).await;
        let reason = kept.map_err(|error| error.to_string()).flatten().err();
        if let Some(reason) = &reason {
            tracing::error!(%device, reason, "the walk cannot be kept on disk, and a restart would lose it: free space, or mend the directory");
        }
        let result = if reason.is_some() { "unkept" } else { "kept" };
        self.vitals.saw_proof_file(result);
        reason.map(|reason| format!("its walk cannot be kept: {reason}"))
    }

    async fn finish(&self, walk: &Walk, signs: &Arc<Signs>, done: Done) {
        let device = &walk.device;
        let state = match done {
            Err(ProverError::GivenUp) => None,
            Ok((table, record)) => {
                let record = Arc::new(record);
                let trouble = match signs.given_up() {
                    true => None,
                    false => self.keep(walk, &record).await,
                };
                self.vitals.saw_walk("done");
                self.vitals.saw_proof(device, trouble);
                Some(State::Walked(Box::new(Walked {
                    commit: record.commit(),
                    record: Some(record),
                    table: Some(table),
                    openings: None,
                    opening: false,
                })))
            }
            Err(error) => {
                tracing::error!(%device, %error, "the walk failed: this hour is not proved");
                self.vitals.saw_walk("failed");
                self.vitals.saw_proof(device, Some(error.to_string()));
                Some(State::Failed)
            }
        };
        self.settle(device, signs, state);
    }

    /// Puts the end of a walk in its place; nothing where it was given up meanwhile.
    fn settle(&self, device: &Pubkey, signs: &Arc<Signs>, state: Option<State>) {
        let mut entries = self.entries();
        let own = entries.get_mut(device);
        let own = own.filter(|entry| Arc::ptr_eq(&entry.signs, signs));
        let gone = match (own, state) {
            (Some(entry), Some(state)) if !signs.given_up() => {
                entry.state = state;
                None
            }
            (Some(_), state) => {
                entries.remove(device);
                state
            }
            (None, state) => state,
        };
        drop(entries);
        if let Some(State::Walked(walked)) = gone {
            Table::discard(walked.table);
        }
        self.changed.notify_waiters();
    }
}
