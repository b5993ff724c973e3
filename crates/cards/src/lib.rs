//! A machine's cards, by NVML: what the driver tells of them, what happens to them, and how they are made ready between two leases.
//!
//! Nothing here depends on what runs the jobs. No card has run it: the tests use a library with NVML's C interface.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::arithmetic_side_effects
    )
)]

mod events;
mod look;
mod restore;

pub use restore::Overwrite;

use events::Events;
use iog_job::wire::CardFacts;
use nvml_wrapper::{error::NvmlError, Device, Nvml};
use restore::State;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Where the driver puts its library.
pub const LIBRARY: &str = "libnvidia-ml.so.1";
/// How long what holds a card may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why the cards cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum CardsError {
    #[error("NVIDIA's driver cannot be asked ({0}): install it, or name its library by node.nvml")]
    Driver(NvmlError),
}

/// A card, as the job side hands it to an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub uuid: String,
    /// Such as `00000000:01:00.0`.
    pub bus: String,
    /// `/dev/nvidia<minor>`.
    pub node: Option<PathBuf>,
}

impl Card {
    /// The device nodes of a job with this card: its own, and those of all cards that the driver has made.
    pub fn nodes(&self) -> Vec<PathBuf> {
        let bus = self.bus.to_ascii_lowercase();
        // NVML writes eight digits of the domain, Linux four.
        let place = bus.get(4..).unwrap_or_default();
        let drawn = ["card", "render"].iter().filter_map(|kind| {
            let link = format!("/dev/dri/by-path/pci-{place}-{kind}");
            std::fs::canonicalize(link).ok()
        });
        let shared = [
            "nvidiactl",
            "nvidia-uvm",
            "nvidia-uvm-tools",
            "nvidia-modeset",
        ]
        .iter()
        .map(|name| PathBuf::from("/dev").join(name))
        .filter(|path| path.exists());
        self.node
            .iter()
            .cloned()
            .chain(drawn)
            .chain(shared)
            .collect()
    }

    /// Its name for engines of containers, as the vendor's toolkit writes it.
    pub fn cdi(&self) -> String {
        format!("nvidia.com/gpu={}", self.uuid)
    }
}

/// The cards of this machine.
pub struct Cards {
    nvml: Arc<Nvml>,
    events: Arc<Events>,
    /// As each was when this began: what a lease changes is put back.
    found: BTreeMap<String, State>,
    overwrite: Option<Box<Overwrite>>,
    patience: Duration,
}

impl Cards {
    /// Loads the driver's library, and watches the cards from now on. `overwrite` fills a card's free memory; without it that is not done, and said.
    ///
    /// # Errors
    /// If there is no driver, or it does not answer.
    pub fn open(library: &Path, overwrite: Option<Box<Overwrite>>) -> Result<Self, CardsError> {
        let nvml = Nvml::builder()
            .lib_path(library.as_os_str() as &OsStr)
            .init()
            .map_err(CardsError::Driver)?;
        let nvml = Arc::new(nvml);
        let events = Events::watch(&nvml);
        let mut cards = Self {
            nvml,
            events,
            found: BTreeMap::new(),
            overwrite,
            patience: PATIENCE,
        };
        let found = cards.devices();
        let found = found.filter_map(|device| Some((device.uuid().ok()?, State::of(&device))));
        let found = found.collect();
        cards.found = found;
        Ok(cards)
    }

    /// The same, which waits less or more for what holds a card.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    fn devices(&self) -> impl Iterator<Item = Device<'_>> {
        let count = self.nvml.device_count().unwrap_or(0);
        (0..count).filter_map(|number| self.nvml.device_by_index(number).ok())
    }

    /// A card by its UUID, its PCI address or its number.
    fn find(&self, name: &str) -> Option<Device<'_>> {
        if let Ok(number) = name.parse::<u32>() {
            return self.nvml.device_by_index(number).ok();
        }
        self.devices().find(|device| {
            let is = |own: Option<String>| own.is_some_and(|own| look::is_called(&own, name));
            is(device.uuid().ok()) || is(device.pci_info().ok().map(|info| info.bus_id))
        })
    }

    /// All of them, in the driver's order. One that fell off the bus is missing.
    pub fn list(&self) -> Vec<Card> {
        self.devices()
            .filter_map(|device| look::card(&device))
            .collect()
    }

    pub fn uuid(&self, name: &str) -> Option<String> {
        self.find(name)?.uuid().ok()
    }

    /// What the driver tells now.
    pub fn facts(&self) -> Vec<CardFacts> {
        let driver = self.nvml.sys_driver_version().unwrap_or_default();
        self.devices()
            .filter_map(|device| self.fact(&device, &driver))
            .collect()
    }

    /// Of these cards; those that are not there are left out.
    pub fn facts_of(&self, names: &[String]) -> Vec<CardFacts> {
        let driver = self.nvml.sys_driver_version().unwrap_or_default();
        let devices = names.iter().filter_map(|name| self.find(name));
        devices
            .filter_map(|device| self.fact(&device, &driver))
            .collect()
    }

    fn fact(&self, device: &Device<'_>, driver: &str) -> Option<CardFacts> {
        let facts = look::facts(device, driver)?;
        let last_xid = self.events.last_xid(&facts.uuid);
        Some(CardFacts { last_xid, ..facts })
    }

    /// Faults and heat of these cards after the event of this number, and the newest number.
    pub fn events(&self, names: &[String], after: u64) -> (Vec<String>, u64) {
        // A card that is lost has no UUID any more: what was named by it is known all the same.
        let uuids: Vec<String> = names
            .iter()
            .map(|name| self.uuid(name).unwrap_or_else(|| name.clone()))
            .collect();
        self.events.after(&uuids, after)
    }
}
