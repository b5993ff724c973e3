//! The hardware catalogue.

use super::{Class, PlanError};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    classes: Vec<Class>,
}

/// The classes of `plans/catalog.toml`.
///
/// # Errors
/// None, unless the file in this crate was broken.
pub fn catalog() -> Result<Vec<Class>, PlanError> {
    let text = include_str!("../../plans/catalog.toml");
    let catalog: Catalog =
        toml::from_str(text).map_err(|error| PlanError::Toml(error.to_string()))?;
    Ok(catalog.classes)
}
