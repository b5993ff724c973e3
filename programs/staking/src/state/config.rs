use super::Caps;
use crate::{GovernanceError, StakingError};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter, Role};
use iog_math::units::BPS;

/// The staking program's books. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// Proposes slashes; zeros for nobody.
    pub slasher: Role,
    /// Decides appeals; never the slasher.
    pub appeal_authority: Role,
    /// When the authority took over, 0 for the first: what was scheduled before is void.
    pub authority_since_ts: i64,
    /// Sum of all booked stakes, those cooling down included. The vault holds this and `restitution_due_units`.
    pub staked_units: u64,
    /// Burned by cases so far.
    pub slashed_units: u64,
    /// Taken by cases for renters who have not fetched it yet.
    pub restitution_due_units: u64,
    /// Taken by cases for renters so far, whether fetched or not.
    pub restituted_units: u64,
    /// Slash cases so far: the number of the next.
    pub cases: u64,
    /// Most of a stake that one case takes.
    pub case_cap_bps: Parameter,
    /// Most of it that the cases of 30 days take together.
    pub month_cap_bps: Parameter,
    pub version: u8,
    pub bump: u8,
    pub vault_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 44],
}

/// The parameters of the staking program.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    CaseCapBps,
    MonthCapBps,
}

/// No case takes more than half of a stake, whatever governance sets.
const MAX_CASE_CAP_BPS: u64 = 5_000;

impl Config {
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        match id {
            ParameterId::CaseCapBps => (&mut self.case_cap_bps, Bounds::rises(0, MAX_CASE_CAP_BPS)),
            ParameterId::MonthCapBps => (&mut self.month_cap_bps, Bounds::rises(0, BPS)),
        }
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, case_cap_bps: u16, month_cap_bps: u16) -> Result<()> {
        for (id, value) in [
            (ParameterId::CaseCapBps, case_cap_bps),
            (ParameterId::MonthCapBps, month_cap_bps),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(u64::from(value), &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }

    pub fn add(&mut self, amount: u64) -> Result<()> {
        self.staked_units = self
            .staked_units
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    pub fn remove(&mut self, amount: u64) -> Result<()> {
        self.staked_units = self
            .staked_units
            .checked_sub(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    /// Books `amount` as slashed.
    pub fn slash(&mut self, amount: u64) -> Result<()> {
        self.remove(amount)?;
        self.slashed_units = self
            .slashed_units
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    /// Books `amount` as owed to a renter; it stays in the vault.
    pub fn owe(&mut self, amount: u64) -> Result<()> {
        self.remove(amount)?;
        for total in [&mut self.restitution_due_units, &mut self.restituted_units] {
            *total = total
                .checked_add(amount)
                .ok_or(StakingError::MathOverflow)?;
        }
        Ok(())
    }

    /// Books `amount` as fetched by a renter.
    pub fn pay_restitution(&mut self, amount: u64) -> Result<()> {
        self.restitution_due_units = self
            .restitution_due_units
            .checked_sub(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    pub fn caps(&self) -> Caps {
        Caps {
            case_bps: self.case_cap_bps.bps(),
            month_bps: self.month_cap_bps.bps(),
        }
    }

    /// The number of a new case.
    pub fn next_case(&mut self) -> Result<u64> {
        let number = self.cases;
        self.cases = number.checked_add(1).ok_or(StakingError::MathOverflow)?;
        Ok(number)
    }
}
