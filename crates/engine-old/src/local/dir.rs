//! A job's directory. Its files are the whole state: whoever opens it after a crash knows as much as before.
//!
//! ```text
//! spec.json     what was submitted              ran        the command was started
//! process.json  the process, once it exists     exit       its exit code
//! stdout stderr what it wrote                   stopped    it was told to stop
//! work/         its working directory           timeout    it outlived its limit
//! out/          its output directory
//! ```

use super::process::ProcessRecord;
use crate::{
    engine::{JobStatus, Logs, Output, CODE_LOST, CODE_TIME_LIMIT},
    error::EngineError,
    spec::JobSpec,
};
use serde::{de::DeserializeOwned, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

pub(crate) const STOPPED: &str = "stopped";
pub(crate) const TIMEOUT: &str = "timeout";
const SPEC: &str = "spec.json";
const PROCESS: &str = "process.json";

#[derive(Clone, Debug)]
pub(crate) struct JobDir(PathBuf);

impl JobDir {
    pub(crate) fn new(jobs: &Path, id: &str) -> Self {
        Self(jobs.join(id))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.0.join("out")
    }

    pub(crate) fn spec(&self) -> Result<Option<JobSpec>, EngineError> {
        self.read_json(SPEC)
    }

    pub(crate) fn process(&self) -> Result<Option<ProcessRecord>, EngineError> {
        self.read_json(PROCESS)
    }

    pub(crate) fn record(&self, process: &ProcessRecord) -> Result<(), EngineError> {
        self.write_json(PROCESS, process)
    }

    /// Makes everything that the job needs, anew if a start was broken off. The specification comes last: with it the job exists.
    pub(crate) fn create(&self, spec: &JobSpec) -> Result<(), EngineError> {
        for dir in [self.work(), self.out()] {
            remove_dir(&dir)?;
            fs::create_dir_all(&dir).map_err(EngineError::file(&dir))?;
        }
        for input in &spec.inputs {
            let target = self.work().join(&input.target);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).map_err(EngineError::file(parent))?;
            }
            fs::copy(&input.source, &target).map_err(EngineError::file(&input.source))?;
            // The copy is hashed, not the source: what the job reads is what was promised.
            if sha256(&target)? != input.sha256 {
                return Err(EngineError::InputChanged {
                    target: input.target.clone(),
                });
            }
        }
        self.write_json(SPEC, spec)
    }

    pub(crate) fn stream(&self, name: &str) -> Result<File, EngineError> {
        let path = self.0.join(name);
        File::create(&path).map_err(EngineError::file(path))
    }

    pub(crate) fn mark(&self, name: &str) -> Result<(), EngineError> {
        self.stream(name).map(|_| ())
    }

    fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    pub(crate) fn status(&self) -> Result<JobStatus, EngineError> {
        let process = self.process()?;
        // Asked before the exit code is read: a process that has ended has written it.
        if process.as_ref().is_some_and(ProcessRecord::is_alive) {
            return Ok(JobStatus::Running);
        }
        if self.has(STOPPED) {
            return Ok(JobStatus::Stopped);
        }
        if self.has(TIMEOUT) {
            return Ok(JobStatus::Failed {
                code: CODE_TIME_LIMIT,
            });
        }
        if !self.has("ran") {
            return Ok(JobStatus::Pending);
        }
        let exit = self.0.join("exit");
        let code = match fs::read_to_string(&exit) {
            Ok(text) => text.trim().parse().unwrap_or(CODE_LOST),
            Err(error) if error.kind() == io::ErrorKind::NotFound => CODE_LOST,
            Err(error) => return Err(EngineError::file(exit)(error)),
        };
        Ok(if code == 0 {
            JobStatus::Succeeded
        } else {
            JobStatus::Failed { code }
        })
    }

    pub(crate) fn logs(&self, max_bytes: u64) -> Result<Logs, EngineError> {
        let tail = |name: &str| {
            let path = self.0.join(name);
            read_tail(&path, max_bytes).map_err(EngineError::file(path))
        };
        Ok(Logs {
            stdout: tail("stdout")?,
            stderr: tail("stderr")?,
        })
    }

    pub(crate) fn outputs(&self) -> Result<Vec<Output>, EngineError> {
        let root = self.out();
        let mut outputs = Vec::new();
        let mut dirs = vec![root.clone()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(&dir).map_err(EngineError::file(&dir))? {
                let entry = entry.map_err(EngineError::file(&dir))?;
                let kind = entry.file_type().map_err(EngineError::file(entry.path()))?;
                // Links are not followed: a job must not lend its owner's eyes to files outside.
                if kind.is_dir() {
                    dirs.push(entry.path());
                } else if kind.is_file() {
                    outputs.push(output(&root, &entry.path())?);
                }
            }
        }
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(outputs)
    }

    fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, EngineError> {
        let path = self.0.join(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EngineError::file(path)(error)),
        };
        let parsed = serde_json::from_slice(&text);
        parsed.map(Some).map_err(|error| EngineError::State {
            path,
            reason: error.to_string(),
        })
    }

    /// Whole or not at all, also when the machine stops meanwhile.
    fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), EngineError> {
        let (path, new) = (self.0.join(name), self.0.join(format!("{name}.new")));
        let write = || {
            let file = File::create(&new)?;
            serde_json::to_writer(&file, value)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(EngineError::file(&path))
    }
}

fn remove_dir(dir: &Path) -> Result<(), EngineError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(EngineError::file(dir)(error)),
        _ => Ok(()),
    }
}

fn read_tail(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(len.saturating_sub(max_bytes)))?;
    let mut tail = Vec::new();
    file.take(max_bytes).read_to_end(&mut tail)?;
    Ok(tail)
}

fn output(root: &Path, path: &Path) -> Result<Output, EngineError> {
    let len = fs::metadata(path).map_err(EngineError::file(path))?.len();
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Ok(Output {
        path: parts.join("/"),
        len,
        sha256: sha256(path)?,
    })
}

fn sha256(path: &Path) -> Result<String, EngineError> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(EngineError::file(path))?;
    io::copy(&mut file, &mut hash).map_err(EngineError::file(path))?;
    Ok(hex::encode(hash.finalize()))
}
