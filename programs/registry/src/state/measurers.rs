//! Who may measure connections: nine places, and the quorum that gives a tier.

use super::{roles::name, Config};
use crate::{
    constants::{MEASURERS, MIN_QUORUM},
    GovernanceError, RegistryError,
};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_common::governance::{Bounds, Role, NOBODY};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Measurer {
    pub role: Role,
    /// Since when its key measures: unix seconds.
    pub since_ts: i64,
}

impl Measurer {
    /// Held, or waiting for who is named.
    fn is_taken(&self) -> bool {
        self.role.key != NOBODY || self.role.pending_ts != 0
    }

    /// Whether its key measured at `ts` already: a measurer that is removed or replaced takes its measurements with it.
    pub fn measures_at(&self, ts: i64) -> bool {
        self.role.key != NOBODY && ts >= self.since_ts
    }
}

impl Config {
    fn place(&mut self, index: u8) -> Result<&mut Measurer> {
        self.measurers
            .get_mut(usize::from(index))
            .ok_or_else(|| RegistryError::InvalidMeasurer.into())
    }

    /// Names a measurer; zeros remove one. Returns who held the place before.
    pub fn set_measurer(&mut self, index: u8, key: Address, now: i64) -> Result<Address> {
        let twice = self
            .measurers
            .iter()
            .enumerate()
            .any(|(place, known)| place != usize::from(index) && known.role.involves(&key));
        require!(!twice, RegistryError::InvalidMeasurer);
        let (setup_until_ts, since) = (self.setup_until_ts, self.authority_since_ts);
        let place = self.place(index)?;
        let before = name(&mut place.role, key, setup_until_ts, since, now)?;
        if place.role.key != before {
            place.since_ts = now;
        }
        let taken = self.taken();
        let quorum = usize::try_from(self.quorum.value).map_err(|_| RegistryError::MathOverflow)?;
        require!(
            quorum.saturating_mul(2) > taken,
            RegistryError::InvalidQuorum
        );
        Ok(before)
    }

    /// Gives the place to who was named for it; returns who held it before.
    pub fn apply_measurer(&mut self, index: u8, now: i64) -> Result<Address> {
        let since = self.authority_since_ts;
        let place = self.place(index)?;
        let before = place
            .role
            .apply(now, since)
            .map_err(GovernanceError::from)?;
        place.since_ts = now;
        Ok(before)
    }

    /// Forgets who was named; returns whom.
    pub fn drop_measurer(&mut self, index: u8) -> Result<Address> {
        let place = self.place(index)?;
        Ok(place.role.drop_pending().map_err(GovernanceError::from)?)
    }

    fn taken(&self) -> usize {
        self.measurers.iter().filter(|one| one.is_taken()).count()
    }

    /// More than half of those named, so that no device is judged by the few it gets on with. More than are named is allowed: then
    /// no quorum is reached and tiers stand. Neither direction is the safe one: both wait.
    pub fn quorum_bounds(&self) -> Bounds {
        let majority = self.taken().checked_div(2).unwrap_or(0).saturating_add(1);
        let least = majority.max(MIN_QUORUM);
        Bounds::both(u64::try_from(least).unwrap_or(u64::MAX), MEASURERS as u64)
    }

    /// The place of a measurer that measures now.
    pub fn measurer_index(&self, key: &Address, now: i64) -> Result<usize> {
        self.measurers
            .iter()
            .position(|one| one.role.key == *key && one.measures_at(now))
            .ok_or_else(|| RegistryError::NotMeasurer.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ParameterId;

    const DAY: i64 = 86_400;

    fn key(n: u8) -> Address {
        Address::new_from_array([n; 32])
    }

    fn config() -> Config {
        let mut config = Config::zeroed();
        config.start(0, 3).unwrap();
        config.setup_until_ts = 1_000;
        config
    }

    fn set_quorum(config: &mut Config, value: u64) -> bool {
        let (quorum, bounds) = config.parameter(ParameterId::Quorum);
        quorum.start(value, &bounds).is_ok()
    }

    /// redteam 12b
    #[test]
    fn the_quorum_is_more_than_half_of_those_named() {
        let mut config = config();
        for n in 0..4 {
            config.set_measurer(n, key(n + 1), 10).unwrap();
        }
        // who only waits counts like who holds a place
        config.set_measurer(4, key(5), 2_000).unwrap();
        let mut sixth = config;
        assert_eq!(
            sixth.set_measurer(5, key(6), 10),
            Err(RegistryError::InvalidQuorum.into())
        );
        for (quorum, right) in [(0, false), (2, false), (3, true), (9, true), (10, false)] {
            assert_eq!(set_quorum(&mut config, quorum), right);
        }
        assert!(set_quorum(&mut config, 5));
        for n in 5..9 {
            config.set_measurer(n, key(n + 1), 10).unwrap();
        }
        assert!(!set_quorum(&mut config, 4));
        // removing never asks for another quorum
        for n in 0..9 {
            config.set_measurer(n, NOBODY, 10).unwrap();
        }
        assert!(set_quorum(&mut config, 3));
    }

    #[test]
    fn naming_waits_a_day_after_the_setup_and_removing_does_not() {
        let mut config = config();
        config.set_measurer(0, key(1), 999).unwrap();
        assert_eq!(config.measurer_index(&key(1), 999), Ok(0));
        config.set_measurer(0, key(2), 1_000).unwrap();
        let early = GovernanceError::TooEarly.into();
        assert_eq!(config.apply_measurer(0, 999 + DAY), Err(early));
        // the holder measures until another follows, and takes its measurements along then
        assert_eq!(config.measurer_index(&key(1), 1_000 + DAY), Ok(0));
        assert_eq!(config.apply_measurer(0, 1_000 + DAY), Ok(key(1)));
        assert!(!config.measurers[0].measures_at(999 + DAY));
        assert_eq!(config.measurer_index(&key(2), 1_000 + DAY), Ok(0));
        let invalid = Err(RegistryError::InvalidMeasurer.into());
        assert_eq!(config.set_measurer(2, key(2), 1_000), invalid);
        assert_eq!(config.set_measurer(9, key(3), 1_000), invalid);
        config.set_measurer(1, key(3), 2_000).unwrap();
        assert_eq!(config.set_measurer(2, key(3), 2_000), invalid);
        assert_eq!(config.drop_measurer(1), Ok(key(3)));
        let nothing = GovernanceError::NothingScheduled.into();
        assert_eq!(config.apply_measurer(1, 2_000 + DAY), Err(nothing));
        assert_eq!(config.set_measurer(0, NOBODY, 3_000), Ok(key(2)));
        assert!(config.measurer_index(&key(2), i64::MAX).is_err());
        assert!(config.measurer_index(&NOBODY, i64::MAX).is_err());
    }

    /// audit: money L10
    #[test]
    fn a_successor_inherits_no_naming() {
        let mut config = config();
        config.set_measurer(0, key(1), 2_000).unwrap();
        config.authority_since_ts = 2_000;
        let nothing = GovernanceError::NothingScheduled.into();
        assert_eq!(config.apply_measurer(0, 2_000 + DAY), Err(nothing));
        // named anew in the very second of the hand-over
        config.set_measurer(0, key(1), 2_000).unwrap();
        let early = GovernanceError::TooEarly.into();
        assert_eq!(config.apply_measurer(0, 2_000 + DAY), Err(early));
        assert_eq!(config.apply_measurer(0, 2_001 + DAY), Ok(NOBODY));
    }
}
