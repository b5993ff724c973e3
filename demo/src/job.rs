//! The job: a script and a data file of this repository, and what its result must be.

use anyhow::{Context, Result};
use iog_engine::{publish as put, Input, JobSpec};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

const FILES: [&str; 2] = ["summarise.sh", "readings.csv"];

/// Puts the job's specification and inputs where the nodes look for them and returns its hash, which the order stores.
pub fn publish(jobs_dir: &Path) -> Result<[u8; 32]> {
    let inputs = FILES.iter().map(|name| {
        let source = folder().join(name);
        let bytes = fs::read(&source).with_context(|| source.display().to_string())?;
        Ok(Input {
            source,
            target: (*name).into(),
            sha256: hex::encode(Sha256::digest(bytes)),
        })
    });
    let spec = JobSpec {
        id: "demo".into(),
        command: vec!["sh".into(), "summarise.sh".into()],
        env: [].into(),
        inputs: inputs.collect::<Result<_>>()?,
        time_limit_secs: Some(60),
    };
    Ok(put(&spec, jobs_dir)?)
}

/// What the job must leave, computed here from the same data.
pub fn expected() -> Result<String> {
    let text = fs::read_to_string(folder().join("readings.csv"))?;
    let readings = text
        .lines()
        .skip(1)
        .map(|line| {
            let (_, value) = line.split_once(',').context("a line without a comma")?;
            Ok(value.parse::<u64>()?)
        })
        .collect::<Result<Vec<_>>>()?;
    let min = readings.iter().min().context("no readings")?;
    let max = readings.iter().max().context("no readings")?;
    let sum: u64 = readings.iter().sum();
    Ok(format!(
        "{{\"readings\":{},\"sum\":{sum},\"min\":{min},\"max\":{max}}}\n",
        readings.len()
    ))
}

/// The output that a node's keeper fetched for an order, once it is there.
pub fn fetched(state_dir: &Path, order: &str) -> Result<Option<PathBuf>> {
    let mut folders = vec![state_dir.join("outputs").join(order)];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "summary.json") {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/job")
}
