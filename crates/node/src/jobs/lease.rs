//! One match of one lease on the job side: what is known of it, and what its streams may change.

use super::{
    books::{Books, Chain},
    context::Context,
    share,
    store::{wanted, Store},
};
use crate::{
    board::{BoardLease, LeaseReport, Stage},
    policy::Share,
};
use iog_engine::{EngineError, RunStatus};
use iog_job::{
    wire::{Needs, Secrets},
    Hash, JobSpec, Kind, Offer, Phase, RunId, Signed, MAX_INPUTS,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

pub struct Lease {
    pub ctx: Arc<Context>,
    pub store: Store,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    /// It runs no more: all its streams but those that read what is kept are cut.
    cut: watch::Sender<bool>,
}

struct State {
    books: Books,
    chain: Chain,
    spec: Option<Arc<JobSpec>>,
    secrets: BTreeSet<String>,
    receiving: BTreeSet<Hash>,
}

impl Lease {
    /// As it was left, or new.
    ///
    /// # Errors
    /// If its folder cannot be read or made.
    pub fn open(ctx: &Arc<Context>, board: &BoardLease) -> io::Result<Self> {
        let store = Store::open(&ctx.leases(), &board.binding)?;
        let books = match store.read::<Books>("books.json")? {
            Some(books) => books,
            None => Books::new(board.binding, ctx.uid_base(&store)),
        };
        ctx.take_uids(books.uid_base, true);
        let sealed = match std::fs::read(store.path("secrets.sealed")) {
            Ok(sealed) => ctx.seal.unseal(store.name(), &sealed)?,
            Err(_) => b"{}".to_vec(),
        };
        let secrets: BTreeMap<String, String> = serde_json::from_slice(&sealed)?;
        Ok(Self {
            state: Mutex::new(State {
                books,
                chain: store.read("statuses.json")?.unwrap_or_default(),
                spec: store.read("spec.json")?.map(Arc::new),
                secrets: secrets.into_keys().collect(),
                receiving: BTreeSet::new(),
            }),
            ctx: Arc::clone(ctx),
            store,
            changed: watch::Sender::new(0),
            cut: watch::Sender::new(false),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn books(&self) -> Books {
        self.state().books.clone()
    }

    /// Changes the books and writes them before anything is done on their word.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn change<T>(&self, change: impl FnOnce(&mut Books) -> T) -> io::Result<T> {
        let mut state = self.state();
        let mut books = state.books.clone();
        let result = change(&mut books);
        self.store.write("books.json", &books)?;
        state.books = books;
        drop(state);
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

    pub fn cuts(&self) -> watch::Receiver<bool> {
        self.cut.subscribe()
    }

    pub fn cut_streams(&self) {
        self.cut.send_replace(true);
    }

    pub fn spec(&self) -> Option<Arc<JobSpec>> {
        self.state().spec.clone()
    }

    pub fn board(&self) -> Option<(BoardLease, Stage)> {
        let view = self.ctx.view();
        let binding = self.state().books.binding;
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
    pub fn report(&self, phase: Phase) -> io::Result<()> {
        let now_ts = self.ctx.view().now_ts();
        let mut state = self.state();
        let run = state.books.run();
        if state.chain.number > 0 && state.books.phase == phase && !phase.is_over() {
            return Ok(());
        }
        let binding = state.books.binding;
        let mut chain = state.chain.clone();
        chain
            .push(&binding, run, now_ts, phase.clone())
            .map_err(io::Error::other)?;
        self.store.write("statuses.json", &chain)?;
        state.chain = chain;
        drop(state);
        tracing::info!(%run, ?phase, "status");
        self.change(|books| books.phase = phase)
    }

    pub fn with_chain<T>(&self, look: impl FnOnce(&Chain) -> T) -> T {
        look(&self.state().chain)
    }

    pub fn put_signature(&self, signed: &Signed) -> io::Result<()> {
        let mut state = self.state();
        state.chain.put_signature(signed);
        self.store.write("statuses.json", &state.chain)?;
        drop(state);
        self.tell();
        Ok(())
    }

    /// Keeps the outline of a job that may come. redteam K4
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn take_offer(&self, offer: Offer) -> io::Result<()> {
        self.change(|books| books.offer = Some(offer))
    }

    /// Takes the specification that the order names, if this node runs it.
    ///
    /// # Errors
    /// Why it does not.
    pub fn take_spec(&self, board: &BoardLease, spec: JobSpec) -> Result<(), String> {
        if let Some(old) = self.spec() {
            let same = old.hash().ok() == spec.hash().ok();
            return same
                .then_some(())
                .ok_or_else(|| "another job came before".into());
        }
        self.judge(board, &spec)?;
        let kept = self.store.write("spec.json", &spec);
        kept.map_err(|_| "the node cannot keep it".to_string())?;
        self.state().spec = Some(Arc::new(spec));
        self.tell();
        Ok(())
    }

    /// Whether a job is what was ordered and offered, and what the operator allows.
    fn judge(&self, board: &BoardLease, spec: &JobSpec) -> Result<(), String> {
        let hash = spec.hash().map_err(|error| error.to_string())?;
        if board.command_hash.is_none() {
            return Err("the order names no job: it is a session".into());
        }
        if hash != board.command_hash || spec.image_hash() != board.image_hash {
            return Err("it is not the job that the order names".into());
        }
        spec.validate().map_err(|error| error.to_string())?;
        let share = self.share(board);
        let disk = share::limits(&share, &spec.resources).disk_bytes;
        let bytes = wanted(spec).into_values().fold(0, u64::saturating_add);
        if spec.inputs.len() > MAX_INPUTS || bytes > disk {
            return Err("inputs and image are larger than the ordered disk".into());
        }
        if let Some(offer) = self.books().offer {
            offer.covers(spec).map_err(|exceeds| exceeds.to_string())?;
        }
        let settings = &self.ctx.settings;
        if spec
            .platform
            .is_some_and(|asked| asked != self.ctx.capacity.platform)
        {
            return Err("the machine is of another platform".into());
        }
        let own = settings.policy.own_renters.contains(&board.renter);
        if !own && !self.ctx.health().strangers {
            return Err("the engine takes only jobs of its operator".into());
        }
        let refused = settings.policy.refuses_offer(&Offer::from(spec));
        refused
            .or_else(|| share.refuses(&spec.resources))
            .map_or(Ok(()), Err)
    }

    /// What a job lacks to start.
    pub fn needs(&self, spec: &JobSpec) -> Needs {
        let secrets = spec.secrets.iter().map(|secret| secret.name.clone());
        let inputs = self.store.needs(spec);
        let state = self.state();
        Needs {
            inputs,
            secrets: secrets
                .filter(|name| !state.secrets.contains(name))
                .collect(),
        }
    }

    /// Keeps values of secrets that the job names, sealed.
    ///
    /// # Errors
    /// If one is not named, or they cannot be kept.
    pub fn take_secrets(&self, spec: &JobSpec, new: Secrets) -> io::Result<()> {
        let named = |name: &String| spec.secrets.iter().any(|secret| secret.name == *name);
        if !new.0.keys().all(named) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not named"));
        }
        let mut all = self.secrets()?;
        all.0.extend(new.0);
        let sealed = self
            .ctx
            .seal
            .seal(self.store.name(), &serde_json::to_vec(&all)?)?;
        super::seal::write_private(&self.store.path("secrets.sealed"), &sealed)?;
        self.state().secrets = all.0.into_keys().collect();
        self.tell();
        Ok(())
    }

    /// # Errors
    /// If the seal is broken.
    pub fn secrets(&self) -> io::Result<Secrets> {
        match std::fs::read(self.store.path("secrets.sealed")) {
            Ok(sealed) => {
                let plain = self.ctx.seal.unseal(self.store.name(), &sealed)?;
                Ok(serde_json::from_slice(&plain)?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Secrets::default()),
            Err(error) => Err(error),
        }
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
