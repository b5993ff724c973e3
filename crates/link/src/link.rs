//! An endpoint: dials peers by their keys and takes those who are admitted.

use crate::{
    admit,
    connection::{lost, Connection},
    gate::Gate,
    limits,
    meter::MeterSnapshot,
    pins,
    settings::Settings,
    shared::Shared,
    ticket::SignedTicket,
    watch, LinkError, RelayAddr,
};
use iog_job::{
    frame,
    wire::{Answer, ALPN, ALPN_TICKET},
    Binding, Key,
};
use iroh::{
    dns::{DnsResolver, FallbackMode},
    endpoint::{
        self, presets, ConnectError, ConnectWithOptsError, ConnectingError, PortmapperConfig,
        QuicTransportConfig, QuicTransportConfigBuilder, VarInt,
    },
    Endpoint, EndpointAddr, EndpointId, NetReportConfig, RelayConfig, RelayMap, RelayMode,
    RelayUrl, SecretKey, TransportAddr,
};
use iroh_relay::RelayQuicConfig;
use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, Mutex},
    task::JoinHandle,
    time::timeout,
};

/// How long it may take to reach a peer.
const DIAL: Duration = Duration::from_secs(15);
/// Admitted connections that wait to be taken.
const WAITING: usize = 64;
/// Addresses of one peer that are tried. redteam L3
const CANDIDATES: u8 = 16;

pub use crate::watch::RelayState;

