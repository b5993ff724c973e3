//! The buyback.

use super::PlanError;
use crate::amounts::usd;
use iog_client::treasury::types::ConfigArgs;
use serde::Deserialize;

/// Shares, caps and the auction's terms.
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

impl Treasury {
    /// The parameters as the treasury takes them.
    pub(crate) fn args(&self) -> Result<ConfigArgs, PlanError> {
        Ok(ConfigArgs {
            kept_share_bps: self.kept_share_bps,
            min_lot: usd("treasury.min_lot_usd", &self.min_lot_usd)?,
            cap_per_hour: usd("treasury.cap_per_hour_usd", &self.cap_per_hour_usd)?,
            cap_per_day: usd("treasury.cap_per_day_usd", &self.cap_per_day_usd)?,
            discount_bps: self.discount_bps,
            premium_bps: self.premium_bps,
            auction_secs: self.auction_secs,
        })
    }
}
