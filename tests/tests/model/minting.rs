//! The rules of minting what is due and of paying what is booked.

use iog_client::emission::EmissionError as E;
use iog_client::token::TokenError;

use super::reference::{Model, Step};

/// The breaker's window.
const WINDOW_SECS: u128 = 86_400;

/// What the token program lets pass.
#[derive(Clone, Default)]
pub struct Token {
    pub setup_until: i64,
    /// Whether emission is paused.
    pub paused: bool,
    pub cap_per_hour: u64,
    /// Hour of unix time, and what was minted in it.
    pub hour: (i64, u64),
    pub capacity: u64,
    /// What passed and has not leaked yet, in 86,400ths of a unit, and when: the capacity leaks evenly in a day.
    pub level: u128,
    pub level_ts: i64,
    /// Calls since the bucket was last empty: each may have rounded the level up by less than a unit.
    pub calls: u64,
}

impl Token {
    fn drain(&mut self, now: i64) {
        let elapsed = u128::from(now.abs_diff(self.level_ts));
        let leaked = u128::from(self.capacity) * elapsed;
        self.level = self.level.saturating_sub(leaked);
        self.level_ts = now;
        if self.level == 0 {
            self.calls = 0;
        }
    }

    /// Least and most that may pass now.
    fn rest(&mut self, now: i64) -> (u64, u64) {
        self.drain(now);
        let hour = now / 3_600;
        let minted = if self.hour.0 == hour { self.hour.1 } else { 0 };
        let cap = self.cap_per_hour.saturating_sub(minted);
        let level = u64::try_from(self.level.div_ceil(WINDOW_SECS)).unwrap();
        let most = self.capacity.saturating_sub(level);
        let rounded = if level == 0 { 0 } else { self.calls + 1 };
        (cap.min(most.saturating_sub(rounded)), cap.min(most))
    }

    fn mint(&mut self, amount: u64, now: i64) {
        let hour = now / 3_600;
        let minted = if self.hour.0 == hour { self.hour.1 } else { 0 };
        self.hour = (hour, minted + amount);
        self.level += u128::from(amount) * WINDOW_SECS;
        self.calls += 1;
    }
}

impl Model {
    pub fn due(&self) -> u64 {
        self.emission.shared - self.emission.minted
    }

    /// The least of what is due, what the hour's cap has left and what the breaker lets pass: least and most of it, for the bucket's level
    /// is rounded up. Nothing is a refusal.
    pub fn mintable(&mut self) -> Result<(u64, u64), E> {
        let due = self.due();
        let (least, most) = self.token.rest(self.now);
        match (due.min(least), due.min(most)) {
            (_, 0) => Err(E::NothingDue),
            range => Ok(range),
        }
    }

    /// Refused by the pause only where there is something to mint.
    pub fn mint_due(&mut self) -> Result<(u64, u64), iog_tests::Code> {
        let range = self.mintable()?;
        if self.token.paused && range.0 > 0 {
            return Err(TokenError::Paused.into());
        }
        Ok(range)
    }

    /// What the program really minted.
    pub fn minted(&mut self, amount: u64) {
        self.token.mint(amount, self.now);
        self.emission.minted += amount;
    }

    /// Pays as much of `booked` as is minted and not claimed; the rest stays booked.
    fn pay(&self, booked: u64) -> Result<u64, E> {
        if booked == 0 {
            return Err(E::NothingToClaim);
        }
        match booked.min(self.emission.minted - self.emission.claimed()) {
            0 => Err(E::NotMintedYet),
            amount => Ok(amount),
        }
    }

    pub fn claim(&mut self, device: usize) -> Step {
        let amount = self.pay(self.emission.rewards[device].booked)?;
        let rewards = &mut self.emission.rewards[device];
        rewards.booked -= amount;
        rewards.claimed += amount;
        self.owners[device] += amount;
        Ok(())
    }

    /// To a co-staker's account, which must be that of whom an amount is booked for, of now or before.
    pub fn claim_co(&mut self, device: usize, to: usize) -> Step {
        let rewards = &self.emission.rewards[device];
        let is_co = rewards.co.0 == Some(to);
        if !is_co && rewards.former.0 != Some(to) {
            return Err(E::WrongRecipient.into());
        }
        let booked = if is_co {
            rewards.co.1
        } else {
            rewards.former.1
        };
        let amount = self.pay(booked)?;
        let rewards = &mut self.emission.rewards[device];
        if is_co {
            rewards.co.1 -= amount;
        } else {
            rewards.former.1 -= amount;
        }
        rewards.co_claimed += amount;
        self.stakes.cos[to] += amount;
        Ok(())
    }
}
