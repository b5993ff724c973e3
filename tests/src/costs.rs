//! What each instruction costs in its common case, and how large the programs are.

mod answers;
mod governance;
pub mod hour;
mod life;
mod market;
mod prices;
pub mod scale;
mod stakes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use iog_client::PROGRAMS;
use serde_json::{json, Value};

use self::hour::{Hour, Sent};
use crate::world::so_path;

/// How to write a new snapshot.
const UPDATE: &str = "if that is meant: cargo xtask bench cu -o json";

/// One part in a hundred: the recipe's LLVM comes from a Debian suite that moves on, and another patch release is no change of ours.
const TOLERANCE: u64 = 100;

/// Sizes of programs in bytes and costs of instructions in compute units, both by name, and an idle hour of a device of eight cards.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    pub programs: BTreeMap<String, u64>,
    pub instructions: BTreeMap<String, u64>,
    pub hour: Hour,
}

impl Report {
    /// Runs every instruction of every program; keys are fixed, so that every run gives the same numbers.
    pub fn measure() -> Result<Self> {
        let mut programs = BTreeMap::new();
        for (name, _) in PROGRAMS {
            let path = so_path(name);
            let bytes = fs::metadata(&path)
                .with_context(|| format!("iog_{name}.so: run cargo xtask build"))?
                .len();
            programs.insert((*name).to_string(), bytes);
        }
        Ok(Self {
            programs,
            instructions: life::instructions(),
            hour: hour::idle(),
        })
    }

    /// The snapshot in `bench/cu.json`.
    pub fn snapshot() -> Result<Self> {
        let path = snapshot_path();
        let text = fs::read_to_string(&path)
            .with_context(|| format!("no snapshot at {}: {UPDATE}", path.display()))?;
        let value: Value = serde_json::from_str(&text).context("bench/cu.json")?;
        let programs = numbers(&value["programs"], |entry| entry["bytes"].as_u64())?;
        let instructions = numbers(&value["instructions"], Value::as_u64)?;
        Ok(Self {
            programs,
            instructions,
            hour: hour_of(&value["idle_hour_of_8_cards"])?,
        })
    }

    /// Writes the snapshot.
    pub fn save(&self) -> Result<()> {
        let sizes = self.programs.iter();
        let programs: BTreeMap<_, _> = sizes
            .map(|(name, n)| (name, json!({ "bytes": n })))
            .collect();
        let hour: BTreeMap<_, _> = self
            .hour
            .iter()
            .map(|(name, sent)| (name, as_json(sent)))
            .collect();
        let value = json!({
            "programs": programs,
            "instructions": self.instructions,
            "idle_hour_of_8_cards": hour,
        });
        let path = snapshot_path();
        let text = serde_json::to_string_pretty(&value)? + "\n";
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Refuses instructions that cost over a hundredth more than `snapshot` says, and names that only one of the two has.
    pub fn check(&self, snapshot: &Self) -> Result<()> {
        let mut problems = Vec::new();
        for (name, units) in &self.instructions {
            match snapshot.instructions.get(name) {
                Some(allowed) if *units > allowed + allowed / TOLERANCE => {
                    problems.push(format!("{name}: {units} compute units, were {allowed}"));
                }
                Some(_) => {}
                None => problems.push(format!("{name} is not in the snapshot")),
            }
        }
        let gone = snapshot.instructions.keys();
        for name in gone.filter(|name| !self.instructions.contains_key(*name)) {
            problems.push(format!("{name} is in the snapshot only"));
        }
        problems.extend(self.dearer_hour(snapshot));
        if problems.is_empty() {
            return Ok(());
        }
        bail!("{}\n{UPDATE}", problems.join("\n"))
    }

    /// Transactions of the hour that came, went, or became dearer.
    fn dearer_hour(&self, snapshot: &Self) -> Option<String> {
        let same = self.hour.len() == snapshot.hour.len();
        let allowed = |name: &String, sent: &Sent| {
            let before = snapshot.hour.get(name)?;
            let units = before.block_units + before.block_units / TOLERANCE;
            let fits = sent.block_units <= units && sent.bytes <= before.bytes;
            let paid = sent.times * sent.lamports <= before.times * before.lamports;
            (fits && paid).then_some(())
        };
        let mut hour = self.hour.iter();
        let dearer = hour.find(|(name, sent)| allowed(name, sent).is_none());
        match dearer {
            Some((name, sent)) => Some(format!("idle hour: {name}: {sent:?}")),
            None if same => None,
            None => Some("idle hour: not the snapshot's transactions".into()),
        }
    }
}

/// `bench/cu.json` of the repository.
pub fn snapshot_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/cu.json")
}

fn as_json(sent: &Sent) -> Value {
    json!({
        "times": sent.times,
        "units": sent.units,
        "block_units": sent.block_units,
        "bytes": sent.bytes,
        "lamports": sent.lamports,
    })
}

fn hour_of(value: &Value) -> Result<Hour> {
    let entries = value.as_object().context("bench/cu.json: no hour")?;
    let sent = entries.iter().map(|(name, entry)| {
        let number = |key: &str| {
            let number = entry[key].as_u64();
            number.with_context(|| format!("bench/cu.json: {name}: {key}"))
        };
        let sent = Sent {
            times: number("times")?,
            units: number("units")?,
            block_units: number("block_units")?,
            bytes: number("bytes")?,
            lamports: number("lamports")?,
        };
        Ok((name.clone(), sent))
    });
    sent.collect()
}

fn numbers(value: &Value, number: impl Fn(&Value) -> Option<u64>) -> Result<BTreeMap<String, u64>> {
    let entries = value.as_object().context("bench/cu.json")?;
    entries
        .iter()
        .map(|(name, entry)| Ok((name.clone(), number(entry).context("bench/cu.json")?)))
        .collect()
}
