//! Templates of `iog job template` that need no card, run by the engine `sandbox`, alone and on two machines that share a network.

#[path = "../support/mod.rs"]
mod support;

mod full;
mod machines;
mod search;
mod shards;
mod training;
