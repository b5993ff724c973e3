//! Files that people have, as jobs: a service of a docker-compose file, a Nosana job definition.
//!
//! What a job has no word for is refused where it changes what runs, all of it at once, and noted where it does not.

mod compose;
mod nosana;
mod words;

use crate::{error::SpecError, file::JobFile, text};
use serde_yaml::Value;

/// Kinds of files that can be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Compose,
    Nosana,
}

/// A converted job, and what its owner should know of it.
#[derive(Clone, Debug)]
pub struct Converted {
    /// As YAML. An image with a tag stands in it as it was, which [`JobFile::read`] refuses until a digest is written.
    pub yaml: String,
    pub notes: Vec<String>,
}

/// Converts a text; `service` picks one of a compose file's.
///
/// # Errors
/// All that has no place in a job, each with its field and what to do instead.
pub fn convert(
    text: &str,
    from: Option<From>,
    service: Option<&str>,
) -> Result<Converted, Vec<SpecError>> {
    let value: Value = text::parse(text).map_err(|error| vec![error])?;
    let has = |name: &str| value.get(name).is_some();
    let from = from.or(match (has("services"), has("ops")) {
        (true, false) => Some(From::Compose),
        (false, true) => Some(From::Nosana),
        _ => None,
    });
    let mut draft = Draft::default();
    match from {
        Some(From::Compose) => compose::convert(&value, service, &mut draft),
        Some(From::Nosana) => nosana::convert(&value, &mut draft),
        None => draft.refuse(
            "",
            "is neither a docker-compose file (services) nor a Nosana job definition (ops)",
        ),
    }
    draft.end()
}

/// What a conversion has found so far.
#[derive(Default)]
struct Draft {
    job: JobFile,
    /// As the file names it.
    image: Option<String>,
    notes: Vec<String>,
    refused: Vec<SpecError>,
}

impl Draft {
    fn refuse(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.refused.push(SpecError::new(field, reason));
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// A text of the environment, or a wish for a secret where the file has none.
    fn variable(&mut self, field: &str, name: &str, value: Option<String>) {
        match value {
            Some(value) if value.contains("${") => {
                self.refuse(format!("{field}.{name}"), format!("`{value}` stands for a value that is elsewhere; write it out, or make it a secret"));
            }
            Some(value) => {
                self.job.env.0.insert(name.into(), value);
            }
            None => {
                self.note(format!("{field}.{name} has no value: it is a secret now; give it by --secret {name}=env:{name}"));
                self.job.secrets.push(words::secret(name));
            }
        }
    }

    fn end(mut self) -> Result<Converted, Vec<SpecError>> {
        if !self.refused.is_empty() {
            return Err(self.refused);
        }
        let tagged = self
            .image
            .take()
            .and_then(|name| match words::image(&name) {
                Ok(image) => {
                    self.job.image = Some(image);
                    None
                }
                Err(full) => Some(full),
            });
        let mut yaml = self.job.to_yaml().map_err(|error| vec![error])?;
        if let Some(full) = tagged {
            let bare = words::bare(&full);
            self.note(format!(
                "image: {full} may become another image at any time: write {bare}@sha256:<digest>, as `skopeo inspect --format '{{{{.Digest}}}}' docker://{full}` tells it"
            ));
            yaml = format!("image: {full}\n{yaml}");
        }
        Ok(Converted {
            yaml,
            notes: self.notes,
        })
    }
}

/// Fields of a map, by their names.
fn fields<'a>(value: &'a Value, field: &str, draft: &mut Draft) -> Vec<(String, &'a Value)> {
    let map = match value {
        Value::Mapping(map) => map,
        Value::Null => return Vec::new(),
        _ => {
            draft.refuse(field, "is no map of names");
            return Vec::new();
        }
    };
    let named = map
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?.to_string(), value)));
    named.collect()
}