/// An endpoint with its key. Ends when it is dropped; [`Link::close`] tells the peers.
pub struct Link {
    endpoint: Endpoint,
    relays: Vec<RelayUrl>,
    shared: Arc<Shared>,
    accepted: Mutex<mpsc::Receiver<Connection>>,
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
        let token = watch::token();
        let map = RelayMap::empty();
        let mut relays = Vec::new();
        for relay in &settings.relays {
            let url = relay.relay_url()?;
            map.insert(url.clone(), Arc::new(config_of(relay, &url, &token)));
            relays.push(url);
        }
        let mut builder = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(seed))
            .alpns(vec![ALPN.to_vec(), ALPN_TICKET.to_vec()])
            .relay_mode(if relays.is_empty() {
                RelayMode::Disabled
            } else {
                RelayMode::Custom(map.clone())
            })
            .ca_tls_config(pins::tls_config(&settings.relays)?)
            .dns_resolver(
                DnsResolver::builder()
                    .with_system_defaults()
                    .with_fallback_mode(FallbackMode::Never)
                    .build(),
            )
            .portmapper_config(PortmapperConfig::Disabled)
            .net_report_config(net_report())
            // No session is resumed: there is no early data that could be replayed. redteam L5
            .max_tls_tickets(0)
            .transport_config(transport().build());
        if settings.relay_only || settings.bind.is_some() {
            builder = builder.clear_ip_transports();
        }
        if let Some(addr) = settings.bind.filter(|_| !settings.relay_only) {
            builder = builder
                .bind_addr(addr)
                .map_err(|error| LinkError::Bind(error.to_string()))?;
        }
        let bound = builder.bind().await;
        let endpoint = bound.map_err(|error| LinkError::Bind(format!("{error:#}")))?;
        Ok(Self::start(endpoint, relays, map, gate))
    }

    fn start(
        endpoint: Endpoint,
        relays: Vec<RelayUrl>,
        map: RelayMap,
        gate: Arc<dyn Gate>,
    ) -> Self {
        let shared = Arc::new(Shared::new(gate));
        let (to, accepted) = mpsc::channel(WAITING);
        let (tell, displaced) = tokio::sync::watch::channel(false);
        let takes = admit::run(endpoint.clone(), Arc::clone(&shared), transport(), to);
        let rechecks = watch::recheck(Arc::clone(&shared));
        let watches = watch::relays(endpoint.clone(), map, Arc::clone(&shared), tell);
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
            displaced,
        }
    }

    /// Its public key.
    pub fn id(&self) -> Key {
        Key(*self.endpoint.id().as_bytes())
    }

    /// Connects to a peer by the relays of the settings. Connected is not yet admitted: [`Connection::open`] tells.
    ///
    /// # Errors
    /// If nobody answers, or the peer does not admit this key.
    pub async fn dial(&self, peer: &Key) -> Result<Connection, LinkError> {
        self.dial_at(peer, &[]).await
    }

    /// The same, and tries these addresses too.
    ///
    /// # Errors
    /// As [`Self::dial`].
    pub async fn dial_at(&self, peer: &Key, at: &[SocketAddr]) -> Result<Connection, LinkError> {
        let conn = self.connect(peer, at, ALPN).await?;
        Ok(self.enter(conn, *peer))
    }

    /// Connects with a ticket, and waits until it was found good.
    ///
    /// # Errors
    /// As [`Self::dial`], and [`LinkError::Refused`] for a ticket that is not taken.
    pub async fn dial_with_ticket(
        &self,
        peer: &Key,
        ticket: &SignedTicket,
    ) -> Result<Connection, LinkError> {
        self.dial_with_ticket_at(peer, &[], ticket).await
    }

    /// The same, and tries these addresses too.
    ///
    /// # Errors
    /// As [`Self::dial_with_ticket`].
    pub async fn dial_with_ticket_at(
        &self,
        peer: &Key,
        at: &[SocketAddr],
        ticket: &SignedTicket,
    ) -> Result<Connection, LinkError> {
        let conn = self.connect(peer, at, ALPN_TICKET).await?;
        let shown = timeout(DIAL, show(&conn, ticket)).await;
        let answer = shown.map_err(|_| LinkError::TimedOut {
            secs: DIAL.as_secs(),
        })?;
        match answer? {
            Answer::Admitted => Ok(self.enter(conn, *peer)),
            Answer::Refused { code, reason } => Err(LinkError::Refused { code, reason }),
        }
    }

    fn enter(&self, conn: endpoint::Connection, peer: Key) -> Connection {
        self.shared.enter(&conn, peer, peer, false);
        Connection::dialled(conn, Arc::clone(&self.shared), peer)
    }

    async fn connect(
        &self,
        peer: &Key,
        at: &[SocketAddr],
        alpn: &[u8],
    ) -> Result<endpoint::Connection, LinkError> {
        if self.displaced() {
            return Err(LinkError::Displaced);
        }
        if self.relays.is_empty() && at.is_empty() {
            return Err(LinkError::NoRelay);
        }
        let id = EndpointId::from_bytes(&peer.0)
            .map_err(|_| LinkError::Settings(format!("{peer} is no key of a device")))?;
        let relays = self.relays.iter().cloned().map(TransportAddr::Relay);
        let addrs = relays.chain(at.iter().copied().map(TransportAddr::Ip));
        let addr = EndpointAddr::from_parts(id, addrs);
        match timeout(DIAL, self.endpoint.connect(addr, alpn)).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(error)) => Err(self.failed(error)),
            Err(_) => Err(self.unreachable()),
        }
    }

    fn unreachable(&self) -> LinkError {
        LinkError::Unreachable {
            relays: self.relays.len(),
        }
    }

    fn failed(&self, error: ConnectError) -> LinkError {
        let closed = match error {
            ConnectError::Connect { source, .. } => {
                return match source {
                    ConnectWithOptsError::EndpointClosed { .. } => LinkError::Lost("closed".into()),
                    other => LinkError::Settings(format!("{other:#}")),
                }
            }
            ConnectError::Connecting { source, .. } => match source {
                ConnectingError::ConnectionError { source, .. } => source,
                other => return LinkError::Malformed(format!("{other:#}")),
            },
            ConnectError::Connection { source, .. } => source,
            other => return LinkError::Lost(format!("{other:#}")),
        };
        match closed {
            endpoint::ConnectionError::TimedOut => self.unreachable(),
            other => lost(&other),
        }
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

async fn show(conn: &endpoint::Connection, ticket: &SignedTicket) -> Result<Answer, LinkError> {
    let asked = async {
        let (mut send, mut recv) = conn.open_bi().await.map_err(|error| lost(&error))?;
        frame::write_bytes(&mut send, ticket.as_bytes()).await?;
        let _ = send.finish();
        Ok(frame::expect(&mut recv, 4 << 10).await?)
    };
    let answer: Result<Answer, LinkError> = asked.await;
    // A closed connection tells more than the stream that it took along.
    answer.map_err(|error| conn.close_reason().map_or(error, |closed| lost(&closed)))
}

fn config_of(relay: &RelayAddr, url: &RelayUrl, token: &str) -> RelayConfig {
    let discovery = relay.quic_port.map(RelayQuicConfig::new);
    RelayConfig::new(url.clone(), discovery).with_auth_token(token)
}

fn net_report() -> NetReportConfig {
    let mut config = NetReportConfig::default();
    config.captive_portal_check = false;
    config
}

fn transport() -> QuicTransportConfigBuilder {
    let idle = Duration::from_secs(20).try_into();
    QuicTransportConfig::builder()
        .max_idle_timeout(idle.ok())
        .default_path_max_idle_timeout(Duration::from_secs(6))
        .default_path_keep_alive_interval(Duration::from_secs(2))
        .max_concurrent_bidi_streams(VarInt::from_u32(limits::STREAMS))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .receive_window(VarInt::from_u32(admit::RECEIVE_WINDOW))
        .stream_receive_window(VarInt::from_u32(4 << 20))
        .send_window(u64::from(admit::RECEIVE_WINDOW))
        .datagram_receive_buffer_size(None)
        .max_remote_nat_traversal_addresses(CANDIDATES)
}
