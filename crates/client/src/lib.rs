//! Client of the programs: what to send, what they keep, what they log and why they refuse.
//!
//! The modules [`token`], [`registry`] and so on are generated from `idl/` by `cargo xtask idl`; addresses ([`pda`]), error texts
//! ([`errors`]) and log parsing ([`events`]) are written by hand. No program crate is linked.
//!
//! ```
//! use iog_client::{pda, registry};
//! # use solana_pubkey::Pubkey;
//! # let device_key = Pubkey::new_unique();
//! let beat = registry::instructions::Heartbeat {
//!     device_key,
//!     device: pda::registry::device(&device_key),
//! };
//! let instruction = beat.instruction();
//! assert_eq!(instruction.program_id, registry::ID);
//! ```
//!
//! Accounts with one fixed address (a program's config, system programs) are filled in; the others are fields. Each place in the
//! account list has a name, so a test can put a wrong account there: `ix.accounts[Heartbeat::DEVICE].pubkey = other`.

mod account;
pub mod errors;
pub mod events;
mod generated;
pub mod pda;
pub mod price_report;
pub mod receipt;

pub use account::{decode, encode, AccountData, DecodeError};
pub use generated::*;
