//! The economics of IOG: every formula that programs, keeper and CLI share, once.
//!
//! Integers only. Amounts are base units (IO has 8 decimals, IOSD and USD 6), rates are basis points or Q64.64
//! (`_x64`), products are formed in `u128`, and nothing panics: what does not fit is an error. The
//! direction of every division stands beside it; it is against the caller and in favour of the vault.
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

pub mod auction;
pub mod breaker;
pub mod cluster;
pub mod credit;
pub mod emission;
pub mod error;
pub mod market;
pub mod matching;
pub mod net_emission;
pub mod oracle;
pub mod pricing;
pub mod quorum;
pub mod reputation;
pub mod reward;
pub mod score;
pub mod slots;
pub mod stake;
pub mod units;
pub mod vesting;

pub use error::{MathError, Result};
