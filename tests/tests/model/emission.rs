//! The rules of rewards and hours in fractions.

use iog_client::emission::EmissionError as E;
use iog_client::token::TokenError;

use super::reference::{Model, Step};
use super::stake::Stake;

const MINT_CAP: u64 = 25_000_000_000_000;
const PAGE_HOURS: u32 = 128;
const PENDING: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pending {
    pub hour: u32,
    pub score: u64,
    pub bps: u16,
}

#[derive(Clone, Default)]
pub struct Rewards {
    pub pending: Vec<Pending>,
    pub booked: u64,
    pub claimed: u64,
    /// Whose the co-staker's amounts are, among the co-stakers.
    pub co: Option<usize>,
    pub co_booked: u64,
    pub co_claimed: u64,
    pub last_hour: u32,
}

/// One pool in one hour.
#[derive(Clone, Copy, Default)]
pub struct PoolHour {
    pub score: u64,
    pub amount: u64,
    pub void: bool,
}

impl PoolHour {
    /// Whether `amount / score` is a whole number of 2^-64, so that a rate of 64 bits behind the point loses nothing.
    fn is_whole(&self) -> bool {
        (u128::from(self.amount) << 64).is_multiple_of(u128::from(self.score))
    }

    /// What `score` gets: the fraction `score * amount / total`, and the largest integer below it where the rate is rounded. The
    /// rounding takes less than 2^-64 a point, and the fraction is at least 1 / total above the integer before.
    pub fn share(&self, score: u64) -> u64 {
        if self.void {
            return 0;
        }
        let (numerator, total) = (
            u128::from(score) * u128::from(self.amount),
            u128::from(self.score),
        );
        assert!(u128::from(score) * total < 1 << 64, "a score of the tests");
        let below = if self.is_whole() {
            numerator / total
        } else {
            numerator.div_ceil(total).saturating_sub(1)
        };
        u64::try_from(below).unwrap()
    }

    /// What is carried on.
    fn rest(&self) -> u64 {
        if self.void || self.score == 0 {
            return self.amount;
        }
        self.amount - self.share(self.score)
    }
}

pub fn page_index(hour: u32) -> u32 {
    (hour - 1) / PAGE_HOURS
}

impl Model {
    /// Pages that a device's settlement is given: that of `first`, and the next one that holds a closed hour.
    pub fn pages(&self, device: usize, first: Option<u32>) -> (u32, Option<u32>) {
        let closed = self.rewards[device].pending.iter();
        let mut closed = closed
            .filter(|pending| pending.hour < self.next_hour)
            .map(|pending| page_index(pending.hour));
        let page = first.or_else(|| closed.clone().next()).unwrap_or(0);
        (page, closed.find(|other| *other != page))
    }

    /// Books what is closed on the given pages; true when a closed hour lies on another.
    fn book(&mut self, device: usize, (page, other): (u32, Option<u32>)) -> bool {
        let pool = self.kinds[device].pool;
        let (next_hour, ledger) = (self.next_hour, &self.ledger);
        let rewards = &mut self.rewards[device];
        let mut missing = false;
        let (mut owner, mut co) = (0, 0);
        rewards.pending.retain(|pending| {
            if pending.hour >= next_hour {
                return true;
            }
            let index = page_index(pending.hour);
            if index != page && Some(index) != other {
                missing = true;
                return true;
            }
            let reward = ledger[&pending.hour][pool].share(pending.score);
            let part = u128::from(reward) * u128::from(pending.bps) / 10_000;
            let part = u64::try_from(part).unwrap();
            owner += reward - part;
            co += part;
            false
        });
        rewards.booked += owner;
        rewards.co_booked += co;
        missing
    }

    pub fn check_in(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        let before = self.clone();
        let outcome = self.try_check_in(device, pages);
        if outcome.is_err() {
            *self = before;
        }
        outcome
    }

