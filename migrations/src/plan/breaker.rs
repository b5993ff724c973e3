//! Limits of minting.

use super::PlanError;
use crate::amounts::{io, iosd};
use iog_client::token::types::{LimitArgs, WindowArgs};
use serde::Deserialize;

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

impl Breaker {
    pub(crate) fn args(&self, net_emission_cap_per_hour: u64) -> Result<LimitArgs, PlanError> {
        Ok(LimitArgs {
            emission: self.emission.args("emission", io)?,
            net_emission: self.net_emission.args("net_emission", io)?,
            iosd: self.iosd.args("iosd", iosd)?,
            refund: self.refund.args("refund", iosd)?,
            net_emission_cap_per_hour,
        })
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
