//! Jobs in bubblewrap: the host's own programs, read only, and nothing else of the host.
//!
//! As root each run has its own user ids, cgroup, network namespace and limited disk, and takes jobs of strangers. Not as root there are no
//! such limits: it takes its own operator's jobs only. redteam E7

mod book;
mod etc;
mod health;
mod plan;
mod run;

use crate::{
    capacity,
    cgroup::{Group, Tree},
    error::EngineError,
    files::private_dir,
    names,
    netns::Egress,
    runs::Held,
};
use iog_job::RunId;
use std::{ffi::OsString, path::PathBuf, sync::Arc};

/// The job's user inside.
pub const INSIDE_UID: u32 = 1_000;

/// How this host runs sandboxes.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// Everything of the runs; only the engine's user enters it.
    pub root: PathBuf,
    /// Program and leading arguments that end in [`crate::helper_main`].
    pub helper: Vec<OsString>,
    pub bwrap: PathBuf,
    /// Folders or files of the host that jobs see, read only, beside `/usr`: drivers, a Python, data.
    pub programs: Vec<PathBuf>,
    /// None: no job reaches the internet.
    pub egress: Option<Egress>,
    /// Runs without limits where there is no right to make them: the operator's own jobs only.
    pub own_jobs_only: bool,
}

impl SandboxSettings {
    pub fn new(root: impl Into<PathBuf>, helper: Vec<OsString>) -> Self {
        Self {
            root: root.into(),
            helper,
            bwrap: "/usr/bin/bwrap".into(),
            programs: Vec::new(),
            egress: None,
            own_jobs_only: false,
        }
    }
}

pub struct SandboxEngine {
    shared: Arc<Shared>,
}

pub struct Shared {
    settings: SandboxSettings,
    tree: Tree,
    root: bool,
}

impl SandboxEngine {
    /// Takes up the runs that are there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(settings: SandboxSettings) -> Result<Self, EngineError> {
        private_dir(&settings.root)?;
        let root = rustix::process::geteuid().is_root();
        let tree = if root {
            Tree::detect()
        } else {
            Tree::default()
        };
        tree.set_aside(capacity::together());
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                tree,
                root,
            }),
        })
    }
}

impl Held for SandboxEngine {
    type Of = Shared;

    fn runs(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Shared {
    fn isolates(&self) -> bool {
        self.root && self.tree.limits()
    }

    fn group(&self, id: &RunId) -> Option<Group> {
        self.isolates()
            .then(|| Group::open(&self.tree, &names::run_name(id)))
    }
}
