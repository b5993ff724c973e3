use super::Measurer;
use crate::{
    constants::{MAX_WINDOW_SPREAD_SECS, MEASURERS, MIN_QUORUM},
    GovernanceError, RegistryError,
};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};
use iog_math::units::HOUR;

/// The registry's roles and its time base. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    /// Signs security attestations; zeros for nobody.
    pub attestor: Address,
    /// Moves classes within bounds, beside the authority; zeros for nobody.
    pub catalog_authority: Address,
    /// Start of hour 1, copied from the token's config: unix seconds.
    pub genesis_ts: i64,
    /// Until then the network is being set up, copied from the token's config: new classes and measurers count at once.
    pub setup_until_ts: i64,
    pub operators: u64,
    /// Devices that are not terminated.
    pub devices: u64,
    /// A window opens up to this many seconds into its hour.
    pub window_spread_secs: Parameter,
    /// Who may measure connections, by the place of its measurements; zeros for nobody.
    pub measurers: [Measurer; MEASURERS],
    /// Fresh measurements that a tier takes: at least 3, and more than half of the measurers named.
    pub quorum: u8,
    pub version: u8,
    pub bump: u8,
    pub paused: u8,
    pub reserved: [u8; 60],
}

/// The parameters of the registry program.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    WindowSpreadSecs,
}

impl Config {
    /// Neither direction is the safe one: both wait.
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        match id {
            ParameterId::WindowSpreadSecs => (
                &mut self.window_spread_secs,
                Bounds::both(0, MAX_WINDOW_SPREAD_SECS),
            ),
        }
    }

    /// Sets parameters and quorum, when the config is created.
    pub fn start(&mut self, window_spread_secs: u64) -> Result<()> {
        self.quorum = MIN_QUORUM;
        let (parameter, bounds) = self.parameter(ParameterId::WindowSpreadSecs);
        Ok(parameter
            .start(window_spread_secs, &bounds)
            .map_err(GovernanceError::from)?)
    }

    /// The hour of the network that `now` lies in, 1 for the first: the epoch of proofs.
    pub fn epoch(&self, now: i64) -> Result<u64> {
        let hour = iog_math::emission::hour_at(self.genesis_ts, now)
            .map_err(|_| RegistryError::BeforeGenesis)?;
        Ok(u64::from(hour))
    }

    /// When the window of `epoch` opens, for a random `draw`: unix seconds.
    pub fn opens_ts(&self, epoch: u64, draw: u64) -> Result<i64> {
        let choices = self
            .window_spread_secs
            .value
            .checked_add(1)
            .ok_or(RegistryError::MathOverflow)?;
        let offset = draw
            .checked_rem(choices)
            .and_then(|offset| i64::try_from(offset).ok());
        let start = epoch
            .checked_sub(1)
            .and_then(|hours| i64::try_from(hours).ok())
            .and_then(|hours| hours.checked_mul(HOUR))
            .and_then(|secs| secs.checked_add(self.genesis_ts));
        offset
            .zip(start)
            .and_then(|(offset, start)| start.checked_add(offset))
            .ok_or_else(|| RegistryError::MathOverflow.into())
    }

    /// The authority may do whatever the catalogue's authority may.
    pub fn require_catalog(&self, signer: &Address) -> Result<()> {
        let may = *signer == self.authority || *signer == self.catalog_authority;
        require!(may, RegistryError::NotCatalogAuthority);
        Ok(())
    }
}
