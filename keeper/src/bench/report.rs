//! What is printed.

use super::{
    measure::{Measured, Reading, PANEL_BYTES, TILE_BYTES},
    save,
    target::Target,
    PowArgs,
};
use iog_pow_gpu::CardInfo;
use serde_json::{json, Value};
use std::fmt::Write as _;

/// Milliseconds of a slot, by which a projected time is compared with a class's deadline.
const SLOT_MILLIS: u64 = 400;
/// A deadline of more than this many hundredths of a walk lets one card prove for two keys too often.
const MOST_DEADLINE_X100: u64 = 150;
/// Below this share of streaming, random panels are held up by something other than the memory's bandwidth.
const LEAST_GATHER_BPS: u64 = 8_000;

pub(super) struct Report<'a> {
    target: &'a Target,
    measured: &'a Measured,
    backend: String,
    /// Of one card.
    walk_bytes_per_sec: u64,
    bandwidth: u64,
    bandwidth_source: &'static str,
    fill_millis: u64,
    walk_millis: u64,
}

impl<'a> Report<'a> {
    pub(super) fn new(args: &PowArgs, target: &'a Target, measured: &'a Measured) -> Self {
        let shape = &target.shape;
        // The slowest card holds the others up.
        let slowest = measured
            .cards
            .iter()
            .map(|(_, reading)| reading.stream.per_second())
            .min();
        let (bandwidth, bandwidth_source) = match args.memory_bandwidth {
            Some(given) => (given, "given"),
            None => (slowest.unwrap_or(0), "measured by reading the table"),
        };
        let wave_bytes = u64::from(shape.tiles()).saturating_mul(TILE_BYTES);
        let mut read = measured.walk;
        read.amount = read.amount.saturating_mul(wave_bytes);
        Self {
            target,
            measured,
            backend: args.backend.to_string(),
            walk_bytes_per_sec: read.per_second(),
            bandwidth,
            bandwidth_source,
            fill_millis: measured.fill.millis_of(shape.table_len()),
            walk_millis: measured.walk.millis_of(shape.waves().into()),
        }
    }

    fn slots(&self) -> u64 {
        let millis = self.fill_millis.saturating_add(self.walk_millis);
        millis.div_ceil(SLOT_MILLIS)
    }

    /// The class's deadline in hundredths of this machine's time.
    fn deadline_x100(&self) -> Option<u64> {
        let deadline = u64::from(self.target.commit_slots?).saturating_mul(SLOT_MILLIS);
        let time = self.fill_millis.saturating_add(self.walk_millis).max(1);
        deadline.saturating_mul(100).checked_div(time)
    }

    /// Bytes that cross the memory's bus in a wave: as drawn, and if each panel were read once.
    fn wave_bytes(&self) -> (u64, u64) {
        let tiles = u64::from(self.target.shape.tiles());
        (
            tiles.saturating_mul(TILE_BYTES),
            self.measured.distinct.saturating_mul(PANEL_BYTES),
        )
    }

    pub(super) fn json(&self) -> Value {
        let (shape, measured) = (&self.target.shape, self.measured);
        let (fill, walk) = (measured.fill, measured.walk);
        let (drawn, distinct) = self.wave_bytes();
        json!({
            "date": save::today(),
            "backend": self.backend,
            "class": self.target.name,
            "rows": shape.rows(),
            "tiles": shape.tiles(),
            "waves": shape.waves(),
            "cards": shape.cards(),
            "devices": measured.cards.iter().map(device).collect::<Vec<_>>(),
            "ready_micros": measured.ready.micros,
            "table_bytes": shape.table_len(),
            "filled_bytes": fill.amount,
            "fill_micros": fill.micros,
            "fill_bytes_per_sec": fill.per_second(),
            "walked_waves": walk.amount,
            "walk_micros": walk.micros,
            "waves_per_sec": walk.per_second(),
            "wave_bytes_drawn": drawn,
            "wave_bytes_distinct": distinct,
            "walk_bytes_per_sec": self.walk_bytes_per_sec,
            "memory_bandwidth_bytes_per_sec": self.bandwidth,
            "memory_bandwidth_source": self.bandwidth_source,
            "bandwidth_share_bps": bps(self.walk_bytes_per_sec, self.bandwidth),
            "projected_fill_millis": self.fill_millis,
            "projected_walk_millis": self.walk_millis,
            "projected_slots": self.slots(),
            "commit_slots": self.target.commit_slots,
            "deadline_x100": self.deadline_x100(),
        })
    }

