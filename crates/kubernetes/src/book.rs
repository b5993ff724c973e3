//! What is known of a run when this process ends: beside its log and outputs, in the node's own folder.

use crate::api::unknown;
use iog_engine::{files, names, EngineError, RunSpec, RunStatus};
use iog_job::RunId;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub run: RunSpec,
    /// Its container has run.
    pub started: bool,
    /// It is to end, whatever this process did of it.
    pub stopping: bool,
    pub over: Option<RunStatus>,
}

impl Book {
    pub fn new(run: RunSpec) -> Self {
        Self {
            run,
            started: false,
            stopping: false,
            over: None,
        }
    }

    pub fn status(&self) -> RunStatus {
        match (&self.over, self.started) {
            (Some(over), _) => over.clone(),
            (None, true) => RunStatus::Running,
            (None, false) => RunStatus::Prepared,
        }
    }
}

/// The folders of leases.
#[derive(Clone, Debug)]
pub struct Books {
    pub root: PathBuf,
    pub secrets: PathBuf,
    /// While one is changed.
    lock: Arc<Mutex<()>>,
}

impl Books {
    pub fn new(root: &Path, secrets: &Path) -> Self {
        Self {
            root: root.to_owned(),
            secrets: secrets.to_owned(),
            lock: Arc::default(),
        }
    }

    pub fn lease_dir(&self, id: &RunId) -> PathBuf {
        self.root.join("leases").join(names::lease_name(id))
    }

    pub fn secrets_dir(&self, id: &RunId) -> PathBuf {
        self.secrets.join(names::lease_name(id))
    }

    pub fn work(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("work")
    }

    pub fn log(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("log")
    }

    pub fn run_dir(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("runs").join(id.attempt.to_string())
    }

    pub fn find(&self, id: &RunId) -> Result<Option<Book>, EngineError> {
        files::read_json(&self.run_dir(id).join("book.json"))
    }

    pub fn get(&self, id: &RunId) -> Result<Book, EngineError> {
        self.find(id)?.ok_or_else(|| unknown(id))
    }

    pub fn keep(&self, book: &Book) -> Result<(), EngineError> {
        let dir = self.run_dir(&book.run.id);
        files::private_dir(&dir)?;
        files::replace_json(&dir.join("book.json"), book)
    }

    pub fn change(&self, id: &RunId, with: impl FnOnce(&mut Book)) -> Result<Book, EngineError> {
        let _held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut book = self.get(id)?;
        with(&mut book);
        self.keep(&book)?;
        Ok(book)
    }

    pub fn all(&self) -> Result<Vec<Book>, EngineError> {
        let mut books = Vec::new();
        for lease in names::folders(&self.root.join("leases"))? {
            for dir in names::folders(&lease.join("runs"))? {
                books.extend(read(&dir)?);
            }
        }
        books.sort_by_key(|book| book.run.id);
        Ok(books)
    }

    /// All runs of the same lease and match.
    pub fn attempts(&self, id: &RunId) -> Result<Vec<Book>, EngineError> {
        let mut books = Vec::new();
        for dir in names::folders(&self.lease_dir(id).join("runs"))? {
            books.extend(read(&dir)?);
        }
        books.sort_by_key(|book| book.run.id);
        Ok(books)
    }
}

fn read(dir: &Path) -> Result<Option<Book>, EngineError> {
    files::read_json(&dir.join("book.json"))
}
