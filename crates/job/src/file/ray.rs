//! The section `ray` of a job file.

use super::{none, Size};
use crate::ray::{RayNode, RaySpec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RayFile {
    /// Nodes that must be there before the command is submitted; all of the order unless given.
    #[serde(skip_serializing_if = "none")]
    pub min_nodes: u16,
    #[serde(skip_serializing_if = "none")]
    pub head: RayNodeFile,
    #[serde(skip_serializing_if = "none")]
    pub worker: RayNodeFile,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RayNodeFile {
    #[serde(skip_serializing_if = "none")]
    pub cpus: Option<u32>,
    #[serde(skip_serializing_if = "none")]
    pub object_store: Size,
    #[serde(skip_serializing_if = "none")]
    pub resources: BTreeMap<String, u32>,
}

impl RayFile {
    pub(super) fn spec(&self) -> RaySpec {
        let node = |node: &RayNodeFile| RayNode {
            cpus: node.cpus,
            object_store_bytes: node.object_store.0,
            resources: node.resources.clone(),
        };
        RaySpec {
            min_nodes: self.min_nodes,
            head: node(&self.head),
            worker: node(&self.worker),
        }
    }
}
