//! Groups of settings: tables of the TOML file.

use iog_pow_gpu::Backend;
use serde::{Deserialize, Deserializer};
use solana_pubkey::Pubkey;
use std::time::Duration;

/// Bounds on the price of a compute unit, in micro-lamports. Equal bounds fix the price and ask no node.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fees {
    pub floor_micro_lamports: u64,
    pub cap_micro_lamports: u64,
    /// Paid when the node cannot say what others paid.
    pub fallback_micro_lamports: u64,
    /// Which of the recent fees of the written accounts to pay, 0 to 100.
    pub percentile: u8,
}

impl Default for Fees {
    fn default() -> Self {
        Self::from(iog_tx::FeePolicy::default())
    }
}

impl From<iog_tx::FeePolicy> for Fees {
    fn from(policy: iog_tx::FeePolicy) -> Self {
        Self {
            floor_micro_lamports: policy.floor_micro_lamports,
            cap_micro_lamports: policy.cap_micro_lamports,
            fallback_micro_lamports: policy.fallback_micro_lamports,
            percentile: policy.percentile,
        }
    }
}

impl From<&Fees> for iog_tx::FeePolicy {
    fn from(fees: &Fees) -> Self {
        Self {
            floor_micro_lamports: fees.floor_micro_lamports,
            cap_micro_lamports: fees.cap_micro_lamports,
            fallback_micro_lamports: fees.fallback_micro_lamports,
            percentile: fees.percentile,
        }
    }
}

/// How several keepers with the crank role take turns, to save fees. Correctness never depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    /// How many keepers share the work.
    pub keepers: u64,
    /// Chain seconds between one keeper's turn and the next one's; 0 takes no turns.
    pub wait_secs: u64,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            keepers: 1,
            wait_secs: 0,
        }
    }
}

/// What walks memory for the hourly proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prover {
    #[serde(deserialize_with = "backend")]
    pub backend: Backend,
    /// Whether the CPU walks when the cards cannot be had or fail.
    pub fallback: bool,
    /// Threads of the CPU; 0: as many as the machine runs at once.
    pub threads: usize,
}

fn backend<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Backend, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

impl From<&Prover> for iog_pow_gpu::Settings {
    fn from(prover: &Prover) -> Self {
        Self {
            backend: prover.backend,
            fallback: prover.fallback,
            threads: prover.threads,
            ..Self::default()
        }
    }
}

/// A number of seconds, which may be a fraction.
pub(super) fn secs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let secs = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(secs).map_err(serde::de::Error::custom)
}

/// What the crank does beyond the hourly work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crank {
    /// Also pays out what is booked for owners of devices.
    pub claim: bool,
    /// Hands the network's IO fees to the treasury, and burns them there, once this much is due, in base units (8 decimals).
    pub burn_at_units: u64,
    /// Hands fees in dollars to the treasury, and says how much IOSD is earned, once this much is due, in base units (6 decimals).
    pub collect_at_usd_units: u64,
    /// Pays suppliers what they have earned in IO once this much is due to one; never if not set.
    pub withdraw_at_io_units: Option<u64>,
    /// The same for dollars (6 decimals).
    pub withdraw_at_usd_units: Option<u64>,
    /// Where the price of IO is read for orders whose price is taken anew, if the network's source pins no account.
    #[serde(deserialize_with = "address")]
    pub price_account: Option<Pubkey>,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Pubkey>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let address = text.parse();
    address
        .map(Some)
        .map_err(|_| serde::de::Error::custom(format!("`{text}` is not an address")))
}

impl Default for Crank {
    fn default() -> Self {
        Self {
            claim: false,
            burn_at_units: iog_math::units::IO,
            collect_at_usd_units: iog_math::units::USD6,
            withdraw_at_io_units: None,
            withdraw_at_usd_units: None,
            price_account: None,
        }
    }
}
