use crate::{
    image::{ImageLimits, Registries},
    netns::Egress,
};
use iog_job::Hash;
use std::{ffi::OsString, path::PathBuf};

/// What starts the containers of jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    #[default]
    Runc,
    /// gVisor: the job's calls do not reach the host's kernel. It runs in the run's own network namespace, as the lease's own user of the
    /// host: no build of Debian's starts in a user namespace. No cards pass through it, and inside is neither a terminal nor SFTP. redteam E6
    Runsc,
}

/// How this host runs containers.
#[derive(Clone, Debug)]
pub struct ContainerSettings {
    /// Everything of the runs, the images and the engine; only root enters it.
    pub root: PathBuf,
    /// Program and leading arguments that end in [`crate::helper_main`].
    pub helper: Vec<OsString>,
    pub podman: PathBuf,
    pub runtime: Runtime,
    /// `overlay`, or `vfs` where the kernel does not let containers stack.
    pub storage: String,
    pub images: ImageLimits,
    /// All images together; the least recently used go first.
    pub cache_bytes: u64,
    pub registries: Registries,
    /// Of an image that the operator put into the cache: for sessions without one.
    pub session_image: Option<Hash>,
    /// None: no job reaches the internet.
    pub egress: Option<Egress>,
}

impl ContainerSettings {
    pub fn new(root: impl Into<PathBuf>, helper: Vec<OsString>) -> Self {
        Self {
            root: root.into(),
            helper,
            podman: "/usr/bin/podman".into(),
            runtime: Runtime::default(),
            storage: "overlay".into(),
            images: ImageLimits::default(),
            cache_bytes: 256 << 30,
            registries: Registries::default(),
            session_image: None,
            egress: None,
        }
    }
}
