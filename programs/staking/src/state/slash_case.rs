use crate::{
    constants::{APPEAL_SECS, DECISION_SECS},
    StakingError,
};
use anchor_lang::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CaseState {
    /// Proposed; may be appealed.
    Open = 0,
    Appealed = 1,
    Upheld = 2,
    Rejected = 3,
}

/// What closing a case does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Burn,
    Release,
}

/// A proposal to slash a stake. Closed when it is carried out, rejected or lapsed.
#[account]
pub struct SlashCase {
    pub device: Address,
    /// Paid the rent and gets it back.
    pub proposer: Address,
    /// Who co-staked when it was proposed.
    pub co_staker: Address,
    /// Hash of the evidence, published elsewhere.
    pub evidence_hash: [u8; 32],
    pub number: u64,
    pub owner_units: u64,
    pub co_units: u64,
    pub proposed_ts: i64,
    /// 0 while nobody appealed.
    pub appealed_ts: i64,
    pub state: u8,
    /// What it is for, as the operators' rules number it.
    pub reason: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 28],
}

fn after(start: i64, secs: i64) -> Result<i64> {
    start
        .checked_add(secs)
        .ok_or_else(|| StakingError::MathOverflow.into())
}

impl SlashCase {
    pub fn is(&self, state: CaseState) -> bool {
        self.state == state as u8
    }

    pub fn appeal_until_ts(&self) -> Result<i64> {
        after(self.proposed_ts, APPEAL_SECS)
    }

    pub fn decide_until_ts(&self) -> Result<i64> {
        after(self.appealed_ts, DECISION_SECS)
    }

    pub fn appeal(&mut self, now: i64) -> Result<()> {
        require!(
            self.is(CaseState::Open) && now < self.appeal_until_ts()?,
            StakingError::WrongCaseState
        );
        self.state = CaseState::Appealed as u8;
        self.appealed_ts = now;
        Ok(())
    }

    pub fn resolve(&mut self, upheld: bool, now: i64) -> Result<()> {
        require!(
            self.is(CaseState::Appealed) && now < self.decide_until_ts()?,
            StakingError::WrongCaseState
        );
        let state = if upheld {
            CaseState::Upheld
        } else {
            CaseState::Rejected
        };
        self.state = state as u8;
        Ok(())
    }

    /// How the case ends at `now`. One that nobody decides, or carries out in time, lapses in the stakers' favour.
    pub fn verdict(&self, now: i64) -> Result<Verdict> {
        if self.is(CaseState::Upheld) {
            return Ok(Verdict::Burn);
        }
        if self.is(CaseState::Rejected) {
            return Ok(Verdict::Release);
        }
        if self.is(CaseState::Appealed) {
            require!(now >= self.decide_until_ts()?, StakingError::CaseRuns);
            return Ok(Verdict::Release);
        }
        let appeal_until = self.appeal_until_ts()?;
        require!(now >= appeal_until, StakingError::CaseRuns);
        if now < after(appeal_until, DECISION_SECS)? {
            return Ok(Verdict::Burn);
        }
        Ok(Verdict::Release)
    }
}
