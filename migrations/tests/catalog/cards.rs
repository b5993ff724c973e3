//! `plans/cards.toml`: what the cards of the classes can do.

use iog_migrations::Class;
use iog_pow::Shape;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Lane-clocks of a compression of SHA-256, and the part of its lanes that a chip keeps busy.
const COMPRESSION_LANE_CLOCKS: f64 = 1_010.0;
const LANES_BUSY: f64 = 0.85;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chip {
    lanes: f64,
    products: f64,
    reach: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    pub class: String,
    pub edition: Option<String>,
    pub memory_gb: u16,
    pub bandwidth_gbs: f64,
    cores: f64,
    clock_mhz: f64,
    chip: String,
    /// Generation and lanes of PCI Express; none where memory is shared with the processor.
    pub bus: Option<String>,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    chips: BTreeMap<String, Chip>,
    pub cards: Vec<Card>,
}

/// What a card does in a second: bytes of its memory, compressions of SHA-256, products of bytes.
#[derive(Clone, Copy)]
pub struct Rates {
    pub bytes: f64,
    pub hashes: f64,
    pub products: f64,
}

pub fn table() -> Table {
    toml::from_str(include_str!("../../plans/cards.toml")).unwrap()
}

impl Card {
    pub fn name(&self) -> String {
        match &self.edition {
            None => self.class.clone(),
            Some(edition) => format!("{} {edition}", self.class),
        }
    }

    /// Whether its memory takes a table beside what driver and prover need.
    pub fn has_room_for(&self, shape: &Shape) -> bool {
        shape.table_len() <= u64::from(self.memory_gb - 1) << 30
    }

    /// Bytes a second that its bus brings in, less than the link's rate by protocol.
    pub fn bus_bytes(&self) -> Option<f64> {
        let bytes = match self.bus.as_deref()? {
            "5.0 x16" => 55e9,
            "4.0 x16" => 25e9,
            "4.0 x8" | "3.0 x16" => 12e9,
            other => panic!("{}: {other}", self.name()),
        };
        Some(bytes)
    }
}

impl Table {
    pub fn rates(&self, card: &Card) -> Rates {
        let chip = &self.chips[&card.chip];
        let core_clocks = card.cores * card.clock_mhz * 1e6;
        Rates {
            bytes: card.bandwidth_gbs * 1e9,
            hashes: LANES_BUSY * core_clocks * chip.lanes / COMPRESSION_LANE_CLOCKS,
            products: core_clocks * chip.products * chip.reach,
        }
    }

    /// The card that a class is made for.
    pub fn own(&self, class: &Class) -> &Card {
        self.cards
            .iter()
            .find(|card| card.class == class.name && card.edition.is_none())
            .unwrap()
    }
}
