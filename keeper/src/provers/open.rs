//! The course of an opening: with the table while there is one, else with one that is filled again; without memory on the processor, slowly and
//! behind everything else.

use super::{
    on_thread,
    openings::{Asked, Openings},
    state::{Entry, Held, Signs, State, Table},
    Machine, Provers,
};
use iog_pow::{pick, Node, Pick, ProverError, Record, Replay, Shape, K_OPENINGS};
use iog_pow_gpu::CardName;
use solana_pubkey::Pubkey;
use std::{num::NonZeroUsize, sync::Arc, thread};
use tokio::sync::Notify;

/// What is opened.
#[derive(Clone, Debug)]
pub struct Ask {
    pub device: Pubkey,
    pub seed: [u8; 32],
    pub shape: Shape,
    /// As on chain.
    pub commit: Node,
    pub challenge: [u8; 32],
    /// Behind the device; nothing where the configuration does not say which: others' cards are left alone.
    pub cards: Option<Vec<CardName>>,
    /// The memory is a renter's.
    pub beside_job: bool,
}

/// The openings so far.
struct Work {
    ask: Ask,
    record: Arc<Record>,
    signs: Arc<Signs>,
    done: Vec<(u32, Vec<u8>)>,
}

impl Work {
    fn is_done(&self) -> bool {
        u32::try_from(self.done.len()) == Ok(K_OPENINGS)
    }

    /// Opens what is missing, as long as `go_on` says so.
    fn open(
        &mut self,
        go_on: impl Fn(&Signs) -> bool,
        mut open: impl FnMut(&Record, &Pick) -> Result<Vec<u8>, ProverError>,
    ) -> Result<(), ProverError> {
        for n in 0..K_OPENINGS {
            if self.done.iter().any(|(done, _)| *done == n) {
                continue;
            }
            if !go_on(&self.signs) {
                return Ok(());
            }
            let pick = pick(&self.ask.challenge, n, &self.ask.shape);
            let opening = open(&self.record, &pick)?;
            self.done.push((n, opening));
        }
        Ok(())
    }

    /// With the table, which goes as soon as the openings are there or the memory is wanted.
    fn by_table(&mut self, mut table: Table) -> Result<(), ProverError> {
        let engines = table.prover.engines_mut();
        self.open(Signs::wants_table, |record, pick| {
            let card = usize::try_from(pick.card).ok();
            let engine = card.and_then(|card| engines.get_mut(card));
            record.open(pick, engine.ok_or(ProverError::OutOfRange)?)
        })
    }

    /// With a table that is filled once more.
    fn by_refill(
        &mut self,
        machine: &dyn Machine,
        cards: &[CardName],
        held: Held,
        freed: &Arc<Notify>,
    ) -> Result<(), ProverError> {
        let Ask { seed, shape, .. } = self.ask;
        let stop = self.signs.clone();
        let prover = machine.prover(seed, shape, cards)?;
        let mut prover = prover.unless(move || !stop.wants_table());
        prover.fill()?;
        self.by_table(Table {
            prover,
            _held: held.telling(freed),
        })
    }

    /// Without memory: minutes for each opening, on few threads and behind everything else.
    fn by_replay(&mut self) -> Result<(), ProverError> {
        last_in_line();
        let Ask { seed, shape, .. } = self.ask;
        let few = thread::available_parallelism().map_or(1, NonZeroUsize::get) / 4;
        self.open(
            |signs| !signs.given_up(),
            |record, pick| {
                let card = u16::try_from(pick.card).map_err(|_| ProverError::OutOfRange)?;
                record.open(pick, &mut Replay::new(seed, card, shape, few.max(1)))
            },
        )
    }

    fn openings(mut self) -> Option<Openings> {
        self.done.sort();
        let asked = Asked {
            seed: self.ask.seed,
            shape: self.ask.shape,
            commit: self.ask.commit,
            challenge: self.ask.challenge,
        };
        let all = self.done.into_iter().map(|(_, opening)| opening);
        Openings::new(asked, all.collect())
    }
}

/// The thread, and those that it begins, run when nobody else wants the processor.
pub(super) fn last_in_line() {
    // Elsewhere it would be the whole keeper.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::warn!(%error, "openings are computed at the keeper's own priority");
    }
}

