//! Where Podman and Docker are asked differently for the same.

use super::{
    api::{Body, Refused},
    book::Book,
    create::Make,
    gate, Shared,
};
use crate::{disk, engine::RunSpec, error::EngineError, runs::Runs, supervise::First};
use iog_job::RunId;
use rustix::mount::{mount, MountFlags};
use serde_json::Value;
use std::path::PathBuf;

const GATE: &str = "gate";
const PROBE: &str = "gate-probe";

impl Shared {
    pub(super) fn gate_dir(&self, id: &RunId) -> PathBuf {
        self.run_dir(id).join(GATE)
    }

    /// What the container engine makes a container of.
    pub(super) fn json(&self, make: &Make<'_>) -> Result<Value, EngineError> {
        if !self.settings.is_docker() {
            return make.json();
        }
        // A known-good program has one of its own, so that the job's is not let go.
        let name = if make.of_the_host { PROBE } else { GATE };
        let gate = gate::make(
            &self.run_dir(&make.run.id).join(name),
            &self.settings.helper,
            &make.command()?,
            make.env(),
        )?;
        let profile =
            std::fs::read_to_string(&make.profile).map_err(EngineError::file(&make.profile))?;
        Ok(make.docker(&gate, &profile))
    }

    /// Makes a container whose first process waits to become the job.
    pub(super) fn create(&self, name: &str, json: &Value) -> Result<(), Refused> {
        if self.settings.is_docker() {
            let path = format!("/containers/create?name={name}");
            self.api.post(&path, &Body::Json(json))?;
            return self.post(name, "start");
        }
        self.api.post("/containers/create", &Body::Json(json))?;
        self.post(name, "init")
    }

    /// Has the first process of a container become the job.
    pub(super) fn start_made(&self, name: &str, book: &Book) -> Result<(), Refused> {
        if !self.settings.is_docker() {
            return self.post(name, "start");
        }
        let first = book.first.ok_or_else(|| ended(EngineError::NotRunning))?;
        gate::let_go(&self.gate_dir(&book.run.id), &first).map_err(ended)
    }

    /// The same of a known-good program.
    pub(super) fn start_probe(&self, name: &str, id: &RunId) -> Result<(), EngineError> {
        if !self.settings.is_docker() {
            return Ok(self.post(name, "start")?);
        }
        let seen = self.see(name)?;
        let first = seen.and_then(|seen| First::of(seen.pid));
        let first = first.ok_or(EngineError::NotRunning)?;
        gate::let_go(&self.run_dir(id).join(PROBE), &first)
    }

    fn post(&self, name: &str, what: &str) -> Result<(), Refused> {
        let path = format!("/containers/{name}/{what}");
        self.api.post(&path, &Body::None).map(|_| ())
    }

    /// The network that a container is made in; Docker makes it itself.
    pub(super) fn make_net(&self, run: &RunSpec) -> Result<(), EngineError> {
        let net = self.net_of(&run.id);
        if self.settings.is_docker() {
            // Of a try that this process did not survive.
            return net.delete();
        }
        net.make(self.egress(run))?;
        self.mount_sys(&run.id)
    }

    /// Names the network that Docker made, before the job is in it.
    pub(super) fn adopt_net(&self, run: &RunSpec, first: &First) -> Result<(), EngineError> {
        match self.settings.is_docker() {
            true => self.net_of(&run.id).adopt(first.pid, self.egress(run)),
            false => Ok(()),
        }
    }

    /// Where this process's predecessor ended between the last look and the word, the job waits still.
    pub(super) fn let_go_again(&self, book: &Book) -> Result<(), EngineError> {
        match self.settings.is_docker() {
            true => gate::try_let_go(&self.gate_dir(&book.run.id)).map(|_| ()),
            false => Ok(()),
        }
    }

    /// Docker gives the runs that a reboot ended a code that no job gave.
    pub(super) fn is_of_another_boot(&self, book: &Book) -> bool {
        self.settings.is_docker() && book.boot != boot()
    }

    /// A view of the kernel's devices in which only the run's own network is: Podman would show the host's.
    fn mount_sys(&self, id: &RunId) -> Result<(), EngineError> {
        let at = &self.run_dir(id).join("sys");
        std::fs::create_dir_all(at).map_err(EngineError::file(at))?;
        if disk::is_mounted(at) {
            return Ok(());
        }
        let flags =
            MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RDONLY;
        let mounted = || {
            mount("sysfs", at, "sysfs", flags, None)
                .map_err(|error| EngineError::file(at)(error.into()))
        };
        self.net_of(id).inside(mounted)
    }
}

fn ended(error: EngineError) -> Refused {
    Refused {
        code: 0,
        message: error.to_string(),
    }
}

/// Of this machine, since it was switched on.
pub fn boot() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.unwrap_or_default().trim().to_owned()
}
