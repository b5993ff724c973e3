//! The rules of rewards and hours in fractions.

use std::collections::BTreeMap;

use iog_client::emission::EmissionError as E;

use super::reference::{Model, Step};

const PAGE_HOURS: u32 = 128;

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
    /// Whose the co-staker's amounts are, among the co-stakers, and what is booked; then the same of the one before.
    pub co: (Option<usize>, u64),
    pub former: (Option<usize>, u64),
    pub co_claimed: u64,
    pub last_hour: u32,
}

/// One pool in one hour.
#[derive(Clone, Copy, Default)]
pub struct PoolHour {
    pub score: u64,
    /// What the scores divide; 0 in a void hour.
    pub pot: u64,
}

/// The books, and the parameters of this run.
#[derive(Clone, Default)]
pub struct Emission {
    pub exempt_hours: u32,
    pub uptime_hours: i64,
    /// Most that a point of score gets in an hour.
    pub most: u64,
    pub rewards: Vec<Rewards>,
    pub ledger: BTreeMap<u32, [PoolHour; 2]>,
    pub next_hour: u32,
    pub scheduled: u64,
    pub shared: u64,
    pub minted: u64,
    pub carry: [u64; 2],
    pub paused: bool,
    /// The hours that a pause touched; the last is 0 while it lasts.
    pub void: (u32, u32),
}

impl PoolHour {
    /// Whether `pot / score` is a whole number of 2^-64, so that a rate of 64 bits behind the point loses nothing.
    fn is_whole(&self) -> bool {
        (u128::from(self.pot) << 64).is_multiple_of(u128::from(self.score))
    }

    /// What `score` gets: the fraction `score * pot / total`, and the largest integer below it where the rate is rounded. The
    /// rounding takes less than 2^-64 a point, and the fraction is at least 1 / total above the integer before.
    pub fn share(&self, score: u64) -> u64 {
        if self.pot == 0 {
            return 0;
        }
        let (numerator, total) = (
            u128::from(score) * u128::from(self.pot),
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
}

pub fn page_index(hour: u32) -> u32 {
    (hour - 1) / PAGE_HOURS
}

impl Model {
    /// Pages that a device's settlement is given: that of `first`, and the next one that holds a closed hour.
    pub fn pages(&self, device: usize, first: Option<u32>) -> (u32, Option<u32>) {
        let closed = self.emission.rewards[device].pending.iter();
        let mut closed = closed
            .filter(|pending| pending.hour < self.emission.next_hour)
            .map(|pending| page_index(pending.hour));
        let page = first.or_else(|| closed.clone().next()).unwrap_or(0);
        (page, closed.find(|other| *other != page))
    }

    /// Books what is closed on the given pages; true when a closed hour lies on another.
    pub fn book(&mut self, device: usize, (page, other): (u32, Option<u32>)) -> bool {
        let pool = self.class(device).pool;
        let emission = &mut self.emission;
        let (next_hour, ledger) = (emission.next_hour, &emission.ledger);
        let rewards = &mut emission.rewards[device];
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
        rewards.co.1 += co;
        missing
    }

    pub fn settle_rewards(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        let before = self.emission.rewards[device].pending.len();
        let missing = self.book(device, pages);
        if self.emission.rewards[device].pending.len() < before {
            return Ok(());
        }
        Err(if missing {
            E::PageMissing.into()
        } else {
            E::HoursNotClosed.into()
        })
    }

    /// Voids the hours from now on; hours of an earlier pause that nobody has closed make one stretch with them.
    pub fn pause(&mut self) -> Step {
        let hour = self.hour();
        let emission = &mut self.emission;
        let (from, until) = emission.void;
        let stretch = from != 0 && (until == 0 || until >= emission.next_hour);
        emission.void = (if stretch { from } else { hour }, 0);
        emission.paused = true;
        Ok(())
    }

    pub fn resume(&mut self) -> Step {
        let hour = self.hour();
        let emission = &mut self.emission;
        if emission.void.0 != 0 && emission.void.1 == 0 {
            emission.void.1 = hour;
        }
        emission.paused = false;
        Ok(())
    }

    pub fn close_hours(&mut self, most: u8) -> Step {
        let running = self.hour();
        if self.emission.next_hour >= running {
            return Err(E::NothingToClose.into());
        }
        let page = page_index(self.emission.next_hour);
        for _ in 0..most {
            let hour = self.emission.next_hour;
            if hour >= running || page_index(hour) != page {
                break;
            }
            self.emission.close(hour);
        }
        Ok(())
    }
}

impl Emission {
    fn is_void(&self, hour: u32) -> bool {
        let (from, until) = self.void;
        from != 0 && from <= hour && (until == 0 || hour <= until)
    }

    /// 95 % of the hour's amount to Enterprise; a pool shares its part and at most as much again of what it carries, and at most so much a
    /// point of score. A void hour shares nothing.
    fn close(&mut self, hour: u32) {
        let amount = iog_math::emission::amount(hour).unwrap();
        let enterprise = u64::try_from(u128::from(amount) * 95 / 100).unwrap();
        let void = self.is_void(hour);
        let pools = self.ledger.entry(hour).or_default();
        let parts = [enterprise, amount - enterprise];
        for ((pool, part), carry) in pools.iter_mut().zip(parts).zip(&mut self.carry) {
            let points = if void { 0 } else { pool.score };
            let ceiling = u128::from(self.most) * u128::from(points);
            let pot = u128::from(part + part.min(*carry)).min(ceiling);
            pool.pot = u64::try_from(pot).unwrap();
            let shared = pool.share(pool.score);
            self.shared += shared;
            *carry = *carry + part - shared;
        }
        self.scheduled += amount;
        self.next_hour += 1;
    }

    pub fn booked(&self) -> u64 {
        let all = self.rewards.iter();
        all.map(|rewards| rewards.booked + rewards.co.1 + rewards.former.1)
            .sum()
    }

    pub fn claimed(&self) -> u64 {
        let all = self.rewards.iter();
        all.map(|rewards| rewards.claimed + rewards.co_claimed)
            .sum()
    }
}
