//! What a slash case does to a stake.

use super::device_stake::{add, sub, CaseMark, DeviceStake};
use crate::{constants::CASE_WINDOW_SECS, StakingError};
use anchor_lang::prelude::*;
use iog_math::units::{bps_floor, mul_div_floor};

/// The caps as they are when a case is proposed.
#[derive(Clone, Copy)]
pub struct Caps {
    pub case_bps: u16,
    pub month_bps: u16,
}

impl Caps {
    /// Refuses an `amount` above what one case, or the cases of 30 days with it, may take of `part`.
    fn check(self, part: u64, marked: u64, amount: u64) -> Result<()> {
        // floor: the caps protect the stakers
        let case_cap = bps_floor(part, self.case_bps).map_err(StakingError::from)?;
        let month_cap = bps_floor(part, self.month_bps).map_err(StakingError::from)?;
        let month = marked
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        require!(
            amount <= case_cap && month <= month_cap,
            StakingError::SlashAboveCap
        );
        Ok(())
    }
}

impl DeviceStake {
    /// Holds `amount` for a new case, pro rata over what owner and co-staker have that no case holds yet; returns the two
    /// parts. Were it pro rata over all, a part that was paid out down to what is held would keep new cases from the other.
    pub fn hold(&mut self, amount: u64, caps: Caps, now: i64) -> Result<(u64, u64)> {
        require!(amount > 0, StakingError::ZeroAmount);
        let total = self
            .amount_units
            .checked_add(self.co_amount_units)
            .ok_or(StakingError::MathOverflow)?;
        let marked = self.marked_units(now, |mark| mark.amount_units)?;
        caps.check(total, marked, amount)?;
        let co_free = self.co_amount_units.saturating_sub(self.co_held_units);
        let free = self
            .owner_free()
            .checked_add(co_free)
            .ok_or(StakingError::MathOverflow)?;
        require!(amount <= free, StakingError::SlashAboveCap);
        // floor: the owner, who runs the device, bears the odd unit; with `amount` at most `free` neither part is above its own
        let co_part = mul_div_floor(amount, co_free, free).map_err(StakingError::from)?;
        let owner_part = amount
            .checked_sub(co_part)
            .ok_or(StakingError::MathOverflow)?;
        self.begin(owner_part, co_part, now)?;
        Ok((owner_part, co_part))
    }

    /// Holds `amount` of the owner's part alone, under caps of that part alone: were a co-staker liable, an owner who rents
    /// the own device and serves nothing would be paid out of the co-stake.
    pub fn hold_from_owner(&mut self, amount: u64, caps: Caps, now: i64) -> Result<()> {
        require!(amount > 0, StakingError::ZeroAmount);
        let marked = self.marked_units(now, |mark| mark.owner_units)?;
        caps.check(self.amount_units, marked, amount)?;
        require!(amount <= self.owner_free(), StakingError::SlashAboveCap);
        self.begin(amount, 0, now)
    }

