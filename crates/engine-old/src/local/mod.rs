//! Jobs as child processes of this machine.

mod dir;
mod life;
mod process;

use crate::{
    engine::{Engine, Health, JobStatus, Logs, Output, Submitted},
    error::EngineError,
    spec::{is_id, job_hash, JobSpec},
};
use async_trait::async_trait;
use dir::{JobDir, STOPPED, TIMEOUT};
use life::{end_process, ended_within, environment};
use process::{launch, lock, Launch, ProcessRecord};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{io::AsyncWriteExt, sync::Mutex};

/// Runs each job as a process group under a state directory, with files for its streams. Jobs go on when the keeper ends, and a
/// keeper that opens the directory again finds them.
///
/// This is no sandbox: a job runs with the keeper's rights, so it suits jobs that the machine's owner trusts.
#[derive(Clone)]
pub struct LocalEngine {
    jobs: PathBuf,
    grace: Duration,
    /// One start at a time; what is on disk decides, so two must not look at once.
    starting: Arc<Mutex<()>>,
    _lock: Arc<File>,
}

impl LocalEngine {
    /// Opens the state directory, creating it if need be, and resumes watching the time limits of jobs that still run.
    /// `grace` is the time between asking a job to end and killing it. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`EngineError::Locked`] if another engine has it open.
    pub fn open(state_dir: impl AsRef<Path>, grace: Duration) -> Result<Self, EngineError> {
        let jobs = state_dir.as_ref().join("jobs");
        fs::create_dir_all(&jobs).map_err(EngineError::file(&jobs))?;
        // Jobs change their directory, so theirs must not depend on ours.
        let jobs = jobs.canonicalize().map_err(EngineError::file(&jobs))?;
        let lock = lock(&state_dir.as_ref().join("lock"))?;
        let engine = Self {
            jobs,
            grace,
            starting: Arc::default(),
            _lock: Arc::new(lock),
        };
        for id in engine.ids()? {
            let dir = engine.dir(&id);
            if let (Some(spec), Some(process)) = (dir.spec()?, dir.process()?) {
                engine.watch(dir, process, spec.time_limit_secs);
            }
        }
        Ok(engine)
    }

    /// The directory that holds the files of [`Engine::outputs`].
    pub fn output_dir(&self, id: &str) -> Result<PathBuf, EngineError> {
        Ok(self.known(id)?.out())
    }

    fn dir(&self, id: &str) -> JobDir {
        JobDir::new(&self.jobs, id)
    }

    fn known(&self, id: &str) -> Result<JobDir, EngineError> {
        let dir = self.dir(id);
        match is_id(id) && dir.spec()?.is_some() {
            true => Ok(dir),
            false => Err(EngineError::NotFound(id.into())),
        }
    }

