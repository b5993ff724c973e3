//! The registry: who supplies what, and the proof of work.

mod accounts;
mod borrowed;
mod borrowed_proofs;
mod cards;
mod catalog;
mod challenges;
mod devices;
mod errors;
mod measuring;
mod openings;
mod proof;
mod quantity;
mod replays;
mod roles;
mod security;
mod signs;
mod streaks;
mod under_way;
mod windows;
mod works;