    /// Ends a case: what it held is free again or, with `take`, gone.
    pub fn release(&mut self, owner_part: u64, co_part: u64, take: bool) -> Result<()> {
        sub(&mut self.held_units, owner_part)?;
        sub(&mut self.co_held_units, co_part)?;
        if take {
            sub(&mut self.amount_units, owner_part)?;
            sub(&mut self.co_amount_units, co_part)?;
        }
        self.open_cases = self
            .open_cases
            .checked_sub(1)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    fn owner_free(&self) -> u64 {
        self.amount_units.saturating_sub(self.held_units)
    }

    fn begin(&mut self, owner_part: u64, co_part: u64, now: i64) -> Result<()> {
        self.mark(owner_part, co_part, now)?;
        add(&mut self.held_units, owner_part)?;
        add(&mut self.co_held_units, co_part)?;
        self.open_cases = self
            .open_cases
            .checked_add(1)
            .ok_or(StakingError::TooManyCases)?;
        Ok(())
    }

    /// What the cases of the last 30 days took or hold, by `part` of each.
    fn marked_units(&self, now: i64, part: impl Fn(&CaseMark) -> u64) -> Result<u64> {
        let since_ts = now.saturating_sub(CASE_WINDOW_SECS);
        let recent = self.marks.iter().filter(|mark| mark.proposed_ts > since_ts);
        recent
            .map(part)
            .try_fold(0u64, u64::checked_add)
            .ok_or_else(|| StakingError::MathOverflow.into())
    }

    /// Remembers a case in the place of the oldest, which must be out of the window.
    fn mark(&mut self, owner_part: u64, co_part: u64, now: i64) -> Result<()> {
        let amount_units = owner_part
            .checked_add(co_part)
            .ok_or(StakingError::MathOverflow)?;
        let oldest = self
            .marks
            .iter_mut()
            .min_by_key(|mark| mark.proposed_ts)
            .ok_or(StakingError::MathOverflow)?;
        require!(
            oldest.amount_units == 0 || oldest.proposed_ts <= now.saturating_sub(CASE_WINDOW_SECS),
            StakingError::TooManyCases
        );
        *oldest = CaseMark {
            proposed_ts: now,
            amount_units,
            owner_units: owner_part,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const CAPS: Caps = Caps {
        case_bps: 1_000,
        month_bps: 2_500,
    };
    const NOW: i64 = 100_000_000;

    fn stake(owner: u64, co: u64) -> DeviceStake {
        let mut stake = DeviceStake::zeroed();
        stake.amount_units = owner;
        stake.co_amount_units = co;
        stake
    }

    fn refused(result: Result<()>, error: StakingError) -> bool {
        result.err() == Some(error.into())
    }

    /// redteam 6e
    #[test]
    fn restitution_counts_and_takes_the_owners_part_alone() {
        let mut stake = stake(1_000, 1_000);
        for above in [101, 200] {
            let held = stake.hold_from_owner(above, CAPS, NOW);
            assert!(refused(held, StakingError::SlashAboveCap), "{above}");
        }
        stake.hold_from_owner(100, CAPS, NOW).expect("a tenth");
        assert_eq!((stake.held_units, stake.co_held_units), (100, 0));
        stake.release(100, 0, true).expect("carried out");
        assert_eq!((stake.amount_units, stake.co_amount_units), (900, 1_000));
        // 25 % of the 900 that are left, less the 100 of this month
        stake.hold_from_owner(90, CAPS, NOW).expect("a tenth");
        assert!(refused(
            stake.hold_from_owner(36, CAPS, NOW),
            StakingError::SlashAboveCap
        ));
        stake.hold_from_owner(35, CAPS, NOW).expect("the rest");
        assert_eq!((stake.held_units, stake.open_cases), (125, 2));
    }

    #[test]
    fn each_kind_of_case_counts_in_the_others_month() {
        let mut first_burn = stake(1_000, 1_000);
        assert_eq!(first_burn.hold(200, CAPS, NOW).ok(), Some((100, 100)));
        assert_eq!(first_burn.hold(200, CAPS, NOW).ok(), Some((100, 100)));
        // the owner bore 200 of its 250
        assert!(refused(
            first_burn.hold_from_owner(51, CAPS, NOW),
            StakingError::SlashAboveCap
        ));
        first_burn.hold_from_owner(50, CAPS, NOW).expect("the rest");

        let mut first_pay = stake(1_000, 0);
        first_pay.hold_from_owner(100, CAPS, NOW).expect("a tenth");
        first_pay.hold_from_owner(100, CAPS, NOW).expect("a tenth");
        assert!(refused(
            first_pay.hold(51, CAPS, NOW).map(|_| ()),
            StakingError::SlashAboveCap
        ));
        assert_eq!(first_pay.hold(50, CAPS, NOW).ok(), Some((50, 0)));
    }

    #[test]
    fn a_fifth_case_in_thirty_days_is_refused() {
        let mut stake = stake(1_000, 0);
        for _ in 0..4 {
            stake.hold_from_owner(1, CAPS, NOW).expect("one of four");
        }
        assert!(refused(
            stake.hold_from_owner(1, CAPS, NOW + 2_591_999),
            StakingError::TooManyCases
        ));
        assert!(stake.hold_from_owner(1, CAPS, NOW + 2_592_000).is_ok());
    }
}
