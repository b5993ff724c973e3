//! The token program.

mod refusals;
mod works;