    fn try_check_in(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        let hour = self.hour();
        let hired = self.serves(device);
        if self.paused {
            return Err(E::Paused.into());
        }
        if !hired && self.passed[device] != hour {
            return Err(E::NoProofOfWork.into());
        }
        if !self.is_staked(device) {
            return Err(E::NotStaked.into());
        }
        if self.book(device, pages) {
            return Err(E::PageMissing.into());
        }
        let earns = self.stakes.of[device].as_ref().and_then(Stake::earns);
        let rewards = &mut self.rewards[device];
        if let Some((who, _)) = earns.filter(|(who, _)| rewards.co != Some(*who)) {
            if rewards.pending.iter().any(|pending| pending.bps > 0) {
                return Err(E::CoHoursPending.into());
            }
            if rewards.co_booked > 0 {
                return Err(E::CoRewardsUnclaimed.into());
            }
            rewards.co = Some(who);
        }
        if rewards.last_hour >= hour {
            return Err(E::AlreadyCheckedIn.into());
        }
        if rewards.pending.len() == PENDING {
            return Err(E::HoursNotClosed.into());
        }
        let kind = self.kinds[device];
        let score = kind.score(hired);
        let bps = earns.map_or(0, |(_, bps)| bps);
        rewards.pending.push(Pending { hour, score, bps });
        rewards.last_hour = hour;
        self.ledger.entry(hour).or_default()[kind.pool].score += score;
        Ok(())
    }

    pub fn settle_rewards(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        let before = self.rewards[device].pending.len();
        let missing = self.book(device, pages);
        if self.rewards[device].pending.len() < before {
            return Ok(());
        }
        Err(if missing {
            E::PageMissing.into()
        } else {
            E::HoursNotClosed.into()
        })
    }

    pub fn claim(&mut self, device: usize) -> Step {
        let rewards = &mut self.rewards[device];
        let booked = std::mem::take(&mut rewards.booked);
        if booked == 0 {
            return Err(E::NothingToClaim.into());
        }
        rewards.claimed += booked;
        *self.owner(device) += booked;
        Ok(())
    }

    /// To a co-staker's account, which must be that of whom the amount is booked for.
    pub fn claim_co(&mut self, device: usize, to: usize) -> Step {
        let rewards = &mut self.rewards[device];
        if rewards.co != Some(to) {
            return Err(E::WrongRecipient.into());
        }
        if rewards.co_booked == 0 {
            return Err(E::NothingToClaim.into());
        }
        self.stakes.cos[to] += rewards.co_booked;
        rewards.co_claimed += std::mem::take(&mut rewards.co_booked);
        Ok(())
    }

    /// Voids the hours from now on; hours of an earlier pause that nobody has closed make one stretch with them.
    pub fn pause(&mut self) -> Step {
        let (from, until) = self.void;
        let stretch = from != 0 && (until == 0 || until >= self.next_hour);
        self.void = (if stretch { from } else { self.hour() }, 0);
        self.paused = true;
        Ok(())
    }

    pub fn resume(&mut self) -> Step {
        if self.void.0 != 0 && self.void.1 == 0 {
            self.void.1 = self.hour();
        }
        self.paused = false;
        Ok(())
    }

    fn is_void(&self, hour: u32) -> bool {
        let (from, until) = self.void;
        from != 0 && from <= hour && (until == 0 || hour <= until)
    }

    pub fn close_hours(&mut self, most: u8) -> Step {
        let running = self.hour();
        if self.next_hour >= running {
            return Err(E::NothingToClose.into());
        }
        let before = self.clone();
        let page = page_index(self.next_hour);
        let mut minted = 0;
        for _ in 0..most {
            let hour = self.next_hour;
            if hour >= running || page_index(hour) != page {
                break;
            }
            let emitted = iog_math::emission::amount(hour).unwrap();
            let enterprise = u64::try_from(u128::from(emitted) * 95 / 100).unwrap();
            let void = self.is_void(hour);
            let pools = self.ledger.entry(hour).or_default();
            let parts = [enterprise, emitted - enterprise];
            for ((pool, part), carry) in pools.iter_mut().zip(parts).zip(&mut self.carry) {
                (pool.amount, pool.void) = (part + *carry, void);
                *carry = pool.rest();
            }
            minted += emitted;
            self.next_hour += 1;
        }
        let clock_hour = self.now / 3_600;
        let so_far = if self.minter.0 == clock_hour {
            self.minter.1
        } else {
            0
        };
        if so_far + minted > MINT_CAP {
            *self = before;
            return Err(TokenError::MinterCapReached.into());
        }
        self.minter = (clock_hour, so_far + minted);
        self.minted += minted;
        Ok(())
    }

    pub fn booked(&self) -> u64 {
        let all = self.rewards.iter();
        all.map(|rewards| rewards.booked + rewards.co_booked).sum()
    }

    pub fn claimed(&self) -> u64 {
        let all = self.rewards.iter();
        all.map(|rewards| rewards.claimed + rewards.co_claimed)
            .sum()
    }
}
