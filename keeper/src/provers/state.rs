//! Where the proof of a device stands on this machine.

use super::openings::Openings;
use iog_pow::{Node, Record};
use iog_pow_gpu::AnyProver;
use std::{
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc,
    },
    thread,
};
use tokio::sync::Notify;

/// What a proof's threads are told while they work, and what they tell.
#[derive(Default)]
pub(super) struct Signs {
    given_up: AtomicBool,
    /// The memory is wanted for something else.
    no_table: AtomicBool,
    /// Tables in memory, or being filled.
    tables: AtomicUsize,
}

impl Signs {
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    pub(super) fn may_have_table(&self, may: bool) {
        self.no_table.store(!may, Ordering::Relaxed);
    }

    pub(super) fn wants_table(&self) -> bool {
        !self.no_table.load(Ordering::Relaxed) && !self.given_up()
    }

    pub(super) fn has_table(&self) -> bool {
        self.tables.load(Ordering::Acquire) > 0
    }
}

/// Counts a table for as long as it takes memory.
pub(super) struct Held {
    signs: Arc<Signs>,
    /// Hears when the table is gone.
    freed: Option<Arc<Notify>>,
}

impl Held {
    pub(super) fn new(signs: Arc<Signs>) -> Self {
        signs.tables.fetch_add(1, Ordering::AcqRel);
        Self { signs, freed: None }
    }

    /// The table is filled: others that lack memory want to know when it goes.
    pub(super) fn telling(self, freed: &Arc<Notify>) -> Self {
        let mut told = self;
        told.freed = Some(freed.clone());
        told
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.signs.tables.fetch_sub(1, Ordering::AcqRel);
        if let Some(freed) = &self.freed {
            freed.notify_waiters();
        }
    }
}

/// A filled table. Its memory is free before it counts as gone.
pub(super) struct Table {
    pub(super) prover: AnyProver,
    pub(super) _held: Held,
}

impl Table {
    /// Frees tens of gigabytes, which takes a while, where nobody waits for it.
    pub(super) fn discard(table: Option<Self>) {
        if let Some(table) = table {
            // Without a thread it is dropped here.
            let _ = thread::Builder::new()
                .name("free-table".into())
                .spawn(move || drop(table));
        }
    }
}

/// A finished walk.
pub(super) struct Walked {
    pub(super) commit: Node,
    /// Gone after a restart if only its openings could be read.
    pub(super) record: Option<Arc<Record>>,
    pub(super) table: Option<Table>,
    pub(super) openings: Option<Arc<Openings>>,
    /// The openings are being computed.
    pub(super) opening: bool,
}

pub(super) enum State {
    Walking,
    /// Memory was short or a card failed; it is tried again by and by.
    Waiting,
    Walked(Box<Walked>),
    Failed,
}

/// The proof of a device.
pub(super) struct Entry {
    pub(super) seed: [u8; 32],
    pub(super) signs: Arc<Signs>,
    pub(super) state: State,
}

impl Entry {
    /// A thread or a pause belongs to it.
    pub(super) fn is_under_way(&self) -> bool {
        let opening = matches!(&self.state, State::Walked(walked) if walked.opening);
        opening || matches!(self.state, State::Walking | State::Waiting)
    }

    /// What there is, without those that wait for memory.
    pub(super) fn is_busy(&self) -> bool {
        self.is_under_way() && !matches!(self.state, State::Waiting) && !self.signs.given_up()
    }

    /// Tells its threads to end, and frees its table.
    pub(super) fn dismiss(self) {
        self.signs.give_up();
        if let State::Walked(walked) = self.state {
            Table::discard(walked.table);
        }
    }
}
