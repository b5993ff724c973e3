use crate::{
    constants::{APPEAL_SECS, DECISION_SECS, UPHOLD_AFTER_SECS},
    StakingError,
};
use anchor_lang::prelude::*;
use iog_common::governance::NOBODY;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CaseState {
    /// Proposed; may be appealed.
    Open = 0,
    Appealed = 1,
    Upheld = 2,
    Rejected = 3,
    Withdrawn = 4,
}

/// What closing a case does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// What it holds is burned or, where it names a verdict of the market, owed to the renter.
    Take,
    Release,
    /// Released, and not counted against the caps.
    Forget,
}

/// What a case copies of a verdict of the market, so that it needs the market no more.
#[derive(Clone, Copy)]
pub struct Claim {
    pub verdict: Address,
    pub resolver: Address,
    pub usd6: u64,
}

/// A proposal to slash a stake. Closed when it is carried out, rejected, withdrawn or lapsed.
#[account]
pub struct SlashCase {
    pub device: Address,
    /// Paid the rent and gets it back.
    pub proposer: Address,
    /// Who co-staked when it was proposed.
    pub co_staker: Address,
    /// Hash of the evidence, published elsewhere.
    pub evidence_hash: [u8; 32],
    /// The market's verdict whose renter it pays; zeros for a case that burns.
    pub verdict: Address,
    /// Who decided that dispute and so decides nothing here; zeros for a case that burns.
    pub resolver: Address,
    pub number: u64,
    pub owner_units: u64,
    pub co_units: u64,
    /// What it claims for the renter, millionths of a dollar at the high price of its proposal.
    pub claim_usd6: u64,
    pub proposed_ts: i64,
    /// 0 while nobody appealed.
    pub appealed_ts: i64,
    /// When an appeal was decided; 0 until then.
    pub decided_ts: i64,
    /// When the offence was, as the proposer says; 0 for restitution.
    pub offence_ts: i64,
    pub state: u8,
    /// What it is for, as the operators' rules number it; 0 for restitution.
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

    pub fn pays_renter(&self) -> bool {
        self.verdict != NOBODY
    }

    /// Makes it pay the renter of a verdict. One person who decides two of the three steps could take stakes for a friend.
    pub fn claim(&mut self, claim: Claim, judge: &Address) -> Result<()> {
        self.verdict = claim.verdict;
        self.resolver = claim.resolver;
        self.claim_usd6 = claim.usd6;
        self.require_judge(judge)?;
        require!(
            claim.resolver != self.proposer,
            StakingError::ResolverHasRole
        );
        Ok(())
    }

    /// Roles may have changed hands since the proposal.
    pub fn require_judge(&self, judge: &Address) -> Result<()> {
        require!(*judge != self.proposer, StakingError::JudgeProposed);
        require!(
            *judge != self.resolver || !self.pays_renter(),
            StakingError::ResolverHasRole
        );
        Ok(())
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
            require!(
                now >= after(self.appealed_ts, UPHOLD_AFTER_SECS)?,
                StakingError::UpheldTooEarly
            );
            CaseState::Upheld
        } else {
            CaseState::Rejected
        };
        self.state = state as u8;
        self.decided_ts = now;
        Ok(())
    }

    /// Takes it back while nobody has decided it, however late.
    pub fn withdraw(&mut self) -> Result<()> {
        require!(
            self.is(CaseState::Open) || self.is(CaseState::Appealed),
            StakingError::WrongCaseState
        );
        self.state = CaseState::Withdrawn as u8;
        Ok(())
    }

    /// How the case ends at `now`. One that nobody decides, or carries out within 30 days of when that could be done, lapses in the
    /// stakers' favour: a stake that is held for ever would be as good as taken.
    pub fn outcome(&self, now: i64) -> Result<Outcome> {
        if self.is(CaseState::Withdrawn) {
            return Ok(Outcome::Forget);
        }
        if self.is(CaseState::Rejected) {
            return Ok(Outcome::Release);
        }
        if self.is(CaseState::Appealed) {
            require!(now >= self.decide_until_ts()?, StakingError::CaseRuns);
            return Ok(Outcome::Release);
        }
        let from_ts = if self.is(CaseState::Upheld) {
            self.decided_ts
        } else {
            self.appeal_until_ts()?
        };
        require!(now >= from_ts, StakingError::CaseRuns);
        if now < after(from_ts, DECISION_SECS)? {
            return Ok(Outcome::Take);
        }
        Ok(Outcome::Release)
    }
}

#[cfg(test)]
mod tests;
