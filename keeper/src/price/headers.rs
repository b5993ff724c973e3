//! Headers from a file: what is secret about a source lies there, and in no argument, variable or log.

use crate::error::{KeeperError, Result};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::{fs::File, io::Read, path::Path};

/// Bits of a mode that let others than the owner read or write.
const NOT_OURS: u32 = 0o077;
const MOST_BYTES: u64 = 64 << 10;

/// Reads `Name: value` lines; none without a file. Their values are kept out of every debug output.
pub fn read(path: Option<&Path>) -> Result<HeaderMap> {
    let Some(path) = path else {
        return Ok(HeaderMap::new());
    };
    let file = File::open(path).map_err(KeeperError::file(path))?;
    let metadata = file.metadata().map_err(KeeperError::file(path))?;
    refuse_exposed(path, &metadata)?;
    let mut text = String::new();
    let read = file.take(MOST_BYTES).read_to_string(&mut text);
    read.map_err(KeeperError::file(path))?;
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            header(line).ok_or_else(|| {
                let path = path.display();
                KeeperError::Config(format!("{path}: a line is not `Name: value`"))
            })
        })
        .collect()
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &std::fs::Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    if metadata.mode() & NOT_OURS == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(KeeperError::Config(format!(
        "{path} holds secrets and others may read it; run chmod 600 {path}"
    )))
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &std::fs::Metadata) -> Result<()> {
    Ok(())
}
