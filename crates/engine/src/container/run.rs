//! The life of one run.

use super::{
    api::Refused,
    book::Book,
    create::{wants_shell, Make},
    daemon, devices, groups, host, inside_uid, profile,
    pump::{self, Pump},
    same, Runtime, Shared,
};
use crate::{
    disk,
    engine::{RunSpec, RunStatus},
    error::EngineError,
    image::Start,
    log, names,
    netns::Net,
    runs::Runs,
    startable,
    supervise::First,
};
use iog_job::{wire::LogKind, Hash, RunId, Why};
use rustix::mount::{unmount, UnmountFlags};
use serde_json::Value;
use std::{
    sync::{atomic::AtomicBool, PoisonError},
    time::{Duration, Instant},
};

/// Written by the pump where the kernel killed for want of memory.
const OUT_OF_MEMORY: &str = "out-of-memory";
const DELETED_WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// What the container engine knows of a container.
pub(super) struct Seen {
    id: String,
    state: String,
    pub(super) pid: u32,
    code: i32,
    /// Docker's word: its groups are gone when the pump looks.
    out_of_memory: bool,
}

impl Shared {
    pub(super) fn net_of(&self, id: &RunId) -> Net {
        Net::of(&names::run_name(id))
    }

    /// Starts a prepared run; a second call does nothing.
    pub(super) fn start_held(&self, run: &RunSpec) -> Result<(), EngineError> {
        let lock = self.lock(&run.id);
        let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let mut book = self.book(&run.id)?;
        if !same(&book.run, run) {
            return Err(EngineError::Conflict(run.id.to_string()));
        }
        if book.started || book.over.is_some() {
            return Ok(());
        }
        book.run.archive.clone_from(&run.archive);
        startable::check(run, &self.lease_dir(&run.id).join("secrets"))?;
        let name = container(&run.id);
        // Of a try that this process did not survive.
        self.delete(&name)?;
        let done = self.make(&mut book, &name).and_then(|made| match made {
            Some(code) => {
                book.over = Some(RunStatus::Exited(code));
                self.keep(&book)
            }
            None => Ok(()),
        });
        if done.is_err() || book.over.is_some() {
            self.delete(&name)?;
            self.take_down(&run.id)?;
        }
        done
    }

    /// The code of a command that cannot be run, or none where it runs.
    fn make(&self, book: &mut Book, name: &str) -> Result<Option<i32>, EngineError> {
        let run = book.run.clone();
        let image = self.images().ensure(&run, &AtomicBool::new(false))?;
        self.make_net(&run)?;
        let json = self.json(&self.make_of(&run, name, &image.stored, &image.start))?;
        if let Err(refused) = self.create(name, &json) {
            return match no_command(&refused.message) {
                Some(code) => self.say_no_command(&run, code).map(Some),
                None => Err(self.whose_fault(&run, &refused)),
            };
        }
        let seen = self
            .see(name)?
            .ok_or_else(|| host("engine", "the container is gone"))?;
        let Some(first) = First::of(seen.pid) else {
            let message = "the container ended before it began".to_owned();
            return Err(self.whose_fault(&run, &Refused { code: 0, message }));
        };
        self.adopt_net(&run, &first)?;
        self.look_inside(&run, &first)?;
        book.first = Some(first);
        book.container = Some(seen.id);
        book.boot = daemon::boot();
        self.keep(book)?;
        self.pump(book)?;
        book.started = true;
        self.keep(book)?;
        match self.start_made(name, book) {
            Ok(()) => Ok(None),
            Err(refused) => match no_command(&refused.message) {
                Some(code) => self.say_no_command(&run, code).map(Some),
                None => Err(self.whose_fault(&run, &refused)),
            },
        }
    }

