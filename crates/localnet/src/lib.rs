//! The network that tests, the demo and `cargo xtask demo` run on: an embedded, offline Surfpool with IOG's needs on top.
//!
//! [`LocalNet::start`] serves Solana's JSON RPC and WebSocket on loopback from inside the process. The crate knows nothing of
//! IOG's instructions: it puts programs, tokens, prices and accounts in place and moves time; the caller initialises IOG.
//!
//! ```no_run
//! use iog_localnet::{Config, LocalNet};
//!
//! let mut net = LocalNet::start(Config::default())?;
//! println!("solana -u {} block-height", net.rpc_url());
//! net.advance_secs(3_600)?; // an hour of chain time, at once
//! net.stop()?;
//! # Ok::<(), iog_localnet::LocalNetError>(())
//! ```
//!
//! Every call is synchronous, short, and may be made from inside or outside an async runtime of any kind.
//!
//! # What the chain does
//!
//! Facts of surfpool-core 1.6.1 and litesvm 0.16.0, held by `tests/network.rs`:
//!
//! - **Start.** The first slot is 31, in epoch 0 of 432,000 slots. The clock starts at the machine's time or at
//!   [`Config::start_unix_ts`].
//! - **Blocks.** A block every [`Config::block_interval`] of real time, which moves the chain's clock by [`Config::slot_time`].
//!   Transactions run when they arrive; the next block confirms them and 31 blocks finalize them. With no block interval only
//!   this crate's calls make blocks, so a client that waits for `confirmed` waits for ever.
//! - **Clock.** `unix_timestamp` is the whole seconds of a millisecond counter that every block moves by the slot time.
//!   `epoch_start_timestamp` and `leader_schedule_epoch` stay 0.
//! - **SlotHashes.** Every block adds one entry; 512 are kept. The newest entry is the *current* slot, one newer than on a real
//!   cluster, where the current slot has no hash yet: code that asks for `Clock.slot - 1` or older is right on both.
//!   Hashes differ from block to block but are a counter in base58 (`SURFNETxSAFEHASH…`), hence predictable: hash them before use.
//!   They are the blockhashes of `getLatestBlockhash`. `getBlock` of an empty slot invents another hash: read the sysvar.
//! - **Time travel.** Surfpool's own `surfnet_timeTravel` moves slot and time but makes one block only, so the slots just
//!   before the target have no hash. [`LocalNet::warp_to_timestamp`] and its sisters skip most slots, as an outage of a cluster
//!   would, and then make [`RECENT_BLOCKS`] real blocks that end at the target: the newest 512 slots all have hashes,
//!   and blockhashes from before the jump have expired.
//! - **Programs.** SPL Token is p-token, Token-2022 is 11.0.0, with Associated Token Account, Memo, Address Lookup Table and Stake.
//!   Features are mainnet's of August 2026, in which SBPF v0 to v3 run.
//! - **Fees.** 5,000 lamports a signature plus the priority fee, as on mainnet.
//!   `getRecentPrioritizationFees` walks every transaction since the start, so ask it rarely on a long run.
//!
//! Without the feature `surfpool` only [`pyth`] remains, for tests that bring their own SVM.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod pyth;

#[cfg(feature = "surfpool")]
mod accounts;
#[cfg(feature = "surfpool")]
mod config;
#[cfg(feature = "surfpool")]
mod error;
#[cfg(feature = "surfpool")]
mod events;
#[cfg(feature = "surfpool")]
mod net;
#[cfg(feature = "surfpool")]
mod time;
#[cfg(feature = "surfpool")]
mod tokens;
#[cfg(feature = "surfpool")]
mod worker;

#[cfg(feature = "surfpool")]
pub use {
    accounts::program_data_address, config::Config, error::LocalNetError, net::LocalNet,
    time::RECENT_BLOCKS, tokens::associated_token_address,
};
