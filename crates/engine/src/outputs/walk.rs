use super::{beneath, too_much};
use crate::error::EngineError;
use rustix::fs::{fstat, Dir, FileType};
use std::{collections::BTreeSet, ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;

/// Paths of all regular files at or under the wanted ones, sorted, each once.
pub fn files(work: &Path, wanted: &[&OsStr], max: usize) -> Result<BTreeSet<Vec<u8>>, EngineError> {
    let mut found = BTreeSet::new();
    let mut seen = 0_usize;
    let mut open: Vec<(Vec<u8>, usize)> = wanted
        .iter()
        .map(|path| (trimmed(path.as_bytes()), 0))
        .collect();
    while let Some((path, depth)) = open.pop() {
        // Links, loops and what is not there are passed over.
        let Ok(file) = beneath(work, OsStr::from_bytes(&path)) else {
            continue;
        };
        let Ok(stat) = fstat(&file) else {
            continue;
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                found.insert(path);
            }
            FileType::Directory if depth < MAX_DEPTH => {
                for entry in
                    Dir::new(file).map_err(|error| EngineError::file(work)(error.into()))?
                {
                    let entry = entry.map_err(|error| EngineError::file(work)(error.into()))?;
                    let name = entry.file_name().to_bytes();
                    if matches!(name, b"." | b"..") {
                        continue;
                    }
                    seen = seen.saturating_add(1);
                    if seen > max.saturating_mul(2) {
                        return Err(too_much(
                            "files and folders",
                            u64::try_from(max.saturating_mul(2)).unwrap_or(u64::MAX),
                        ));
                    }
                    open.push((
                        [path.as_slice(), b"/", name].concat(),
                        depth.saturating_add(1),
                    ));
                }
            }
            _ => {}
        }
        if found.len() > max {
            return Err(too_much("files", u64::try_from(max).unwrap_or(u64::MAX)));
        }
    }
    Ok(found)
}

fn trimmed(path: &[u8]) -> Vec<u8> {
    let mut path = path;
    while let Some(rest) = path.strip_suffix(b"/") {
        path = rest;
    }
    path.to_vec()
}
