//! What hours earn, and how much of it may be minted in an hour.

use super::{Plan, PlanError};
use crate::amounts::{io, value};
use iog_client::emission::types::ConfigArgs;
use iog_math::{emission, units::Io};

/// The emission program's bounds of these parameters.
const EXEMPT_HOURS: std::ops::RangeInclusive<u64> = 24..=168;
const PER_SCORE_UNITS: std::ops::RangeInclusive<u64> = 100..=1_000_000;
/// Cap and breaker let at least this many times the first hour's emission, the largest, pass: what a pause left to be minted is then
/// worked off.
const LEAST_HOURS: u64 = 2;
/// The breaker's window.
const WINDOW_HOURS: u64 = 24;

impl Plan {
    /// The parameters as the emission program takes them.
    pub(crate) fn emission_args(&self) -> Result<ConfigArgs, PlanError> {
        for (key, set, bounds) in [
            ("exempt_hours", self.exempt_hours, EXEMPT_HOURS),
            (
                "max_per_score_units",
                self.max_per_score_units,
                PER_SCORE_UNITS,
            ),
        ] {
            if !bounds.contains(&set) {
                let (least, most) = bounds.into_inner();
                return Err(value(key, &format!("it must be {least} to {most}")));
            }
        }
        Ok(ConfigArgs {
            min_age_secs: self.min_device_age_secs,
            min_uptime_hours: self.min_uptime_hours,
            exempt_hours: self.exempt_hours,
            max_per_score_units: self.max_per_score_units,
        })
    }

    /// What the emission program may mint within one hour.
    pub(crate) fn emission_cap(&self) -> Result<u64, PlanError> {
        let key = "emission_cap_per_hour";
        let cap = io(key, &self.emission_cap_per_hour)?;
        at_least(key, cap, LEAST_HOURS)
    }

    pub(crate) fn check_emission_window(&self) -> Result<(), PlanError> {
        let window = self.limits()?.emission;
        let hours = LEAST_HOURS.saturating_mul(WINDOW_HOURS);
        at_least("breaker.emission.limit", window.limit, hours)?;
        at_least("breaker.emission.floor", window.floor, hours)?;
        Ok(())
    }
}

/// Refuses less than `hours` times the first hour's emission.
fn at_least(key: &str, set: u64, hours: u64) -> Result<u64, PlanError> {
    let first = emission::amount(1).map_err(|_| value(key, "the schedule has no first hour"))?;
    let least = first.saturating_mul(hours);
    if set < least {
        let reason = format!(
            "it must be at least {} IO, {hours} times the emission of the first hour",
            Io(least)
        );
        return Err(value(key, &reason));
    }
    Ok(set)
}
