//! Proof of work by a walk over VRAM: a device fills its memory with hashes, multiplies panels of it wave after wave in an order that all
//! waves before draw, and commits to the root of what it saw. One opening checks one entry with 1,024 hashes.
//!
//! This crate is the definition. Programs use it without default features for [`verify()`]; the prover of CPUs
//! is behind `prover`; kernels of GPUs are tested against it and against `vectors/`.
//!
//! # What the specification leaves open and how it is settled
//! See the README of the crate.
#![no_std]
// `target_os = "solana"` is the platform tools' own: other compilers do not know it.
#![allow(unexpected_cfgs)]
#![deny(
    missing_docs,
    unsafe_code,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::panic,
    clippy::unwrap_used
)]

#[cfg(feature = "prover")]
extern crate std;

mod chain;
#[cfg(feature = "prover")]
pub mod prover;
mod shape;
mod verify;
pub mod walk;

pub use chain::Chain;
#[cfg(feature = "prover")]
pub use prover::{
    available_memory, Cpu, CpuProver, Engine, Progress, ProverError, Record, Replay, Walker,
};
pub use shape::{Shape, ShapeError, MAX_OPENING_LEN};
pub use verify::{verify, OpeningError};
pub use walk::{card_seed, challenge, challenge_distance, pick, seed, Pick};

/// A node of a Merkle tree: the first 16 bytes of a SHA-256 that is keyed.
pub type Node = [u8; NODE_LEN];

/// Bytes of a node.
pub const NODE_LEN: usize = 16;
/// Openings of one proof. Who makes up a share e of the work passes with (1-e)^8.
pub const K_OPENINGS: u32 = 8;
/// Most tiles of a wave.
pub const MAX_TILES: u32 = 1 << 20;
/// Most waves of a walk.
pub const MAX_WAVES: u32 = 1 << 17;
/// Most cards that walk together.
pub const MAX_CARDS: u32 = 8;
/// Tiles whose nodes a device joins before it hands them out: an opening computes so many of them again.
pub const GROUP_TILES: u32 = 16;
/// Rows of a panel, and so the side of a tile.
pub const PANEL_ROWS: u32 = 32;
/// Blocks of a row.
pub const ROW_BLOCKS: u32 = 16;
/// Bytes of a block: one SHA-256.
pub const BLOCK_LEN: usize = 32;
/// Bytes, and elements, of a row.
pub const ROW_LEN: usize = 512;
/// Bytes of a tile.
pub const TILE_LEN: usize = 1024;
/// Bytes of one leaf of a tile: four of its 32 rows.
pub const LEAF_LEN: usize = 128;
/// Siblings between a leaf of a tile and its root.
pub const TILE_LEVELS: usize = 3;
