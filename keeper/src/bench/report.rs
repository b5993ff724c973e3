//! What is printed.

use super::{
    measure::{Measured, STEP_BYTES},
    target::Target,
    PowArgs,
};
use iog_pow::STEPS;
use serde_json::{json, Value};

/// Milliseconds of a slot, by which a projected time is compared with a class's deadline.
const SLOT_MILLIS: u64 = 400;

pub(super) struct Report<'a> {
    target: &'a Target,
    measured: &'a Measured,
    backend: String,
    walk_bytes_per_sec: u64,
    bandwidth: u64,
    bandwidth_source: &'static str,
    /// In hundredths of a per cent.
    share_bps: u64,
    fill_millis: u64,
    walk_millis: u64,
    slots: u64,
}

impl<'a> Report<'a> {
    pub(super) fn new(args: &PowArgs, target: &'a Target, measured: &'a Measured) -> Self {
        let shape = &target.shape;
        let walk_bytes_per_sec = measured.walk.per_second().saturating_mul(STEP_BYTES);
        let (bandwidth, bandwidth_source) = match (args.memory_bandwidth, measured.read) {
            (None, Some(read)) => (read.per_second(), "measured by reading the table"),
            (given, _) => (given.unwrap_or(0), "given"),
        };
        let share = u128::from(walk_bytes_per_sec)
            .saturating_mul(10_000)
            .checked_div(u128::from(bandwidth))
            .unwrap_or(0);
        let steps = u64::from(shape.lanes())
            .saturating_mul(u64::from(shape.waves()))
            .saturating_mul(u64::from(STEPS));
        let fill_millis = measured.fill.millis_of(shape.table_len());
        let walk_millis = measured.walk.millis_of(steps);
        Self {
            target,
            measured,
            backend: args.backend.to_string(),
            walk_bytes_per_sec,
            bandwidth,
            bandwidth_source,
            share_bps: u64::try_from(share).unwrap_or(u64::MAX),
            fill_millis,
            walk_millis,
            slots: fill_millis
                .saturating_add(walk_millis)
                .div_ceil(SLOT_MILLIS),
        }
    }

    pub(super) fn json(&self) -> Value {
        let (shape, fill, walk) = (&self.target.shape, self.measured.fill, self.measured.walk);
        json!({
            "backend": self.backend,
            "class": self.target.name,
            "rows": shape.rows(),
            "lanes": shape.lanes(),
            "waves": shape.waves(),
            "table_bytes": shape.table_len(),
            "filled_bytes": fill.amount,
            "fill_micros": fill.micros,
            "fill_bytes_per_sec": fill.per_second(),
            "steps": walk.amount,
            "walk_micros": walk.micros,
            "steps_per_sec": walk.per_second(),
            "walk_bytes_per_sec": self.walk_bytes_per_sec,
            "memory_bandwidth_bytes_per_sec": self.bandwidth,
            "memory_bandwidth_source": self.bandwidth_source,
            "bandwidth_share_bps": self.share_bps,
            "projected_fill_millis": self.fill_millis,
            "projected_walk_millis": self.walk_millis,
            "projected_slots": self.slots,
            "commit_slots": self.target.commit_slots,
        })
    }

    pub(super) fn text(&self) -> String {
        let (shape, fill, walk) = (&self.target.shape, self.measured.fill, self.measured.walk);
        let deadline = match self.target.commit_slots {
            Some(slots) if u64::from(slots) < self.slots => {
                format!("; the class gives {slots}: TOO SLOW")
            }
            Some(slots) => format!("; the class gives {slots}"),
            None => String::new(),
        };
        format!(
            "class      {}: {} rows ({} MiB), {} lanes, {} waves, on {}\n\
             fill       {} MiB in {} ms, {} MiB/s\n\
             walk       {} steps in {} ms, {} steps/s, {} MiB/s\n\
             bandwidth  {} MiB/s ({}); the walk takes {}.{:02} % of it\n\
             projected  {} ms to fill, {} ms to walk, {} slots{deadline}\n",
            self.target.name,
            shape.rows(),
            shape.table_len() >> 20,
            shape.lanes(),
            shape.waves(),
            self.backend,
            fill.amount >> 20,
            fill.micros / 1_000,
            fill.per_second() >> 20,
            walk.amount,
            walk.micros / 1_000,
            walk.per_second(),
            self.walk_bytes_per_sec >> 20,
            self.bandwidth >> 20,
            self.bandwidth_source,
            self.share_bps / 100,
            self.share_bps % 100,
            self.fill_millis,
            self.walk_millis,
            self.slots,
        )
    }
}
