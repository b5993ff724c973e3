//! Jobs of leases: their specifications, their runs, their outputs.

use crate::{
    config::{Config, EngineKind},
    error::{KeeperError, Result},
};
use iog_engine::{
    job_hash, submission_id, Engine, EngineError, JobSpec, JobStatus, LocalEngine, Output,
    Submitted,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Between asking a job to end and killing it.
const GRACE: Duration = Duration::from_secs(10);
/// What is kept of each stream.
const LOG_BYTES: u64 = 1 << 20;

pub struct Jobs {
    engine: LocalEngine,
    jobs_dir: PathBuf,
    outputs_dir: PathBuf,
}

/// `result.json` beside the outputs.
#[derive(Serialize)]
struct JobResult<'a> {
    id: &'a str,
    order: String,
    lease: String,
    status: JobStatus,
    files: &'a [Output],
}

impl Jobs {
    pub fn open(config: &Config) -> Result<Self> {
        let engine = match config.engine {
            EngineKind::Local => LocalEngine::open(config.engine_dir(), GRACE)?,
        };
        let (jobs_dir, outputs_dir) = (config.jobs_dir(), config.outputs_dir());
        for dir in [&jobs_dir, &outputs_dir] {
            fs::create_dir_all(dir).map_err(KeeperError::file(dir))?;
        }
        let jobs_dir = jobs_dir
            .canonicalize()
            .map_err(KeeperError::file(&jobs_dir))?;
        Ok(Self {
            engine,
            jobs_dir,
            outputs_dir,
        })
    }

    pub fn engine(&self) -> &dyn Engine {
        &self.engine
    }

    /// Hashes of the specifications in the jobs directory. A file whose content has another hash than its name is left out:
    /// the chain knows jobs by hash.
    pub fn known(&self) -> Result<BTreeSet<[u8; 32]>> {
        let entries = fs::read_dir(&self.jobs_dir).map_err(KeeperError::file(&self.jobs_dir))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let hashes = names.filter_map(|name| {
            let mut hash = [0; 32];
            hex::decode_to_slice(name.strip_suffix(".json")?, &mut hash).ok()?;
            Some(hash)
        });
        Ok(hashes.filter(|hash| self.is_sound(hash)).collect())
    }

    fn is_sound(&self, hash: &[u8; 32]) -> bool {
        match self.spec(hash, "check-0") {
            Ok(_) => true,
            Err(reason) => {
                tracing::warn!(
                    job = hex::encode(hash),
                    reason,
                    "a job specification is not usable"
                );
                false
            }
        }
    }

    /// The specification under a hash, ready to be submitted under `id`.
    fn spec(&self, hash: &[u8; 32], id: &str) -> std::result::Result<JobSpec, String> {
        let path = self.jobs_dir.join(format!("{}.json", hex::encode(hash)));
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let mut value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let fields = value.as_object_mut().ok_or("it is not a JSON object")?;
        fields.insert("id".into(), id.into());
        let mut spec: JobSpec = serde_json::from_value(value).map_err(|error| error.to_string())?;
        spec.validate().map_err(|error| error.to_string())?;
        if job_hash(&spec).map_err(|error| error.to_string())? != *hash {
            return Err("its content has another hash than its name".into());
        }
        for input in &mut spec.inputs {
            input.source = self.inside(&input.source)?;
        }
        Ok(spec)
    }

    /// Renters write specifications, so inputs come from the jobs directory and from nowhere else on this machine.
    fn inside(&self, source: &Path) -> std::result::Result<PathBuf, String> {
        let path = self.jobs_dir.join(source);
        let path = path
            .canonicalize()
            .map_err(|error| format!("input {}: {error}", source.display()))?;
        match path.starts_with(&self.jobs_dir) {
            true => Ok(path),
            false => Err(format!(
                "input {} lies outside the jobs directory",
                source.display()
            )),
        }
    }

    /// What the engine knows, by submission.
    pub async fn statuses(&self) -> Result<BTreeMap<String, JobStatus>> {
        Ok(self.engine.list().await?.into_iter().collect())
    }

    pub async fn start(
        &self,
        lease: &Pubkey,
        job: &[u8; 32],
    ) -> std::result::Result<Submitted, String> {
        let spec = self.spec(job, &id(lease))?;
        self.engine
            .submit(&spec)
            .await
            .map_err(|error| error.to_string())
    }

    pub async fn stop(&self, lease: &Pubkey) -> std::result::Result<JobStatus, EngineError> {
        self.engine.stop(&id(lease)).await
    }

    /// Copies what an ended job left to `outputs/<order>/<lease>/`: `files/`, `stdout`, `stderr`, `result.json`. Whole or not
    /// at all; doing it again replaces it by the same.
    pub async fn collect(&self, lease: &Pubkey, order: &Pubkey) -> Result<(JobStatus, usize)> {
        let id = id(lease);
        let status = self.engine.status(&id).await?;
        let files = self.engine.outputs(&id).await?;
        let logs = self.engine.logs(&id, LOG_BYTES).await?;
        let from = self.engine.output_dir(&id)?;
        let to = self
            .outputs_dir
            .join(order.to_string())
            .join(lease.to_string());
        let result = JobResult {
            id: &id,
            order: order.to_string(),
            lease: lease.to_string(),
            status,
            files: &files,
        };
        let result = serde_json::to_vec_pretty(&result).unwrap_or_default();
        let count = files.len();
        let streams = [
            ("stdout", logs.stdout),
            ("stderr", logs.stderr),
            ("result.json", result),
        ];
        let copied = tokio::task::spawn_blocking(move || keep(&from, &to, &files, &streams)).await;
        copied.map_err(|error| KeeperError::File {
            path: self.outputs_dir.clone(),
            source: io::Error::other(error),
        })??;
        Ok((status, count))
    }
}

/// A lease is tried once: its first attempt.
pub fn id(lease: &Pubkey) -> String {
    submission_id(&lease.to_string(), 0)
}

fn keep(from: &Path, to: &Path, files: &[Output], texts: &[(&str, Vec<u8>)]) -> Result<()> {
    let new = to.with_extension("new");
    clear(&new)?;
    for file in files {
        let (source, target) = (from.join(&file.path), new.join("files").join(&file.path));
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(KeeperError::file(parent))?;
        }
        fs::copy(&source, &target).map_err(KeeperError::file(&source))?;
        // A job may leave processes behind that go on writing: what is kept is what was listed.
        if sha256(&target)? != file.sha256 {
            let changed = io::Error::other("it changed while it was fetched");
            return Err(KeeperError::file(&source)(changed));
        }
    }
    fs::create_dir_all(&new).map_err(KeeperError::file(&new))?;
    for (name, text) in texts {
        let path = new.join(name);
        fs::write(&path, text).map_err(KeeperError::file(&path))?;
    }
    clear(to)?;
    fs::rename(&new, to).map_err(KeeperError::file(to))
}

fn clear(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KeeperError::file(dir)(error)),
        _ => Ok(()),
    }
}

fn sha256(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    let mut file = fs::File::open(path).map_err(KeeperError::file(path))?;
    io::copy(&mut file, &mut hash).map_err(KeeperError::file(path))?;
    Ok(hex::encode(hash.finalize()))
}
