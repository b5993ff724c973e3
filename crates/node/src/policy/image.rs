//! Which images may run.

use iog_job::{Hash, Offer};
use serde::{de, Deserialize, Deserializer};
use std::str::FromStr;

/// An image by its configuration's digest, or the place that it is pulled from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageName {
    Config(Hash),
    Reference(String),
    /// Every reference that begins so: `registry.example.com/team/*`.
    Under(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Images {
    /// None named: all. A job without an image runs in the operator's own and is allowed.
    pub allow: Vec<ImageName>,
    pub deny: Vec<ImageName>,
}

impl FromStr for ImageName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(digest) = text.strip_prefix("sha256:") {
            return digest
                .parse()
                .map(Self::Config)
                .map_err(|error: iog_job::ParseError| error.to_string());
        }
        let (name, under) = match text.strip_suffix('*') {
            Some(name) => (name, true),
            None => (text, false),
        };
        let sound = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
        if name.is_empty() || !name.chars().all(sound) {
            return Err(format!(
                "`{text}` names no image: sha256:<the configuration's digest>, registry/name, or registry/folder/*"
            ));
        }
        Ok(match under {
            true => Self::Under(name.into()),
            false => Self::Reference(name.into()),
        })
    }
}

impl<'de> Deserialize<'de> for ImageName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl ImageName {
    fn is(&self, config: &Hash, reference: Option<&str>) -> bool {
        match self {
            Self::Config(own) => own == config,
            Self::Reference(own) => reference == Some(own),
            Self::Under(own) => reference.is_some_and(|reference| reference.starts_with(own)),
        }
    }
}

impl Images {
    pub(super) fn refuses(&self, offer: &Offer) -> Option<String> {
        let config = offer.image?;
        let named = |names: &[ImageName]| {
            let reference = offer.reference.as_deref();
            names.iter().any(|name| name.is(&config, reference))
        };
        let allowed = self.allow.is_empty() || named(&self.allow);
        (!allowed || named(&self.deny))
            .then(|| format!("the operator does not allow the image {config}"))
    }
}
