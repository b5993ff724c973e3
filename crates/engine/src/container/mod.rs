//! Jobs in containers of Podman, driven by its own API: image by digest, user ids, disk, network and cards of the lease alone.
//!
//! Not here: Docker (its API takes cards otherwise, and no such engine has run this).

mod api;
mod book;
mod create;
mod devices;
mod engine;
mod groups;
mod images;
mod pump;
mod run;
mod service;
mod settings;

pub use pump::pump_main;
pub use settings::{ContainerSettings, Runtime};

use crate::{
    cgroup::Tree,
    disk,
    engine::{Health, Prepared, RunSpec, RunStatus},
    error::EngineError,
    files::{private_dir, read_json, replace_json},
    netns::{Egress, Net},
};
use api::Api;
use book::Book;
use images::Images;
use iog_job::{Hash, RunId};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The job's user inside.
pub const INSIDE_UID: u32 = 1_000;

/// See [`ContainerSettings`].
pub struct ContainerEngine {
    shared: Arc<Shared>,
}

struct Shared {
    settings: ContainerSettings,
    tree: Tree,
    api: Api,
    /// One a run: what is done to it is done one after another.
    locks: Mutex<HashMap<RunId, Arc<Mutex<()>>>>,
}

impl ContainerEngine {
    /// Starts the container engine where it does not run, and takes up the runs that are there. Takes seconds: not for a thread of a runtime.
    ///
    /// # Errors
    /// Not root, no cgroups to limit by, or the engine does not start: [`EngineError::Host`].
    pub fn open(settings: ContainerSettings) -> Result<Self, EngineError> {
        if !rustix::process::geteuid().is_root() {
            return Err(host(
                "limits",
                "containers of strangers need root; use the sandbox for your own jobs",
            ));
        }
        private_dir(&settings.root)?;
        let settings = ContainerSettings {
            root: settings
                .root
                .canonicalize()
                .map_err(EngineError::file(&settings.root))?,
            ..settings
        };
        let api = service::ensure(&settings)?;
        let shared = Shared {
            settings,
            tree: Tree::detect(),
            api,
            locks: Mutex::default(),
        };
        for (id, status) in shared.list()? {
            if status == RunStatus::Running {
                shared.pump(&shared.book(&id)?)?;
            }
        }
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Puts an OCI layout (tar) of the operator into the store and returns what it is called by, for [`ContainerSettings::session_image`].
    ///
    /// # Errors
    /// [`EngineError::Image`].
    pub fn import(&self, archive: &Path) -> Result<Hash, EngineError> {
        self.shared
            .images()
            .import(archive)
            .map(|known| known.config)
    }

    /// The runs' service of the container engine, for an operator's own `podman --url`.
    pub fn socket(&self) -> PathBuf {
        service::socket(&self.shared.settings.root)
    }

    /// Mounts, processes and files take their time: not on a thread of the runtime.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let shared = self.shared.clone();
        let task = tokio::task::spawn_blocking(move || work(&shared));
        task.await
            .unwrap_or_else(|error| Err(host("engine", &error.to_string())))
    }
}

