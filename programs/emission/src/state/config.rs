use super::ledger::HourLedger;
use crate::{
    constants::{MAX_MIN_AGE_SECS, MAX_MIN_UPTIME_HOURS},
    EmissionError, GovernanceError,
};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};
use iog_math::{emission, reward};

/// The emission's books. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// Start of hour 1, copied from the token's config: unix seconds.
    pub genesis_ts: i64,
    /// Seconds from a device's registration to its first check-in.
    pub min_age_secs: Parameter,
    /// Hours before the running one in which a device must have shown a sign of life.
    pub min_uptime_hours: Parameter,
    pub minted_units: u64,
    /// Booked as owed to owners and co-stakers, and not yet claimed.
    pub booked_units: u64,
    pub claimed_units: u64,
    /// What the pool's last closed hour left: empty hours and dust, paid with the next.
    pub enterprise_carry_units: u64,
    pub community_carry_units: u64,
    /// First hour that is not closed.
    pub next_hour: u32,
    /// Hours that a pause of check-ins touched, the last 0 while it lasts: they share nothing, and their emission is carried.
    /// Who was in before the pause would share it alone otherwise, the one who pauses for instance.
    pub void_from_hour: u32,
    pub void_until_hour: u32,
    pub version: u8,
    pub bump: u8,
    pub vault_authority_bump: u8,
    pub minter_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 55],
}

/// The parameters of the emission program.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    MinAgeSecs,
    MinUptimeHours,
}

impl Config {
    /// A rise waits, so that devices about to check in are not shut out at once.
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        match id {
            ParameterId::MinAgeSecs => (&mut self.min_age_secs, Bounds::rises(0, MAX_MIN_AGE_SECS)),
            ParameterId::MinUptimeHours => (
                &mut self.min_uptime_hours,
                Bounds::rises(0, MAX_MIN_UPTIME_HOURS),
            ),
        }
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, min_age_secs: u64, min_uptime_hours: u64) -> Result<()> {
        for (id, value) in [
            (ParameterId::MinAgeSecs, min_age_secs),
            (ParameterId::MinUptimeHours, min_uptime_hours),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(value, &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }

    /// The running hour, 1 for the first. Hours count forwards only: a clock that steps back does not reopen an hour that is
    /// closed, whose shares are given.
    pub fn hour(&self, now: i64) -> Result<u32> {
        let hour =
            emission::hour_at(self.genesis_ts, now).map_err(|_| EmissionError::BeforeGenesis)?;
        Ok(hour.max(self.next_hour))
    }

    /// Voids the hours from the running one on, when check-ins are paused.
    pub fn void_from(&mut self, now: i64) {
        // A pause before an earlier one's hours are closed makes one stretch of both.
        let pending = self.void_from_hour != 0
            && (self.void_until_hour == 0 || self.void_until_hour >= self.next_hour);
        if !pending {
            self.void_from_hour = self.hour_or_first(now);
        }
        self.void_until_hour = 0;
    }

    /// Ends the void with the running hour, when check-ins are resumed.
    pub fn void_until(&mut self, now: i64) {
        if self.void_from_hour != 0 && self.void_until_hour == 0 {
            self.void_until_hour = self.hour_or_first(now);
        }
    }

    /// The running hour, or the first to come before genesis.
    fn hour_or_first(&self, now: i64) -> u32 {
        self.hour(now).unwrap_or(self.next_hour)
    }

    fn is_void(&self, hour: u32) -> bool {
        self.void_from_hour != 0
            && hour >= self.void_from_hour
            && (self.void_until_hour == 0 || hour <= self.void_until_hour)
    }

    pub fn is_closed(&self, hour: u32) -> bool {
        hour < self.next_hour
    }

    /// Closes the next hour: shares its emission and the carry over the pools' scores. Returns what must be minted.
    pub fn close_next(&mut self, ledger: &mut HourLedger) -> Result<u64> {
        let hour = self.next_hour;
        let emitted = emission::payable(hour, self.minted_units).map_err(EmissionError::from)?;
        let (enterprise, community) = reward::pool_split(emitted).map_err(EmissionError::from)?;
        let void = self.is_void(hour);
        self.enterprise_carry_units =
            ledger
                .enterprise
                .close(enterprise, self.enterprise_carry_units, void)?;
        self.community_carry_units =
            ledger
                .community
                .close(community, self.community_carry_units, void)?;
        self.minted_units = self
            .minted_units
            .checked_add(emitted)
            .ok_or(EmissionError::MathOverflow)?;
        self.next_hour = hour.checked_add(1).ok_or(EmissionError::MathOverflow)?;
        Ok(emitted)
    }

    pub fn book(&mut self, amount: u64) -> Result<()> {
        self.booked_units = self
            .booked_units
            .checked_add(amount)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(())
    }

    pub fn claim(&mut self, amount: u64) -> Result<()> {
        self.booked_units = self
            .booked_units
            .checked_sub(amount)
            .ok_or(EmissionError::MathOverflow)?;
        self.claimed_units = self
            .claimed_units
            .checked_add(amount)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(())
    }
}
