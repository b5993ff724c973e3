//! Whose fault it is that a container does not start: the host's where a program of its own does not start either. redteam K6

use super::{
    api::{Body, Refused},
    host,
    run::container,
    Shared,
};
use crate::{
    engine::{Limits, RunSpec},
    error::EngineError,
    image::{self, Start},
    runs::Runs,
};
use iog_job::{JobSpec, Kind};

/// Of what the container engine said, for the renter.
const SHOWN: usize = 300;
/// Of memory, processes and files for a program that does nothing.
const ENOUGH_BYTES: u64 = 64 << 20;
const ENOUGH: u32 = 64;

impl Shared {
    /// Starts a known-good program as the job would have been started: same limits, cards, network and disk.
    pub(super) fn whose_fault(&self, run: &RunSpec, refused: &Refused) -> EngineError {
        let of_cards = || {
            !run.cards.is_empty()
                && (refused.message.contains("CDI") || refused.message.contains("device"))
        };
        match self.starts_any(run) {
            Ok(()) => EngineError::Job(format!(
                "the container engine refuses it: {}",
                refused
                    .message
                    .escape_debug()
                    .take(SHOWN)
                    .collect::<String>()
            )),
            Err(error) => {
                tracing::warn!(%error, "a known-good program does not start either");
                host(
                    if of_cards() { "cards" } else { "engine" },
                    &refused.message,
                )
            }
        }
    }

    fn starts_any(&self, run: &RunSpec) -> Result<(), EngineError> {
        let empty = self.run_dir(&run.id).join("probe.tar");
        let image = match self.settings.is_docker() {
            true => image::write_empty_docker(&empty)?,
            false => image::write_empty(&empty)?,
        };
        let loaded = self.api.post("/images/load", &Body::Tar(&empty));
        std::fs::remove_file(&empty).ok();
        loaded?;
        let spec = JobSpec {
            kind: Kind::Batch,
            command: vec!["/usr/bin/true".into()],
            ..JobSpec::session(run.spec.salt)
        };
        // What is too little for any program is not the host's fault.
        let limits = Limits {
            memory_bytes: run.limits.memory_bytes.max(ENOUGH_BYTES),
            pids: run.limits.pids.max(ENOUGH),
            open_files: run.limits.open_files.max(ENOUGH.into()),
            ..run.limits
        };
        let known_good = RunSpec {
            spec,
            limits,
            ..run.clone()
        };
        let name = format!("{}-probe", container(&run.id));
        let start = Start::default();
        let mut make = self.make_of(&known_good, &name, &image, &start);
        make.of_the_host = true;
        let json = self.json(&make)?;
        self.delete(&name)?;
        let done = self
            .create(&name, &json)
            .map_err(EngineError::from)
            .and_then(|()| self.start_probe(&name, &run.id));
        self.delete(&name)?;
        done
    }
}
