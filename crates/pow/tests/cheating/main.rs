//! Provers that do less than they should, each held to three standard deviations of the rate that the specification promises; the
//! same provers against verifiers with a fault, to show that the tests would notice it; and tries to break the definition in small.
//!
//! Everything is seeded, and built from the slow reference in `common`; openings are judged by the crate's verifier.

#[path = "../common/mod.rs"]
mod common;

mod blocked;
mod cards;
mod doubts;
mod entries;
mod evenness;
mod links;
mod lockstep;
mod rates;
mod reuse;
mod rules;
mod steering;
