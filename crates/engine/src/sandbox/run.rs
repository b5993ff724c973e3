//! The life of one run.

use super::{book::Book, etc, plan, Shared, INSIDE_UID};
use crate::{
    cgroup::Group,
    disk,
    engine::{Health, Prepared, RunSpec, RunStatus, Takes},
    error::EngineError,
    files::{private_dir, read_json, replace_json},
    inside, names,
    netns::{self, Egress, Net},
    runs::{self, Runs},
    startable, supervise,
};
use iog_job::RunId;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

impl Shared {
    fn book(&self, id: &RunId) -> Result<Book, EngineError> {
        let book: Option<Book> = read_json(&self.run_dir(id).join("book.json"))?;
        book.filter(|book| book.run.id == *id)
            .ok_or_else(|| EngineError::Unknown(id.to_string()))
    }

    fn egress(&self, run: &RunSpec) -> Option<&Egress> {
        self.settings.egress.as_ref().filter(|_| run.egress)
    }
}

impl Runs for Shared {
    const KIND: &'static str = "sandbox";

    fn root(&self) -> &Path {
        &self.settings.root
    }

    fn helper(&self) -> &[OsString] {
        &self.settings.helper
    }

    fn lease_dir(&self, id: &RunId) -> PathBuf {
        self.settings.root.join(names::lease_name(id))
    }

    fn run(&self, id: &RunId) -> Result<RunSpec, EngineError> {
        self.book(id).map(|book| book.run)
    }

    fn net(&self, id: &RunId) -> Option<Net> {
        self.root.then(|| Net::of(&names::run_name(id)))
    }

    fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        if run.spec.image.is_some() || run.archive.is_some() {
            return Err(EngineError::Image(
                "this engine runs commands of the host, no images".into(),
            ));
        }
        if !self.isolates() && !self.settings.own_jobs_only {
            let detail = "memory, processor and processes cannot be limited here";
            return Err(EngineError::host("limits", detail));
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
        let prepared = Prepared { work, secrets };
        let book = Book {
            run: run.clone(),
            work: prepared.work.clone(),
            secrets: prepared.secrets.clone(),
        };
        // Before the network: one that no book names nobody would take down.
        replace_json(&run_dir.join("book.json"), &book)?;
        if let Some(net) = self.net(&run.id) {
            net.make(self.egress(run))?;
        }
        Ok(prepared)
    }

    fn takes(&self) -> Takes {
        Takes {
            images: false,
            ..Takes::default()
        }
    }

    fn fetch_image(&self, _run: &RunSpec, _given_up: &AtomicBool) -> Result<(), EngineError> {
        Ok(())
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
        startable::check(run, &book.secrets)?;
        for node in run.cards.iter().flat_map(|card| &card.nodes) {
            if !node.exists() {
                let detail = format!("{} is not there", node.display());
                return Err(EngineError::host("cards", detail));
            }
        }
        let group = match self.isolates() {
            true => Some(Group::create(
                &self.tree,
                &names::run_name(&run.id),
                &run.limits,
            )?),
            false => None,
        };
        supervise::start(&self.settings.helper, &dir, &self.plan(&book, group))
    }

    fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        self.book(id)?;
        supervise::status(&self.run_dir(id))
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
        names::erase_dir(&lease.join("secrets"))
    }

    fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        self.seal(id)?;
        let lease = self.lease_dir(id);
        if self.root {
            disk::erase(&lease)?;
        }
        names::erase_dir(&lease)
    }

    fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        runs::all(self, &self.settings.root, |book: &Book| book.run.id)
    }

    fn way_in(&self, id: &RunId) -> Result<inside::Way, EngineError> {
        let book = self.book(id)?;
        let first = supervise::first(&self.run_dir(id))?;
        Ok(inside::Way::Join(inside::Target {
            first,
            uid: INSIDE_UID,
            gid: INSIDE_UID,
            cwd: "/work".into(),
            env: plan::environment(&book.run),
            groups: self
                .group(id)
                .map_or_else(Vec::new, |group| group.folders().to_vec()),
        }))
    }

    fn has_mesh(&self) -> bool {
        self.root && netns::has_tun()
    }

    fn ensure_net(&self, id: &RunId) -> Result<Net, EngineError> {
        let net = self.net(id).filter(Net::exists);
        net.ok_or_else(|| EngineError::Unknown(id.to_string()))
    }

    fn health(&self) -> Health {
        self.look()
    }
}
