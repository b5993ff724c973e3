//! Encrypted connections between renters and devices, by key.
//!
//! An endpoint is an Ed25519 key: a lease's tunnel key, an order's engineer key, or a key with a [`Ticket`]. Peers find each other by
//! relays that the settings name, and by nothing else; then they speak directly where their networks let them. What is relayed is
//! encrypted between the two keys. Who may speak is the caller's to say, by a [`Gate`].

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod admit;
mod connection;
mod dial;
mod endpoint;
mod error;
mod gate;
mod hangup;
mod hear;
mod limits;
mod link;
mod member;
mod meter;
mod network;
mod pins;
#[cfg(feature = "relay")]
pub mod relay;
mod settings;
mod shared;
mod stream;
mod ticket;
mod wants;
mod watch;

pub use connection::Connection;
pub use error::LinkError;
pub use gate::{why, Closed, Gate};
pub use hangup::HangUp;
pub use link::{Link, RelayState};
pub use member::{Asked, MemberConnection, MeshMeter};
pub use meter::{LeaseMeter, MeterSnapshot, Path, PeerMeter, Via};
pub use network::{Network, NetworkError};
pub use pins::pin_of;
pub use settings::{RelayAddr, Settings, QUIC_PORT};
pub use stream::Stream;
pub use ticket::{SignedTicket, Ticket, TicketError, MAX_LEASES, MAX_LIFE_SECS};