impl Shared {
    fn images(&self) -> Images<'_> {
        Images {
            settings: &self.settings,
            api: &self.api,
        }
    }

    fn lease_dir(&self, id: &RunId) -> PathBuf {
        self.settings.root.join("leases").join(book::lease_name(id))
    }

    fn run_dir(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("runs").join(id.attempt.to_string())
    }

    fn find(&self, id: &RunId) -> Result<Option<Book>, EngineError> {
        read_json(&self.run_dir(id).join("book.json"))
    }

    fn book(&self, id: &RunId) -> Result<Book, EngineError> {
        self.find(id)?
            .filter(|book| book.run.id == *id)
            .ok_or_else(|| EngineError::Unknown(id.to_string()))
    }

    fn keep(&self, book: &Book) -> Result<(), EngineError> {
        replace_json(&self.run_dir(&book.run.id).join("book.json"), book)
    }

    fn lock(&self, id: &RunId) -> Arc<Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(*id).or_default().clone()
    }

    fn net(&self, id: &RunId) -> Net {
        Net::of(&book::run_name(id))
    }

    fn egress(&self, run: &RunSpec) -> Option<&Egress> {
        self.settings.egress.as_ref().filter(|_| run.egress)
    }

    fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        if !self.tree.limits() {
            return Err(host(
                "limits",
                "memory, processor and processes cannot be limited here",
            ));
        }
        if self.settings.runtime == Runtime::Runsc && !run.cards.is_empty() {
            return Err(host("cards", "no cards pass through runsc here; use runc"));
        }
        match self.find(&run.id)? {
            Some(book) if !same(&book.run, run) => {
                return Err(EngineError::Conflict(run.id.to_string()))
            }
            _ => {}
        }
        let (dir, lease) = (self.run_dir(&run.id), self.lease_dir(&run.id));
        private_dir(&dir)?;
        let uid = run.uid_base.saturating_add(INSIDE_UID);
        let work = disk::make(&lease, run.limits.disk_bytes, run.limits.inodes, uid)?;
        let secrets = disk::make_secrets(&lease, uid)?;
        self.write_etc(run, &dir.join("etc"))?;
        if self.find(&run.id)?.is_none() {
            self.keep(&Book {
                run: run.clone(),
                started: false,
                first: None,
                over: None,
            })?;
        }
        Ok(Prepared { work, secrets })
    }

    /// Names inside: of itself, and of the internet where it may go there. None of the host's.
    fn write_etc(&self, run: &RunSpec, dir: &Path) -> Result<(), EngineError> {
        private_dir(dir)?;
        let resolvers = self
            .egress(run)
            .map(|egress| egress.resolvers.clone())
            .unwrap_or_default();
        let lines: String = resolvers
            .iter()
            .map(|address| format!("nameserver {address}\n"))
            .collect();
        for (name, text) in [
            ("hosts", "127.0.0.1 localhost iog\n"),
            ("resolv.conf", lines.as_str()),
        ] {
            let path = dir.join(name);
            std::fs::write(&path, text).map_err(EngineError::file(&path))?;
            let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            std::fs::set_permissions(&path, readable).map_err(EngineError::file(&path))?;
        }
        Ok(())
    }

    fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        for (run, _) in self.list()? {
            if (run.lease, run.matched_ts) == (id.lease, id.matched_ts) {
                self.end(&run)?;
            }
        }
        disk::erase_secrets(&self.lease_dir(id))
    }

    fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        self.seal(id)?;
        let lease = self.lease_dir(id);
        disk::erase(&lease)?;
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|run, _| (run.lease, run.matched_ts) != (id.lease, id.matched_ts));
        match std::fs::remove_dir_all(&lease) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(EngineError::file(lease)(error))
            }
            _ => Ok(()),
        }
    }

    fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        let mut found = Vec::new();
        for lease in book::folders(&self.settings.root.join("leases"))? {
            for dir in book::folders(&lease.join("runs"))? {
                if let Some(book) = read_json::<Book>(&dir.join("book.json"))? {
                    found.push((book.run.id, self.status(&book.run.id)?));
                }
            }
        }
        found.sort_by_key(|(id, _)| *id);
        Ok(found)
    }

    fn health(&self) -> Health {
        let detail = match (self.api.get("/_ping"), self.tree.limits()) {
            (Err(error), _) => Some(error.message),
            (Ok(_), false) => {
                Some("memory, processor and processes cannot be limited here".to_owned())
            }
            (Ok(_), true) => None,
        };
        let ready = detail.is_none();
        Health {
            ready,
            detail,
            strangers: ready,
        }
    }
}

/// The archive may have come to another place meanwhile.
fn same(one: &RunSpec, other: &RunSpec) -> bool {
    RunSpec {
        archive: None,
        ..one.clone()
    } == RunSpec {
        archive: None,
        ..other.clone()
    }
}

fn host(what: &'static str, detail: &str) -> EngineError {
    EngineError::Host {
        what,
        detail: detail.to_owned(),
    }
}
