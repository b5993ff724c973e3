//! The file of results, so that the first run on a card is not lost.

use super::usage;
use crate::Failure;
use serde_json::Value;
use std::{
    fs,
    io::ErrorKind,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// The results that the file has; none if there is no file yet.
pub(super) fn read(path: &Path) -> Result<Vec<Value>, Failure> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            return match folder.is_none_or(Path::is_dir) {
                true => Ok(Vec::new()),
                false => Err(refused(path, "its folder does not exist")),
            };
        }
        Err(error) => return Err(refused(path, &error.to_string())),
    };
    serde_json::from_slice(&bytes)
        .map_err(|_| refused(path, "it is no list of results; name another file"))
}

/// Written beside and moved over it, so that no result is lost halfway.
pub(super) fn append(path: &Path, mut saved: Vec<Value>, result: Value) -> Result<(), Failure> {
    saved.push(result);
    let text =
        serde_json::to_string_pretty(&saved).map_err(|error| refused(path, &error.to_string()))?;
    let beside = path.with_extension("new");
    fs::write(&beside, format!("{text}\n"))
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| refused(path, &error.to_string()))
}

fn refused(path: &Path, why: &str) -> Failure {
    usage(format!("{}: {why}", path.display()))
}

/// Today in UTC, as 2026-10-01.
pub(super) fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    date(now.map_or(0, |since| since.as_secs() / 86_400))
}

/// Days since 1970 to a date (days to civil, as Howard Hinnant describes it).
fn date(days: u64) -> String {
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn results_are_appended_and_other_files_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pow.json");
        for number in 0..2 {
            let saved = read(&path).ok().unwrap();
            append(&path, saved, json!({ "number": number }))
                .ok()
                .unwrap();
        }
        let saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(saved, json!([{ "number": 0 }, { "number": 1 }]));
        fs::write(&path, "{}").unwrap();
        assert!(read(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"{}");
    }

    #[test]
    fn days_are_civil() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_827_696 / 86_400), "2000-02-29");
        assert_eq!(date(1_764_000_000 / 86_400), "2025-11-24");
    }
}
