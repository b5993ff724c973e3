use super::Config;
use crate::{
    constants::{MIN_EMISSION_PER_DAY, MIN_NET_EMISSION_PER_DAY, MIN_NET_EMISSION_PER_HOUR},
    state::WindowArgs,
    GovernanceError,
};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};
use iog_math::units::{BPS, IO, USD6};

/// The parameters of the token program. Rises wait 24 hours.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    EmissionLimit,
    EmissionShareBps,
    EmissionFloor,
    NetEmissionLimit,
    NetEmissionShareBps,
    NetEmissionFloor,
    IosdLimit,
    IosdShareBps,
    IosdFloor,
    RefundLimit,
    RefundShareBps,
    RefundFloor,
    NetEmissionCapPerHour,
}

/// Limit and floor both stay above twice the schedule, so that no share of a supply that shrank stops the emission. A day never
/// mints more than an eighth of the genesis supply.
const EMISSION_LIMIT: Bounds = Bounds::rises(MIN_EMISSION_PER_DAY, 62_500_000 * IO);
const EMISSION_SHARE: Bounds = Bounds::rises(5, 1_000);
const EMISSION_FLOOR: Bounds = Bounds::rises(MIN_EMISSION_PER_DAY, 62_500_000 * IO);
/// Limit and floor of net emission stay above zero too: they are how suppliers of IOSD orders are paid.
const NET_EMISSION_LIMIT: Bounds = Bounds::rises(MIN_NET_EMISSION_PER_DAY, 5_000_000 * IO);
const NET_EMISSION_SHARE: Bounds = Bounds::rises(0, 100);
const IOSD_LIMIT: Bounds = Bounds::rises(0, 10_000_000 * USD6);
const IOSD_FLOOR: Bounds = Bounds::rises(0, 1_000_000 * USD6);
/// A refund is an exit: its window cannot be closed, and a tenth of what can be refunded passes in a day.
const REFUND_SHARE: Bounds = Bounds::rises(1_000, BPS);
const REFUND_LIMIT: Bounds = Bounds::rises(100_000 * USD6, 100_000_000 * USD6);
const REFUND_FLOOR: Bounds = Bounds::rises(10_000 * USD6, 10_000_000 * USD6);
const SHARE: Bounds = Bounds::rises(0, BPS);
const IO_PER_HOUR: Bounds = Bounds::rises(MIN_NET_EMISSION_PER_HOUR, 1_000_000 * IO);

/// The first limits of the breaker's windows and of net emission, in base units.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct LimitArgs {
    pub emission: WindowArgs,
    pub net_emission: WindowArgs,
    pub iosd: WindowArgs,
    pub refund: WindowArgs,
    pub net_emission_cap_per_hour: u64,
}

impl Config {
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        let [emission, net_emission, iosd, refund] = &mut self.windows;
        match id {
            ParameterId::EmissionLimit => (&mut emission.limit_units, EMISSION_LIMIT),
            ParameterId::EmissionShareBps => (&mut emission.share_bps, EMISSION_SHARE),
            ParameterId::EmissionFloor => (&mut emission.floor_units, EMISSION_FLOOR),
            ParameterId::NetEmissionLimit => (&mut net_emission.limit_units, NET_EMISSION_LIMIT),
            ParameterId::NetEmissionShareBps => (&mut net_emission.share_bps, NET_EMISSION_SHARE),
            ParameterId::NetEmissionFloor => (&mut net_emission.floor_units, NET_EMISSION_LIMIT),
            ParameterId::IosdLimit => (&mut iosd.limit_units, IOSD_LIMIT),
            ParameterId::IosdShareBps => (&mut iosd.share_bps, SHARE),
            ParameterId::IosdFloor => (&mut iosd.floor_units, IOSD_FLOOR),
            ParameterId::RefundLimit => (&mut refund.limit_units, REFUND_LIMIT),
            ParameterId::RefundShareBps => (&mut refund.share_bps, REFUND_SHARE),
            ParameterId::RefundFloor => (&mut refund.floor_units, REFUND_FLOOR),
            ParameterId::NetEmissionCapPerHour => {
                (&mut self.net_emission_cap_per_hour, IO_PER_HOUR)
            }
        }
    }

    /// Sets all limits, when the config is created.
    pub fn start_limits(&mut self, limits: &LimitArgs) -> Result<()> {
        use ParameterId as P;
        for (id, value) in [
            (P::EmissionLimit, limits.emission.limit),
            (P::EmissionShareBps, limits.emission.share_bps),
            (P::EmissionFloor, limits.emission.floor),
            (P::NetEmissionLimit, limits.net_emission.limit),
            (P::NetEmissionShareBps, limits.net_emission.share_bps),
            (P::NetEmissionFloor, limits.net_emission.floor),
            (P::IosdLimit, limits.iosd.limit),
            (P::IosdShareBps, limits.iosd.share_bps),
            (P::IosdFloor, limits.iosd.floor),
            (P::RefundLimit, limits.refund.limit),
            (P::RefundShareBps, limits.refund.share_bps),
            (P::RefundFloor, limits.refund.floor),
            (P::NetEmissionCapPerHour, limits.net_emission_cap_per_hour),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(value, &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }
}
