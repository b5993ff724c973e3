//! Tests of the built programs: [`World`] is a chain in one process with the programs of `target/deploy`, a clock that
//! moves only when told, and the network's first hour prepared.
//!
//! Build the programs first: `cargo xtask build`. Nothing here links a program: instructions, accounts, events and
//! errors come from `iog_client`, so what is tested is what a client sees.

pub mod cases;
pub mod costs;
pub mod dice;
mod forge;
pub mod reference;
pub mod swaps;
pub mod sweep;
pub mod world;

pub use cases::{refusal, Case};
pub use dice::Dice;
pub use world::{Code, Failure, Meta, Outcome, Supplier, World};
