//! What a job is, and what renter and node say to each other about it.
//!
//! No sockets and no engines: the command line, the node's processes and the tests speak by these types.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod again;
pub mod canonical;
pub mod check;
pub mod convert;
mod error;
mod file;
pub mod frame;
mod ids;
mod join;
mod mesh;
mod oci;
mod offer;
pub mod ray;
mod receipt;
pub mod sealed;
mod spec;
mod statement;
mod status;
pub mod template;
mod text;
mod validate;
pub mod wire;

pub use again::MAX_ATTEMPTS;
pub use error::SpecError;
pub use file::{
    Cpus, EnvOf, ImageOf, JobFile, PortOf, RayFile, RayNodeFile, Ready, Resolved, RestartOf,
    SecretOf, Share, Size, Source, Span,
};
pub use ids::{Binding, Hash, Key, ParseError, RunId};
pub use join::{Join, SignedJoin, MAX_JOINS, MAX_MEMBERS, MAX_RANKS, NO_RANK};
pub use mesh::{
    address_of, MeshFrame, MeshHello, MeshSpec, ALPN_MESH, ALPN_MESH_PRIVATE, MAX_MESH_HELLO_BYTES,
    MESH_NETWORK,
};
pub use oci::config_of as config_of_archive;
pub use offer::{Exceeds, Offer, MAX_OFFER_BYTES};
pub use ray::{RayNode, RaySpec};
pub use receipt::{Receipt, RECEIPT_BYTES, RECEIPT_PREFIX, RECEIPT_SLOTS};
pub use sealed::{Mirrors, Sealed};
pub use spec::{
    Image, Input, JobSpec, Kind, Platform, Port, Readiness, Resources, Restart, Secret,
    MAX_SPEC_BYTES,
};
pub use statement::{HostKey, Signed, Statement, STATEMENT_PREFIX};
pub use status::{Phase, Status, Step, Waiting, Why};
pub use text::{is_spec, read_file, read_spec};
pub use validate::{Warning, MAX_INPUTS, MAX_PORTS};
