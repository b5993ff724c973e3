//! What a job is, and what renter and node say to each other about it.
//!
//! No sockets and no engines: the command line, the node's processes and the tests speak by these types.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod canonical;
pub mod frame;
mod ids;
mod offer;
mod spec;
mod statement;
mod status;
pub mod wire;

pub use ids::{Binding, Hash, Key, ParseError, RunId};
pub use offer::{Exceeds, Offer, MAX_OFFER_BYTES};
pub use spec::{
    Image, Input, JobSpec, Kind, Platform, Port, Readiness, Resources, Restart, Secret, SpecError,
    MAX_SPEC_BYTES,
};
pub use statement::{HostKey, Signed, Statement, STATEMENT_PREFIX};
pub use status::{Phase, Status, Step, Waiting, Why};
