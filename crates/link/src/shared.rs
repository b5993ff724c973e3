//! What an endpoint's tasks share: who is connected, and who was refused.

use crate::{
    connection::{close, code, next, path_of},
    gate::{why, Gate, Refusals},
    limits::{self, Pace, Paces, Source},
    meter::{Meter, PeerMeter},
};
use iog_job::Key;
use iroh::endpoint::{Connection, PathEvent, WeakConnectionHandle};
use std::{
    collections::HashMap,
    fmt,
    sync::{
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        Arc, Mutex, PoisonError,
    },
    time::Instant,
};

pub(crate) struct Shared {
    pub gate: Arc<dyn Gate>,
    pub meter: Meter,
    pub refusals: Refusals,
    /// Renters and fellow devices: neither takes the other's places.
    pub renters: Lane,
    pub members: Lane,
    open: Mutex<HashMap<usize, Open>>,
    serial: AtomicU64,
}

/// Who is on the way to be admitted. redteam L4
#[derive(Default)]
pub(crate) struct Lane {
    paces: Mutex<Paces>,
    /// Handshakes that are under way, of strangers and of keys that are known.
    pub strangers: AtomicUsize,
    pub known: AtomicUsize,
}

impl Lane {
    pub fn pace(&self, source: Source) -> Pace {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.attempt(source, Instant::now())
    }
}

struct Open {
    conn: WeakConnectionHandle,
    peer: Key,
    engineer: Key,
    /// Whether the peer came to us.
    came: bool,
    /// Of a mesh.
    member: bool,
    serial: u64,
    path_changes: Arc<AtomicU64>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl Shared {
    pub fn new(gate: Arc<dyn Gate>) -> Self {
        Self {
            gate,
            meter: Meter::default(),
            refusals: Refusals::default(),
            renters: Lane::default(),
            members: Lane::default(),
            open: Mutex::default(),
            serial: AtomicU64::new(0),
        }
    }

    pub fn refuse(&self, peer: &Key, why: &'static str) {
        self.refusals.count(why);
        self.gate.refused(peer, why);
    }

    /// Notes a connection until it ends. One key has few: the oldest makes room. redteam L4
    pub fn enter(self: &Arc<Self>, conn: &Connection, peer: Key, engineer: Key, came: bool) {
        self.note(conn, (peer, engineer), came, false);
    }

    /// The same of a fellow device's.
    pub fn enter_member(self: &Arc<Self>, conn: &Connection, peer: Key, came: bool) {
        self.note(conn, (peer, peer), came, true);
    }

    fn note(
        self: &Arc<Self>,
        conn: &Connection,
        (peer, engineer): (Key, Key),
        came: bool,
        member: bool,
    ) {
        let most = if member {
            limits::PER_MEMBER
        } else {
            limits::PER_KEY
        };
        let path_changes = Arc::new(AtomicU64::new(0));
        let entry = Open {
            conn: conn.weak_handle(),
            peer,
            engineer,
            came,
            member,
            serial: self.serial.fetch_add(1, Relaxed),
            path_changes: Arc::clone(&path_changes),
        };
        let crowd = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let mut same: Vec<_> = open
                .iter()
                .filter(|(_, other)| came && other.came && other.peer == peer)
                .filter(|(_, other)| other.member == member)
                .map(|(id, other)| (other.serial, *id))
                .collect();
            same.sort_unstable();
            let room = same.len().saturating_sub(most.saturating_sub(1));
            let oldest = same.iter().take(room);
            let crowd: Vec<_> = oldest.filter_map(|(_, id)| open.remove(id)).collect();
            open.insert(conn.stable_id(), entry);
            crowd
        };
        for old in crowd {
            self.end(&old, code::REPLACED, why::REPLACED);
        }
        let (shared, id) = (Arc::clone(self), conn.stable_id());
        let mut events = conn.path_events();
        // The events end with the connection, and hold nothing of it.
        tokio::spawn(async move {
            while let Some(event) = next(&mut events).await {
                if matches!(event, PathEvent::Selected { .. }) {
                    path_changes.fetch_add(1, Relaxed);
                }
            }
            let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.remove(&id);
        });
    }

    /// Other keys that are connected with a ticket of `engineer`.
    pub fn ticket_holders(&self, engineer: &Key, but: &Key) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut holders: Vec<_> = open
            .values()
            .filter(|other| other.engineer == *engineer && other.peer != *engineer)
            .filter(|other| other.peer != *but)
            .map(|other| other.peer)
            .collect();
        holders.sort_unstable();
        holders.dedup();
        holders.len()
    }

    /// Ends the connections of those who are admitted no more.
    pub fn recheck(&self) {
        let gone: Vec<_> = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let admitted = |other: &Open| match other.member {
                true => self.gate.admits_member(&other.peer),
                false => !other.came || self.gate.admits(&other.engineer),
            };
            let gone = open.extract_if(|_, other| !admitted(other));
            gone.map(|(_, other)| other).collect()
        };
        for old in gone {
            self.end(&old, code::NO_MORE, why::NO_MORE);
        }
    }

    /// Ends all connections.
    pub fn end_all(&self, reason: &'static str) {
        let all: Vec<_> = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.drain().map(|(_, other)| other).collect()
        };
        for other in all {
            if let Some(conn) = other.conn.upgrade() {
                close(&conn, code::DONE, reason);
            }
        }
    }

    fn end(&self, old: &Open, code: u32, reason: &'static str) {
        if let Some(conn) = old.conn.upgrade() {
            close(&conn, code, reason);
            self.refuse(&old.peer, reason);
        }
    }

    pub fn peers(&self) -> Vec<PeerMeter> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut peers: Vec<_> = open
            .values()
            .filter_map(|other| {
                let conn = other.conn.upgrade()?;
                let stats = conn.stats();
                Some(PeerMeter {
                    peer: other.peer,
                    engineer: other.engineer,
                    member: other.member,
                    path: path_of(&conn),
                    // The first choice is no change.
                    path_changes: other.path_changes.load(Relaxed).saturating_sub(1),
                    sent: stats.udp_tx.bytes,
                    received: stats.udp_rx.bytes,
                })
            })
            .collect();
        peers.sort_by_key(|peer| peer.peer);
        peers
    }
}
