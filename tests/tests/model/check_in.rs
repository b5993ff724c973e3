//! The rules of checking in.

use iog_client::emission::EmissionError as E;

use super::emission::{Pending, Rewards};
use super::reference::{Model, Step};
use super::stake::Stake;

/// Hours that a device may leave unsettled, and seconds from its registration to its first check-in.
const PENDING: usize = 8;
const MIN_AGE: i64 = 43_200;

impl Model {
    pub fn check_in(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        let before = self.clone();
        let outcome = self.try_check_in(device, pages);
        if outcome.is_err() {
            *self = before;
        }
        outcome
    }

    /// Each missing condition in the order of docs/staking.md.
    fn eligible(&self, device: usize) -> Step {
        let (hour, now) = (self.hour(), self.now);
        let staked = self.is_staked(device);
        let device = self.device(device);
        let since = device.serves_since(now);
        // Two hours for each proof in a row, up to the parameter.
        let free = self.emission.exempt_hours.min(2 * device.streak);
        let fresh = device.passed > 0 && hour - device.passed <= free;
        let exempt = since.is_some() && fresh;
        let up = (1..=self.emission.uptime_hours).all(|ago| device.signs_in_hour(now, ago) > 0);
        // A lease that ran through all of the last full hour of unix time.
        let whole = since.is_some_and(|since| since <= (now / 3_600 - 1) * 3_600);
        let served = !whole || device.signs_in_hour(now, 1) >= 5;
        let refused = if self.emission.paused {
            E::Paused
        } else if !device.active {
            E::DeviceNotActive
        } else if device.passed != hour && !exempt {
            E::NoProofOfWork
        } else if device.failures(hour) >= 4 {
            E::TooManyFailures
        } else if !staked {
            E::NotStaked
        } else if !up || !served {
            E::NotUp
        } else if now - device.registered < MIN_AGE {
            E::TooNew
        } else {
            return Ok(());
        };
        Err(refused.into())
    }

    fn try_check_in(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        self.eligible(device)?;
        if self.book(device, pages) {
            return Err(E::PageMissing.into());
        }
        let earns = self.stakes.of[device].as_ref().and_then(Stake::earns);
        let rewards = &mut self.emission.rewards[device];
        if let Some((who, _)) = earns {
            rewards.turn_to(who)?;
        }
        let hour = self.hour();
        let score = self.score(device);
        let pool = self.class(device).pool;
        let rewards = &mut self.emission.rewards[device];
        if rewards.last_hour >= hour {
            return Err(E::AlreadyCheckedIn.into());
        }
        if rewards.pending.len() == PENDING {
            return Err(E::HoursNotClosed.into());
        }
        let bps = earns.map_or(0, |(_, bps)| bps);
        rewards.pending.push(Pending { hour, score, bps });
        rewards.last_hour = hour;
        self.emission.ledger.entry(hour).or_default()[pool].score += score;
        Ok(())
    }

    /// 50 for each tier, 2 for each hundredth of the multiplier in hundreds and each card, 5 for being hired.
    fn score(&self, device: usize) -> u64 {
        let multiplier = self.class(device).multiplier;
        let device = self.device(device);
        let hired = device.serves_since(self.now).is_some();
        let compute = 200 * multiplier * device.cards;
        50 * u64::from(device.tier_at(self.now)) + compute + if hired { 5 } else { 0 }
    }
}

impl Rewards {
    /// The former one's hours must be settled. What it has not fetched stays beside the new one's; only a third waits until the first
    /// is paid.
    fn turn_to(&mut self, who: usize) -> Step {
        if self.co.0 == Some(who) {
            return Ok(());
        }
        if self.pending.iter().any(|pending| pending.bps > 0) {
            return Err(E::CoHoursPending.into());
        }
        if self.former.0 == Some(who) {
            std::mem::swap(&mut self.co, &mut self.former);
        } else if self.co.1 > 0 {
            if self.former.1 > 0 {
                return Err(E::CoRewardsUnclaimed.into());
            }
            self.former = std::mem::take(&mut self.co);
        }
        self.co.0 = Some(who);
        Ok(())
    }
}
