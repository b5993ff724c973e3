//! The network's rules in plain integers: what must hold after each action. Only docs/registry.md, docs/staking.md and docs/money.md are
//! its source.

use iog_client::staking::StakingError;
use iog_tests::world::GENESIS_TS;
use iog_tests::Code;

use super::emission::Emission;
use super::minting::Token;
use super::registry::{Class, Device, Registry};
use super::stake::Stake;
use super::staking::Stakes;

pub type Step = Result<(), Code>;

/// What was given to the vaults of staking and emission, which is nobody's.
#[derive(Clone, Copy, Default)]
pub struct Donations {
    pub staking: u64,
    pub emission: u64,
}

#[derive(Clone)]
pub struct Model {
    pub now: i64,
    pub registry: Registry,
    pub stakes: Stakes,
    /// IO of the devices' owners.
    pub owners: Vec<u64>,
    pub emission: Emission,
    pub token: Token,
    pub donations: Donations,
}

/// The network's hour, 1 for the first.
pub fn hour_of(ts: i64) -> u32 {
    u32::try_from((ts - GENESIS_TS) / 3_600 + 1).unwrap()
}

impl Model {
    pub fn hour(&self) -> u32 {
        hour_of(self.now)
    }

    pub fn device(&self, device: usize) -> &Device {
        &self.registry.devices[device]
    }

    pub fn class(&self, device: usize) -> &Class {
        &self.registry.classes[self.device(device).class]
    }

    /// 200 IO for each whole of the multiplier that minimum stakes follow, at least one, and each card.
    pub fn minimum(&self, device: usize) -> u64 {
        let multiplier = self.class(device).stake_multiplier.max(100);
        200 * 1_000_000 * multiplier * self.device(device).cards
    }

    pub fn is_staked(&self, device: usize) -> bool {
        let stake = self.stakes.of[device].as_ref();
        stake.is_some_and(|stake| stake.covers(self.minimum(device), self.now))
    }

    pub fn stake(&mut self, device: usize, amount: u64) -> Step {
        if amount < self.minimum(device).div_ceil(2) {
            return Err(StakingError::BelowMinimum.into());
        }
        self.owners[device] -= amount;
        self.stakes.of[device] = Some(Stake {
            amount,
            opened: self.now,
            ..Stake::default()
        });
        Ok(())
    }

    pub fn increase(&mut self, device: usize, amount: u64) -> Step {
        self.stakes.increase(device, amount)?;
        self.owners[device] -= amount;
        Ok(())
    }

    pub fn request_unstake(&mut self, device: usize) -> Step {
        if self.device(device).lease.is_some() {
            return Err(StakingError::DeviceHired.into());
        }
        self.stakes.request_unstake(device, self.now)
    }

    pub fn withdraw(&mut self, device: usize) -> Step {
        let amount = self.stakes.withdraw(device, self.now)?;
        self.owners[device] += amount;
        Ok(())
    }

    pub fn overflow(&mut self, device: usize, amount: u64) -> Step {
        let minimum = self.minimum(device);
        self.stakes.overflow(device, amount, minimum, self.now)?;
        self.owners[device] += amount;
        Ok(())
    }
}
