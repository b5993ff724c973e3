//! The network's rules in plain integers: what stakes, orders and fees must be after each action.

use std::collections::BTreeMap;

use iog_client::staking::StakingError;
use iog_client::treasury::TreasuryError;
use iog_tests::reference::orders::{ACTIVE, ENDED};
use iog_tests::reference::{self as market, IO};
use iog_tests::world::GENESIS_TS;
use iog_tests::Code;

use super::emission::{PoolHour, Rewards};
use super::stake::Stake;
use super::staking::Stakes;

pub type Step = Result<(), Code>;

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

    pub fn score(&self, hired: bool) -> u64 {
        100 + 200 * self.multiplier * u64::from(self.quantity) + if hired { 5 } else { 0 }
    }
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
    pub stakes: Stakes,
    pub rewards: Vec<Rewards>,
    /// Hour of the last proof.
    pub passed: Vec<u32>,
    pub ledger: BTreeMap<u32, [PoolHour; 2]>,
    pub next_hour: u32,
    pub minted: u64,
    pub carry: [u64; 2],
    pub paused: bool,
    /// The hours that a pause touched; the last is 0 while it lasts.
    pub void: (u32, u32),
    /// Hour of unix time and what was minted in it.
    pub minter: (i64, u64),
    /// Orders and leases, and the tokens of renters and of the device owners.
    pub market: market::Model,
    pub fees: Fees,
    pub donations: Donations,
}

fn hour_of(ts: i64) -> u32 {
    u32::try_from((ts - GENESIS_TS) / 3_600 + 1).unwrap()
}

impl Model {
    pub fn hour(&self) -> u32 {
        hour_of(self.now)
    }

    /// IO of a device's owner.
    pub fn owner(&mut self, device: usize) -> &mut u64 {
        &mut self.market.owners[device].tokens[IO]
    }

    pub fn is_staked(&self, device: usize) -> bool {
        let minimum = self.kinds[device].minimum();
        let stake = self.stakes.of[device].as_ref();
        stake.is_some_and(|stake| stake.covers(minimum, self.now))
    }

    pub fn stake(&mut self, device: usize, amount: u64) -> Step {
        if amount < self.kinds[device].minimum().div_ceil(2) {
            return Err(StakingError::BelowMinimum.into());
        }
        *self.owner(device) -= amount;
        self.stakes.of[device] = Some(Stake {
            amount,
            ..Stake::default()
        });
        Ok(())
    }

    pub fn increase(&mut self, device: usize, amount: u64) -> Step {
        self.stakes.increase(device, amount)?;
        *self.owner(device) -= amount;
        Ok(())
    }

    pub fn request_unstake(&mut self, device: usize) -> Step {
        if self.market.devices[device].order.is_some() {
            return Err(StakingError::DeviceHired.into());
        }
        self.stakes.request_unstake(device, self.now)
    }

    pub fn withdraw(&mut self, device: usize) -> Step {
        let amount = self.stakes.withdraw(device, self.now)?;
        *self.owner(device) += amount;
        Ok(())
    }

    pub fn overflow(&mut self, device: usize, amount: u64) -> Step {
        let minimum = self.kinds[device].minimum();
        self.stakes.overflow(device, amount, minimum, self.now)?;
        *self.owner(device) += amount;
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

    pub fn collect(&mut self) -> Step {
        let fee = self.market.books[IO].fees_due;
        self.market.collect(IO)?;
        self.fees.booked += fee;
        self.fees.collected += fee;
        Ok(())
    }

    /// What the market does, and nothing where it refuses. It sees the stake as it is now.
    pub fn trade(
        &mut self,
        device: Option<usize>,
        trade: impl FnOnce(&mut market::Model) -> Step,
    ) -> Step {
        self.market.now = self.now;
        if let Some(device) = device {
            self.market.devices[device].staked = self.is_staked(device);
        }
        let before = self.market.clone();
        let outcome = trade(&mut self.market);
        if outcome.is_err() {
            self.market = before;
        }
        outcome
    }

    /// Works for an order that has started and not reached its end, and had proved itself within 30 days before the match.
    pub fn serves(&self, device: usize) -> bool {
        self.market.devices[device].order.is_some_and(|id| {
            let order = &self.market.orders[&id];
            let started = order.state == ACTIVE || order.state == ENDED;
            let lease = &order.leases[&device];
            let passed = self.passed[device];
            let known = passed > 0 && hour_of(lease.matched) <= passed + 720;
            known && started && lease.state == 1 && self.now < order.end
        })
    }
}
