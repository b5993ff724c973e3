//! From a template to a job file.

use super::{Parameter, Template, Value};
use crate::{
    error::SpecError,
    file::{ImageOf, JobFile, Size},
    ids::Hash,
};
use std::{collections::BTreeMap, path::Path};

/// Stands for the whole line of the image.
const IMAGE_LINE: &str = "image: {{image}}\n";

/// Which image the job gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageChoice {
    /// `registry/name@sha256:<digest>`.
    Pull(String),
    /// A file that travels with the job.
    Archive(String),
    /// None: the operator's own, or the host's programs.
    None,
}

/// A job file made of a template.
#[derive(Clone, Debug)]
pub struct Filled {
    /// With the template's comments.
    pub yaml: String,
    pub job: JobFile,
}

impl Template {
    /// Puts values where the template has names. What is not given has its default; paths are relative to `folder`.
    ///
    /// # Errors
    /// An image that is missing or has no digest, a name that the template has not, a value of another kind: all before a file is written.
    pub fn fill(
        &self,
        image: Option<&ImageChoice>,
        values: &BTreeMap<String, String>,
        folder: &Path,
    ) -> Result<Filled, SpecError> {
        self.known(values)?;
        let mut yaml = self.with_image(image)?;
        for parameter in &self.header.parameters {
            let value = values.get(&parameter.name).unwrap_or(&parameter.default);
            let written = parameter.written(value)?;
            yaml = yaml.replace(&format!("{{{{{}}}}}", parameter.name), &written);
        }
        let job = JobFile::parse(&yaml, folder)?;
        sound(&job)?;
        Ok(Filled { yaml, job })
    }

    fn known(&self, values: &BTreeMap<String, String>) -> Result<(), SpecError> {
        let parameters = &self.header.parameters;
        let strange = values
            .keys()
            .find(|name| !parameters.iter().any(|one| one.name == **name));
        let Some(name) = strange else { return Ok(()) };
        let names: Vec<&str> = parameters.iter().map(|one| one.name.as_str()).collect();
        let there = match names.is_empty() {
            true => "it has none".into(),
            false => format!("it has {}", names.join(", ")),
        };
        let reason = format!("the template {} has no such parameter; {there}", self.name);
        Err(SpecError::new(name.clone(), reason))
    }

    /// redteam C3: an image is named by its digest; nobody fills one in that was not looked up.
    fn with_image(&self, image: Option<&ImageChoice>) -> Result<String, SpecError> {
        let line = match (image, &self.header.image) {
            (Some(ImageChoice::Pull(text)), _) => {
                serde_yaml::from_value::<ImageOf>(text.as_str().into())
                    .map_err(|error| SpecError::new("image", error.to_string()))?;
                format!("image: {}\n", quoted(text)?)
            }
            (Some(ImageChoice::Archive(file)), _) => {
                format!("image: {{archive: {}}}\n", quoted(file)?)
            }
            (Some(ImageChoice::None), _) | (None, None) => String::new(),
            (None, Some(hint)) => {
                let reason = format!(
                    "{} is named by its digest, which changes with each release and has to be looked up: `{}`, or `{}`; then give --image {}@sha256:<digest>; or --archive FILE, or --no-image for devices that have its programs themselves",
                    hint.name,
                    hint.look_up()[0],
                    hint.look_up()[1],
                    hint.name,
                );
                return Err(SpecError::new("image", reason));
            }
        };
        Ok(self.job.replacen(IMAGE_LINE, &line, 1))
    }
}

impl Parameter {
    /// As it stands in the job file: a text between the quotes that are there, anything else as it is.
    fn written(&self, value: &str) -> Result<String, SpecError> {
        let refuse = |reason: String| Err(SpecError::new(self.name.clone(), reason));
        match self.kind {
            Value::Text | Value::Path => {
                let quoted = quoted(value)?;
                let inner = quoted
                    .strip_prefix('"')
                    .and_then(|text| text.strip_suffix('"'));
                // A value that looks like a name in braces is none.
                Ok(inner.unwrap_or_default().replace("{{", "\\u007b\\u007b"))
            }
            Value::Whole if value.parse::<u32>().is_err() => {
                refuse(format!("`{value}` is no whole number"))
            }
            Value::Number if !is_number(value) => {
                refuse(format!("`{value}` is no number: write 0.001, or 1e-4"))
            }
            Value::Size => match value.parse::<Size>() {
                Ok(_) => Ok(value.into()),
                Err(reason) => refuse(reason),
            },
            Value::Whole | Value::Number => Ok(value.into()),
        }
    }
}

fn is_number(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|c| c.is_ascii_digit() || b".e+-".contains(&c));
    plain && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// As JSON and YAML write a text.
fn quoted(text: &str) -> Result<String, SpecError> {
    serde_json::to_string(text).map_err(|error| SpecError::new("", error.to_string()))
}

/// All that can be checked before the job's files are there.
fn sound(job: &JobFile) -> Result<(), SpecError> {
    let mut bare = job.clone();
    bare.inputs.clear();
    if matches!(bare.image, Some(ImageOf::Archive(_))) {
        bare.image = None;
    }
    bare.resolve(Hash([1; 32])).map(|_| ())
}
