//! Which protocol a peer comes for, known before its handshake.

use crate::{
    endpoint::{mesh_transport, transport},
    shared::{Lane, Shared},
};
use iog_job::{wire::ALPN_TICKET, ALPN_MESH, ALPN_MESH_PRIVATE};
use iroh::{
    endpoint::{Incoming, QuicTransportConfig, ServerConfig, VarInt},
    Endpoint,
};
use std::sync::Arc;

/// What a connection may have under way before its ticket was read.
const TICKET_WINDOW: u32 = 2_048;

/// What who comes has said that it speaks; anybody may say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Renter,
    Ticket,
    Mesh,
    MeshPrivate,
}

impl Wants {
    pub fn of(incoming: &Incoming) -> Self {
        let initial = incoming.decrypt();
        let Some(names) = initial.as_ref().and_then(|initial| initial.alpns()) else {
            return Self::Renter;
        };
        let mut wants = Self::Renter;
        for name in names.flatten() {
            match name {
                name if name == ALPN_TICKET => return Self::Ticket,
                name if name == ALPN_MESH => wants = Self::Mesh,
                name if name == ALPN_MESH_PRIVATE => wants = Self::MeshPrivate,
                _ => {}
            }
        }
        wants
    }

    pub fn is_member(self) -> bool {
        matches!(self, Self::Mesh | Self::MeshPrivate)
    }

    pub fn lane(self) -> fn(&Shared) -> &Lane {
        match self.is_member() {
            true => |shared| &shared.members,
            false => |shared| &shared.renters,
        }
    }
}

/// Each protocol has its own limits, and a connection speaks that alone for which it was taken.
pub(crate) struct Configs {
    ticket: Arc<ServerConfig>,
    mesh: Arc<ServerConfig>,
    mesh_private: Arc<ServerConfig>,
}

impl Configs {
    pub fn of(endpoint: &Endpoint) -> Self {
        let with = |alpn: &[u8], transport: QuicTransportConfig| {
            let builder = endpoint.create_server_config_builder(vec![alpn.to_vec()]);
            Arc::new(builder.set_transport_config(transport).build())
        };
        let little = transport()
            .receive_window(VarInt::from_u32(TICKET_WINDOW))
            .max_concurrent_bidi_streams(VarInt::from_u32(1))
            .build();
        Self {
            ticket: with(ALPN_TICKET, little),
            mesh: with(ALPN_MESH, mesh_transport(false)),
            mesh_private: with(ALPN_MESH_PRIVATE, mesh_transport(true)),
        }
    }

    pub fn of_wants(&self, wants: Wants) -> Option<Arc<ServerConfig>> {
        match wants {
            Wants::Renter => None,
            Wants::Ticket => Some(Arc::clone(&self.ticket)),
            Wants::Mesh => Some(Arc::clone(&self.mesh)),
            Wants::MeshPrivate => Some(Arc::clone(&self.mesh_private)),
        }
    }
}
