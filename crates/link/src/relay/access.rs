//! Who may use a relay, and how much.

use super::{account::Account, config::RelayConfig, RelayError};
use crate::watch::DISPLACED;
use iog_job::Key;
use iroh::EndpointId;
use iroh_relay::server::{
    clients::Clients, Access as Verdict, AccessControl, ClientRequest, ConnectionId,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::Path,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Mutex, PoisonError, RwLock,
    },
};

/// Largest list of keys that is read: a million of them.
const MAX_LIST_BYTES: u64 = 64 << 20;
/// Accounts above which those without bytes today are forgotten.
const MANY: usize = 16_384;
/// Displaced processes of one key that are remembered.
const DISPLACED_MOST: usize = 16;

/// What a relay has done since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub clients: u64,
    pub received_bytes: u64,
    pub sent_bytes: u64,
    /// By reason.
    pub denied: BTreeMap<&'static str, u64>,
}

/// None: everybody.
type Allowed = Option<HashSet<[u8; 32]>>;

pub(crate) struct Access {
    config: RelayConfig,
    allowed: RwLock<Allowed>,
    keys: Mutex<HashMap<[u8; 32], Holder>>,
    clients: Clients,
    denied: Mutex<BTreeMap<&'static str, u64>>,
    pub received: AtomicU64,
    pub sent: AtomicU64,
}

/// One key and the processes that use it.
struct Holder {
    account: Arc<Account>,
    /// Which process has the key: what it shows as its token.
    token: String,
    displaced: Vec<String>,
    connections: Vec<ConnectionId>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

impl Access {
    pub fn new(config: &RelayConfig, clients: Clients) -> Result<Self, RelayError> {
        let allowed = match &config.allow {
            Some(path) => Some(read_list(path)?),
            None => None,
        };
        Ok(Self {
            config: config.clone(),
            allowed: RwLock::new(allowed),
            keys: Mutex::default(),
            clients,
            denied: Mutex::default(),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
        })
    }

    /// Takes a changed list; who is on it no more is disconnected.
    pub fn allow(&self, keys: HashSet<[u8; 32]>) {
        let gone: Vec<_> = {
            let holders = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            let gone = holders.keys().filter(|key| !keys.contains(*key));
            gone.copied().collect()
        };
        *self.allowed.write().unwrap_or_else(PoisonError::into_inner) = Some(keys);
        for key in gone {
            if let Ok(id) = EndpointId::from_bytes(&key) {
                self.clients.disconnect(id, None);
            }
        }
    }

    pub fn account(&self, key: &[u8; 32]) -> Option<Arc<Account>> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(key).map(|holder| Arc::clone(&holder.account))
    }

    pub fn counts(&self) -> Counts {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        Counts {
            clients: u64::try_from(connected(&keys)).unwrap_or(u64::MAX),
            received_bytes: self.received.load(Relaxed),
            sent_bytes: self.sent.load(Relaxed),
            denied: denied.clone(),
        }
    }

    fn deny(&self, counted: &'static str, reason: String) -> Verdict {
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        let count = denied.entry(counted).or_default();
        *count = count.saturating_add(1);
        Verdict::Deny {
            reason: Some(reason),
        }
    }

    fn decide(&self, request: &ClientRequest) -> Verdict {
        let key = *request.endpoint_id().as_bytes();
        {
            let allowed = self.allowed.read().unwrap_or_else(PoisonError::into_inner);
            if allowed
                .as_ref()
                .is_some_and(|allowed| !allowed.contains(&key))
            {
                let reason = "this key may not use this relay".to_string();
                return self.deny("not allowed", reason);
            }
        }
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if connected(&keys) >= self.config.max_clients {
            return self.deny("full", "the relay is full; use another one".into());
        }
        if keys.len() >= MANY {
            keys.retain(|_, holder| !holder.connections.is_empty() || !holder.account.is_idle());
        }
        let holder = keys.entry(key).or_insert_with(|| Holder {
            account: Arc::new(Account::new(
                self.config.bytes_per_second,
                self.config.bytes_per_day,
            )),
            token: String::new(),
            displaced: Vec::new(),
            connections: Vec::new(),
        });
        if !holder.account.has_room() {
            let reason = "this key has used up its bytes of the day; use another relay, or wait for 00:00 UTC";
            return self.deny("budget", reason.into());
        }
        match self.hand_over(request, holder) {
            Ok(()) => {
                holder.connections.push(request.connection_id());
                Verdict::Allow
            }
            Err(reason) => self.deny("displaced", reason),
        }
    }

    /// A key belongs to the process that came last. The one before is disconnected, and told so when it comes back. redteam L1
    fn hand_over(&self, request: &ClientRequest, holder: &mut Holder) -> Result<(), String> {
        let token = request.auth_token().unwrap_or_default();
        if holder.connections.is_empty() {
            holder.displaced.clear();
        } else if holder.token != token {
            if holder.displaced.contains(&token) {
                return Err(DISPLACED.to_string());
            }
            if holder.displaced.len() >= DISPLACED_MOST {
                holder.displaced.remove(0);
            }
            holder.displaced.push(std::mem::take(&mut holder.token));
            for old in holder.connections.drain(..) {
                self.clients.disconnect(request.endpoint_id(), Some(old));
            }
        }
        holder.token = token;
        Ok(())
    }
}

fn connected(keys: &HashMap<[u8; 32], Holder>) -> usize {
    keys.values().map(|holder| holder.connections.len()).sum()
}

impl AccessControl for Access {
    async fn on_connect(&self, request: &ClientRequest) -> Verdict {
        self.decide(request)
    }

    fn on_disconnect(&self, endpoint_id: EndpointId, connection_id: ConnectionId) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = keys.get_mut(endpoint_id.as_bytes()) {
            holder.connections.retain(|open| *open != connection_id);
        }
    }
}

/// One key a line, in base58.
pub(crate) fn read_list(path: &Path) -> Result<HashSet<[u8; 32]>, RelayError> {
    let file = |error| RelayError::File {
        path: path.display().to_string(),
        error,
    };
    if fs::metadata(path).map_err(file)?.len() > MAX_LIST_BYTES {
        return Err(file(std::io::Error::other("too large for a list of keys")));
    }
    let text = fs::read_to_string(path).map_err(file)?;
    let mut keys = HashSet::new();
    for (number, line) in text.lines().enumerate() {
        let bare = line.split('#').next().unwrap_or_default().trim();
        if bare.is_empty() {
            continue;
        }
        let key: Key = bare.parse().map_err(|error| {
            RelayError::Config(format!(
                "{}:{}: {error}",
                path.display(),
                number.saturating_add(1)
            ))
        })?;
        keys.insert(key.0);
    }
    Ok(keys)
}
