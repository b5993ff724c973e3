//! What a deployment starts with, as data.

mod breaker;
mod catalog;
mod class;
mod emission;
mod market;
mod measurers;
mod price;
mod treasury;
mod vesting;

pub use breaker::{Breaker, Window};
pub use catalog::catalog;
pub use class::{Class, Pool};
pub use market::{Market, Prices};
pub use price::{pyth_account, Price};
pub use treasury::Treasury;
pub use vesting::Vesting;

use crate::amounts::{address, io, value};
use iog_client::{
    market::types::ConfigArgs as MarketArgs, pda, token::types::LimitArgs,
    treasury::types::ConfigArgs,
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
    /// Signs security attestations; without it the authority.
    pub attestor: Option<String>,
    /// Measure connections, 9 at most; without a quorum of them every device keeps tier 1.
    #[serde(default)]
    pub measurers: Vec<String>,
    /// Fresh measurements that a tier takes; without it the least that the registry allows.
    pub quorum: Option<u8>,
    /// How the genesis supply is released; without it as `plans/genesis.toml` says.
    pub vesting: Option<Vec<Vesting>>,
    /// Wallet of each part of the genesis supply, by name; the authority where none is named.
    #[serde(default)]
    pub beneficiaries: BTreeMap<String, String>,
    /// A mint of IO that exists and is handed over; without it one is created.
    pub io_mint: Option<String>,
    /// US dollars that fees may come in and auctions spend; without it there are none.
    pub usdc_mint: Option<String>,
    pub min_device_age_secs: u64,
    pub min_uptime_hours: u64,
    /// For how many hours after its last pass a serving device earns without proving.
    pub exempt_hours: u64,
    /// Most that a point of score earns in an hour, in base units of IO.
    pub max_per_score_units: u64,
    pub window_spread_secs: u64,
    pub emission_cap_per_hour: String,
    pub net_emission_cap_per_hour: String,
    pub market: Market,
    pub prices: Prices,
    pub price: Price,
    pub breaker: Breaker,
    pub treasury: Treasury,
    pub slashing: Slashing,
    /// Whether the classes of `plans/catalog.toml` are loaded.
    #[serde(default)]
    pub catalog: bool,
    /// Classes of this network's own.
    #[serde(default)]
    pub classes: Vec<Class>,
}

/// Most of a stake that one slash case takes, and those of 30 days together; who proposes and who decides appeals is set later.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slashing {
    pub case_cap_bps: u16,
    pub month_cap_bps: u16,
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
        plan.emission_args()?;
        plan.limits()?;
        plan.check_emission_window()?;
        plan.measurers_and_quorum()?;
        plan.price.source()?;
        plan.price.quorum()?;
        plan.treasury_args()?;
        plan.market_args([0; 32])?;
        plan.prices.check()?;
        plan.io_mint()?;
        plan.usdc_mint()?;
        plan.attestor_or(Pubkey::default())?;
        plan.check_vesting()?;
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
        Self::parse(include_str!("../../plans/local.toml"))
    }

    /// The plan of devnet.
    ///
    /// # Errors
    /// None, unless the file in this crate was broken.
    pub fn devnet() -> Result<Self, PlanError> {
        Self::parse(include_str!("../../plans/devnet.toml"))
    }

    pub(crate) fn limits(&self) -> Result<LimitArgs, PlanError> {
        let cap = io("net_emission_cap_per_hour", &self.net_emission_cap_per_hour)?;
        self.breaker.args(cap)
    }

    pub(crate) fn treasury_args(&self) -> Result<ConfigArgs, PlanError> {
        self.treasury.args()
    }

    pub(crate) fn market_args(&self, genesis_hash: [u8; 32]) -> Result<MarketArgs, PlanError> {
        self.market.args(genesis_hash)
    }

    /// The mint of IO: the one that is handed over, or the one that the token program creates.
    pub(crate) fn io_mint(&self) -> Result<Pubkey, PlanError> {
        address("io_mint", self.io_mint.as_deref(), pda::token::io_mint())
    }

    pub(crate) fn usdc_mint(&self) -> Result<Option<Pubkey>, PlanError> {
        let parse = |text| address("usdc_mint", Some(text), Pubkey::default());
        self.usdc_mint.as_deref().map(parse).transpose()
    }

    /// The schedules, in the order of their numbers.
    pub(crate) fn schedules(&self) -> Result<Vec<Vesting>, PlanError> {
        self.vesting.clone().map_or_else(vesting::genesis, Ok)
    }

    fn check_vesting(&self) -> Result<(), PlanError> {
        if self.io_mint.is_some() && self.vesting.is_none() {
            return Err(value(
                "vesting",
                "with io_mint, what its holders have is released already: list schedules for the rest of the 500,000,000 IO, or none (vesting = [])",
            ));
        }
        let schedules = self.schedules()?;
        vesting::check(&schedules)?;
        for name in self.beneficiaries.keys() {
            let key = format!("beneficiaries.{name}");
            if !schedules.iter().any(|vesting| vesting.name == *name) {
                return Err(value(&key, "no schedule has this name"));
            }
            self.beneficiary_or(name, Pubkey::default())?;
        }
        Ok(())
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

#[cfg(test)]
mod tests;