    fn ids(&self) -> Result<Vec<String>, EngineError> {
        let entries = fs::read_dir(&self.jobs).map_err(EngineError::file(&self.jobs))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut ids: Vec<String> = names.filter(|name| is_id(name)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    async fn start(&self, dir: &JobDir, spec: &JobSpec) -> Result<(), EngineError> {
        let failed = |error: std::io::Error| EngineError::Start {
            id: spec.id.clone(),
            reason: error.to_string(),
        };
        let (stdout, stderr) = (dir.stream("stdout")?, dir.stream("stderr")?);
        let launched = Launch {
            dir: dir.path(),
            work: &dir.work(),
            command: &spec.command,
            env: environment(dir, spec),
            stdout,
            stderr,
        };
        let mut child = launch(launched).map_err(failed)?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let pid = pid.ok_or_else(|| EngineError::Start {
            id: spec.id.clone(),
            reason: "it ended at once".into(),
        })?;
        let process = ProcessRecord::of(pid);
        dir.record(&process)?;
        // On record: now it may run.
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(b"go\n").await.map_err(failed)?;
        }
        tokio::spawn(async move {
            // Only to take its exit status off the process table; the code is in its file.
            if let Err(error) = child.wait().await {
                tracing::warn!(pid, %error, "could not wait for a job");
            }
        });
        self.watch(dir.clone(), process, spec.time_limit_secs);
        Ok(())
    }

    /// Ends the job when its time is over, counted from its start and not from ours.
    fn watch(&self, dir: JobDir, process: ProcessRecord, time_limit_secs: Option<u64>) {
        let Some(limit) = time_limit_secs else { return };
        let grace = self.grace;
        tokio::spawn(async move {
            let end = process.started_unix_secs.saturating_add(limit);
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs();
            let left = Duration::from_secs(end.saturating_sub(now));
            if ended_within(&process, left).await {
                return;
            }
            if let Err(error) = dir.mark(TIMEOUT) {
                tracing::warn!(%error, "a time limit could not be written down");
            }
            end_process(&process, grace).await;
        });
    }
}

#[async_trait]
impl Engine for LocalEngine {
    async fn submit(&self, spec: &JobSpec) -> Result<Submitted, EngineError> {
        spec.validate()?;
        let _one = self.starting.lock().await;
        let dir = self.dir(&spec.id);
        if let Some(known) = dir.spec()? {
            if job_hash(&known)? != job_hash(spec)? {
                return Err(EngineError::Conflict(spec.id.clone()));
            }
            // A start that was broken off before the command ran is made good.
            if dir.status()? != JobStatus::Pending {
                return Ok(Submitted::Adopted);
            }
        }
        let (new, job) = (dir.clone(), spec.clone());
        let created = tokio::task::spawn_blocking(move || new.create(&job)).await;
        created.map_err(|error| EngineError::Start {
            id: spec.id.clone(),
            reason: error.to_string(),
        })??;
        self.start(&dir, spec).await?;
        Ok(Submitted::Started)
    }

    async fn status(&self, id: &str) -> Result<JobStatus, EngineError> {
        self.known(id)?.status()
    }

    async fn logs(&self, id: &str, max_bytes: u64) -> Result<Logs, EngineError> {
        self.known(id)?.logs(max_bytes)
    }

    async fn stop(&self, id: &str) -> Result<JobStatus, EngineError> {
        let dir = self.known(id)?;
        let _one = self.starting.lock().await;
        if dir.status()?.is_final() {
            return dir.status();
        }
        dir.mark(STOPPED)?;
        if let Some(process) = dir.process()? {
            if !end_process(&process, self.grace).await {
                return Err(EngineError::Unstoppable(id.into()));
            }
        }
        dir.status()
    }

    async fn list(&self) -> Result<Vec<(String, JobStatus)>, EngineError> {
        let known = self
            .ids()?
            .into_iter()
            .filter_map(|id| Some((self.known(&id).ok()?, id)));
        known.map(|(dir, id)| Ok((id, dir.status()?))).collect()
    }

    async fn outputs(&self, id: &str) -> Result<Vec<Output>, EngineError> {
        let dir = self.known(id)?;
        let outputs = tokio::task::spawn_blocking(move || dir.outputs()).await;
        outputs.map_err(|error| EngineError::State {
            path: self.jobs.join(id),
            reason: error.to_string(),
        })?
    }

    async fn health(&self) -> Health {
        let writable = File::create(self.jobs.join(".health"));
        match (self.list().await, writable) {
            (Ok(jobs), Ok(_)) => {
                let running = jobs
                    .iter()
                    .filter(|(_, status)| *status == JobStatus::Running)
                    .count();
                Health {
                    ready: true,
                    running,
                    detail: None,
                }
            }
            (Err(error), _) => Health {
                ready: false,
                running: 0,
                detail: Some(error.to_string()),
            },
            (_, Err(error)) => Health {
                ready: false,
                running: 0,
                detail: Some(error.to_string()),
            },
        }
    }
}
