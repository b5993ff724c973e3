//! What no node would take is refused before money moves, and again on the device before it accepts (field cases 5 and 17).

mod mirrors;
mod names;
mod paths;
mod ray;

pub(crate) use paths::https;

use crate::{
    canonical,
    error::SpecError,
    ids::Hash,
    spec::{Image, JobSpec, Kind, Readiness, Restart, MAX_SPEC_BYTES},
};
use std::{collections::BTreeSet, fmt};

/// Inputs of one job.
pub const MAX_INPUTS: usize = 10_000;
/// Ports of one job.
pub const MAX_PORTS: usize = 64;
const MAX_OUTPUTS: usize = 1_000;
const MAX_SECRETS: usize = 256;

type Result<T> = std::result::Result<T, SpecError>;

fn refuse<T>(field: impl Into<String>, reason: impl Into<String>) -> Result<T> {
    Err(SpecError::new(field, reason))
}

/// Ten years.
const MAX_SECS: u64 = 315_360_000;
const LEAST_BYTES: u64 = 32 << 20;
const LEAST_PIDS: u64 = 32;
const LEAST_MILLIS: u64 = 10;

impl JobSpec {
    /// Whether a node could run it at all; whether one wants to is its operator's affair.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        if self.version != 2 {
            let reason = format!("is {}; this program knows version 2", self.version);
            return refuse("version", reason);
        }
        if self.salt.is_none() {
            return refuse(
                "salt",
                "is zero; without a salt the hashes on chain tell everybody what runs",
            );
        }
        let text =
            canonical::to_string(self).map_err(|error| SpecError::new("", error.to_string()))?;
        if text.len() > MAX_SPEC_BYTES {
            let reason = format!(
                "the specification has {} bytes, where {MAX_SPEC_BYTES} are allowed",
                text.len()
            );
            return refuse("", reason);
        }
        self.image.as_ref().map_or(Ok(()), image)?;
        self.kind_of_work()?;
        names::env(self)?;
        names::secrets(self, MAX_SECRETS)?;
        paths::inputs(&self.inputs, self.resources.disk_bytes)?;
        mirrors::mirrors(self)?;
        paths::outputs(&self.outputs, MAX_OUTPUTS)?;
        self.ports()?;
        self.readiness
            .as_ref()
            .map_or(Ok(()), |ready| self.ready(ready))?;
        let most = &self.resources;
        if most.memory_bytes > 0 && most.shm_bytes > most.memory_bytes {
            return refuse(
                "resources.shm_bytes",
                "is more than the memory, of which it is a part",
            );
        }
        match self.time_limit_secs {
            Some(0) => refuse(
                "time_limit_secs",
                "is 0; leave it out for a job without a limit",
            ),
            Some(secs) if secs > MAX_SECS => refuse(
                "time_limit_secs",
                format!("is above {MAX_SECS}, ten years; leave it out for a job without a limit"),
            ),
            _ => self.floors(),
        }
    }

    /// Under these nothing starts, and a machine that cannot start a job is not to blame.
    fn floors(&self) -> Result<()> {
        let most = &self.resources;
        let inputs = self.inputs.iter().map(|input| input.len);
        let inputs = inputs.fold(0, u64::saturating_add);
        let floors = [
            ("resources.disk_bytes", most.disk_bytes, LEAST_BYTES),
            ("resources.memory_bytes", most.memory_bytes, LEAST_BYTES),
            ("resources.pids", u64::from(most.pids), LEAST_PIDS),
            (
                "resources.cpu_millis",
                u64::from(most.cpu_millis),
                LEAST_MILLIS,
            ),
            (
                "resources.disk_bytes",
                most.disk_bytes,
                // A tenth for the file system itself, and something for what the job writes.
                inputs
                    .saturating_add(inputs / 10)
                    .saturating_add(LEAST_BYTES / 4),
            ),
        ];
        for (field, asked, least) in floors {
            if asked > 0 && asked < least {
                return refuse(
                    field,
                    format!("is {asked}, and nothing runs with less than {least}"),
                );
            }
        }
        Ok(())
    }

    /// What each kind needs, and what would have no meaning for it.
    fn kind_of_work(&self) -> Result<()> {
        if self.command.iter().any(|word| word.contains('\0')) {
            return refuse("command", "holds a zero byte");
        }
        if self.command.first().is_some_and(String::is_empty) {
            return refuse(
                "command",
                "begins with an empty word; the first one is the program",
            );
        }
        if self.restart == Restart::OnFailure(0) {
            return refuse("restart", "on_failure is 0; write never");
        }
        match self.kind {
            Kind::Session if !self.command.is_empty() => refuse(
                "command",
                "a session runs no command; leave it out, or make it a batch or a service",
            ),
            Kind::Session if self.restart != Restart::Never => {
                refuse("restart", "a session does not fail, so nothing restarts it")
            }
            Kind::Batch | Kind::Session if self.readiness.is_some() => refuse(
                "readiness",
                "only a service can be ready; write kind: service",
            ),
            Kind::Ray => ray::ray(self),
            _ if self.ray.is_some() => refuse("ray", "is of kind: ray alone"),
            Kind::Batch | Kind::Service if self.command.is_empty() && self.image.is_none() => {
                refuse("command", "is missing, and there is no image that has one")
            }
            _ => Ok(()),
        }
    }

    fn ports(&self) -> Result<()> {
        if self.ports.len() > MAX_PORTS {
            return refuse("ports", format!("there are more than {MAX_PORTS}"));
        }
        let mut seen = BTreeSet::new();
        for port in &self.ports {
            let field = format!("ports.{}", port.port);
            if port.port == 0 {
                return refuse(field, "is no port; ports are 1 to 65535");
            }
            if !seen.insert(port.port) {
                return refuse(field, "is named twice");
            }
            if port.name.as_ref().is_some_and(|name| {
                name.is_empty() || name.len() > 64 || name.contains(char::is_control)
            }) {
                return refuse(
                    field,
                    "its name has 1 to 64 bytes and no control characters",
                );
            }
        }
        Ok(())
    }

    fn ready(&self, ready: &Readiness) -> Result<()> {
        if !self.ports.iter().any(|port| port.port == ready.port) {
            let reason = format!("{} is not among the ports", ready.port);
            return refuse("readiness.port", reason);
        }
        let path = ready.path.as_deref().unwrap_or("/");
        if !path.starts_with('/') || path.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return refuse("readiness.path", "begins with / and has no blanks");
        }
        match ready.within_secs {
            0 => refuse("readiness.within_secs", "is 0; no service is ready at once"),
            _ => Ok(()),
        }
    }

    /// What a person should know before paying; none of it stops the job.
    pub fn warnings(&self) -> Vec<Warning> {
        let runs = self.kind != Kind::Session;
        let by_manifest = self
            .image
            .as_ref()
            .is_some_and(|image| image.config.is_none());
        let blanks = self
            .command
            .first()
            .is_some_and(|program| program.contains(char::is_whitespace));
        let silent = self.kind == Kind::Service && self.readiness.is_none();
        [
            (blanks, Warning::ProgramWithBlanks),
            (self.egress, Warning::Egress),
            (runs && self.image.is_none(), Warning::NoImage),
            (by_manifest, Warning::ImageByManifest),
            (silent, Warning::NoReadiness),
        ]
        .into_iter()
        .filter_map(|(applies, warning)| applies.then_some(warning))
        .collect()
    }
}

