//! One match of one lease on the job side: what is known of it, and what its streams may change.

mod job;
mod secrets;

use super::{
    books::{Books, Chain},
    card_use::CardUse,
    context::Context,
    disk::on_disk,
    outputs::Listing,
    renter::Renter,
    share,
    store::Store,
};
use crate::{
    board::{BoardLease, LeaseReport, Stage},
    policy::Share,
};
use iog_engine::{EngineError, RunStatus};
use iog_job::{wire::Need, Hash, JobSpec, Kind, Offer, Phase, RunId, Signed};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

pub struct Lease {
    pub ctx: Arc<Context>,
    pub store: Store,
    pub card_use: CardUse,
    pub listing: Listing,
    pub renter: Renter,
    state: Mutex<State>,
    /// Held while files are written, so that they are written in the order of the changes. The state is not locked meanwhile.
    writing: Mutex<()>,
    changed: watch::Sender<u64>,
    cut: watch::Sender<Cut>,
    /// Held while the engine makes something for it.
    making: Arc<tokio::sync::Mutex<()>>,
}

/// Which of its streams are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Cut {
    None,
    /// It runs no more: all but those that read what is kept.
    NotKept,
    /// Its books cannot be kept: it is opened anew, and who follows this one hears nothing more.
    All,
}

struct State {
    books: Books,
    chain: Chain,
    spec: Option<Arc<JobSpec>>,
    /// Inputs and archive of the specification that are not whole.
    lacks: BTreeMap<Hash, Need>,
    /// Names of those that are kept.
    secrets: BTreeSet<String>,
    receiving: BTreeSet<Hash>,
}

fn lacks(store: &Store, spec: Option<&JobSpec>) -> BTreeMap<Hash, Need> {
    let needs = spec.map(|spec| store.needs(spec)).unwrap_or_default();
    needs.into_iter().map(|need| (need.sha256, need)).collect()
}

