//! Reading what people wrote, YAML or JSON, so that a mistake is named by its field and line (field cases 9 and 17).

use crate::{error::SpecError, spec::JobSpec};
use serde::de::DeserializeOwned;
use std::{fs::File, io::Read, path::Path};

/// Largest file that is read as a job.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// A specification (version 2) from JSON or YAML.
///
/// # Errors
/// The first field that is wrong, also one that [`JobSpec::validate`] refuses.
pub fn read_spec(text: &str) -> Result<JobSpec, SpecError> {
    let spec: JobSpec = parse(text)?;
    spec.validate().map_err(|error| located(error, text))?;
    Ok(spec)
}

/// Whether a file holds a whole specification, with its salt, and no job file.
///
/// # Errors
/// If it cannot be read.
pub fn is_spec(path: &Path) -> Result<bool, SpecError> {
    let value: serde_yaml::Value = parse(&read_file(path)?)?;
    Ok(value.get("salt").is_some())
}

/// The text of a file that should be small.
///
/// # Errors
/// If it cannot be read, is larger, or no UTF-8.
pub fn read_file(path: &Path) -> Result<String, SpecError> {
    let refuse = |reason: &dyn std::fmt::Display| {
        SpecError::new("", format!("cannot read {}: {reason}", path.display()))
    };
    let file = File::open(path).map_err(|error| refuse(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(&error))?;
    if bytes.len() > MAX_FILE_BYTES as usize {
        return Err(refuse(&format!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| refuse(&"it is no UTF-8 text"))
}

/// Reads a value. A byte order mark is skipped; a field that comes twice is refused.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, SpecError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = match serde_yaml::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    // Nearly all JSON is YAML, whose reader also tells the field; the rest is read as what it is.
    if text.trim_start().starts_with('{') {
        if let Ok(value) = serde_json::from_str(text) {
            return Ok(value);
        }
    }
    Err(explain(&error))
}

fn explain(error: &serde_yaml::Error) -> SpecError {
    let line = error.location().map(|place| place.line());
    let said = error.to_string();
    let said = match said.rfind(" at line ") {
        Some(at) => &said[..at],
        None => said.as_str(),
    };
    let (path, reason) = match said.split_once(": ") {
        Some((path, reason)) if !path.contains(' ') => (path, reason),
        _ => ("", said),
    };
    let mut error = nearest(path, reason).unwrap_or_else(|| SpecError::new(path, reason));
    error.line = line.filter(|line| *line > 0);
    error
}

/// A field that does not exist, with the one that was meant.
fn nearest(path: &str, reason: &str) -> Option<SpecError> {
    let rest = reason.strip_prefix("unknown field `")?;
    let (name, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let meant = known.iter().min_by_key(|known| distance(name, known));
    let reason = match meant {
        Some(meant) if distance(name, meant) <= 1 + meant.len() / 4 => {
            format!("there is no such field; `{meant}` was meant?")
        }
        _ => format!("there is no such field; there are {}", known.join(", ")),
    };
    let field = match path {
        "" => name.to_string(),
        // The path may end in the field already.
        path if path.rsplit('.').next() == Some(name) => path.to_string(),
        path => format!("{path}.{name}"),
    };
    Some(SpecError::new(field, reason))
}

/// Letters to change, add or leave out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        for (j, its) in other.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or_default();
            let changed = before + usize::from(letter != *its);
            left = changed.min(left + 1).min(above + 1);
            before = above;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = left;
            }
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Adds the line where the text names the field, if only one does.
pub(crate) fn located(mut error: SpecError, text: &str) -> SpecError {
    // `inputs.a/b.txt` names the whole target, `env.LD_PRELOAD` the variable, `restart` itself.
    let (_, named) = error.field.split_once('.').unwrap_or(("", &error.field));
    let word = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let names = |line: &str| line.split(|c| !word(c)).any(|token| token == named);
    // `outputs: [time_limit]` names a file, `time_limit: 0s` the field.
    let is_key = |line: &str| {
        let key = line.trim_start_matches([' ', '{', '"', '\'']);
        let value = key.strip_prefix(named).unwrap_or_default();
        value.trim_start_matches([' ', '"', '\'']).starts_with(':')
    };
    if !named.is_empty() {
        let field = (named == error.field)
            .then(|| only_line(text, is_key))
            .flatten();
        error.line = field.or_else(|| only_line(text, names)).or(error.line);
    }
    error
}

/// The number of the line that is wanted, if it is the only one.
fn only_line(text: &str, wanted: impl Fn(&str) -> bool) -> Option<usize> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| wanted(line));
    let first = lines.next().map(|(number, _)| number);
    first.filter(|_| lines.next().is_none())
}