/// What a person should know before paying for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Field case 25.
    ProgramWithBlanks,
    Egress,
    NoImage,
    ImageByManifest,
    NoReadiness,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProgramWithBlanks => "command: the program's name has blanks in it; no shell splits it: write a list of words, or [sh, -c, \"...\"]",
            Self::Egress => "egress: only devices whose operator allows connections to the internet take this job",
            Self::NoImage => "image: there is none; the job finds only what the operator's machine or own image has",
            Self::ImageByManifest => "image: named by its manifest; devices pull it themselves, where their operator allows its registry",
            Self::NoReadiness => "readiness: there is none; the service counts as ready as soon as it runs",
        })
    }
}

/// redteam C1, C3: an image is a digest, and no tag is read
fn image(image: &Image) -> Result<()> {
    if image.digest == Hash::default() {
        return refuse("image.digest", "is zero");
    }
    match &image.reference {
        Some(reference) if image.len != 0 => refuse(
            "image.len",
            format!("is set, though {reference} is pulled; only archives have a length"),
        ),
        Some(reference) => {
            self::reference(reference).or_else(|reason| refuse("image.reference", reason))
        }
        None if image.len == 0 => refuse("image.len", "is 0; an archive has bytes"),
        None if image.config.is_none() => refuse(
            "image.config",
            "is zero; the archive's configuration has a digest",
        ),
        None => Ok(()),
    }
}

/// Whether a text is `registry/name`: with a registry, without a tag or digest.
pub(crate) fn reference(text: &str) -> std::result::Result<(), String> {
    let (host, name) = text.split_once('/').unwrap_or(("", text));
    if name.contains('@') {
        return Err("holds a digest; it has a field of its own".into());
    }
    if let Some((bare, tag)) = name.rsplit_once(':') {
        return Err(format!("has the tag `{tag}`, which somebody may move to another image: write {host}/{bare}@sha256:<digest>"));
    }
    if !(host.contains(['.', ':']) || host == "localhost") {
        return Err(format!(
            "`{text}` names no registry: write docker.io/library/name, ghcr.io/owner/name, ..."
        ));
    }
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
    let host_sound = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    let parts = name
        .split('/')
        .all(|part| !part.is_empty() && part != "." && part != "..");
    match text.len() <= 255 && parts && name.chars().all(sound) && host.chars().all(host_sound) {
        true => Ok(()),
        false => Err(format!("`{text}` is no registry/name in lower case")),
    }
}