impl Provers {
    /// Begins to open a challenge to a finished walk. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// A line, if there is no such walk.
    pub fn open(&self, ask: Ask) -> Result<(), String> {
        let (work, table) = {
            let mut entries = self.entries();
            let entry = entries.get_mut(&ask.device);
            let entry = entry.filter(|entry| entry.seed == ask.seed);
            let Some(Entry { signs, state, .. }) = entry else {
                return Err("its walk is not there".into());
            };
            let State::Walked(walked) = state else {
                return Err("its walk is not finished".into());
            };
            if walked.opening {
                return Ok(());
            }
            let record = walked.record.clone();
            let record = record.filter(|of| (of.commit(), *of.shape()) == (ask.commit, ask.shape));
            let record =
                record.ok_or("the walk that was kept is another than the one committed")?;
            signs.may_have_table(!ask.beside_job);
            walked.opening = true;
            let work = Work {
                ask,
                record,
                signs: signs.clone(),
                done: Vec::new(),
            };
            (work, walked.table.take())
        };
        tokio::spawn(self.clone().see_opened(work, table));
        Ok(())
    }

    async fn see_opened(self, work: Work, table: Option<Table>) {
        let (device, signs) = (work.ask.device, work.signs.clone());
        let opened = self.by_any_means(work, table).await;
        let openings = match opened {
            Ok(Some(openings)) => Some(Arc::new(openings)),
            // Given up.
            Ok(None) => None,
            Err(reason) => {
                tracing::error!(%device, reason, "the challenge cannot be answered");
                self.vitals.saw_openings("failed");
                self.vitals.saw_proof(&device, Some(reason));
                None
            }
        };
        if let Some(openings) = &openings {
            self.keep_openings(&device, openings).await;
        }
        self.with_entry(&device, &signs, |entry| {
            match (&mut entry.state, openings) {
                (State::Walked(walked), Some(openings)) => {
                    walked.openings = Some(openings);
                    walked.opening = false;
                }
                _ => entry.state = State::Failed,
            }
        });
    }

    /// Nothing if it is given up.
    async fn by_any_means(
        &self,
        mut work: Work,
        table: Option<Table>,
    ) -> Result<Option<Openings>, String> {
        let device = work.ask.device;
        let lost = |error: ProverError| error.to_string();
        let mut means = "table";
        if let Some(table) = table {
            work = on_thread(move || {
                let tried = work.by_table(table);
                (work, tried)
            })
            .await
            .map(|(work, tried)| untold(&device, work, tried))
            .map_err(lost)?;
        }
        let cards = work.ask.cards.clone();
        if let Some(cards) = cards.filter(|_| !work.is_done() && work.signs.wants_table()) {
            means = "refilled";
            work = self.refill(work, cards).await.map_err(lost)?;
        }
        if !work.is_done() && !work.signs.given_up() {
            means = "replayed";
            work = on_thread(move || {
                let tried = work.by_replay();
                tried.map(|()| work)
            })
            .await
            .flatten()
            .map_err(lost)?;
        }
        if !work.is_done() {
            return Ok(None);
        }
        self.vitals.saw_openings(means);
        let openings = work.openings();
        openings
            .map(Some)
            .ok_or_else(|| "an opening came out wrong".into())
    }

    async fn refill(&self, work: Work, cards: Vec<CardName>) -> Result<Work, ProverError> {
        let device = work.ask.device;
        let machine = self.machine.clone();
        let (asked, names, count) = (machine.clone(), cards.clone(), work.ask.shape.cards());
        let places = match on_thread(move || asked.places(&names, count)).await? {
            Ok(places) => places,
            Err(error) => return Ok(untold(&device, work, Err(error))),
        };
        let _turn = self.locks.take(&places).await;
        let (mut work, freed) = (work, self.freed.clone());
        let (work, tried) = on_thread(move || {
            let held = Held::new(work.signs.clone());
            let tried = work.by_refill(machine.as_ref(), &cards, held, &freed);
            (work, tried)
        })
        .await?;
        Ok(untold(&device, work, tried))
    }

    async fn keep_openings(&self, device: &Pubkey, openings: &Arc<Openings>) {
        let (store, device, openings) = (self.store.clone(), *device, openings.clone());
        let kept = on_thread(move || store.keep_openings(&device, &openings)).await;
        let reason = kept.map_err(|error| error.to_string()).flatten().err();
        if let Some(reason) = &reason {
            tracing::error!(%device, reason, "the openings cannot be kept on disk, and a restart would compute them again: free space, or mend the directory");
        }
        let result = if reason.is_some() { "unkept" } else { "kept" };
        self.vitals.saw_proof_file(result);
    }
}

/// What one means could not do is left to the next.
fn untold(device: &Pubkey, work: Work, tried: Result<(), ProverError>) -> Work {
    match tried {
        Ok(()) | Err(ProverError::GivenUp) => {}
        Err(error) => tracing::warn!(%device, %error, "openings are computed another way"),
    }
    work
}
