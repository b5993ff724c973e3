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
pub enum Outcome {
    /// What it holds is burned or, where it names a verdict of the market, owed to the renter.
    Take,
    Release,
}

/// What a case copies of a verdict of the market, so that it needs the market no more.
#[derive(Clone, Copy)]
pub struct Claim {
    pub verdict: Address,
    pub resolver: Address,
    pub usd6: u64,
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
    pub state: u8,
    /// What it is for, as the operators' rules number it; 0 for restitution.
    pub reason: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 28],
}

const NOBODY: Address = Address::new_from_array([0; 32]);

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
        let impartial = *judge != self.resolver && *judge != self.proposer;
        require!(
            impartial || !self.pays_renter(),
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
            CaseState::Upheld
        } else {
            CaseState::Rejected
        };
        self.state = state as u8;
        Ok(())
    }

    /// How the case ends at `now`. One that nobody decides, or carries out in time, lapses in the stakers' favour.
    pub fn outcome(&self, now: i64) -> Result<Outcome> {
        if self.is(CaseState::Upheld) {
            return Ok(Outcome::Take);
        }
        if self.is(CaseState::Rejected) {
            return Ok(Outcome::Release);
        }
        if self.is(CaseState::Appealed) {
            require!(now >= self.decide_until_ts()?, StakingError::CaseRuns);
            return Ok(Outcome::Release);
        }
        let appeal_until = self.appeal_until_ts()?;
        require!(now >= appeal_until, StakingError::CaseRuns);
        if now < after(appeal_until, DECISION_SECS)? {
            return Ok(Outcome::Take);
        }
        Ok(Outcome::Release)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const SLASHER: Address = Address::new_from_array([1; 32]);
    const JUDGE: Address = Address::new_from_array([2; 32]);
    const RESOLVER: Address = Address::new_from_array([3; 32]);

    fn case(resolver: Address, judge: &Address) -> Result<SlashCase> {
        let mut case = SlashCase::zeroed();
        case.proposer = SLASHER;
        let claim = Claim {
            verdict: Address::new_from_array([9; 32]),
            resolver,
            usd6: 1,
        };
        case.claim(claim, judge)?;
        Ok(case)
    }

    fn refused<T>(result: Result<T>) -> bool {
        result.err() == Some(StakingError::ResolverHasRole.into())
    }

    /// redteam 6f
    #[test]
    fn resolver_slasher_and_judge_of_a_restitution_are_three_keys() {
        assert!(case(RESOLVER, &JUDGE).is_ok_and(|case| case.pays_renter()));
        case(RESOLVER, &NOBODY).expect("no judge is named: nobody but the slasher decides");
        for (resolver, judge) in [(SLASHER, JUDGE), (JUDGE, JUDGE), (RESOLVER, SLASHER)] {
            assert!(refused(case(resolver, &judge)));
        }
    }

    /// redteam 6f
    #[test]
    fn who_resolved_or_proposed_does_not_judge_after_a_change_of_roles() {
        let case = case(RESOLVER, &JUDGE).expect("three keys");
        case.require_judge(&JUDGE).expect("the same as before");
        for partial in [RESOLVER, SLASHER] {
            assert!(refused(case.require_judge(&partial)));
        }
        let mut burns = SlashCase::zeroed();
        burns.proposer = SLASHER;
        assert!(!burns.pays_renter());
        burns.require_judge(&JUDGE).expect("no renter is paid");
    }
}
