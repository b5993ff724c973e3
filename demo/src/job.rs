//! The job: a script and a data file of this repository, and what its result must be.

use anyhow::{Context, Result};
use std::{fs, path::Path, path::PathBuf};

/// The job's file, as the renter gives it to `iog`.
pub fn file() -> PathBuf {
    folder().join("job.yaml")
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

/// The job's result under the folder of a download.
pub fn downloaded(folder: &Path) -> Result<Option<PathBuf>> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
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
