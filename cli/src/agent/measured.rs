//! How fast this machine sent inputs before, so that the next order can be told how long its inputs take. redteam X5

use super::folder::{root, write_private};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf, time::Duration};

const NAME: &str = "rates.json";
/// Less says nothing of a line.
const LEAST_BYTES: u64 = 8 << 20;

/// Bytes a second of the last long transfers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    pub relayed: Option<u64>,
    pub direct: Option<u64>,
}

fn path() -> Option<PathBuf> {
    Some(root().ok()?.with_file_name(NAME))
}

pub fn rates() -> Rates {
    let bytes = path().and_then(|path| fs::read(path).ok());
    let rates = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    rates.unwrap_or_default()
}

/// Keeps what a transfer shows; a disk that is full loses an estimate.
pub fn keep(bytes: u64, took: Duration, direct: bool) {
    let Some(rate) = rate(bytes, took) else {
        return;
    };
    let mut rates = rates();
    let place = match direct {
        true => &mut rates.direct,
        false => &mut rates.relayed,
    };
    *place = Some(rate);
    if let (Some(path), Ok(text)) = (path(), serde_json::to_vec(&rates)) {
        let _ = write_private(&path, &text);
    }
}

fn rate(bytes: u64, took: Duration) -> Option<u64> {
    let millis = u64::try_from(took.as_millis()).ok()?.max(1);
    (bytes >= LEAST_BYTES).then(|| bytes.saturating_mul(1_000) / millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_transfers_are_taken_for_a_rate() {
        let took = Duration::from_millis(2_500);
        assert_eq!(rate(8 << 20, took), Some(3_355_443));
        assert_eq!(rate((8 << 20) - 1, took), None);
        assert_eq!(rate(10_000_000, Duration::ZERO), Some(10_000_000_000));
    }
}
