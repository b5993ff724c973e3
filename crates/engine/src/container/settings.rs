use crate::{
    image::{ImageLimits, Registries},
    netns::Egress,
};
use sha2::{Digest, Sha256};
use std::{
    ffi::OsString,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// An image has gigabytes: 1 Gbit/s.
const PULLS_KIB_PER_SEC: u32 = 125_000;
const MOST_CACHE_BYTES: u64 = 256 << 30;
/// Of the disk's bytes, without a setting.
const CACHE_PARTS: u64 = 4;

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
    /// All images together; the least recently used go first. Not set: a quarter of the disk, 256 GiB at most.
    pub cache_bytes: Option<u64>,
    pub registries: Registries,
    /// The way to the internet of what pulls images; none: the host's own.
    pub pulls: Option<Egress>,
    /// OCI archive of the image for jobs without one; put into the store when the engine is opened.
    pub session_image: Option<PathBuf>,
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
            cache_bytes: None,
            registries: Registries::default(),
            pulls: Some(Egress {
                kib_per_sec: PULLS_KIB_PER_SEC,
                ..Egress::default()
            }),
            session_image: None,
            egress: None,
        }
    }

    /// What images may have, all together and each: unpacked none has more than the cache.
    pub(super) fn limit_images(&mut self, disk_bytes: u64) -> u64 {
        let usual = MOST_CACHE_BYTES.min(disk_bytes / CACHE_PARTS);
        let cache = self.cache_bytes.unwrap_or(usual);
        self.cache_bytes = Some(cache);
        self.images.packed_bytes = self.images.packed_bytes.min(cache);
        self.images.bytes = self.images.bytes.min(cache);
        cache
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
