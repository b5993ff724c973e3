//! What a deployment starts with, as data.

use crate::amounts::{address, io, iosd, usd, value};
use iog_client::{
    pda,
    registry::types::ClassArgs,
    token::types::{LimitArgs, PriceSourceArgs, WindowArgs},
    treasury::types::ConfigArgs,
};
use iog_math::vesting;
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
    /// A mint of IO that exists and is handed over; without it one is created.
    pub io_mint: Option<String>,
    /// US dollars that fees may come in and auctions spend; without it there are none.
    pub usdc_mint: Option<String>,
    pub min_device_age_secs: u64,
    pub emission_cap_per_hour: String,
    pub net_emission_cap_per_hour: String,
    pub fees: Fees,
    pub price: Price,
    pub breaker: Breaker,
    pub treasury: Treasury,
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

/// Where the price of IO comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub receiver: String,
    /// 32 bytes in hex.
    pub feed: String,
    pub account: Option<String>,
}

/// The windows of the breaker.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    pub emission: Window,
    pub net_emission: Window,
    pub iosd: Window,
    pub refund: Window,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub limit: String,
    pub share_bps: u64,
    pub floor: String,
}

/// The buyback.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Treasury {
    pub kept_share_bps: u64,
    pub min_lot_usd: String,
    pub cap_per_hour_usd: String,
    pub cap_per_day_usd: String,
    pub discount_bps: u64,
    pub premium_bps: u64,
    pub auction_secs: u64,
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
        plan.limits()?;
        plan.price_source()?;
        plan.treasury_args()?;
        plan.io_mint()?;
        plan.usdc_mint()?;
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
        io("emission_cap_per_hour", &self.emission_cap_per_hour)
    }

    pub(crate) fn limits(&self) -> Result<LimitArgs, PlanError> {
        let breaker = &self.breaker;
        Ok(LimitArgs {
            emission: breaker.emission.args("emission", io)?,
            net_emission: breaker.net_emission.args("net_emission", io)?,
            iosd: breaker.iosd.args("iosd", iosd)?,
            refund: breaker.refund.args("refund", iosd)?,
            net_emission_cap_per_hour: io(
                "net_emission_cap_per_hour",
                &self.net_emission_cap_per_hour,
            )?,
        })
    }

    pub(crate) fn price_source(&self) -> Result<PriceSourceArgs, PlanError> {
        let price = &self.price;
        let mut feed = [0; 32];
        hex::decode_to_slice(price.feed.trim_start_matches("0x"), &mut feed)
            .map_err(|_| value("price.feed", "it must be 64 hexadecimal digits"))?;
        let none = Pubkey::default();
        Ok(PriceSourceArgs {
            receiver: address("price.receiver", Some(&price.receiver), none)?,
            feed,
            account: address("price.account", price.account.as_deref(), none)?,
        })
    }

    pub(crate) fn treasury_args(&self) -> Result<ConfigArgs, PlanError> {
        let treasury = &self.treasury;
        Ok(ConfigArgs {
            kept_share_bps: treasury.kept_share_bps,
            min_lot: usd("treasury.min_lot_usd", &treasury.min_lot_usd)?,
            cap_per_hour: usd("treasury.cap_per_hour_usd", &treasury.cap_per_hour_usd)?,
            cap_per_day: usd("treasury.cap_per_day_usd", &treasury.cap_per_day_usd)?,
            discount_bps: treasury.discount_bps,
            premium_bps: treasury.premium_bps,
            auction_secs: treasury.auction_secs,
        })
    }

    /// The mint of IO: the one that is handed over, or the one that the token program creates.
    pub(crate) fn io_mint(&self) -> Result<Pubkey, PlanError> {
        address("io_mint", self.io_mint.as_deref(), pda::token::io_mint())
    }

    pub(crate) fn usdc_mint(&self) -> Result<Option<Pubkey>, PlanError> {
        let parse = |text| address("usdc_mint", Some(text), Pubkey::default());
        self.usdc_mint.as_deref().map(parse).transpose()
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

impl Window {
    fn args(
        &self,
        name: &str,
        amount: fn(&str, &str) -> Result<u64, PlanError>,
    ) -> Result<WindowArgs, PlanError> {
        let key = |field: &str| format!("breaker.{name}.{field}");
        Ok(WindowArgs {
            limit: amount(&key("limit"), &self.limit)?,
            share_bps: self.share_bps,
            floor: amount(&key("floor"), &self.floor)?,
        })
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
        let base_price_usd6 = usd(&key("base_price_usd"), &self.base_price_usd)?;
        Ok(ClassArgs {
            id: self.id,
            name,
            pool: match self.pool {
                Pool::Enterprise => 0,
                Pool::Community => 1,
            },
            multiplier_x100: self.multiplier_x100,
            base_price_usd6,
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
