use crate::StakingError;
use anchor_lang::prelude::*;
use iog_common::verdict::{Verdict, CLAIM_SECS};

/// What a renter gets out of a stake for one verdict of the market, and what its cases claim. One per verdict.
#[account]
pub struct Restitution {
    pub verdict: Address,
    pub renter: Address,
    pub device: Address,
    /// Paid the rent and gets it back.
    pub payer: Address,
    /// Value of the cases that are open or carried out; at most what the lease was paid.
    pub claimed_usd6: u64,
    /// Owed to the renter; anyone may send it.
    pub due_units: u64,
    pub paid_units: u64,
    /// When the resolver decided. A lease's address may come again: with the address this names one decision.
    pub decided_ts: i64,
    pub open_cases: u16,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 44],
}

impl Restitution {
    pub fn is_new(&self) -> bool {
        self.version == 0
    }

    pub fn open(&mut self, address: Address, verdict: &Verdict, payer: Address) {
        self.verdict = address;
        self.renter = verdict.renter;
        self.device = verdict.device;
        self.decided_ts = verdict.decided_ts;
        self.payer = payer;
        self.version = 1;
    }

    /// Counts a new case of `usd6` against what the lease was paid.
    pub fn claim(&mut self, verdict: &Verdict, usd6: u64) -> Result<()> {
        require!(
            self.renter == verdict.renter && self.decided_ts == verdict.decided_ts,
            StakingError::WrongRestitution
        );
        let claimed_usd6 = self
            .claimed_usd6
            .checked_add(usd6)
            .filter(|claimed| *claimed <= verdict.paid_usd6)
            .ok_or(StakingError::AboveRentPaid)?;
        self.claimed_usd6 = claimed_usd6;
        self.open_cases = self
            .open_cases
            .checked_add(1)
            .ok_or(StakingError::TooManyCases)?;
        Ok(())
    }

    /// Ends a case that was carried out.
    pub fn credit(&mut self, amount: u64) -> Result<()> {
        self.due_units = self
            .due_units
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        self.end_case()
    }

    /// Ends a case that was rejected or lapsed: its claim may be made again.
    pub fn give_back(&mut self, usd6: u64) -> Result<()> {
        self.claimed_usd6 = self
            .claimed_usd6
            .checked_sub(usd6)
            .ok_or(StakingError::MathOverflow)?;
        self.end_case()
    }

    fn end_case(&mut self) -> Result<()> {
        self.open_cases = self
            .open_cases
            .checked_sub(1)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    /// Books all that is due as paid, and returns it.
    pub fn fetch(&mut self) -> Result<u64> {
        let amount = self.due_units;
        require!(amount > 0, StakingError::NothingDue);
        self.paid_units = self
            .paid_units
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        self.due_units = 0;
        Ok(amount)
    }

    /// Closed earlier, it would forget what was claimed, and the same rent could be claimed once more.
    pub fn require_done(&self, now: i64) -> Result<()> {
        let claim_until_ts = self
            .decided_ts
            .checked_add(CLAIM_SECS)
            .ok_or(StakingError::MathOverflow)?;
        let forgettable = self.claimed_usd6 == 0 || now >= claim_until_ts;
        require!(
            self.due_units == 0 && self.open_cases == 0 && forgettable,
            StakingError::RestitutionNeeded
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn address(byte: u8) -> Address {
        Address::new_from_array([byte; 32])
    }

    fn verdict() -> Verdict {
        Verdict {
            lease: address(1),
            order: address(2),
            device: address(3),
            owner: address(4),
            renter: address(5),
            resolver: address(6),
            paid_usd6: 1_520_000,
            decided_ts: 1_000,
        }
    }

    fn refused<T>(result: Result<T>, error: StakingError) -> bool {
        result.err() == Some(error.into())
    }

    fn restitution() -> Restitution {
        let mut restitution = Restitution::zeroed();
        restitution.open(address(9), &verdict(), address(8));
        restitution
    }

    /// redteam 6f
    #[test]
    fn all_cases_together_claim_at_most_what_the_lease_was_paid() {
        let mut restitution = restitution();
        restitution
            .claim(&verdict(), 1_500_000)
            .expect("below the rent");
        assert!(refused(
            restitution.claim(&verdict(), 20_001),
            StakingError::AboveRentPaid
        ));
        assert!(refused(
            restitution.claim(&verdict(), u64::MAX),
            StakingError::AboveRentPaid
        ));
        restitution.claim(&verdict(), 20_000).expect("to the cent");
        restitution.give_back(1_500_000).expect("released");
        restitution.claim(&verdict(), 1_500_000).expect("again");
        assert!(refused(
            restitution.claim(&verdict(), 1),
            StakingError::AboveRentPaid
        ));
    }

    #[test]
    fn a_restitution_is_of_one_decision() {
        let mut restitution = restitution();
        let later = Verdict {
            decided_ts: 1_001,
            ..verdict()
        };
        let other = Verdict {
            renter: address(7),
            ..verdict()
        };
        for wrong in [later, other] {
            assert!(refused(
                restitution.claim(&wrong, 1),
                StakingError::WrongRestitution
            ));
        }
    }

    #[test]
    fn closes_when_nothing_counts_on_it() {
        let mut carried_out = restitution();
        carried_out.require_done(1_000).expect("never used");
        carried_out.claim(&verdict(), 10).expect("below the rent");
        assert!(refused(
            carried_out.require_done(i64::MAX),
            StakingError::RestitutionNeeded
        ));
        carried_out.credit(400).expect("carried out");
        assert!(refused(
            carried_out.require_done(i64::MAX),
            StakingError::RestitutionNeeded
        ));
        assert_eq!(carried_out.fetch().ok(), Some(400));
        assert!(refused(carried_out.fetch(), StakingError::NothingDue));
        assert_eq!((carried_out.due_units, carried_out.paid_units), (0, 400));
        assert!(refused(
            carried_out.require_done(15_552_999),
            StakingError::RestitutionNeeded
        ));
        carried_out.require_done(15_553_000).expect("180 days");

        let mut released = restitution();
        released.claim(&verdict(), 10).expect("below the rent");
        released.give_back(10).expect("released");
        released.require_done(1_000).expect("nothing was taken");
    }
}
