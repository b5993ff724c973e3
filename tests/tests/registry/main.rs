//! The registry: who supplies what, and the proof of work.

mod accounts;
mod errors;
mod openings;
mod proof;
mod works;