    pub(super) fn make_of<'a>(
        &'a self,
        run: &'a RunSpec,
        name: &'a str,
        image: &'a Hash,
        start: &'a Start,
    ) -> Make<'a> {
        let (dir, lease) = (self.run_dir(&run.id), self.lease_dir(&run.id));
        Make {
            run,
            name,
            image,
            start,
            uid: inside_uid(&self.settings, run),
            runtime: self.settings.runtime,
            work: lease.join("work"),
            secrets: lease.join("secrets"),
            sys: dir.join("sys"),
            etc: dir.join("etc"),
            net: self.net_of(&run.id).path(),
            profile: profile::path(&self.settings.root),
            of_the_host: false,
        }
    }

    /// Everything that is held against the lease before the job's first instruction. redteam E1
    fn look_inside(&self, run: &RunSpec, first: &First) -> Result<(), EngineError> {
        if self.settings.runtime == Runtime::Runsc {
            return Ok(());
        }
        devices::compare(first, &run.cards)?;
        let shell = devices::has_program(first, &["bin/sh"])
            && devices::has_program(first, &["bin/cat", "usr/bin/cat"]);
        match wants_shell(run) && !shell {
            true => Err(EngineError::Image(
                "it has no /bin/sh and cat, which sessions and secrets in the environment need; read the secrets' files instead".into(),
            )),
            false => Ok(()),
        }
    }

    fn say_no_command(&self, run: &RunSpec, code: i32) -> Result<i32, EngineError> {
        let log = self.lease_dir(&run.id).join("log");
        let mut writer = log::Writer::open(&log, run.limits.log_bytes)?;
        writer.write(
            LogKind::Node,
            format!("iog: the command cannot be run ({code})\n").as_bytes(),
        );
        Ok(code)
    }

    pub(super) fn pump(&self, book: &Book) -> Result<(), EngineError> {
        let id = &book.run.id;
        let first = book.first.ok_or(EngineError::NotRunning)?;
        let pump = Pump {
            socket: self.api.socket().to_owned(),
            version: self.api.version().to_owned(),
            container: container(id),
            log: self.lease_dir(id).join("log"),
            log_bytes: book.run.limits.log_bytes,
            first,
            lock: self.run_dir(id).join("pump.lock"),
            out_of_memory: self.run_dir(id).join(OUT_OF_MEMORY),
        };
        pump::start(&self.settings.helper, &pump)
    }

    pub(super) fn status_held(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        let mut book = self.book(id)?;
        if let Some(over) = book.over {
            return Ok(over);
        }
        if !book.started {
            return Ok(RunStatus::Prepared);
        }
        let over = match self.see(&container(id))? {
            Some(seen) if matches!(seen.state.as_str(), "running" | "paused" | "stopping") => {
                return Ok(RunStatus::Running)
            }
            Some(seen)
                if matches!(seen.state.as_str(), "exited" | "stopped")
                    && seen.code >= 0
                    && !self.is_of_another_boot(&book) =>
            {
                RunStatus::Exited(seen.code)
            }
            // Gone, or set back by a reboot.
            _ => RunStatus::Failed(Why::Lost),
        };
        pump::settle(&self.run_dir(id).join("pump.lock"));
        let starved = over == RunStatus::Exited(137) && self.starved(id)?;
        let over = if starved {
            RunStatus::Failed(Why::OutOfMemory)
        } else {
            over
        };
        book.over = Some(over.clone());
        self.keep(&book)?;
        Ok(over)
    }

    fn starved(&self, id: &RunId) -> Result<bool, EngineError> {
        if self.run_dir(id).join(OUT_OF_MEMORY).exists() {
            return Ok(true);
        }
        let seen = self.see(&container(id))?;
        Ok(seen.is_some_and(|seen| seen.out_of_memory))
    }

    /// Ends a run with all it started, its network and its container. Its disk and log stay.
    pub(super) fn end_held(&self, id: &RunId) -> Result<(), EngineError> {
        let status = self.status_held(id)?;
        let mut book = self.book(id)?;
        if let Some(first) = book.first.filter(|_| !status.is_over()) {
            groups::kill(&first);
        }
        self.delete(&container(id))?;
        if !status.is_over() {
            pump::settle(&self.run_dir(id).join("pump.lock"));
            book.over = Some(RunStatus::Stopped);
            self.keep(&book)?;
        }
        self.take_down(id)
    }

    pub(super) fn take_down(&self, id: &RunId) -> Result<(), EngineError> {
        let sys = self.run_dir(id).join("sys");
        while disk::is_mounted(&sys) {
            unmount(&sys, UnmountFlags::DETACH)
                .map_err(|error| EngineError::file(&sys)(error.into()))?;
        }
        self.net_of(id).delete()
    }

    /// A container that dies at this moment can be neither killed nor deleted for an instant.
    pub(super) fn delete(&self, name: &str) -> Result<(), EngineError> {
        let path = format!("/containers/{name}?force=true&timeout=0&v=true&volumes=true");
        let end = Instant::now() + DELETED_WITHIN;
        loop {
            match self.api.delete(&path) {
                Err(refused) if refused.code != 0 && Instant::now() < end => {
                    std::thread::sleep(PAUSE)
                }
                done => return Ok(done?),
            }
        }
    }

    pub(super) fn see(&self, name: &str) -> Result<Option<Seen>, EngineError> {
        let value = match self.api.get(&format!("/containers/{name}/json")) {
            Ok(value) => value,
            Err(refused) if refused.is_missing() => return Ok(None),
            Err(refused) => return Err(refused.into()),
        };
        let state = value.get("State").unwrap_or(&Value::Null);
        let number = |name: &str| state.get(name).and_then(Value::as_i64).unwrap_or(-1);
        Ok(Some(Seen {
            id: value
                .get("Id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            state: state
                .get("Status")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            pid: u32::try_from(number("Pid")).unwrap_or(0),
            code: i32::try_from(number("ExitCode")).unwrap_or(-1),
            out_of_memory: self.settings.is_docker()
                && state.get("OOMKilled") == Some(&Value::Bool(true)),
        }))
    }
}

pub(super) fn container(id: &RunId) -> String {
    format!("iog-{}", names::run_name(id))
}

/// The code of a command that the image does not have or that is no program; none where the start failed otherwise.
fn no_command(message: &str) -> Option<i32> {
    let of_command = message.contains("unable to start container process: exec: \"")
        || message.contains("exec user process");
    match (of_command, message.contains("permission denied")) {
        (true, true) => Some(126),
        (true, false) => Some(127),
        (false, _) => None,
    }
}
