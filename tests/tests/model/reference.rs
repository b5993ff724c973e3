//! The network's rules in plain integers: what stakes, rewards and fees must be after each action.

use std::collections::BTreeMap;

use iog_client::emission::EmissionError;
use iog_client::staking::StakingError;
use iog_client::token::TokenError;
use iog_client::treasury::TreasuryError;
use iog_tests::world::GENESIS_TS;
use iog_tests::Code;

use super::orders::Orders;

pub type Step = Result<(), Code>;

pub const COOL_DOWN: i64 = 14 * 24 * 3_600;
const MINT_CAP: u64 = 25_000_000_000_000;
const PAGE_HOURS: u32 = 128;
const PENDING: usize = 8;

/// What a device is, and does not change.
#[derive(Clone, Copy)]
pub struct Kind {
    pub class: u16,
    pub multiplier: u64,
    pub quantity: u32,
    /// 0 Enterprise, 1 Community.
    pub pool: usize,
}

impl Kind {
    /// 200 IO for each GPU and each whole of the multiplier, at least one.
    pub fn minimum(&self) -> u64 {
        200 * 1_000_000 * self.multiplier.max(100) * u64::from(self.quantity)
    }

    fn score(&self, hired: bool) -> u64 {
        100 + 200 * self.multiplier * u64::from(self.quantity) + if hired { 5 } else { 0 }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Stake {
    pub amount: u64,
    pub unlock: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pending {
    pub hour: u32,
    pub score: u64,
}

#[derive(Clone, Default)]
pub struct Rewards {
    pub pending: Vec<Pending>,
    pub booked: u64,
    pub claimed: u64,
    pub last_hour: u32,
}

/// One pool in one hour.
#[derive(Clone, Copy, Default)]
pub struct PoolHour {
    pub score: u64,
    pub amount: u64,
    pub per_score_x64: u128,
}

#[derive(Clone, Copy, Default)]
pub struct Fees {
    pub booked: u64,
    pub collected: u64,
    pub burned: u64,
}

#[derive(Clone, Copy, Default)]
pub struct Donations {
    pub staking: u64,
    pub market: u64,
    pub emission: u64,
    pub treasury: u64,
}

#[derive(Clone)]
pub struct Model {
    pub now: i64,
    pub kinds: Vec<Kind>,
    /// Tokens of the device owners.
    pub owners: Vec<u64>,
    pub stakes: Vec<Option<Stake>>,
    pub rewards: Vec<Rewards>,
    /// Hour of the last proof.
    pub passed: Vec<u32>,
    pub ledger: BTreeMap<u32, [PoolHour; 2]>,
    pub next_hour: u32,
    pub minted: u64,
    pub carry: [u64; 2],
    /// Hour of unix time and what was minted in it.
    pub minter: (i64, u64),
    pub orders: Orders,
    pub fees: Fees,
    pub donations: Donations,
}

pub fn page_index(hour: u32) -> u32 {
    (hour - 1) / PAGE_HOURS
}

impl Model {
    pub fn hour(&self) -> u32 {
        u32::try_from((self.now - GENESIS_TS) / 3_600 + 1).unwrap()
    }

    pub fn staked(&self) -> u64 {
        self.stakes.iter().flatten().map(|stake| stake.amount).sum()
    }

    fn covers(&self, device: usize) -> bool {
        let minimum = self.kinds[device].minimum();
        self.stakes[device].is_some_and(|stake| stake.unlock == 0 && stake.amount >= minimum)
    }

    pub fn is_staked(&self, device: usize) -> bool {
        self.covers(device)
    }

    pub fn stake(&mut self, device: usize, amount: u64) -> Step {
        if amount < self.kinds[device].minimum() {
            return Err(StakingError::BelowMinimum.into());
        }
        self.owners[device] -= amount;
        self.stakes[device] = Some(Stake { amount, unlock: 0 });
        Ok(())
    }

    pub fn increase(&mut self, device: usize, amount: u64) -> Step {
        let stake = self.stakes[device].as_mut().expect("staked");
        if amount == 0 {
            return Err(StakingError::ZeroAmount.into());
        }
        if stake.unlock != 0 {
            return Err(StakingError::CoolingDown.into());
        }
        stake.amount += amount;
        self.owners[device] -= amount;
        Ok(())
    }

    pub fn request_unstake(&mut self, device: usize) -> Step {
        if self.orders.hired[device].is_some() {
            return Err(StakingError::DeviceHired.into());
        }
        let stake = self.stakes[device].as_mut().expect("staked");
        if stake.unlock != 0 {
            return Err(StakingError::CoolingDown.into());
        }
        stake.unlock = self.now + COOL_DOWN;
        Ok(())
    }

    pub fn withdraw(&mut self, device: usize) -> Step {
        let stake = self.stakes[device].expect("staked");
        if stake.unlock == 0 {
            return Err(StakingError::NotRequested.into());
        }
        if self.now < stake.unlock {
            return Err(StakingError::CoolDownNotOver.into());
        }
        self.owners[device] += stake.amount;
        self.stakes[device] = None;
        Ok(())
    }

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
        let mut booked = 0;
        rewards.pending.retain(|pending| {
            if pending.hour >= next_hour {
                return true;
            }
            let index = page_index(pending.hour);
            if index != page && Some(index) != other {
                missing = true;
                return true;
            }
            let rate = ledger[&pending.hour][pool].per_score_x64;
            // The score is at most the hour's total, so the product is at most the pool's amount in Q64.64.
            booked += u64::try_from((u128::from(pending.score) * rate) >> 64).unwrap();
            false
        });
        rewards.booked += booked;
        missing
    }

    pub fn check_in(&mut self, device: usize, pages: (u32, Option<u32>)) -> Step {
        let before = self.clone();
        let hour = self.hour();
        let hired = self.orders.serves(device, self.now);
        if !hired && self.passed[device] != hour {
            return Err(EmissionError::NoProofOfWork.into());
        }
        if !self.covers(device) {
            return Err(EmissionError::NotStaked.into());
        }
        let missing = self.book(device, pages);
        let rewards = &mut self.rewards[device];
        let refused = if missing {
            Some(EmissionError::PageMissing)
        } else if rewards.last_hour >= hour {
            Some(EmissionError::AlreadyCheckedIn)
        } else if rewards.pending.len() == PENDING {
            Some(EmissionError::HoursNotClosed)
        } else {
            None
        };
        if let Some(error) = refused {
            *self = before;
            return Err(error.into());
        }
        let kind = self.kinds[device];
        let score = kind.score(hired);
        rewards.pending.push(Pending { hour, score });
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
        let error = if missing {
            EmissionError::PageMissing
        } else {
            EmissionError::HoursNotClosed
        };
        Err(error.into())
    }

    pub fn claim(&mut self, device: usize) -> Step {
        let rewards = &mut self.rewards[device];
        if rewards.booked == 0 {
            return Err(EmissionError::NothingToClaim.into());
        }
        self.owners[device] += rewards.booked;
        rewards.claimed += rewards.booked;
        rewards.booked = 0;
        Ok(())
    }

    pub fn close_hours(&mut self, most: u8) -> Step {
        let running = self.hour();
        if self.next_hour >= running {
            return Err(EmissionError::NothingToClose.into());
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
            let parts = [enterprise, emitted - enterprise];
            let pools = self.ledger.entry(hour).or_default();
            for ((pool, part), carry) in pools.iter_mut().zip(parts).zip(&mut self.carry) {
                *carry = share(pool, part + *carry);
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

    pub fn burn_fees(&mut self) -> Step {
        if self.fees.booked == 0 {
            return Err(TreasuryError::NothingToBurn.into());
        }
        self.fees.burned += self.fees.booked;
        self.fees.booked = 0;
        Ok(())
    }

    pub fn collect(&mut self, fee: u64) {
        self.fees.booked += fee;
        self.fees.collected += fee;
    }

    pub fn booked(&self) -> u64 {
        self.rewards.iter().map(|rewards| rewards.booked).sum()
    }

    pub fn claimed(&self) -> u64 {
        self.rewards.iter().map(|rewards| rewards.claimed).sum()
    }
}

/// Closes a pool's hour with `amount` to share; returns what is carried on.
fn share(pool: &mut PoolHour, amount: u64) -> u64 {
    pool.amount = amount;
    if pool.score == 0 {
        return amount;
    }
    let score = u128::from(pool.score);
    pool.per_score_x64 = (u128::from(amount) << 64) / score;
    amount - u64::try_from((score * pool.per_score_x64) >> 64).unwrap()
}
