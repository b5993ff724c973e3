//! Jobs in bubblewrap: the host's own programs, read only, and nothing else of the host.
//!
//! As root each run has its own user ids, cgroup, network namespace and limited disk, and takes jobs of strangers. Not as root there are no
//! such limits: it takes its own operator's jobs only. redteam E7

mod book;
mod etc;
mod plan;

use crate::{
    cgroup::{Group, Tree},
    disk,
    engine::{
        Bytes, Capacity, Engine, Exec, ExecEvent, ExecInput, Health, Prepared, RunSpec, RunStatus,
    },
    error::EngineError,
    files::{private_dir, read_json, replace_json},
    inside, log,
    netns::{Egress, Net},
    outputs, supervise,
};
use async_trait::async_trait;
use book::Book;
use iog_job::{
    wire::{LogFrame, OutputFile},
    Platform, RunId,
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::mpsc::{Receiver, Sender},
};

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

pub(crate) struct Shared {
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
        Ok(Self {
            shared: Arc::new(Shared {
                settings,
                tree,
                root,
            }),
        })
    }

    /// Mounts, processes and files take their time: not on a thread of the runtime.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let shared = self.shared.clone();
        let task = tokio::task::spawn_blocking(move || work(&shared));
        task.await
            .unwrap_or_else(|error| Err(host(&error.to_string())))
    }
}

impl Shared {
    fn lease_dir(&self, id: &RunId) -> PathBuf {
        self.settings.root.join(book::lease_name(id))
    }

    fn run_dir(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("runs").join(id.attempt.to_string())
    }

    fn book(&self, id: &RunId) -> Result<Book, EngineError> {
        let book: Option<Book> = read_json(&self.run_dir(id).join("book.json"))?;
        book.filter(|book| book.run.id == *id)
            .ok_or_else(|| EngineError::Unknown(id.to_string()))
    }

    fn isolates(&self) -> bool {
        self.root && self.tree.limits()
    }

    fn group(&self, id: &RunId) -> Option<Group> {
        self.isolates()
            .then(|| Group::open(&self.tree, &book::run_name(id)))
    }

    fn net(&self, id: &RunId) -> Option<Net> {
        self.root.then(|| Net::of(&book::run_name(id)))
    }

    fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        if run.spec.image.is_some() || run.archive.is_some() {
            return Err(EngineError::Image(
                "this engine runs commands of the host, no images".into(),
            ));
        }
        if !self.isolates() && !self.settings.own_jobs_only {
            return Err(EngineError::Host {
                what: "limits",
                detail: "memory, processor and processes cannot be limited here".into(),
            });
        }
        let run_dir = self.run_dir(&run.id);
        match read_json::<Book>(&run_dir.join("book.json"))? {
            Some(book) if book.run != *run => {
                return Err(EngineError::Conflict(run.id.to_string()))
            }
            _ => {}
        }
        private_dir(&run_dir)?;
        let lease = self.lease_dir(&run.id);
        let uid = run.uid_base.saturating_add(INSIDE_UID);
        let (work, secrets) = if self.root {
            let disk = disk::make(&lease, run.limits.disk_bytes, run.limits.inodes, uid)?;
            (disk, disk::make_secrets(&lease, uid)?)
        } else {
            let (work, secrets) = (lease.join("work"), lease.join("secrets"));
            private_dir(&work)?;
            // The job may have put something else in its place.
            let _ = std::fs::create_dir(work.join(disk::OUT));
            private_dir(&secrets)?;
            (work, secrets)
        };
        etc::write(
            &run_dir.join("etc"),
            self.egress(run).map(|egress| egress.resolvers.as_slice()),
        )?;
        if let Some(net) = self.net(&run.id) {
            net.make(self.egress(run))?;
        }
        let prepared = Prepared { work, secrets };
        let book = Book {
            run: run.clone(),
            work: prepared.work.clone(),
            secrets: prepared.secrets.clone(),
        };
        replace_json(&run_dir.join("book.json"), &book)?;
        Ok(prepared)
    }

    fn egress(&self, run: &RunSpec) -> Option<&Egress> {
        self.settings.egress.as_ref().filter(|_| run.egress)
    }

    fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        let book = self.book(&run.id)?;
        if book.run != *run {
            return Err(EngineError::Conflict(run.id.to_string()));
        }
        let dir = self.run_dir(&run.id);
        if supervise::status(&dir)? != RunStatus::Prepared {
            return Ok(());
        }
        for node in run.cards.iter().flat_map(|card| &card.nodes) {
            if !node.exists() {
                let detail = format!("{} is not there", node.display());
                return Err(EngineError::Host {
                    what: "cards",
                    detail,
                });
            }
        }
        let group = match self.isolates() {
            true => Some(Group::create(
                &self.tree,
                &book::run_name(&run.id),
                &run.limits,
            )?),
            false => None,
        };
        supervise::start(&self.settings.helper, &dir, &self.plan(&book, group))
    }

    /// Ends processes and network of one run. Its folder stays.
    fn end(&self, id: &RunId) -> Result<(), EngineError> {
        supervise::stop(&self.run_dir(id))?;
        if let Some(group) = self.group(id).filter(Group::exists) {
            group.kill()?;
            group.remove()?;
        }
        self.net(id).map_or(Ok(()), |net| net.delete())
    }

    fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        for run in self.attempts(id)? {
            self.end(&run)?;
        }
        let lease = self.lease_dir(id);
        if self.root {
            return disk::erase_secrets(&lease);
        }
        erase_dir(&lease.join("secrets"))
    }

    fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        self.seal(id)?;
        let lease = self.lease_dir(id);
        if self.root {
            disk::erase(&lease)?;
        }
        erase_dir(&lease)
    }

    /// All runs of the same lease and match.
    fn attempts(&self, id: &RunId) -> Result<Vec<RunId>, EngineError> {
        let runs = self.list()?.into_iter().map(|(run, _)| run);
        Ok(runs
            .filter(|run| (run.lease, run.matched_ts) == (id.lease, id.matched_ts))
            .collect())
    }

    fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        let mut found = Vec::new();
        for lease in book::folders(&self.settings.root)? {
            for dir in book::folders(&lease.join("runs"))? {
                if let Some(book) = read_json::<Book>(&dir.join("book.json"))? {
                    found.push((book.run.id, supervise::status(&dir)?));
                }
            }
        }
        found.sort_by_key(|(id, _)| *id);
        Ok(found)
    }

    fn target(&self, id: &RunId) -> Result<inside::Target, EngineError> {
        let book = self.book(id)?;
        let first = supervise::first(&self.run_dir(id))?;
        Ok(inside::Target {
            first,
            uid: INSIDE_UID,
            gid: INSIDE_UID,
            cwd: "/work".into(),
            env: plan::environment(&book.run),
            groups: self
                .group(id)
                .map_or_else(Vec::new, |group| group.folders().to_vec()),
        })
    }

    fn health(&self) -> Health {
        let missing = [self.settings.bwrap.as_path(), Path::new("/usr/bin/env")]
            .into_iter()
            .find(|path| !path.exists());
        if let Some(path) = missing {
            return Health {
                ready: false,
                detail: Some(format!("{} is not installed", path.display())),
                strangers: false,
            };
        }
        let probe = std::process::Command::new(&self.settings.bwrap)
            .args([
                "--unshare-all",
                "--ro-bind",
                "/",
                "/",
                "--proc",
                "/proc",
                "--",
                "/usr/bin/env",
                "true",
            ])
            .env_clear()
            .output();
        let detail = match probe {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if detail.is_some() {
            return Health {
                ready: false,
                detail,
                strangers: false,
            };
        }
        match (self.isolates(), self.settings.own_jobs_only) {
            (true, _) => Health {
                ready: true,
                detail: None,
                strangers: !self.settings.own_jobs_only,
            },
            (false, own) => Health {
                ready: own,
                detail: Some(
                    "jobs cannot be limited here: only the operator's own are taken".into(),
                ),
                strangers: false,
            },
        }
    }

    fn capacity(&self) -> Result<Capacity, EngineError> {
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let memory =
            std::fs::read_to_string("/proc/meminfo").map_err(EngineError::file("/proc/meminfo"))?;
        let line = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"));
        let kib: u64 = line
            .and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
            .unwrap_or(0);
        let disk = rustix::fs::statvfs(&self.settings.root)
            .map_err(|error| EngineError::file(&self.settings.root)(error.into()))?;
        Ok(Capacity {
            platform: if cfg!(target_arch = "aarch64") {
                Platform::LinuxArm64
            } else {
                Platform::LinuxAmd64
            },
            cpu_millis: u32::try_from(cpus)
                .unwrap_or(u32::MAX)
                .saturating_mul(1_000),
            memory_bytes: kib.saturating_mul(1_024),
            disk_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
        })
    }
}

