//! An endpoint: dials peers by their keys and takes those who are admitted.

use crate::{
    admit, connection::Connection, endpoint, gate::Gate, member::Asked, meter::MeterSnapshot,
    settings::Settings, shared::Shared, watch, LinkError,
};
use iog_job::{Binding, Key};
use iroh::{Endpoint, RelayUrl};
use std::{fmt, net::SocketAddr, sync::Arc};
use tokio::{
    sync::{mpsc, Mutex},
    task::JoinHandle,
};

/// Admitted connections that wait to be taken.
const WAITING: usize = 64;
pub use crate::watch::RelayState;

/// An endpoint with its key. Ends when it is dropped; [`Link::close`] tells the peers.
pub struct Link {
    pub(crate) endpoint: Endpoint,
    pub(crate) relays: Vec<RelayUrl>,
    pub(crate) shared: Arc<Shared>,
    accepted: Mutex<mpsc::Receiver<Connection>>,
    pub(crate) asked: Mutex<mpsc::Receiver<Asked>>,
    displaced: tokio::sync::watch::Receiver<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.id())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Link {
    /// Binds the endpoint of the Ed25519 key with this seed. Contacts its relays and nobody else.
    ///
    /// # Errors
    /// If the settings are wrong or no socket can be bound.
    pub async fn bind(
        seed: &[u8; 32],
        settings: &Settings,
        gate: Arc<dyn Gate>,
    ) -> Result<Self, LinkError> {
        let (endpoint, relays) = endpoint::bind(seed, settings).await?;
        Ok(Self::start(endpoint, relays, gate))
    }

    fn start(endpoint: Endpoint, relays: Vec<RelayUrl>, gate: Arc<dyn Gate>) -> Self {
        let shared = Arc::new(Shared::new(gate));
        let (to, accepted) = mpsc::channel(WAITING);
        let (to_mesh, asked) = mpsc::channel(WAITING);
        let (tell, displaced) = tokio::sync::watch::channel(false);
        let takes = admit::run(endpoint.clone(), Arc::clone(&shared), to, to_mesh);
        let rechecks = watch::recheck(Arc::clone(&shared));
        let watches = watch::relays(endpoint.clone(), relays.len(), Arc::clone(&shared), tell);
        Self {
            tasks: vec![
                tokio::spawn(takes),
                tokio::spawn(rechecks),
                tokio::spawn(watches),
            ],
            endpoint,
            relays,
            shared,
            accepted: Mutex::new(accepted),
            asked: Mutex::new(asked),
            displaced,
        }
    }

    /// Its public key.
    pub fn id(&self) -> Key {
        Key(*self.endpoint.id().as_bytes())
    }

    /// The next peer that is admitted. None when the endpoint is over.
    pub async fn accept(&self) -> Option<Connection> {
        self.accepted.lock().await.recv().await
    }

    /// Ends the connections of those whom the gate admits no more; also done every second.
    pub fn recheck(&self) {
        self.shared.recheck();
    }

    pub fn meter(&self) -> MeterSnapshot {
        MeterSnapshot {
            leases: self.shared.meter.snapshot(),
            peers: self.shared.peers(),
            refused: self.shared.refusals.snapshot(),
        }
    }

    /// Forgets what a lease has cost, when it is over.
    pub fn forget(&self, binding: &Binding) {
        self.shared.meter.forget(binding);
    }

    /// The relay under which this endpoint is found, with its state; first the state, then the other relays of the settings.
    pub fn relays(&self) -> Vec<RelayState> {
        watch::states(&self.endpoint, &self.relays)
    }

    /// Resolves when a relay is connected, so that peers find this endpoint.
    pub async fn online(&self) {
        self.endpoint.online().await;
    }

    /// Local addresses that are bound.
    pub fn bound(&self) -> Vec<SocketAddr> {
        self.endpoint.bound_sockets()
    }

    /// Whether another process connected with this key: this one has stopped then. redteam L1
    pub fn displaced(&self) -> bool {
        *self.displaced.borrow()
    }

    /// Resolves when [`Self::displaced`] becomes true.
    pub async fn until_displaced(&self) {
        let mut displaced = self.displaced.clone();
        if displaced.wait_for(|displaced| *displaced).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Tells all peers that it is over, and waits until they were told or a few seconds are.
    pub async fn close(&self) {
        self.shared.end_all("the other side ended");
        self.endpoint.close().await;
    }
}
