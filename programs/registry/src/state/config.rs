use super::{roles::RegistryRole, Measurer};
use crate::{
    constants::{MAX_WINDOW_SPREAD_SECS, MEASURERS},
    GovernanceError, RegistryError,
};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter, Role};
use iog_math::units::HOUR;

/// The registry's roles and its time base. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    /// Signs security attestations.
    pub attestor: Role,
    /// Moves classes within bounds, beside the authority.
    pub catalog_authority: Role,
    /// What was scheduled until then was a predecessor's and is void: unix seconds.
    pub authority_since_ts: i64,
    /// Start of hour 1, copied from the token's config: unix seconds.
    pub genesis_ts: i64,
    /// Until then the network is being set up, copied from the token's config: new classes count and roles are given at once.
    pub setup_until_ts: i64,
    pub operators: u64,
    /// Devices that are not terminated.
    pub devices: u64,
    /// A window opens up to this many seconds into its hour.
    pub window_spread_secs: Parameter,
    /// Fresh measurements that a tier takes: at least 3, and more than half of the measurers named.
    pub quorum: Parameter,
    /// Who may measure connections, by the place of its measurements.
    pub measurers: [Measurer; MEASURERS],
    pub version: u8,
    pub bump: u8,
    pub paused: u8,
    pub reserved: [u8; 61],
}

/// The parameters of the registry program.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    WindowSpreadSecs,
    Quorum,
}

impl Config {
    /// Neither direction is the safe one: both wait.
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        match id {
            ParameterId::WindowSpreadSecs => (
                &mut self.window_spread_secs,
                Bounds::both(0, MAX_WINDOW_SPREAD_SECS),
            ),
            ParameterId::Quorum => {
                let bounds = self.quorum_bounds();
                (&mut self.quorum, bounds)
            }
        }
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, window_spread_secs: u64, quorum: u64) -> Result<()> {
        for (id, value) in [
            (ParameterId::WindowSpreadSecs, window_spread_secs),
            (ParameterId::Quorum, quorum),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(value, &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }

    pub fn role(&mut self, id: RegistryRole) -> &mut Role {
        match id {
            RegistryRole::Attestor => &mut self.attestor,
            RegistryRole::CatalogAuthority => &mut self.catalog_authority,
        }
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
        let may = *signer == self.authority || *signer == self.catalog_authority.key;
        require!(may, RegistryError::NotCatalogAuthority);
        Ok(())
    }
}
