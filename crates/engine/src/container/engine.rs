use super::{
    book::Book, create, groups, host, inside_uid, same, service, Runtime, Shared, INSIDE_UID,
};
use crate::{
    disk,
    engine::{Health, Prepared, RunSpec, RunStatus},
    error::EngineError,
    files::private_dir,
    inside, names,
    netns::Net,
    runs::{self, Runs},
};
use iog_job::RunId;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::PoisonError,
};

impl Runs for Shared {
    const KIND: &'static str = "container";

    fn root(&self) -> &Path {
        &self.settings.root
    }

    fn helper(&self) -> &[OsString] {
        &self.settings.helper
    }

    fn lease_dir(&self, id: &RunId) -> PathBuf {
        self.settings
            .root
            .join("leases")
            .join(names::lease_name(id))
    }

    fn run(&self, id: &RunId) -> Result<RunSpec, EngineError> {
        self.book(id).map(|book| book.run)
    }

    fn net(&self, id: &RunId) -> Option<Net> {
        Some(self.net_of(id))
    }

    fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        if !self.tree.limits() {
            return Err(host(
                "limits",
                "memory, processor and processes cannot be limited here",
            ));
        }
        if self.settings.runtime == Runtime::Runsc && !run.cards.is_empty() {
            return Err(host("cards", "no cards pass through runsc here; use runc"));
        }
        match self.find(&run.id)? {
            Some(book) if !same(&book.run, run) => {
                return Err(EngineError::Conflict(run.id.to_string()))
            }
            _ => {}
        }
        let (dir, lease) = (self.run_dir(&run.id), self.lease_dir(&run.id));
        private_dir(&dir)?;
        let uid = run.uid_base.saturating_add(INSIDE_UID);
        let work = disk::make(&lease, run.limits.disk_bytes, run.limits.inodes, uid)?;
        let secrets = disk::make_secrets(&lease, uid)?;
        self.write_etc(run, &dir.join("etc"))?;
        if self.find(&run.id)?.is_none() {
            self.keep(&Book {
                run: run.clone(),
                started: false,
                first: None,
                container: None,
                boot: String::new(),
                over: None,
            })?;
        }
        Ok(Prepared { work, secrets })
    }

    fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        self.start_held(run)
    }

    fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        let lock = self.lock(id);
        let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.status_held(id)
    }

    fn end(&self, id: &RunId) -> Result<(), EngineError> {
        let lock = self.lock(id);
        let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.end_held(id)
    }

    fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        for run in self.attempts(id)? {
            self.end(&run)?;
        }
        disk::erase_secrets(&self.lease_dir(id))
    }

    fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        self.seal(id)?;
        let lease = self.lease_dir(id);
        disk::erase(&lease)?;
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|run, _| (run.lease, run.matched_ts) != (id.lease, id.matched_ts));
        names::erase_dir(&lease)
    }

    fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        let leases = self.settings.root.join("leases");
        runs::all(self, &leases, |book: &Book| book.run.id)
    }

    fn way_in(&self, id: &RunId) -> Result<inside::Way, EngineError> {
        let book = self.book(id)?;
        let first = book
            .first
            .filter(|_| book.started && book.over.is_none())
            .ok_or(EngineError::NotRunning)?;
        let env = create::environment(&book.run);
        if self.settings.runtime == Runtime::Runsc {
            return Ok(inside::Way::Runsc(inside::Sandboxed {
                program: service::RUNSC.into(),
                state: service::runsc_state(&self.settings.root),
                container: book.container.ok_or(EngineError::NotRunning)?,
                dir: self.run_dir(id),
                uid: inside_uid(&self.settings, &book.run),
                env,
                rlimits: create::rlimits(&book.run).to_vec(),
            }));
        }
        let uid = inside_uid(&self.settings, &book.run);
        Ok(inside::Way::Join(inside::Target {
            first,
            uid,
            gid: uid,
            cwd: "/work".into(),
            env,
            groups: groups::folders(&first),
        }))
    }

    fn health(&self) -> Health {
        let detail = match (self.api.get("/_ping"), self.tree.limits()) {
            (Err(error), _) => Some(error.message),
            (Ok(_), false) => {
                Some("memory, processor and processes cannot be limited here".to_owned())
            }
            (Ok(_), true) => None,
        };
        let ready = detail.is_none();
        Health {
            ready,
            detail,
            strangers: ready,
        }
    }
}
