//! What a deployment starts with, as data.

use iog_client::registry::types::ClassArgs;
use iog_math::{
    units::{Io, Usd6},
    vesting,
};
use serde::Deserialize;
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// Why a plan is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("the plan is not valid TOML or lacks a key: {0}")]
    Toml(String),
    #[error("the plan's {key} is not valid: {reason}")]
    Value { key: String, reason: String },
}

/// A deployment's parameters. Amounts are decimal strings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Start of hour 1, unix seconds; without it the chain's time when the first migration runs.
    pub genesis_ts: Option<i64>,
    /// Signs connectivity tiers; without it the authority.
    pub attestor: Option<String>,
    /// Wallet of each part of the genesis supply, by name; the authority where none is named.
    #[serde(default)]
    pub beneficiaries: BTreeMap<String, String>,
    pub min_device_age_secs: i64,
    pub emission_cap_per_hour: String,
    pub fees: Fees,
    pub classes: Vec<Class>,
}

/// Basis points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fees {
    pub reservation_bps: u16,
    pub supplier_bps: u16,
    pub network_bps: u16,
}

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
    pub base_price_usd: String,
    pub vram_gb: u16,
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub audit_modulus: u32,
}

impl Plan {
    /// Reads and checks a plan.
    ///
    /// # Errors
    /// [`PlanError`] names the key that is wrong.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let plan: Self =
            toml::from_str(text).map_err(|error| PlanError::Toml(error.to_string()))?;
        plan.emission_cap()?;
        plan.attestor_or(Pubkey::default())?;
        for allocation in vesting::genesis() {
            plan.beneficiary_or(allocation.name, Pubkey::default())?;
        }
        for class in &plan.classes {
            class.args()?;
        }
        Ok(plan)
    }

    /// The plan of the local network.
    ///
    /// # Errors
    /// None, unless the file in this crate was broken.
    pub fn local() -> Result<Self, PlanError> {
        Self::parse(include_str!("../plans/local.toml"))
    }

    /// The plan of devnet.
    ///
    /// # Errors
    /// None, unless the file in this crate was broken.
    pub fn devnet() -> Result<Self, PlanError> {
        Self::parse(include_str!("../plans/devnet.toml"))
    }

    pub(crate) fn emission_cap(&self) -> Result<u64, PlanError> {
        Io::parse(&self.emission_cap_per_hour)
            .map(|amount| amount.0)
            .map_err(|_| {
                value(
                    "emission_cap_per_hour",
                    "it must be an amount of IO such as \"500000\"",
                )
            })
    }

    pub(crate) fn attestor_or(&self, authority: Pubkey) -> Result<Pubkey, PlanError> {
        address("attestor", self.attestor.as_deref(), authority)
    }

    pub(crate) fn beneficiary_or(
        &self,
        name: &str,
        authority: Pubkey,
    ) -> Result<Pubkey, PlanError> {
        let named = self.beneficiaries.get(name).map(String::as_str);
        address(&format!("beneficiaries.{name}"), named, authority)
    }
}

impl Class {
    /// The class as the registry takes it.
    pub(crate) fn args(&self) -> Result<ClassArgs, PlanError> {
        let key = |field: &str| format!("classes.{}.{field}", self.id);
        let mut name = [0u8; 32];
        name.get_mut(..self.name.len())
            .ok_or_else(|| value(&key("name"), "it has more than 32 bytes"))?
            .copy_from_slice(self.name.as_bytes());
        let price = Usd6::parse(&self.base_price_usd).map_err(|_| {
            value(
                &key("base_price_usd"),
                "it must be dollars such as \"0.76\"",
            )
        })?;
        Ok(ClassArgs {
            id: self.id,
            name,
            pool: match self.pool {
                Pool::Enterprise => 0,
                Pool::Community => 1,
            },
            multiplier_x100: self.multiplier_x100,
            base_price_usd6: price.0,
            vram_gb: self.vram_gb,
            rows: self.rows,
            lanes: self.lanes,
            waves: self.waves,
            commit_slots: self.commit_slots,
            reveal_slots: self.reveal_slots,
            audit_modulus: self.audit_modulus,
            enabled: true,
        })
    }
}

fn value(key: &str, reason: &str) -> PlanError {
    PlanError::Value {
        key: key.into(),
        reason: reason.into(),
    }
}

fn address(key: &str, text: Option<&str>, default: Pubkey) -> Result<Pubkey, PlanError> {
    text.map_or(Ok(default), |text| {
        text.parse().map_err(|_| value(key, "it is not an address"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_plans_are_valid() {
        assert_eq!(Plan::local().unwrap().classes.len(), 2);
        assert_eq!(Plan::devnet().unwrap().min_device_age_secs, 43_200);
    }

    #[test]
    fn a_wrong_value_is_named() {
        let text = include_str!("../plans/local.toml");
        let cases = [
            (
                text.replace("\"0.76\"", "\"0,76\""),
                "classes.1.base_price_usd",
            ),
            (
                text.replace("\"500000\"", "\"-1\""),
                "emission_cap_per_hour",
            ),
            (format!("attestor = \"nobody\"\n{text}"), "attestor"),
            (
                text.replace("\"test-community\"", &format!("\"{}\"", "x".repeat(33))),
                "classes.2.name",
            ),
        ];
        for (text, key) in cases {
            let error = Plan::parse(&text).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
        let unknown = Plan::parse(&format!("colour = 1\n{text}"))
            .unwrap_err()
            .to_string();
        assert!(unknown.contains("colour"), "{unknown}");
    }
}
