//! Whether a network's proofs fit the chain: property 7 of the proof of work, from the measured transactions of an hour.

use anyhow::{bail, Context, Result};

use super::hour::{Hour, Sent};

/// Compute units of a block, by solana-cost-model 4.2.
pub const BLOCK_UNITS: u64 = 60_000_000;
/// Device keys that may prove within a tenth of every block, and those of 100,000 GPUs at eight a key.
pub const MOST_KEYS: u64 = 42_000;
pub const HOST_KEYS: u64 = 12_500;
/// Hundredths of per cents of a block that each kind of transaction of [`MOST_KEYS`] may take.
const MOST_BPS: u64 = 1_000;

/// Of an hour's 9,000 slots of 400 ms the window's moment may take 1,500 (600 s), a walk 440 and the challenge 63. Openings are spread over
/// the rest.
const OPENING_SLOTS: u64 = 7_000;
/// Of that the keeper keeps 500 as a margin for what does not land at once.
const KEEPERS_OPENING_SLOTS: u64 = OPENING_SLOTS - 500;
/// Commits come when a walk ends: as far apart as the slow cards of a class are from its fast ones.
const COMMIT_SLOTS: u64 = 60;
/// Challenges are recorded 8 to 63 slots later.
const RECORD_SLOTS: u64 = COMMIT_SLOTS + 56;

/// What one kind of transaction takes of the slots that it falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub what: &'static str,
    pub slots: u64,
    pub transactions: u64,
    /// Compute units that blocks are charged, of all together.
    pub units: u64,
}

impl Load {
    pub fn transactions_a_slot(&self) -> u64 {
        self.transactions.div_ceil(self.slots)
    }

    pub fn units_a_slot(&self) -> u64 {
        self.units.div_ceil(self.slots)
    }

    /// Hundredths of per cents of a block, rounded up.
    pub fn block_bps(&self) -> u64 {
        (self.units_a_slot() * 10_000).div_ceil(BLOCK_UNITS)
    }
}

/// What so many idle device keys take.
pub fn loads(hour: &Hour, keys: u64) -> Result<[Load; 4]> {
    let load = |what, slots, names: &[&str]| -> Result<Load> {
        let mut load = Load {
            what,
            slots,
            transactions: 0,
            units: 0,
        };
        for name in names {
            let Sent {
                times, block_units, ..
            } = hour.get(*name).with_context(|| format!("no {name}"))?;
            load.transactions += keys * times;
            load.units += keys * times * block_units;
        }
        Ok(load)
    };
    let openings = ["reveal", "finalize + check_in"];
    Ok([
        load("commits", COMMIT_SLOTS, &["commit"])?,
        load("challenges", RECORD_SLOTS, &["record_challenge"])?,
        load("openings, end, check-in", OPENING_SLOTS, &openings)?,
        load(
            "the same in the keeper's slots",
            KEEPERS_OPENING_SLOTS,
            &openings,
        )?,
    ])
}

/// Most device keys whose openings take a tenth of every block.
pub fn most_keys(hour: &Hour) -> Result<u64> {
    let [.., openings, _] = loads(hour, 1)?;
    Ok(BLOCK_UNITS * MOST_BPS / 10_000 * openings.slots / openings.units)
}

/// Refuses an hour that has become too dear for the network that is planned.
pub fn check(hour: &Hour) -> Result<()> {
    let [commits, challenges, openings, _] = loads(hour, MOST_KEYS)?;
    for load in [commits, challenges, openings] {
        let (what, bps) = (load.what, load.block_bps());
        if bps > MOST_BPS {
            bail!("{what} of {MOST_KEYS} device keys take {bps} basis points of a block, {MOST_BPS} at most");
        }
    }
    Ok(())
}
