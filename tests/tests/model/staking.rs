//! The rules of stakes, co-stakers and slash cases in plain integers.

use std::collections::BTreeMap;

use iog_client::staking::StakingError as E;

use super::reference::Step;
use super::stake::{Co, Stake, COOL_DOWN, CO_WAIT, MONTH, UPHOLD_AFTER};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Open,
    Appealed(i64),
    /// How, and when.
    Decided(bool, i64),
}

#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub device: usize,
    pub owner: u64,
    pub co: u64,
    pub proposed: i64,
    pub state: State,
}

/// All stakes, offers and cases, and the co-stakers' tokens.
#[derive(Clone, Default)]
pub struct Stakes {
    pub of: Vec<Option<Stake>>,
    /// Amount and share that a device's owner offers, and when the stake was opened that it offers them on.
    pub offers: Vec<Option<(u64, u16, i64)>>,
    /// Tokens of the co-stakers.
    pub cos: Vec<u64>,
    pub cases: BTreeMap<u64, Case>,
    pub next_case: u64,
    pub slashed: u64,
}

impl Stakes {
    fn stake(&mut self, device: usize) -> &mut Stake {
        self.of[device].as_mut().expect("staked")
    }

    pub fn total(&self) -> u64 {
        let stakes = self.of.iter().flatten();
        stakes.map(|stake| stake.amount + stake.co_amount()).sum()
    }

    /// Gives the account back when nothing is left in it.
    fn close_if_empty(&mut self, device: usize) {
        if self.stake(device).is_empty() {
            self.of[device] = None;
        }
    }

    pub fn increase(&mut self, device: usize, amount: u64) -> Step {
        if amount == 0 {
            return Err(E::ZeroAmount.into());
        }
        self.stake(device).cools()?;
        self.stake(device).amount += amount;
        Ok(())
    }

    pub fn request_unstake(&mut self, device: usize, now: i64) -> Step {
        self.stake(device).cools()?;
        self.stake(device).unlock = now + COOL_DOWN;
        Ok(())
    }

    /// What the owner is paid.
    pub fn withdraw(&mut self, device: usize, now: i64) -> Result<u64, E> {
        let stake = self.stake(device);
        if stake.unlock == 0 {
            return Err(E::NotRequested);
        }
        if now < stake.unlock {
            return Err(E::CoolDownNotOver);
        }
        let amount = stake.amount - stake.held;
        if amount == 0 && stake.held > 0 {
            return Err(E::HeldByCase);
        }
        if amount == 0 && !stake.is_empty() {
            return Err(E::ZeroAmount);
        }
        stake.amount = stake.held;
        self.close_if_empty(device);
        Ok(amount)
    }

    pub fn overflow(&mut self, device: usize, amount: u64, minimum: u64, now: i64) -> Step {
        let stake = self.stake(device);
        if amount == 0 {
            return Err(E::ZeroAmount.into());
        }
        stake.cools()?;
        let free = [
            stake.settled(now).saturating_sub(minimum),
            stake.amount.saturating_sub(stake.co_amount()),
            stake.amount - stake.held,
        ];
        if free.iter().any(|free| amount > *free) {
            return Err(E::NotOverflow.into());
        }
        stake.amount -= amount;
        Ok(())
    }

    pub fn offer(&mut self, device: usize, amount: u64, share: u16) -> Step {
        let stake = self.stake(device);
        let refused = if amount == 0 {
            Some(E::ZeroAmount)
        } else if share > 10_000 {
            Some(E::InvalidShare)
        } else if stake.unlock != 0 {
            Some(E::CoolingDown)
        } else if stake.co.is_some() {
            Some(E::HasCoStaker)
        } else if amount > stake.amount {
            Some(E::OfferTooLarge)
        } else {
            None
        };
        if let Some(error) = refused {
            return Err(error.into());
        }
        let opened = stake.opened;
        self.offers[device] = Some((amount, share, opened));
        Ok(())
    }

