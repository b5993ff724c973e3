//! From a TCP connection to a registered client.

use super::{
    access::Access,
    request,
    socket::{Socket, Wire},
};
use iroh_relay::{
    http::CLIENT_AUTH_HEADER,
    protos::handshake,
    server::{
        client::Config, clients::Clients, streams::RelayedStream, ClientRequest, DynAccessControl,
        Metrics,
    },
    KeyCache,
};
use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_websockets::{Limits, ServerBuilder};

/// How long a client may take until it is known.
const ESTABLISH: Duration = Duration::from_secs(10);
/// Clients at once that are not known yet.
const UNKNOWN: usize = 1_024;
/// And of one address, unless all come from the proxy's.
const UNKNOWN_OF_ONE: usize = 32;
/// Largest WebSocket message.
const MAX_MESSAGE: usize = 1 << 20;

/// What every client's task needs.
pub(crate) struct Host {
    pub access: Arc<Access>,
    pub control: Arc<dyn DynAccessControl>,
    pub clients: Clients,
    pub tls: Option<TlsAcceptor>,
    pub keys: KeyCache,
    pub metrics: Arc<Metrics>,
    pub unknown: Mutex<HashMap<IpAddr, usize>>,
}

/// A client that is not known yet.
struct Unknown(Arc<Host>, IpAddr);

impl Unknown {
    /// None: its address has too many already.
    fn enter(host: &Arc<Host>, addr: IpAddr) -> Option<Self> {
        let mut unknown = host.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        let count = unknown.entry(addr).or_default();
        if *count >= UNKNOWN_OF_ONE && host.tls.is_some() {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Self(Arc::clone(host), addr))
    }
}

impl Drop for Unknown {
    fn drop(&mut self) {
        let mut unknown = self
            .0
            .unknown
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = unknown.get_mut(&self.1) {
            *count = count.saturating_sub(1);
        }
        unknown.retain(|_, count| *count > 0);
    }
}

pub(crate) async fn accept(listener: TcpListener, host: Arc<Host>) {
    let room = Arc::new(Semaphore::new(UNKNOWN));
    let mut tasks = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((tcp, from)) = accepted else {
                    // Out of descriptors: clients that leave give some back.
                    sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let Some(unknown) = Unknown::enter(&host, from.ip().to_canonical()) else {
                    continue;
                };
                tasks.spawn(async move {
                    let _ = timeout(ESTABLISH, establish(&unknown.0, tcp)).await;
                    drop((unknown, permit));
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// From a TCP connection to a registered client, which has its own task from then on.
async fn establish(host: &Host, tcp: TcpStream) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut wire = match &host.tls {
        Some(tls) => Wire::Tls(Box::new(tls.accept(tcp).await?)),
        None => Wire::Plain(tcp),
    };
    let parts = request::read(&mut wire).await?;
    let Some((version, accept)) = request::upgrade(&parts) else {
        return request::answer(&mut wire, &parts).await;
    };
    request::switch(&mut wire, version, &accept).await?;
    let limits = Limits::default().max_payload_len(Some(MAX_MESSAGE));
    let web = ServerBuilder::new().limits(limits).serve(wire);
    let mut socket = Socket::new(web, Arc::clone(&host.access));
    let proof = parts.headers.get(CLIENT_AUTH_HEADER).cloned();
    let proved = handshake::serverside(&mut socket, proof).await;
    let proved = proved.map_err(io::Error::other)?;
    let key = *proved.client_key.as_bytes();
    let asked = ClientRequest::new(proved.client_key, version, parts);
    let guard = proved
        .authorize_with(&asked, &host.control, &mut socket)
        .await
        .map_err(io::Error::other)?;
    socket.account = host.access.account(&key);
    let stream = RelayedStream::new(socket, host.keys.clone());
    let config = Config::new(guard, stream, version);
    host.clients.register(config, Arc::clone(&host.metrics));
    Ok(())
}
