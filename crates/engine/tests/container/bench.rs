//! An engine of containers whose runs, mounts and service all go at the end, also of a failed test.

#![allow(dead_code)]

use crate::{
    dockerd::Dockerd,
    support::{
        image::{self, Made},
        run,
    },
};
use iog_engine::{ContainerEngine, ContainerSettings, Daemon, Engine, RunSpec};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

pub struct Bench {
    pub engine: Option<ContainerEngine>,
    pub settings: ContainerSettings,
    pub busybox: Made,
    /// Of the container engine.
    pub socket: PathBuf,
    archive: PathBuf,
    dir: TempDir,
    /// Goes last.
    pub docker: Option<Arc<Dockerd>>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// With more programs in the image.
    pub fn of(programs: &[(&str, &[u8])]) -> Self {
        Self::made(programs, None, |_| {})
    }

    pub fn with(change: impl FnOnce(&mut ContainerSettings)) -> Self {
        Self::made(&[], None, change)
    }

    /// In Docker, with more programs in the image.
    pub fn in_docker(docker: Arc<Dockerd>, programs: &[(&str, &[u8])]) -> Self {
        Self::made(programs, Some(docker), |_| {})
    }

    pub fn in_docker_with(
        docker: Arc<Dockerd>,
        change: impl FnOnce(&mut ContainerSettings),
    ) -> Self {
        Self::made(&[], Some(docker), change)
    }

    fn made(
        programs: &[(&str, &[u8])],
        docker: Option<Arc<Dockerd>>,
        change: impl FnOnce(&mut ContainerSettings),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings =
            ContainerSettings::new(dir.path().join("runs"), crate::support::helper());
        if let Some(docker) = &docker {
            settings.daemon = Daemon::Docker {
                socket: docker.socket.clone(),
            };
        }
        change(&mut settings);
        let env = [
            "PATH=/bin",
            "NVIDIA_VISIBLE_DEVICES=all",
            "LD_PRELOAD=/evil.so",
            "FROM_IMAGE=yes",
        ];
        let busybox = image::image(
            &[image::busybox_and(programs)],
            &env,
            &["/bin/sh", "-c", "echo the image ran"],
        );
        let archive = dir.path().join("busybox.tar");
        busybox.write(&archive);
        let engine = ContainerEngine::open(settings.clone()).unwrap();
        Self {
            socket: engine.socket(),
            docker,
            engine: Some(engine),
            settings,
            busybox,
            archive,
            dir,
        }
    }

    pub fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    pub fn engine(&self) -> &ContainerEngine {
        self.engine.as_ref().unwrap()
    }

    /// Of the image of busybox.
    pub fn run(&self, command: &[&str]) -> RunSpec {
        self.run_of(&self.busybox, &self.archive, command)
    }

    pub fn shell(&self, script: &str) -> RunSpec {
        self.run(&["/bin/sh", "-c", script])
    }

    pub fn run_of(&self, made: &Made, archive: &Path, command: &[&str]) -> RunSpec {
        let mut run = run(command);
        run.spec.image = Some(made.named(archive));
        run.archive = Some(archive.to_owned());
        run
    }

    /// What the container engine itself says.
    pub fn podman(&self, path: &str) -> serde_json::Value {
        let output = std::process::Command::new("curl")
            .args(["-s", "--unix-socket"])
            .arg(&self.socket)
            .arg(format!("http://engine/v4.0.0/libpod{path}"))
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Ends the container engine's service, as a crash would: containers live on.
    pub fn kill_service(&self) {
        if self.docker.is_some() {
            return;
        }
        let socket = format!("unix://{}", self.socket.display());
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let cmdline = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let service = cmdline
                .windows(socket.len())
                .any(|part| part == socket.as_bytes());
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let (true, Some(pid)) = (service, pid.and_then(rustix::process::Pid::from_raw)) {
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).ok();
            }
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.engine = None;
        let settings = self.settings.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let engine = ContainerEngine::open(settings).unwrap();
            runtime.block_on(async {
                for (id, _) in engine.list().await.unwrap_or_default() {
                    if let Err(error) = engine.remove(&id).await {
                        eprintln!("{id} was not removed: {error}");
                    }
                }
            });
        })
        .join()
        .ok();
        self.kill_service();
        if self.docker.is_none() {
            let short = self.socket.parent().unwrap();
            unmount_beneath(short);
            std::fs::remove_dir_all(short).ok();
        }
        unmount_beneath(&self.settings.root);
    }
}

pub fn unmount_beneath(root: &Path) {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let beneath = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .filter(|at| Path::new(at).starts_with(root));
    for at in beneath.collect::<Vec<_>>().into_iter().rev() {
        rustix::mount::unmount(at, rustix::mount::UnmountFlags::DETACH).ok();
    }
}
