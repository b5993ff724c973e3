//! `cargo xtask advisories`

use anyhow::Result;
use clap::Args;

use crate::deny;

/// Check dependencies against the RustSec advisory database
///
/// Apart from `test`, because the database is not on a package registry: this needs a network that reaches it.
#[derive(Args)]
pub struct Advisories {}

impl Advisories {
    pub fn run(self) -> Result<()> {
        deny::advisories()
    }
}
