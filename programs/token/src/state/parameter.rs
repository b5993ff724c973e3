use super::Config;
use crate::{state::WindowArgs, GovernanceError};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};
use iog_math::units::{BPS, CAP_IO};

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

const UNITS: Bounds = Bounds::rises(0, u64::MAX);
const SHARE: Bounds = Bounds::rises(0, BPS);
const IO_PER_HOUR: Bounds = Bounds::rises(0, CAP_IO);

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
            ParameterId::EmissionLimit => (&mut emission.limit_units, UNITS),
            ParameterId::EmissionShareBps => (&mut emission.share_bps, SHARE),
            ParameterId::EmissionFloor => (&mut emission.floor_units, UNITS),
            ParameterId::NetEmissionLimit => (&mut net_emission.limit_units, UNITS),
            ParameterId::NetEmissionShareBps => (&mut net_emission.share_bps, SHARE),
            ParameterId::NetEmissionFloor => (&mut net_emission.floor_units, UNITS),
            ParameterId::IosdLimit => (&mut iosd.limit_units, UNITS),
            ParameterId::IosdShareBps => (&mut iosd.share_bps, SHARE),
            ParameterId::IosdFloor => (&mut iosd.floor_units, UNITS),
            ParameterId::RefundLimit => (&mut refund.limit_units, UNITS),
            ParameterId::RefundShareBps => (&mut refund.share_bps, SHARE),
            ParameterId::RefundFloor => (&mut refund.floor_units, UNITS),
            ParameterId::NetEmissionCapPerHour => {
                (&mut self.net_emission_cap_per_hour, IO_PER_HOUR)
            }
        }
    }

    /// Sets all limits, when the config is created.
    pub fn start_limits(&mut self, limits: &LimitArgs) -> Result<()> {
        let windows = [
            limits.emission,
            limits.net_emission,
            limits.iosd,
            limits.refund,
        ];
        for (window, args) in self.windows.iter_mut().zip(windows) {
            for (parameter, value, bounds) in [
                (&mut window.limit_units, args.limit, UNITS),
                (&mut window.share_bps, args.share_bps, SHARE),
                (&mut window.floor_units, args.floor, UNITS),
            ] {
                parameter
                    .start(value, &bounds)
                    .map_err(GovernanceError::from)?;
            }
        }
        self.net_emission_cap_per_hour
            .start(limits.net_emission_cap_per_hour, &IO_PER_HOUR)
            .map_err(GovernanceError::from)?;
        Ok(())
    }
}
