//! One match of one lease, and how far the agent is with it.

use super::{
    book::Book,
    check,
    folder::Folder,
    state::{lock, Agent},
    wire::{LeaseView, Stage},
};
use iog_job::{Binding, Key};
use std::sync::{atomic::AtomicI64, Mutex};
use tokio::{
    sync::{watch, Notify},
    task::AbortHandle,
};

/// One match of one lease.
pub struct Leased {
    pub binding: Binding,
    pub tunnel_key: Key,
    pub place: u16,
    pub gpus: u32,
    /// When it began to serve, on the chain's clock; 0 before.
    pub started_ts: AtomicI64,
    pub stage: watch::Sender<Stage>,
    pub book: Mutex<Book>,
    pub state: Mutex<Progress>,
    /// Somebody wants everything delivered again.
    pub again: Notify,
    pub worker: Mutex<Option<AbortHandle>>,
}

/// How far the agent is with a lease.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub offered: bool,
    pub delivered: bool,
    pub sent: u64,
    pub wanted: u64,
    pub trouble: Option<String>,
    pub path: Option<String>,
    pub receipts: u32,
    /// What the newest check showed.
    pub check: Option<String>,
    /// Where it stands in the check before the job.
    pub meet: check::Seen,
    /// The status stream answers; where the job is over, it did at the last look.
    pub answers: bool,
}

impl Leased {
    pub fn new(
        folder: &Folder,
        binding: Binding,
        tunnel_key: Key,
        (place, gpus): (u16, u32),
        stage: Stage,
    ) -> Self {
        Self {
            binding,
            tunnel_key,
            place,
            gpus,
            started_ts: AtomicI64::new(0),
            stage: watch::Sender::new(stage),
            book: Mutex::new(Book::open(folder, &binding, tunnel_key)),
            state: Mutex::new(Progress {
                check: check::words(folder, &binding),
                ..Progress::default()
            }),
            again: Notify::new(),
            worker: Mutex::default(),
        }
    }

    pub fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    /// Changes what is known, and tells those who follow if it did.
    pub fn change(&self, agent: &Agent, change: impl FnOnce(&mut Progress)) {
        let mut state = lock(&self.state);
        let before = format!("{state:?}");
        change(&mut state);
        let differs = format!("{state:?}") != before;
        drop(state);
        if differs {
            agent.changed();
        }
    }

    pub fn view(&self) -> LeaseView {
        let (state, book) = (lock(&self.state).clone(), lock(&self.book));
        let last = book.last.as_ref();
        LeaseView {
            binding: self.binding,
            tunnel_key: self.tunnel_key,
            place: self.place,
            gpus: self.gpus,
            stage: self.stage(),
            phase: last.map(|status| status.phase.clone()),
            attempt: last.map_or(0, |status| status.run.attempt),
            number: last.map_or(0, |status| status.number),
            status_ts: last.map_or(0, |status| status.ts),
            events: last.map(|status| status.events.clone()).unwrap_or_default(),
            sent: state.sent,
            wanted: state.wanted,
            delivered: state.delivered,
            path: state.path,
            trouble: state.trouble,
            wrong: u32::try_from(book.wrong().len()).unwrap_or(u32::MAX),
            wrong_last: book.wrong_last().map(|wrong| wrong.to_string()),
            receipts: state.receipts,
            check: state.check,
        }
    }
}
