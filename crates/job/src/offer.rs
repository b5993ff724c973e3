//! What a renter tells a device before it accepts, and a job is held to afterwards.

use crate::{
    ids::Hash,
    spec::{JobSpec, Kind, Platform, Port, Resources},
};
use serde::{Deserialize, Serialize};

/// Largest offer that a node reads.
pub const MAX_OFFER_BYTES: usize = 4 << 10;

/// A job in outline, without a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    pub kind: Kind,
    /// [`crate::Image::id`]; none for a job without an image.
    #[serde(default)]
    pub image: Option<Hash>,
    #[serde(default)]
    pub reference: Option<String>,
    #[serde(default)]
    pub platform: Option<Platform>,
    #[serde(default)]
    pub egress: bool,
    #[serde(default)]
    pub ports: Vec<Port>,
    #[serde(default)]
    pub resources: Resources,
    /// Bytes of inputs and image.
    #[serde(default)]
    pub input_bytes: u64,
}

/// Where a job exceeds its offer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} exceeds the offer")]
pub struct Exceeds(pub &'static str);

impl From<&JobSpec> for Offer {
    fn from(spec: &JobSpec) -> Self {
        let image = spec.image.as_ref();
        let inputs = spec.inputs.iter().map(|input| input.len);
        let len = image.map_or(0, |image| image.len);
        Self {
            kind: spec.kind,
            image: image.map(crate::Image::id),
            reference: image.and_then(|image| image.reference.clone()),
            platform: spec.platform,
            egress: spec.egress,
            ports: spec.ports.clone(),
            resources: spec.resources,
            input_bytes: inputs.fold(len, u64::saturating_add),
        }
    }
}

impl Offer {
    /// Whether a job is what was offered, or less. redteam K4
    ///
    /// # Errors
    /// The first field that exceeds.
    pub fn covers(&self, spec: &JobSpec) -> Result<(), Exceeds> {
        let asked = Self::from(spec);
        let (most, more) = (&self.resources, &asked.resources);
        let checks = [
            ("kind", self.kind == asked.kind),
            (
                "image",
                self.image == asked.image && self.reference == asked.reference,
            ),
            ("platform", self.platform == asked.platform),
            ("egress", self.egress || !asked.egress),
            (
                "ports",
                asked.ports.iter().all(|port| self.ports.contains(port)),
            ),
            ("resources.cpu_millis", more.cpu_millis <= most.cpu_millis),
            (
                "resources.memory_bytes",
                more.memory_bytes <= most.memory_bytes,
            ),
            ("resources.disk_bytes", more.disk_bytes <= most.disk_bytes),
            ("resources.shm_bytes", more.shm_bytes <= most.shm_bytes),
            ("resources.pids", more.pids <= most.pids),
            ("inputs", asked.input_bytes <= self.input_bytes),
        ];
        let exceeding = checks.iter().find(|(_, within)| !within);
        exceeding.map_or(Ok(()), |(field, _)| Err(Exceeds(field)))
    }
}
