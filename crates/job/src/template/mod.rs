//! Jobs that people expect, ready to be filled in: `iog job template`.
//!
//! Each is a folder of `templates/`, compiled in: `template.yaml` says what it is, `job.yaml` is the job with `{{name}}` where a value
//! goes, and the rest are files that the job takes along.

mod fill;
mod list;

pub use fill::{Filled, ImageChoice};

use crate::{error::SpecError, file::Size, text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A file of a template: its name, and what is in it.
pub type File = (&'static str, &'static str);

#[derive(Clone, Debug)]
pub struct Template {
    pub name: &'static str,
    pub header: Header,
    /// What the job takes along; `job.yaml` names them as inputs.
    pub files: &'static [File],
    job: &'static str,
}

/// `template.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// One line.
    pub about: String,
    #[serde(default)]
    pub image: Option<ImageHint>,
    #[serde(default)]
    pub needs: Needs,
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What each secret of the job is for.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Which commands order it and lead to its result or its port.
    pub steps: Vec<String>,
    /// What has been run of it, and where.
    pub tried: String,
}

/// Where an image is. It has no digest here: one that nobody looked up on the day would be an old image for ever. redteam C3
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageHint {
    /// `registry/name`.
    pub name: String,
    /// Under which its digest is looked up; no node reads one.
    pub tag: String,
    pub licence: String,
    pub source: String,
}

/// What the order should have at least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Needs {
    pub cards: u32,
    pub card_memory: Size,
    /// More than one works as one over the order's mesh.
    pub several: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: String,
    pub about: String,
    pub default: String,
    #[serde(default)]
    pub kind: Value,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    #[default]
    Text,
    /// A file or folder of this machine, relative to the job file.
    Path,
    Whole,
    Number,
    Size,
}

impl ImageHint {
    /// The commands that tell the digest.
    pub fn look_up(&self) -> [String; 2] {
        let tagged = format!("{}:{}", self.name, self.tag);
        [
            format!("skopeo inspect --format '{{{{.Digest}}}}' docker://{tagged}"),
            format!("docker buildx imagetools inspect {tagged}"),
        ]
    }
}

/// All of them, by name.
///
/// # Errors
/// None; a test reads them all.
pub fn templates() -> Result<Vec<Template>, SpecError> {
    list::TEMPLATES.iter().map(read).collect()
}

/// One by its name.
///
/// # Errors
/// There is none of this name; the error tells those there are.
pub fn template(name: &str) -> Result<Template, SpecError> {
    let found = list::TEMPLATES.iter().find(|written| written.name == name);
    found.map_or_else(
        || {
            let names: Vec<&str> = list::TEMPLATES.iter().map(|written| written.name).collect();
            let reason = format!(
                "there is no template `{name}`; there are {}",
                names.join(", ")
            );
            Err(SpecError::new("", reason))
        },
        read,
    )
}

fn read(written: &list::Written) -> Result<Template, SpecError> {
    Ok(Template {
        name: written.name,
        header: text::parse(written.header)?,
        files: written.files,
        job: written.job,
    })
}
