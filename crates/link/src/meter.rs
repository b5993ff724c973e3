//! Bytes by lease, and the paths that they take.

use iog_job::{Binding, Key};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    net::SocketAddr,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Mutex, PoisonError,
    },
};

/// How packets travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    Direct(SocketAddr),
    /// The relay's URL.
    Relay(String),
    /// None is chosen yet, or the connection is over.
    None,
}

/// The path that a connection uses at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    pub via: Via,
    pub rtt_micros: u64,
}

impl Path {
    pub fn is_direct(&self) -> bool {
        matches!(self.via, Via::Direct(_))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.via {
            Via::Direct(addr) => write!(f, "direct to {addr}"),
            Via::Relay(url) => write!(f, "by relay {url}"),
            Via::None => f.write_str("by no path yet"),
        }
    }
}

/// What one lease has cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseMeter {
    pub binding: Binding,
    /// Bytes of streams, without what packets add.
    pub sent: u64,
    pub received: u64,
    pub streams: u64,
    pub open_streams: u64,
    /// Bytes of packets of the lease's mesh.
    #[serde(default)]
    pub mesh_sent: u64,
    #[serde(default)]
    pub mesh_received: u64,
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerMeter {
    pub peer: Key,
    pub engineer: Key,
    /// A fellow device of a mesh, no renter.
    #[serde(default)]
    pub member: bool,
    pub path: Path,
    /// How often the chosen path became another one.
    pub path_changes: u64,
    /// Bytes of packets.
    pub sent: u64,
    pub received: u64,
}

/// All that an endpoint has counted since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterSnapshot {
    pub leases: Vec<LeaseMeter>,
    pub peers: Vec<PeerMeter>,
    pub refused: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub sent: AtomicU64,
    pub received: AtomicU64,
    pub streams: AtomicU64,
    pub open_streams: AtomicU64,
    pub mesh_sent: AtomicU64,
    pub mesh_received: AtomicU64,
}

impl Counters {
    pub fn opened(&self) {
        self.streams.fetch_add(1, Relaxed);
        self.open_streams.fetch_add(1, Relaxed);
    }

    pub fn closed(&self) {
        self.open_streams.fetch_sub(1, Relaxed);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<HashMap<Binding, Arc<Counters>>>);

impl Meter {
    pub fn of(&self, binding: &Binding) -> Arc<Counters> {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(leases.entry(*binding).or_default())
    }

    pub fn forget(&self, binding: &Binding) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leases.remove(binding);
    }

    pub fn snapshot(&self) -> Vec<LeaseMeter> {
        let leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = leases
            .iter()
            .map(|(binding, counters)| LeaseMeter {
                binding: *binding,
                sent: counters.sent.load(Relaxed),
                received: counters.received.load(Relaxed),
                streams: counters.streams.load(Relaxed),
                open_streams: counters.open_streams.load(Relaxed),
                mesh_sent: counters.mesh_sent.load(Relaxed),
                mesh_received: counters.mesh_received.load(Relaxed),
            })
            .collect();
        all.sort_by_key(|lease| (lease.binding.lease, lease.binding.matched_ts));
        all
    }
}