impl Lease {
    /// As it was left, or new. On a thread that may wait for the disk.
    ///
    /// # Errors
    /// If its folder cannot be read or made, or no user ids are left for it.
    pub fn open(ctx: &Arc<Context>, board: &BoardLease) -> io::Result<Self> {
        let store = Store::open(&ctx.leases(), &board.binding)?;
        let books = match store.read::<Books>("books.json")? {
            Some(books) => {
                ctx.take_uids(books.uid_base, true);
                books
            }
            // Written before anybody has them: whoever starts anew finds them taken. redteam J2
            None => {
                let uids = ctx.new_uids().ok_or_else(|| {
                    io::Error::new(io::ErrorKind::QuotaExceeded, "no user ids are left")
                })?;
                let books = Books::new(board.binding, uids);
                if let Err(error) = store.write("books.json", &books) {
                    ctx.take_uids(uids, false);
                    return Err(error);
                }
                books
            }
        };
        let spec: Option<JobSpec> = store.read("spec.json")?;
        Ok(Self {
            state: Mutex::new(State {
                books,
                chain: store.read("statuses.json")?.unwrap_or_default(),
                lacks: lacks(&store, spec.as_ref()),
                spec: spec.map(Arc::new),
                secrets: secrets::sealed(ctx, &store)?.0.into_keys().collect(),
                receiving: BTreeSet::new(),
            }),
            ctx: Arc::clone(ctx),
            card_use: CardUse::default(),
            store,
            listing: Listing::default(),
            renter: Renter::default(),
            writing: Mutex::default(),
            changed: watch::Sender::new(0),
            cut: watch::Sender::new(Cut::None),
            making: Arc::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn books(&self) -> Books {
        self.state().books.clone()
    }

    /// For those who look often: the books are large.
    pub fn with_books<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.state().books)
    }

    /// Changes the books and writes them before anything is done on their word.
    ///
    /// # Errors
    /// If they cannot be written.
    pub async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Books) -> T + Send + 'static,
    ) -> io::Result<T> {
        self.write(|lease| lease.change_now(change)).await
    }

    /// Does something that writes the lease's files, one after the other.
    async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let lease = Arc::clone(self);
        on_disk(move || {
            let _writing = lease.writing.lock().unwrap_or_else(PoisonError::into_inner);
            work(&lease)
        })
        .await
    }

    fn change_now<T>(&self, change: impl FnOnce(&mut Books) -> T) -> io::Result<T> {
        let mut books = self.books();
        let result = change(&mut books);
        self.store.write("books.json", &books)?;
        self.state().books = books;
        self.tell();
        Ok(result)
    }

    pub fn tell(&self) {
        self.changed
            .send_modify(|count| *count = count.wrapping_add(1));
        self.ctx.tell();
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub fn cuts(&self) -> watch::Receiver<Cut> {
        self.cut.subscribe()
    }

    pub fn cut_streams(&self, cut: Cut) {
        self.cut.send_if_modified(|before| {
            let more = cut > *before;
            if more {
                *before = cut;
            }
            more
        });
    }

    pub fn is_cut(&self) -> bool {
        *self.cut.borrow() != Cut::None
    }

    /// It is about to be opened anew.
    pub fn is_left(&self) -> bool {
        *self.cut.borrow() == Cut::All
    }

    /// What makes a run is done to its end, also when nobody waits for it any more: the end of the lease comes after it, not before. A disk, a
    /// network or secrets would be left else. redteam J9, S1
    ///
    /// # Errors
    /// None but the runtime's.
    pub async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> io::Result<T> {
        let making = Arc::clone(&self.making).lock_owned().await;
        let made = tokio::spawn(async move {
            let made = work.await;
            drop(making);
            made
        });
        made.await.map_err(io::Error::other)
    }

    /// Once nothing is made for it any more.
    pub async fn made(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.making.lock().await
    }

    pub fn spec(&self) -> Option<Arc<JobSpec>> {
        self.state().spec.clone()
    }

    pub fn board(&self) -> Option<(BoardLease, Stage)> {
        let view = self.ctx.view();
        let binding = self.with_books(|books| books.binding);
        view.lease(&binding)
            .map(|(lease, stage)| (lease.clone(), stage))
    }

    pub fn share(&self, lease: &BoardLease) -> Share {
        let settings = &self.ctx.settings;
        share::share(&self.ctx.capacity, lease.gpus, settings.gpus)
    }

    /// Says where the job stands; the same again says nothing new.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn report(self: &Arc<Self>, phase: Phase) -> io::Result<()> {
        self.write(|lease| lease.report_now(phase)).await
    }

    fn report_now(&self, phase: Phase) -> io::Result<()> {
        let now_ts = self.ctx.view().now_ts();
        let (books, mut chain) = {
            let state = self.state();
            (state.books.clone(), state.chain.clone())
        };
        let events = self.ctx.events.new_of(&books.binding, &books.cards);
        let same = chain.number > 0 && books.phase == phase && !phase.is_over();
        if same && events.is_empty() {
            return Ok(());
        }
        let run = books.run();
        chain
            .push(&books.binding, run, now_ts, (phase.clone(), events))
            .map_err(io::Error::other)?;
        self.store.write("statuses.json", &chain)?;
        self.state().chain = chain;
        tracing::info!(%run, ?phase, "status");
        self.change_now(|books| books.phase = phase)
    }

    pub fn with_chain<T>(&self, look: impl FnOnce(&Chain) -> T) -> T {
        look(&self.state().chain)
    }

    pub async fn put_signature(self: &Arc<Self>, signed: Signed) -> io::Result<()> {
        self.write(move |lease| {
            let mut chain = lease.state().chain.clone();
            chain.put_signature(&signed);
            lease.store.write("statuses.json", &chain)?;
            lease.state().chain = chain;
            lease.tell();
            Ok(())
        })
        .await
    }

    /// Keeps the outline of a job that may come. redteam K4
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn take_offer(self: &Arc<Self>, offer: Offer) -> io::Result<()> {
        self.change(|books| books.offer = Some(offer)).await
    }

    /// Only one stream writes an input at a time.
    pub fn begin_receiving(self: &Arc<Self>, sha256: Hash) -> Option<Receiving> {
        let begun = self.state().receiving.insert(sha256);
        begun.then(|| Receiving(Arc::clone(self), sha256))
    }

    /// The newest run, if the engine knows it.
    pub async fn run(&self) -> Option<(RunId, RunStatus)> {
        let id = self.books().run();
        match self.ctx.settings.engine.status(&id).await {
            Ok(status) => Some((id, status)),
            Err(EngineError::Unknown(_)) => None,
            Err(error) => {
                tracing::warn!(run = %id, %error, "the engine does not tell");
                None
            }
        }
    }

    /// Which ports of the job may be reached: those that it names, or of a session those that the operator allows.
    pub fn offers_port(&self, port: u16) -> bool {
        let named = |spec: &Arc<JobSpec>| spec.ports.iter().any(|named| named.port == port);
        match self.spec() {
            Some(spec) if spec.kind != Kind::Session => named(&spec),
            Some(spec) if named(&spec) => true,
            _ => {
                let ports = &self.ctx.settings.policy.ports;
                ports.as_ref().is_none_or(|ports| ports.contains(&port))
            }
        }
    }

    pub fn for_report(&self) -> LeaseReport {
        let state = self.state();
        LeaseReport {
            binding: state.books.binding,
            phase: (state.chain.number > 0).then(|| state.books.phase.clone()),
            host_failed_since_ts: state.books.host_failed_since_ts,
            offer: state.books.offer.clone(),
            receipts: Vec::new(),
            joins: state.books.joins.clone(),
        }
    }
}

/// The right to write one input.
pub struct Receiving(Arc<Lease>, Hash);

impl Drop for Receiving {
    fn drop(&mut self) {
        self.0.state().receiving.remove(&self.1);
        self.0.tell();
    }
}