#[async_trait]
impl Engine for SandboxEngine {
    fn kind(&self) -> &'static str {
        "sandbox"
    }

    async fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        let run = run.clone();
        self.blocking(move |shared| shared.prepare(&run)).await
    }

    async fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        let run = run.clone();
        self.blocking(move |shared| shared.start(&run)).await
    }

    async fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        let id = *id;
        self.blocking(move |shared| {
            shared.book(&id)?;
            supervise::status(&shared.run_dir(&id))
        })
        .await
    }

    async fn logs(
        &self,
        id: &RunId,
        from: u64,
        follow: bool,
    ) -> Result<Receiver<LogFrame>, EngineError> {
        self.shared.book(id)?;
        let run = self.shared.run_dir(id);
        let is_over = move || supervise::status(&run).map_or(true, |status| status.is_over());
        Ok(log::read(
            &self.shared.lease_dir(id).join("log"),
            from,
            follow,
            is_over,
        ))
    }

    async fn stop(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        self.blocking(move |shared| {
            shared.book(&id)?;
            shared.end(&id)
        })
        .await
    }

    async fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        self.blocking(Shared::list).await
    }

    async fn outputs(&self, id: &RunId) -> Result<Vec<OutputFile>, EngineError> {
        let id = *id;
        self.blocking(move |shared| {
            let book = shared.book(&id)?;
            outputs::list(&book.work, &book.run.spec.outputs)
        })
        .await
    }

    async fn fetch(&self, id: &RunId, path: &str, from: u64) -> Result<Bytes, EngineError> {
        let (id, path) = (*id, path.to_owned());
        let file = self
            .blocking(move |shared| outputs::open(&shared.book(&id)?.work, &path, from))
            .await?;
        Ok(Box::pin(tokio::fs::File::from_std(file)))
    }

    async fn exec(
        &self,
        id: &RunId,
        exec: Exec,
    ) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
        inside::exec(&self.shared.settings.helper, self.shared.target(id)?, exec).await
    }

    async fn sftp(&self, id: &RunId) -> Result<UnixStream, EngineError> {
        inside::sftp(&self.shared.settings.helper, self.shared.target(id)?).await
    }

    async fn connect(&self, id: &RunId, port: u16) -> Result<TcpStream, EngineError> {
        inside::connect(&self.shared.settings.helper, self.shared.target(id)?, port).await
    }

    async fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        self.blocking(move |shared| shared.seal(&id)).await
    }

    async fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        self.blocking(move |shared| shared.remove(&id)).await
    }

    async fn health(&self) -> Health {
        let health = self.blocking(|shared| Ok(shared.health())).await;
        health.unwrap_or_else(|error| Health {
            ready: false,
            detail: Some(error.to_string()),
            strangers: false,
        })
    }

    async fn capacity(&self) -> Result<Capacity, EngineError> {
        self.blocking(Shared::capacity).await
    }
}

fn erase_dir(dir: &Path) -> Result<(), EngineError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(EngineError::file(dir)(error))
        }
        _ => Ok(()),
    }
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "engine",
        detail: detail.to_owned(),
    }
}
