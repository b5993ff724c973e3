//! How the genesis supply is released.

use super::PlanError;
use crate::amounts::{io, value};
use iog_math::{
    units::{Io, GENESIS_IO},
    vesting::Schedule,
};
use serde::Deserialize;

/// One schedule; its place in the list is its number on chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vesting {
    /// What the plan's beneficiaries call it.
    pub name: String,
    /// IO.
    pub total: String,
    pub at_start_bps: u16,
    pub first_release_secs: i64,
    pub periods: u32,
    pub period_secs: i64,
    pub per_second: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vesting: Vec<Vesting>,
}

impl Vesting {
    /// The schedule as the token program takes it.
    pub(crate) fn schedule(&self) -> Result<Schedule, PlanError> {
        let schedule = Schedule {
            total: io(&format!("vesting.{}.total", self.name), &self.total)?,
            at_start_bps: self.at_start_bps,
            first_release_secs: self.first_release_secs,
            periods: self.periods,
            period_secs: self.period_secs,
            per_second: self.per_second,
        };
        schedule.validate().map_err(|_| {
            value(
                &format!("vesting.{}", self.name),
                "it never releases everything: check at_start_bps (at most 10000), periods and seconds",
            )
        })?;
        Ok(schedule)
    }
}

/// The default: six schedules of 500,000,000 IO in all.
pub fn genesis() -> Result<Vec<Vesting>, PlanError> {
    let file: File = toml::from_str(include_str!("../../plans/genesis.toml"))
        .map_err(|error| PlanError::Toml(error.to_string()))?;
    Ok(file.vesting)
}

/// Refuses what the token program would refuse half-way through.
pub fn check(schedules: &[Vesting]) -> Result<(), PlanError> {
    if schedules.len() > usize::from(u8::MAX) {
        return Err(value("vesting", "it has more than 255 schedules"));
    }
    let mut total = 0u64;
    for (index, vesting) in schedules.iter().enumerate() {
        let earlier = schedules.iter().take(index);
        if earlier.into_iter().any(|other| other.name == vesting.name) {
            let key = format!("vesting.{}", vesting.name);
            return Err(value(&key, "another schedule has this name"));
        }
        total = total.saturating_add(vesting.schedule()?.total);
    }
    if total > GENESIS_IO {
        let reason = format!(
            "the schedules sum to {} IO, more than the genesis supply of {} IO",
            Io(total),
            Io(GENESIS_IO)
        );
        return Err(value("vesting", &reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_math::units::{CAP_IO, IO};

    #[test]
    fn the_default_releases_500_million_as_published() {
        let schedules = genesis().unwrap();
        check(&schedules).unwrap();
        let found: Vec<(&str, u64)> = schedules
            .iter()
            .map(|vesting| (vesting.name.as_str(), vesting.schedule().unwrap().total))
            .collect();
        // Shares of the cap in hundredths of a percent (economics.md); the ecosystem is the remainder, the launch pool is part
        // of the community's 12.5 %.
        let share = |bps: u64| CAP_IO / 10_000 * bps;
        let expected = [
            ("seed", share(1_250)),
            ("series-a", share(1_015)),
            ("core", share(1_134)),
            ("ecosystem", 128_080_000 * IO),
            ("community", share(1_250) - 20_000_000 * IO),
            ("launch-pool", 20_000_000 * IO),
        ];
        assert_eq!(found, expected);
        let total: u64 = found.iter().map(|(_, total)| total).sum();
        assert_eq!(total, 500_000_000 * IO);
    }

    #[test]
    fn the_default_pays_when_published() {
        const MONTH: i64 = 2_629_800;
        let due = |name: &str, months: i64, secs: i64| {
            let schedules = genesis().unwrap();
            let vesting = schedules.iter().find(|vesting| vesting.name == name);
            let schedule = vesting.unwrap().schedule().unwrap();
            iog_math::vesting::vested(&schedule, 0, months * MONTH + secs).unwrap() / IO
        };
        for (name, first, last, part) in [
            ("seed", 13, 36, 4_166_666),
            ("series-a", 13, 36, 3_383_333),
            ("core", 13, 48, 2_520_000),
        ] {
            assert_eq!(due(name, first, -1), 0, "{name}");
            assert_eq!(due(name, first, 0), part, "{name}");
            assert!(due(name, last, -1) < due(name, last, 0), "{name}");
            assert_eq!(due(name, last, 0), due(name, 1_000, 0), "{name}");
        }
        assert_eq!(due("ecosystem", 0, 0), 38_424_000);
        assert_eq!(due("ecosystem", 6, 0), 38_424_000);
        assert_eq!(due("ecosystem", 41, 0), 128_080_000);
        assert_eq!(due("community", 0, 0), 36_000_000);
        assert_eq!(due("community", 41, 0), 80_000_000);
        assert_eq!(due("launch-pool", 0, 0), 20_000_000);
    }

    #[test]
    fn schedules_that_cannot_be_are_refused() {
        let refused = |change: fn(&mut Vec<Vesting>), says: &str| {
            let mut schedules = genesis().unwrap();
            change(&mut schedules);
            let error = check(&schedules).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        };
        refused(|all| all[0].periods = 0, "vesting.seed");
        refused(|all| all[1].total = "1,5".into(), "vesting.series-a.total");
        refused(|all| all[1].name = "seed".into(), "another schedule");
        refused(|all| all[5].total = "20000001".into(), "500000001 IO");
    }
}
