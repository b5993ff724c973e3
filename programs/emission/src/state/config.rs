use super::ledger::HourLedger;
use crate::{constants::*, EmissionError, GovernanceError};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};
use iog_math::{
    emission,
    reward::{self, Pot},
};

/// The emission's books. One per program. After every instruction
/// `scheduled = shared + enterprise_carry + community_carry`, and, `shared - minted` being due,
/// `vault + due = booked + what is shared out and not settled yet`, where the vault holds `minted - claimed` and what was
/// donated to it.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// What was scheduled until then was a predecessor's and is void: unix seconds.
    pub authority_since_ts: i64,
    /// Start of hour 1, copied from the token's config: unix seconds.
    pub genesis_ts: i64,
    /// Seconds from a device's registration to its first check-in.
    pub min_age_secs: Parameter,
    /// Hours before the running one in which a device must have shown a sign of life.
    pub min_uptime_hours: Parameter,
    /// Hours after a device's last passed proof in which serving an order frees it of a new one.
    pub exempt_hours: Parameter,
    /// Most that a point of score gets in an hour.
    pub max_per_score_units: Parameter,
    /// What the schedule gave all closed hours: at most 300 M IO.
    pub scheduled_units: u64,
    /// What closed hours have shared out of it; the rest is carried.
    pub shared_units: u64,
    /// What of that is minted into the vault.
    pub minted_units: u64,
    /// Booked as owed to owners and co-stakers, and not yet claimed.
    pub booked_units: u64,
    pub claimed_units: u64,
    /// What the pool's last closed hour left: empty hours, what passed its limits, dust. Shared bit by bit in later hours.
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
    ExemptHours,
    MaxPerScoreUnits,
}

/// The first parameters.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ConfigArgs {
    pub min_age_secs: u64,
    pub min_uptime_hours: u64,
    pub exempt_hours: u64,
    pub max_per_score_units: u64,
}

impl Config {
    /// A rise of what a check-in asks for waits, so that devices about to check in are not shut out at once. What moves earnings
    /// between devices waits a week, both ways.
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        match id {
            ParameterId::MinAgeSecs => (&mut self.min_age_secs, Bounds::rises(0, MAX_MIN_AGE_SECS)),
            ParameterId::MinUptimeHours => (
                &mut self.min_uptime_hours,
                Bounds::rises(0, MAX_MIN_UPTIME_HOURS),
            ),
            ParameterId::ExemptHours => (
                &mut self.exempt_hours,
                Bounds::week(MIN_EXEMPT_HOURS, MAX_EXEMPT_HOURS),
            ),
            ParameterId::MaxPerScoreUnits => (
                &mut self.max_per_score_units,
                Bounds::week(MIN_PER_SCORE_UNITS, MAX_PER_SCORE_UNITS),
            ),
        }
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, args: &ConfigArgs) -> Result<()> {
        for (id, value) in [
            (ParameterId::MinAgeSecs, args.min_age_secs),
            (ParameterId::MinUptimeHours, args.min_uptime_hours),
            (ParameterId::ExemptHours, args.exempt_hours),
            (ParameterId::MaxPerScoreUnits, args.max_per_score_units),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(value, &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }

    /// The hour that `now` lies in, 1 for the first, whatever is closed.
    pub fn clock_hour(&self, now: i64) -> Result<u32> {
        Ok(emission::hour_at(self.genesis_ts, now).map_err(|_| EmissionError::BeforeGenesis)?)
    }

    /// The running hour. Hours count forwards only: a clock that steps back does not reopen an hour that is closed, whose shares
    /// are given.
    pub fn hour(&self, now: i64) -> Result<u32> {
        Ok(self.clock_hour(now)?.max(self.next_hour))
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

    /// Closes the next hour: shares its emission, and what the limits let flow of the carry, over the pools' scores. Returns what
    /// the schedule gives the hour.
    pub fn close_next(&mut self, ledger: &mut HourLedger) -> Result<u64> {
        let hour = self.next_hour;
        let scheduled =
            emission::payable(hour, self.scheduled_units).map_err(EmissionError::from)?;
        let parts = reward::pool_split(scheduled).map_err(EmissionError::from)?;
        let limit = emission::carry_limit(hour, scheduled).map_err(EmissionError::from)?;
        let limits = reward::pool_split(limit).map_err(EmissionError::from)?;
        let void = self.is_void(hour);
        let pot = |part, carry, carry_limit| Pot {
            part,
            carry,
            carry_limit,
            max_per_score: self.max_per_score_units.value,
        };
        let enterprise = pot(parts.0, self.enterprise_carry_units, limits.0);
        let community = pot(parts.1, self.community_carry_units, limits.1);
        self.enterprise_carry_units = ledger.enterprise.close(&enterprise, void)?;
        self.community_carry_units = ledger.community.close(&community, void)?;
        self.scheduled_units = sum(self.scheduled_units, scheduled)?;
        let shared = sum(
            ledger.enterprise.amount_units,
            ledger.community.amount_units,
        )?;
        self.shared_units = sum(self.shared_units, shared)?;
        self.next_hour = hour.checked_add(1).ok_or(EmissionError::MathOverflow)?;
        Ok(scheduled)
    }

    /// Shared out and not minted.
    pub fn due(&self) -> Result<u64> {
        difference(self.shared_units, self.minted_units)
    }

    /// Books `amount` of what is due as minted.
    pub fn mint(&mut self, amount: u64) -> Result<()> {
        self.minted_units = sum(self.minted_units, amount)?;
        Ok(())
    }

    pub fn book(&mut self, amount: u64) -> Result<()> {
        self.booked_units = sum(self.booked_units, amount)?;
        Ok(())
    }

    /// Takes as much of `booked` as is minted and not claimed, by the books: what was donated to the vault is nobody's. The rest
    /// stays booked.
    pub fn claim(&mut self, booked: &mut u64) -> Result<u64> {
        require!(*booked > 0, EmissionError::NothingToClaim);
        let amount = difference(self.minted_units, self.claimed_units)?.min(*booked);
        require!(amount > 0, EmissionError::NotMintedYet);
        *booked = difference(*booked, amount)?;
        self.booked_units = difference(self.booked_units, amount)?;
        self.claimed_units = sum(self.claimed_units, amount)?;
        Ok(amount)
    }
}

fn sum(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b)
        .ok_or_else(|| EmissionError::MathOverflow.into())
}

fn difference(a: u64, b: u64) -> Result<u64> {
    a.checked_sub(b)
        .ok_or_else(|| EmissionError::MathOverflow.into())
}
