//! The devices of a machine: `[[device]]`.

use crate::error::{KeeperError, Result};
use iog_pow_gpu::CardName;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A device: its keys, and the cards behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Keypair file, mode 0600. Only the chain process reads it.
    pub key: PathBuf,
    /// Keypair file of the link, mode 0600. Only the link process reads it; without it the device proves and serves nobody.
    #[serde(default)]
    pub tunnel_key: Option<PathBuf>,
    /// UUIDs, PCI addresses or numbers, as many as the device is registered with. If no device names any, cards are dealt out by their numbers
    /// in the order of the devices. The CPU asks for none.
    #[serde(default)]
    pub cards: Vec<String>,
}

impl Device {
    pub fn new(key: impl Into<PathBuf>) -> Self {
        Self {
            key: key.into(),
            ..Self::default()
        }
    }

    pub(super) fn resolve(&mut self, base: &Path) {
        let paths = [Some(&mut self.key), self.tunnel_key.as_mut()];
        for path in paths.into_iter().flatten() {
            *path = base.join(&path);
        }
    }
}

/// The cards of each device, checked as far as the text goes.
pub(crate) fn named(devices: &[Device]) -> Result<Vec<Vec<CardName>>> {
    let refuse = |device: &Device, reason: String| {
        let file = device.key.display();
        Err(KeeperError::Config(format!(
            "cards of the device {file}: {reason}"
        )))
    };
    let (mut keys, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut all = Vec::new();
    for device in devices {
        if !keys.insert(&device.key) {
            let file = device.key.display();
            return Err(KeeperError::Config(format!(
                "[[device]] names the key {file} twice"
            )));
        }
        let mut cards = Vec::new();
        for name in &device.cards {
            let card: CardName = match name.parse() {
                Ok(card) => card,
                Err(reason) => return refuse(device, reason),
            };
            if !seen.insert(card.to_string().to_ascii_lowercase()) {
                let reason = format!("the card {card} twice: a card walks for one device");
                return refuse(device, reason);
            }
            cards.push(card);
        }
        all.push(cards);
    }
    Ok(all)
}
