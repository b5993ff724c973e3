//! Jobs that attack their host, run by every engine. Each attack is shown to fail, and where that is cheap to work without a sandbox:
//! a test that cannot fail shows nothing.

#[path = "../support/mod.rs"]
mod support;

mod attack;
mod files;
mod host;
mod resources;
