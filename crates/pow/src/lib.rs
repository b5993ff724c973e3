//! Proof of work by a walk over VRAM: a device fills its memory with hashes, multiplies panels of it in an order that the
//! results of the wave before draw, and commits to what it saw. One opening checks one entry with 256 hashes.
//!
//! This crate is the definition. Programs use it without default features for [`verify()`]; the prover of CPUs
//! is behind `prover`; kernels of GPUs are tested against it and against `vectors/`.
//!
//! # What the specification leaves open and how it is settled
//! See the README of the crate.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    missing_docs,
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

#[cfg(feature = "prover")]
pub mod prover;
mod shape;
mod verify;
pub mod walk;

#[cfg(feature = "prover")]
pub use prover::{available_memory, Cpu, CpuProver, Engine, Progress, Prover, ProverError, Walker};
pub use shape::{Shape, ShapeError, MAX_OPENING_LEN};
pub use verify::{verify, OpeningError};
pub use walk::{challenge, pick, seed, Pick};

/// Root of a Merkle tree: the first 20 bytes of a SHA-256.
pub type Root = [u8; ROOT_LEN];

/// Bytes of a root or of any node.
pub const ROOT_LEN: usize = 20;
/// Openings of one proof. Who skips a share e of the work passes with (1-e)^8.
pub const K_OPENINGS: u32 = 8;
/// Steps of a lane in one wave.
pub const STEPS: u32 = 8;
/// Most waves of a shape.
pub const MAX_WAVES: u32 = 24;
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
/// Bytes of one leaf of a tile: two of its 32 rows.
pub const LEAF_LEN: usize = 64;
/// Siblings between a leaf of a tile and its root.
pub const TILE_LEVELS: usize = 4;