    pub(super) fn text(&self) -> String {
        let (shape, measured) = (&self.target.shape, self.measured);
        let (fill, walk) = (measured.fill, measured.walk);
        let (drawn, distinct) = self.wave_bytes();
        let share = bps(self.walk_bytes_per_sec, self.bandwidth);
        let mut text = format!(
            "class      {}: {} rows ({}), {} tiles, {} waves, {} cards, on {}\n\
             fill       {} a card in {} ms, {} MiB/s; {} ms to make ready\n\
             walk       {} waves in {} ms, {} us each\n\
             a wave     {} KiB a card as drawn, {} KiB if each panel were read once\n",
            self.target.name,
            shape.rows(),
            size(shape.table_len()),
            shape.tiles(),
            shape.waves(),
            shape.cards(),
            self.backend,
            size(fill.amount),
            fill.micros / 1_000,
            fill.per_second() >> 20,
            measured.ready.micros / 1_000,
            walk.amount,
            walk.micros / 1_000,
            walk.micros / walk.amount.max(1),
            drawn >> 10,
            distinct >> 10,
        );
        for card in &measured.cards {
            text.push_str(&line(card));
        }
        let _ = write!(
            text,
            "bandwidth  {} MiB/s ({}); the walk takes {} MiB/s as drawn, {} % of it\n\
             projected  {} ms to fill, {} ms to walk, {} slots{}\n",
            self.bandwidth >> 20,
            self.bandwidth_source,
            self.walk_bytes_per_sec >> 20,
            hundredths(share),
            self.fill_millis,
            self.walk_millis,
            self.slots(),
            self.deadline(),
        );
        text
    }

    fn deadline(&self) -> String {
        let (Some(slots), Some(ratio)) = (self.target.commit_slots, self.deadline_x100()) else {
            return String::new();
        };
        let judged = match ratio {
            ..100 => ": TOO SLOW",
            100..=MOST_DEADLINE_X100 => "",
            _ => ": MORE THAN 1.5 TIMES, one card may prove for two keys",
        };
        let ratio = hundredths(ratio);
        format!("; the class gives {slots}, {ratio} times as long{judged}")
    }
}

fn device((info, reading): &(CardInfo, Reading)) -> Value {
    let (stream, gather) = (reading.stream.per_second(), reading.gather.per_second());
    json!({
        "name": info.name,
        "uuid": info.uuid,
        "driver": info.driver,
        "memory_bytes": info.memory_bytes,
        "stream_bytes_per_sec": stream,
        "gather_bytes_per_sec": gather,
        "gather_share_bps": bps(gather, stream),
    })
}

fn line((info, reading): &(CardInfo, Reading)) -> String {
    let (stream, gather) = (reading.stream.per_second(), reading.gather.per_second());
    let share = bps(gather, stream);
    let judged = match share {
        ..LEAST_GATHER_BPS => "; LESS THAN 80 %: what holds them up is not the memory's bandwidth",
        _ => "",
    };
    format!(
        "card       {info}: {} MiB/s from end to end, {} MiB/s in random panels of 16 KiB, {} %{judged}\n",
        stream >> 20,
        gather >> 20,
        hundredths(share),
    )
}

/// In MiB, or in KiB where that would be none.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        mib => format!("{mib} MiB"),
    }
}

/// A share in hundredths of a per cent, rounded down.
fn bps(part: u64, of: u64) -> u64 {
    let scaled = u128::from(part).saturating_mul(10_000);
    let share = scaled.checked_div(u128::from(of)).unwrap_or(0);
    u64::try_from(share).unwrap_or(u64::MAX)
}

fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

#[cfg(test)]
mod tests;
