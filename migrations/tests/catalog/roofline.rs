//! How long a walk takes: whichever of memory, hashing and products takes longest in a wave, and a while for the wave itself.

use crate::cards::Rates;
use iog_pow::{walk::BLOCK_HASHES, Shape, PANEL_ROWS, ROW_BLOCKS, ROW_LEN};

pub const SLOT_SECS: f64 = 0.4;
/// Compressions of a tile: its leaves take three each, their tree and the wave's one a node, and its draw two.
const TILE_HASHES: f64 = 33.0;
/// Products of bytes of a tile.
const TILE_PRODUCTS: f64 = 524_288.0;

/// How well a card does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Nobody does better: each panel of a wave is read once, at 95 % of the data sheet's bandwidth.
    Fast,
    /// The slowest that is honest: each draw is read, at 85 %, and nine tenths of the rest.
    Slow,
}

impl Pace {
    fn memory(self) -> f64 {
        match self {
            Self::Fast => 0.95,
            Self::Slow => 0.85,
        }
    }

    fn arithmetic(self) -> f64 {
        match self {
            Self::Fast => 1.0,
            Self::Slow => 0.9,
        }
    }

    /// Seconds between two waves.
    fn turn(self) -> f64 {
        match self {
            Self::Fast => 30e-6,
            Self::Slow => 80e-6,
        }
    }
}

fn panel_len() -> f64 {
    f64::from(PANEL_ROWS) * f64::from(u32::try_from(ROW_LEN).unwrap())
}

/// Panels that a wave draws, each counted once.
pub fn distinct_panels(shape: &Shape) -> f64 {
    let panels = f64::from(shape.panels());
    panels * (1.0 - (-draws(shape) / panels).exp())
}

fn draws(shape: &Shape) -> f64 {
    2.0 * f64::from(shape.tiles())
}

/// Compressions that make a panel.
pub fn panel_hashes() -> f64 {
    f64::from(PANEL_ROWS * ROW_BLOCKS * BLOCK_HASHES)
}

pub fn tile_hashes(shape: &Shape) -> f64 {
    TILE_HASHES * f64::from(shape.tiles())
}

/// Seconds of a wave by what takes them: memory, hashing, products.
pub fn wave_parts(rates: Rates, shape: &Shape, pace: Pace) -> [f64; 3] {
    let panels = match pace {
        Pace::Fast => distinct_panels(shape),
        Pace::Slow => draws(shape),
    };
    [
        panels * panel_len() / (rates.bytes * pace.memory()),
        tile_hashes(shape) / (rates.hashes * pace.arithmetic()),
        TILE_PRODUCTS * f64::from(shape.tiles()) / (rates.products * pace.arithmetic()),
    ]
}

fn wave_secs(rates: Rates, shape: &Shape, pace: Pace) -> f64 {
    let longest = wave_parts(rates, shape, pace)
        .into_iter()
        .fold(0.0, f64::max);
    longest + pace.turn()
}

pub fn fill_secs(rates: Rates, shape: &Shape, pace: Pace) -> f64 {
    f64::from(shape.panels()) * panel_hashes() / (rates.hashes * pace.arithmetic())
}

/// Seconds from the window's hash to the commit.
pub fn walk_secs(rates: Rates, shape: &Shape, pace: Pace) -> f64 {
    fill_secs(rates, shape, pace) + f64::from(shape.waves()) * wave_secs(rates, shape, pace)
}

/// Waves that a card walks in so many seconds, filling included; the shape's own are not looked at.
pub fn waves_in(secs: f64, rates: Rates, shape: &Shape) -> u32 {
    let left = secs - fill_secs(rates, shape, Pace::Fast);
    (left / wave_secs(rates, shape, Pace::Fast)) as u32
}