    pub fn accept(&mut self, device: usize, who: usize, terms: (u64, u16), now: i64) -> Step {
        let (amount, share, opened) = self.offers[device].expect("offered");
        if (amount, share) != terms {
            return Err(E::TermsChanged.into());
        }
        let stake = self.stake(device);
        if stake.opened != opened {
            return Err(E::OfferOutlived.into());
        }
        stake.cools()?;
        if terms.0 > stake.amount {
            return Err(E::OfferTooLarge.into());
        }
        stake.co = Some(Co {
            since: now,
            who,
            amount: terms.0,
            held: 0,
            bps: terms.1,
            leave: 0,
        });
        self.offers[device] = None;
        self.cos[who] -= terms.0;
        Ok(())
    }

    pub fn leave(&mut self, device: usize, now: i64) -> Step {
        self.stake(device).cools()?;
        let co = self.stake(device).co.as_mut().expect("co-staked");
        if co.leave != 0 {
            return Err(E::AlreadyLeaving.into());
        }
        co.leave = now + CO_WAIT;
        Ok(())
    }

    pub fn withdraw_co(&mut self, device: usize, now: i64) -> Step {
        let stake = self.stake(device);
        let unlock = stake.co_unlock();
        let co = stake.co.as_mut().expect("co-staked");
        if co.amount > 0 && unlock.is_none_or(|unlock| now < unlock) {
            return Err(E::CoStakeLocked.into());
        }
        let amount = co.amount - co.held;
        if amount == 0 && co.held > 0 {
            return Err(E::HeldByCase.into());
        }
        co.amount = co.held;
        let (who, left) = (co.who, co.amount);
        if left == 0 {
            stake.co = None;
        }
        self.cos[who] += amount;
        self.close_if_empty(device);
        Ok(())
    }

    pub fn propose(&mut self, device: usize, amount: u64, now: i64) -> Step {
        let (owner, co) = self.stake(device).hold(amount, now)?;
        let case = Case {
            device,
            owner,
            co,
            proposed: now,
            state: State::Open,
        };
        self.cases.insert(self.next_case, case);
        self.next_case += 1;
        Ok(())
    }

    pub fn appeal(&mut self, number: u64, now: i64) -> Step {
        let case = self.cases.get_mut(&number).unwrap();
        if case.state != State::Open || now >= case.proposed + MONTH {
            return Err(E::WrongCaseState.into());
        }
        case.state = State::Appealed(now);
        Ok(())
    }

    pub fn resolve(&mut self, number: u64, upheld: bool, now: i64) -> Step {
        let case = self.cases.get_mut(&number).unwrap();
        match case.state {
            State::Appealed(at) if now >= at + MONTH => return Err(E::WrongCaseState.into()),
            State::Appealed(at) if upheld && now < at + UPHOLD_AFTER => {
                return Err(E::UpheldTooEarly.into());
            }
            State::Appealed(_) => case.state = State::Decided(upheld, now),
            _ => return Err(E::WrongCaseState.into()),
        }
        Ok(())
    }

    pub fn finalize(&mut self, number: u64, now: i64) -> Step {
        let case = self.cases[&number];
        let burn = match case.state {
            State::Decided(upheld, at) => upheld && now < at + MONTH,
            State::Appealed(at) if now >= at + MONTH => false,
            State::Open if now >= case.proposed + MONTH => now < case.proposed + 2 * MONTH,
            _ => return Err(E::CaseRuns.into()),
        };
        let stake = self.stake(case.device);
        let (owner, co) = if burn { (case.owner, case.co) } else { (0, 0) };
        stake.held -= case.owner;
        stake.amount -= owner;
        if let Some(part) = &mut stake.co {
            part.held -= case.co;
            part.amount -= co;
        }
        stake.open_cases -= 1;
        self.slashed += owner + co;
        self.cases.remove(&number);
        self.close_if_empty(case.device);
        Ok(())
    }
}
