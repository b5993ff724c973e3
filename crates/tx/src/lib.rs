//! The one way in which keeper, CLI and demo send transactions.
//!
//! [`Sender::send`] simulates first, asks for a little more compute than the simulation used, pays a priority fee taken from
//! what the written accounts paid lately, sends, and polls until the transaction is confirmed. It signs again only when the
//! old transaction can no longer land: its blockhash has expired *and* its signature is nowhere on the chain. So a transaction
//! runs at most once per call, whatever fails.
//!
//! A caller that must survive its own restart uses the two halves: [`Sender::prepare`] returns a [`Prepared`] to write down,
//! [`Sender::submit`] sends it, and [`Sender::outcome`] tells after a restart what became of it.
//!
//! ```no_run
//! # async fn example(payer: &solana_keypair::Keypair, instructions: &[solana_instruction::Instruction]) -> Result<(), iog_tx::TxError> {
//! use iog_tx::{FeePolicy, Sender};
//! use solana_commitment_config::CommitmentConfig;
//!
//! let sender = Sender::new("http://127.0.0.1:8899", CommitmentConfig::confirmed(), FeePolicy::default());
//! let confirmed = sender.send(instructions, payer, &[]).await?;
//! println!("{}", confirmed.signature);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod confirm;
mod error;
mod fees;
mod keys;
mod message;
mod record;
mod reject;
mod sender;
mod shown;

pub use confirm::{Confirmed, Outcome};
pub use error::TxError;
pub use fees::FeePolicy;
pub use keys::{read_keypair_file, KeyError};
pub use message::{AnySigner, Prepared, Simulation};
pub use reject::{Explain, Rejection};
pub use sender::{Sender, Timing};
pub use shown::without_secrets;
