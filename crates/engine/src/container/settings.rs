use crate::{
    image::{ImageLimits, Registries},
    netns::Egress,
};
use iog_job::Hash;
use sha2::{Digest, Sha256};
use std::{
    ffi::OsString,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// What starts the containers of jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runtime {
    #[default]
    Runc,
    /// gVisor: the job's calls do not reach the host's kernel. It runs in the run's own network namespace, as the lease's own user of the
    /// host: no build of Debian's starts in a user namespace. No cards pass through it, and inside is neither a terminal nor SFTP. redteam E6
    Runsc,
}

/// Whose containers they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Daemon {
    /// A service of Podman of this node alone; the engine starts it.
    #[default]
    Podman,
    /// The operator's own Docker, by its socket: jobs are users of the host there, without a user namespace.
    Docker { socket: PathBuf },
}

/// How this host runs containers.
#[derive(Clone, Debug)]
pub struct ContainerSettings {
    /// Everything of the runs, the images and the engine; only root enters it.
    pub root: PathBuf,
    /// Program and leading arguments that end in [`crate::helper_main`].
    pub helper: Vec<OsString>,
    pub daemon: Daemon,
    pub podman: PathBuf,
    pub runtime: Runtime,
    /// Of Podman's store: `overlay`, or `vfs` where the kernel does not let containers stack.
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
            daemon: Daemon::default(),
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

    pub(super) fn is_docker(&self) -> bool {
        matches!(self.daemon, Daemon::Docker { .. })
    }

    /// Jobs have ids of their own inside, which are others on the host.
    pub(super) fn maps_users(&self) -> bool {
        !self.is_docker() && self.runtime == Runtime::Runc
    }

    /// Where what must not survive a reboot is, and what a long path is too long for: Podman takes 50 bytes there, a socket 107.
    pub(super) fn run_root(&self) -> PathBuf {
        let digest = Sha256::digest(self.root.as_os_str().as_bytes());
        let name: String = hex::encode(digest).chars().take(12).collect();
        Path::new("/run/iog").join(name)
    }
}
