//! The network's main job, once, on real components: an embedded network with the built programs, keepers with their own keys
//! and state, a job that really runs. Every amount that the story tells is checked against the formulas at the end.

mod actors;
mod credit;
mod emission;
mod ending;
mod job;
mod laws;
mod lease;
mod market;
mod processes;
mod settlement;
mod story;
mod summary;
mod supply;

pub use story::{run, Options};
pub use summary::Summary;
