use super::{
    book::Book, create, groups, host, inside_uid, run::container, same, service, Runtime, Shared,
    INSIDE_UID,
};
use crate::{
    disk,
    engine::{Health, Prepared, RunSpec, RunStatus, Takes},
    error::EngineError,
    files::private_dir,
    inside, names,
    netns::{self, Net},
    runs::{self, Runs},
};
use iog_job::RunId;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{atomic::AtomicBool, PoisonError},
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

    fn takes(&self) -> Takes {
        Takes {
            images: true,
            no_image: self.session.is_some(),
            registries: Some(self.settings.registries.allowed.clone()),
        }
    }

    fn fetch_image(&self, run: &RunSpec, given_up: &AtomicBool) -> Result<(), EngineError> {
        self.images().ensure(run, given_up).map(|_| ())
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
            match self.end(&run) {
                // Without a book that can be read there are still the names.
                Err(EngineError::Unknown(_) | EngineError::File { .. }) => {
                    self.delete(&container(&run))?;
                    self.take_down(&run)?;
                }
                done => done?,
            }
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

    /// A kernel of gVisor's takes over the devices that it finds at its start in its own way; a mesh through it was not tried.
    fn has_mesh(&self) -> bool {
        self.settings.runtime != Runtime::Runsc && netns::has_tun()
    }

    /// Docker's comes with the container: there is none before the run was started.
    fn ensure_net(&self, id: &RunId) -> Result<Net, EngineError> {
        let lock = self.lock(id);
        let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (book, net) = (self.book(id)?, self.net_of(id));
        if book.over.is_some() || (self.settings.is_docker() && !net.exists()) {
            return Err(EngineError::NotRunning);
        }
        net.make(self.egress(&book.run))?;
        Ok(net)
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
