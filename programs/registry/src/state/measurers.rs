//! Who may measure connections: nine places, and the quorum that gives a tier.

use super::Config;
use crate::{
    constants::{MEASURERS, MIN_QUORUM},
    RegistryError,
};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_common::governance::DELAY_SECS;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Measurer {
    pub key: Address,
    /// From when on it measures: unix seconds.
    pub since_ts: i64,
}

const NOBODY: Address = Address::new_from_array([0; 32]);

impl Measurer {
    fn is_named(&self) -> bool {
        self.key != NOBODY
    }

    /// Whether it was named and past its wait at `ts`.
    pub fn measures_at(&self, ts: i64) -> bool {
        self.is_named() && ts >= self.since_ts
    }
}

impl Config {
    /// Names a measurer, 24 hours ahead unless the network is being set up, so that a stolen authority's are seen before they
    /// count; zeros remove one at once, and its measurements with it. Returns who was there before.
    pub fn set_measurer(&mut self, index: u8, key: Address, now: i64) -> Result<Measurer> {
        let twice = key != NOBODY && self.measurers.iter().any(|known| known.key == key);
        require!(!twice, RegistryError::InvalidMeasurer);
        let since_ts = if key == NOBODY {
            0
        } else if now < self.setup_until_ts {
            now
        } else {
            now.checked_add(DELAY_SECS)
                .ok_or(RegistryError::MathOverflow)?
        };
        let place = self
            .measurers
            .get_mut(usize::from(index))
            .ok_or(RegistryError::InvalidMeasurer)?;
        let before = core::mem::replace(place, Measurer { key, since_ts });
        self.check_quorum()?;
        Ok(before)
    }

    /// Sets how many fresh measurements a tier takes; returns the number before.
    pub fn set_quorum(&mut self, quorum: u8) -> Result<u8> {
        let before = core::mem::replace(&mut self.quorum, quorum);
        self.check_quorum()?;
        Ok(before)
    }

    /// More than half, so that no device is judged by the few it gets on with. More than are named is allowed: then no quorum
    /// is reached and tiers stand.
    fn check_quorum(&self) -> Result<()> {
        let named = self.measurers.iter().filter(|one| one.is_named()).count();
        let quorum = usize::from(self.quorum);
        let right =
            self.quorum >= MIN_QUORUM && quorum <= MEASURERS && quorum.saturating_mul(2) > named;
        require!(right, RegistryError::InvalidQuorum);
        Ok(())
    }

    /// The place of a measurer that measures now.
    pub fn measurer_index(&self, key: &Address, now: i64) -> Result<usize> {
        self.measurers
            .iter()
            .position(|one| one.key == *key && one.measures_at(now))
            .ok_or_else(|| RegistryError::NotMeasurer.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u8) -> Address {
        Address::new_from_array([n; 32])
    }

    fn config() -> Config {
        let mut config = Config::zeroed();
        config.quorum = 3;
        config.setup_until_ts = 1_000;
        config
    }

    /// redteam 12b
    #[test]
    fn the_quorum_is_more_than_half_of_those_named() {
        let mut config = config();
        for n in 0..5 {
            config.set_measurer(n, key(n + 1), 10).unwrap();
        }
        let sixth = config;
        assert_eq!(
            config.set_measurer(5, key(6), 10),
            Err(RegistryError::InvalidQuorum.into())
        );
        config = sixth;
        for quorum in [0, 2, 10] {
            let mut config = config;
            assert_eq!(
                config.set_quorum(quorum),
                Err(RegistryError::InvalidQuorum.into())
            );
        }
        assert_eq!(config.set_quorum(5), Ok(3));
        for n in 5..9 {
            config.set_measurer(n, key(n + 1), 10).unwrap();
        }
        let nine = config;
        assert!(config.set_quorum(4).is_err());
        config = nine;
        // removing never asks for another quorum
        for n in 0..9 {
            config.set_measurer(n, NOBODY, 10).unwrap();
        }
        assert_eq!(config.set_quorum(3), Ok(5));
    }

    #[test]
    fn naming_waits_a_day_after_the_setup_and_removing_does_not() {
        let mut config = config();
        config.set_measurer(0, key(1), 999).unwrap();
        assert_eq!(config.measurer_index(&key(1), 999), Ok(0));
        config.set_measurer(1, key(2), 1_000).unwrap();
        assert!(config.measurer_index(&key(2), 87_399).is_err());
        assert_eq!(config.measurer_index(&key(2), 87_400), Ok(1));
        for index in [0, 2] {
            assert_eq!(
                config.set_measurer(index, key(1), 1_000),
                Err(RegistryError::InvalidMeasurer.into())
            );
        }
        assert_eq!(
            config.set_measurer(9, key(3), 1_000),
            Err(RegistryError::InvalidMeasurer.into())
        );
        let before = config.set_measurer(0, NOBODY, 1_001).unwrap();
        assert_eq!(before.key, key(1));
        assert!(config.measurer_index(&key(1), 1_001).is_err());
        assert!(config.measurer_index(&NOBODY, 1_001).is_err());
    }
}
