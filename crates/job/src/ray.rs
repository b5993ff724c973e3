//! A Ray cluster over an order's mesh: what the job says of it, and what every part of it agrees on.

use crate::spec::{JobSpec, Kind, Port, Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The secret that Ray's own token is: a file of this name, in no environment. redteam mesh M7
pub const TOKEN: &str = "RAY_AUTH_TOKEN";
/// Dashboard and Jobs API, on the head.
pub const DASHBOARD_PORT: u16 = 8_265;
/// Ray Client (`ray://`), on the head.
pub const CLIENT_PORT: u16 = 10_001;
/// Of the head's control store, by which the others find it.
pub const HEAD_PORT: u16 = 6_379;
/// Of each node's raylet.
pub const NODE_MANAGER_PORT: u16 = 7_100;
/// Nodes of one cluster: as many as a mesh has members. redteam mesh M6
pub const MAX_NODES: u16 = 64;

/// A cluster: the head is rank 0 of the mesh, everybody else is a worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RaySpec {
    /// Nodes, the head among them, that must be there before the command is submitted. 0: all that the order has.
    pub min_nodes: u16,
    pub head: RayNode,
    pub worker: RayNode,
}

/// What a node tells Ray that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RayNode {
    /// Processors to count; none: the lease's. 0 on the head keeps tasks away from it.
    pub cpus: Option<u32>,
    /// 0: four fifths of the job's shared memory.
    pub object_store_bytes: u64,
    /// The job's own kinds of resources, by name.
    pub resources: BTreeMap<String, u32>,
}

/// Adds what every cluster has and nobody writes: the ports of its head and the name of its token.
pub fn complete(spec: &mut JobSpec) {
    if spec.kind != Kind::Ray {
        return;
    }
    for (port, name) in [(DASHBOARD_PORT, "dashboard"), (CLIENT_PORT, "client")] {
        if !spec.ports.iter().any(|named| named.port == port) {
            let name = Some(name.into());
            spec.ports.push(Port { port, name });
        }
    }
    if !spec.secrets.iter().any(|secret| secret.name == TOKEN) {
        spec.secrets.push(Secret {
            name: TOKEN.into(),
            env: None,
        });
    }
}
