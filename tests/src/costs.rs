//! What each instruction costs in its common case, and how large the programs are.

mod answers;
mod governance;
mod life;
mod market;
mod prices;
mod stakes;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use iog_client::PROGRAMS;
use serde_json::{json, Value};

use crate::world::so_path;

/// How to write a new snapshot.
const UPDATE: &str = "if that is meant: cargo xtask bench cu -o json";

/// One part in a hundred: the recipe's LLVM comes from a Debian suite that moves on, and another patch release is no change of ours.
const TOLERANCE: u64 = 100;

/// Sizes of programs in bytes and costs of instructions in compute units, both by name.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    pub programs: BTreeMap<String, u64>,
    pub instructions: BTreeMap<String, u64>,
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
        })
    }

    /// Writes the snapshot.
    pub fn save(&self) -> Result<()> {
        let sizes = self.programs.iter();
        let programs: BTreeMap<_, _> = sizes
            .map(|(name, n)| (name, json!({ "bytes": n })))
            .collect();
        let value = json!({ "programs": programs, "instructions": self.instructions });
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
        if problems.is_empty() {
            return Ok(());
        }
        bail!("{}\n{UPDATE}", problems.join("\n"))
    }
}

/// `bench/cu.json` of the repository.
pub fn snapshot_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/cu.json")
}

fn numbers(value: &Value, number: impl Fn(&Value) -> Option<u64>) -> Result<BTreeMap<String, u64>> {
    let entries = value.as_object().context("bench/cu.json")?;
    entries
        .iter()
        .map(|(name, entry)| Ok((name.clone(), number(entry).context("bench/cu.json")?)))
        .collect()
}
