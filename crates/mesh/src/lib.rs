//! The network of an order's machines.
//!
//! Each lease has a TUN device in its own network. A [`Hub`] moves packets between the devices of this machine's leases and, as datagrams of
//! the link, those of their fellows. It needs no right but the open device.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod address;
mod hub;
mod piece;
mod tun;

pub use address::{ends_of, peers, rank_of, DEVICE, MASTER_PORT, MTU, PREFIX};
pub use hub::{Device, Fellow, Hub, MeshId, Part};
pub use iog_job::address_of;
