//! The network of an order's machines: what a specification may ask of it, and what is said on its connections.

use crate::{
    ids::{Binding, Key},
    join::MAX_RANKS,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// The link's protocol between fellow devices, as ALPN: packets of the mesh as datagrams.
pub const ALPN_MESH: &[u8] = b"iog/mesh/1";
/// The same at a constant rate and in constant sizes.
pub const ALPN_MESH_PRIVATE: &[u8] = b"iog/mesh/private/1";
/// Largest [`MeshHello`].
pub const MAX_MESH_HELLO_BYTES: usize = 2 << 10;
/// 10.77.0.0/16, in every mesh: each lease has a network of its own.
pub const MESH_NETWORK: u32 = 0x0a4d_0000;

/// 10.77.0.1 is rank 0; none above [`MAX_RANKS`].
pub fn address_of(rank: u16) -> Option<Ipv4Addr> {
    let host = u32::from(rank).checked_add(1)?;
    (rank < MAX_RANKS).then(|| Ipv4Addr::from(MESH_NETWORK | host))
}

/// What a job asks of its mesh. All orders that join one mesh must ask the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeshSpec {
    /// Constant sizes at a constant rate, all the time and whether there is something to send or not. redteam mesh M7
    pub private: bool,
}

/// The first message of a connection between devices, from who dials; an [`crate::wire::Answer`] follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeshHello {
    /// The order that the mesh is of.
    pub root: Key,
    pub root_created_ts: i64,
    /// A lease of the dialler's in it.
    pub binding: Binding,
}

/// What job side and link side say to each other of the devices of leases, on a connection whose first message is `"mesh"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeshFrame {
    /// The open device of a lease goes with this message: job side to link side, and back where the job side was started anew.
    Device {
        binding: Binding,
        attempt: u32,
        rank: u16,
        private: bool,
    },
    /// From the job side: the lease's network is gone.
    Gone { binding: Binding },
    /// From the link side, once: it has said all that it has.
    Told,
}
