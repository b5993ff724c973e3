//! Hardware classes.

use super::PlanError;
use crate::amounts::{usd, value};
use iog_client::registry::types::ClassArgs;
use serde::Deserialize;

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    Enterprise,
    Community,
}

/// A hardware class.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    pub id: u16,
    pub name: String,
    pub pool: Pool,
    pub multiplier_x100: u32,
    /// What io.net publishes, where the multiplier is lower: cards that earn less pass for this class.
    pub published_x100: Option<u32>,
    pub base_price_usd: String,
    pub vram_gb: u16,
    /// For how long a pass makes a device fit for hire; 0 for a class that is never proved.
    pub proof_valid_hours: u32,
    pub rows: u32,
    pub tiles: u32,
    pub waves: u32,
    /// Cards that one device key may prove together.
    pub max_cards: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    /// Whether it takes devices.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

impl Class {
    /// The multiplier that io.net publishes: prices follow it whatever the proof can tell apart.
    #[must_use]
    pub fn published_x100(&self) -> u32 {
        self.published_x100.unwrap_or(self.multiplier_x100)
    }

    /// The class as the registry takes it.
    pub(crate) fn args(&self) -> Result<ClassArgs, PlanError> {
        let key = |field: &str| format!("classes.{}.{field}", self.id);
        let mut name = [0u8; 32];
        name.get_mut(..self.name.len())
            .ok_or_else(|| value(&key("name"), "it has more than 32 bytes"))?
            .copy_from_slice(self.name.as_bytes());
        if self.proof_valid_hours == 0 && self.multiplier_x100 != 0 {
            let reason = "a class that is never proved earns nothing: its multiplier is 0";
            return Err(value(&key("proof_valid_hours"), reason));
        }
        let base_price_usd6 = usd(&key("base_price_usd"), &self.base_price_usd)?;
        Ok(ClassArgs {
            id: self.id,
            name,
            pool: match self.pool {
                Pool::Enterprise => 0,
                Pool::Community => 1,
            },
            base_price_usd6,
            vram_gb: self.vram_gb,
            multiplier_x100: self.multiplier_x100,
            proof_valid_hours: self.proof_valid_hours,
            rows: self.rows,
            tiles: self.tiles,
            waves: self.waves,
            commit_slots: self.commit_slots,
            reveal_slots: self.reveal_slots,
            max_cards: self.max_cards,
            enabled: self.enabled,
        })
    }
}
