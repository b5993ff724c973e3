//! The token program.

mod accounts;
mod errors;
mod setup;
mod works;
