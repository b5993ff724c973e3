//! The job as people write it: `job.yaml`.

mod ray;
mod resolve;
mod short;
mod units;

use crate::{
    error::SpecError,
    ids::Hash,
    sealed::Mirrors,
    spec::{Input, JobSpec, Kind, Platform},
    text,
};
pub use ray::{RayFile, RayNodeFile};
use serde::{Deserialize, Serialize};
use short::none;
pub use short::{EnvOf, ImageOf, PortOf, RestartOf, SecretOf};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
pub use units::{Cpus, Size, Span};

/// A job file. Paths are relative to its folder; [`JobFile::resolve`] turns it into a [`JobSpec`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JobFile {
    pub kind: Kind,
    #[serde(skip_serializing_if = "none")]
    pub image: Option<ImageOf>,
    #[serde(skip_serializing_if = "none")]
    pub platform: Option<Platform>,
    #[serde(skip_serializing_if = "none")]
    pub command: Vec<String>,
    #[serde(skip_serializing_if = "none")]
    pub env: EnvOf,
    #[serde(skip_serializing_if = "none")]
    pub secrets: Vec<SecretOf>,
    #[serde(skip_serializing_if = "none")]
    pub inputs: Vec<Source>,
    /// Written by `iog job seal`.
    #[serde(skip_serializing_if = "none")]
    pub mirrors: Option<Mirrors>,
    #[serde(skip_serializing_if = "none")]
    pub outputs: Vec<String>,
    #[serde(skip_serializing_if = "none")]
    pub ports: Vec<PortOf>,
    #[serde(skip_serializing_if = "none")]
    pub resources: Share,
    #[serde(skip_serializing_if = "none")]
    pub restart: RestartOf,
    #[serde(skip_serializing_if = "none")]
    pub readiness: Option<Ready>,
    #[serde(skip_serializing_if = "none")]
    pub egress: bool,
    #[serde(skip_serializing_if = "none")]
    pub time_limit: Option<Span>,
    #[serde(skip_serializing_if = "none")]
    pub end_when_done: bool,
    #[serde(skip_serializing_if = "none")]
    pub ray: Option<RayFile>,
    #[serde(skip_serializing_if = "none")]
    pub mesh: Option<crate::MeshSpec>,
    #[serde(skip)]
    folder: PathBuf,
    #[serde(skip)]
    text: String,
}

/// A file or folder of this machine, or an address that devices fetch from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub source: String,
    /// Where the job finds it: the source's own name unless given; `.` puts what is in a folder straight into the working directory.
    #[serde(default, skip_serializing_if = "none")]
    pub target: Option<String>,
    /// Needed for an address; a file that differs is refused.
    #[serde(default, skip_serializing_if = "none")]
    pub sha256: Option<Hash>,
    /// Needed for an address: devices fetch no byte more.
    #[serde(default, skip_serializing_if = "none")]
    pub size: Option<Size>,
    /// A file of this machine is executable as it is here.
    #[serde(default, skip_serializing_if = "none")]
    pub executable: bool,
}

/// What is not said takes the lease's share of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Share {
    #[serde(skip_serializing_if = "none")]
    pub cpus: Cpus,
    #[serde(skip_serializing_if = "none")]
    pub memory: Size,
    #[serde(skip_serializing_if = "none")]
    pub disk: Size,
    #[serde(skip_serializing_if = "none")]
    pub shm: Size,
    #[serde(skip_serializing_if = "none")]
    pub pids: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    pub port: u16,
    #[serde(default, skip_serializing_if = "none")]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "none")]
    pub within: Option<Span>,
}

/// A job with all that this machine has for it.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub spec: JobSpec,
    /// Where the inputs and the archive are that this machine sends, by their hash.
    pub sources: BTreeMap<Hash, PathBuf>,
    pub warnings: Vec<String>,
}

impl JobFile {
    /// Reads a job file, YAML or JSON.
    ///
    /// # Errors
    /// The first field that is wrong, with its line.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text::read_file(path)?, folder)
    }

    /// Reads a job from a text; paths in it are relative to `folder`.
    ///
    /// # Errors
    /// As [`JobFile::read`].
    pub fn parse(text: &str, folder: &Path) -> Result<Self, SpecError> {
        let mut file: Self = text::parse(text)?;
        file.folder = folder.into();
        file.text = text.into();
        Ok(file)
    }

    /// The job as YAML.
    ///
    /// # Errors
    /// None for one that was read or made by this program.
    pub fn to_yaml(&self) -> Result<String, SpecError> {
        serde_yaml::to_string(self).map_err(|error| SpecError::new("", error.to_string()))
    }

    /// Reads and hashes what the job names on this machine, and checks all of it.
    ///
    /// # Errors
    /// The first thing that is wrong; nothing was sent or paid.
    pub fn resolve(&self, salt: Hash) -> Result<Resolved, SpecError> {
        let mut sources = BTreeMap::new();
        let resolved = self
            .spec(salt, &mut sources)
            .and_then(|spec| spec.validate().map(|()| spec));
        let spec = resolved.map_err(|error| text::located(here(error), &self.text))?;
        let warnings = spec.warnings().iter().map(ToString::to_string).collect();
        Ok(Resolved {
            spec,
            sources,
            warnings,
        })
    }

    fn spec(
        &self,
        salt: Hash,
        sources: &mut BTreeMap<Hash, PathBuf>,
    ) -> Result<JobSpec, SpecError> {
        let mut spec = JobSpec::session(salt);
        spec.kind = self.kind;
        spec.platform = self.platform;
        if let Some(image) = &self.image {
            spec.image = Some(resolve::image(image, self.platform, &self.folder, sources)?);
        }
        spec.command = self.command.clone();
        spec.env = self.env.0.clone();
        spec.secrets = self.secrets.iter().map(|secret| secret.0.clone()).collect();
        let mut inputs: Vec<Input> = Vec::new();
        for source in &self.inputs {
            resolve::source(source, &self.folder, &mut inputs, sources)?;
        }
        spec.inputs = inputs;
        spec.mirrors = self.mirrors.clone();
        spec.outputs = self.outputs.clone();
        spec.ports = self.ports.iter().map(|port| port.0.clone()).collect();
        spec.resources = self.resources.resources();
        spec.restart = self.restart.0;
        spec.readiness = self.readiness.as_ref().map(Ready::readiness);
        spec.egress = self.egress;
        spec.time_limit_secs = self.time_limit.map(|span| span.0);
        spec.end_when_done = self.end_when_done;
        spec.ray = self.ray.as_ref().map(RayFile::spec);
        spec.mesh = self.mesh;
        crate::ray::complete(&mut spec);
        Ok(spec)
    }
}

/// A specification's field as a job file names it.
fn here(mut error: SpecError) -> SpecError {
    const NAMES: [(&str, &str); 7] = [
        ("time_limit_secs", "time_limit"),
        ("readiness.within_secs", "readiness.within"),
        ("resources.cpu_millis", "resources.cpus"),
        ("resources.memory_bytes", "resources.memory"),
        ("resources.disk_bytes", "resources.disk"),
        ("resources.shm_bytes", "resources.shm"),
        ("image.reference", "image"),
    ];
    if let Some((_, name)) = NAMES.iter().find(|(field, _)| *field == error.field) {
        error.field = (*name).into();
    }
    error
}
