//! Jobs in containers of Podman or Docker, driven by their own APIs: image by digest, user ids, disk, network and cards of the lease alone.

mod api;
mod book;
mod create;
mod daemon;
mod devices;
mod docker;
mod engine;
mod gate;
mod groups;
mod images;
mod probe;
mod profile;
mod pump;
mod run;
mod service;
mod settings;

pub use create::{environment, wrapped, SESSION};
pub use gate::gate_main;
pub use pump::pump_main;
pub use settings::{ContainerSettings, Daemon, Runtime};

use crate::{
    capacity,
    cgroup::Tree,
    engine::{RunSpec, RunStatus},
    error::EngineError,
    files::{private_dir, read_json, replace_json},
    netns::Egress,
    runs::{Held, Runs},
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

pub struct Shared {
    settings: ContainerSettings,
    tree: Tree,
    api: Api,
    /// Where the container engine keeps images.
    store: PathBuf,
    /// What all images may have together.
    cache_bytes: u64,
    /// The configuration of the image for jobs without one.
    session: Option<Hash>,
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
        let mut settings = ContainerSettings {
            root: settings
                .root
                .canonicalize()
                .map_err(EngineError::file(&settings.root))?,
            ..settings
        };
        profile::write(&settings.root)?;
        let (api, store) = match &settings.daemon {
            Daemon::Podman => (service::ensure(&settings)?, settings.root.clone()),
            Daemon::Docker { socket } => docker::connect(socket, settings.runtime)?,
        };
        let tree = Tree::detect();
        tree.set_aside(capacity::together());
        let cache_bytes = settings.limit_images(disk_of(&store)?);
        let mut shared = Shared {
            settings,
            tree,
            api,
            store,
            cache_bytes,
            session: None,
            locks: Mutex::default(),
        };
        shared.images().sweep()?;
        if let Some(archive) = &shared.settings.session_image {
            shared.session = Some(shared.images().import(archive)?.config);
        }
        for (id, status) in shared.list()? {
            if status == RunStatus::Running {
                let book = shared.book(&id)?;
                shared.pump(&book)?;
                shared.let_go_again(&book)?;
            }
        }
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// The container engine's, for an operator's own `podman --url` or `docker --host`.
    pub fn socket(&self) -> PathBuf {
        self.shared.api.socket().to_owned()
    }
}

impl Held for ContainerEngine {
    type Of = Shared;

    fn runs(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Shared {
    fn images(&self) -> Images<'_> {
        Images {
            settings: &self.settings,
            api: &self.api,
            store: &self.store,
            session: self.session,
            cache_bytes: self.cache_bytes,
        }
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

    fn egress(&self, run: &RunSpec) -> Option<&Egress> {
        self.settings.egress.as_ref().filter(|_| run.egress)
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

/// Bytes of the disk that a folder is on.
fn disk_of(dir: &Path) -> Result<u64, EngineError> {
    let disk = rustix::fs::statvfs(dir).map_err(|error| EngineError::file(dir)(error.into()))?;
    Ok(disk.f_blocks.saturating_mul(disk.f_frsize))
}

fn host(what: &'static str, detail: &str) -> EngineError {
    EngineError::host(what, detail)
}

/// Who runs a job: inside, and on the host where the container has no ids of its own.
fn inside_uid(settings: &ContainerSettings, run: &RunSpec) -> u32 {
    match settings.maps_users() {
        true => INSIDE_UID,
        false => run.uid_base.saturating_add(INSIDE_UID),
    }
}
