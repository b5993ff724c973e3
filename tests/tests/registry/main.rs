//! The registry: who supplies what, and the proof of work.

mod accounts;
mod attestor;
mod catalog;
mod devices;
mod errors;
mod openings;
mod proof;
mod replays;
mod windows;
mod works;
