//! The treasury.

mod refusals;
mod works;
