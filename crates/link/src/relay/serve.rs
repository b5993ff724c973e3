//! The relay's sockets.

use super::{
    access::{read_list, Access, Counts},
    cert::{self, Identity},
    clients::{accept, Host},
    config::RelayConfig,
    metrics, RelayError,
};
use crate::RelayAddr;
use iog_job::Hash;
use iroh_relay::{
    server::{clients::Clients, DynAccessControl, QuicConfig, Server, ServerConfig},
    KeyCache,
};
use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinHandle, time::interval};
use tokio_rustls::TlsAcceptor;

/// How often the list of keys is looked at.
const LIST: Duration = Duration::from_secs(1);
const KEYS_CACHED: usize = 16_384;

/// A running relay; ends when it is dropped.
pub struct Relay {
    addr: SocketAddr,
    plain: bool,
    pins: Vec<Hash>,
    metrics_addr: Option<SocketAddr>,
    access: Arc<Access>,
    clients: Clients,
    quic: Option<Server>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Relay {
    /// Binds and serves.
    ///
    /// # Errors
    /// If the configuration is wrong, or a socket, key or list cannot be had.
    pub async fn start(config: &RelayConfig) -> Result<Self, RelayError> {
        config.check()?;
        let Identity { tls, pins } = cert::load(&config.dir, &config.names)?;
        let quic = match config.quic {
            Some(addr) => Some(discovery(addr, tls.clone()).await?),
            None => None,
        };
        let clients = Clients::default();
        let access = Arc::new(Access::new(config, clients.clone())?);
        let listener = metrics::bind(config.listen).await?;
        let addr = listener.local_addr().map_err(|error| RelayError::Bind {
            addr: config.listen,
            error: error.to_string(),
        })?;
        let host = Arc::new(Host {
            access: Arc::clone(&access),
            control: Arc::clone(&access) as Arc<dyn DynAccessControl>,
            clients: clients.clone(),
            tls: (!config.plain).then(|| TlsAcceptor::from(Arc::new(tls))),
            keys: KeyCache::new(KEYS_CACHED),
            metrics: Arc::default(),
            unknown: Mutex::default(),
        });
        let mut tasks = vec![tokio::spawn(accept(listener, host))];
        let mut metrics_addr = None;
        if let Some(addr) = config.metrics {
            let listener = metrics::bind(addr).await?;
            metrics_addr = listener.local_addr().ok();
            let access = Arc::clone(&access);
            let serve = metrics::serve(listener, move || access.counts());
            tasks.push(tokio::spawn(serve));
        }
        if let Some(path) = config.allow.clone() {
            tasks.push(tokio::spawn(follow(path, Arc::clone(&access))));
        }
        Ok(Self {
            addr,
            plain: config.plain,
            pins,
            metrics_addr,
            access,
            clients,
            quic,
            tasks,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub fn quic_addr(&self) -> Option<SocketAddr> {
        self.quic.as_ref().and_then(Server::quic_addr)
    }

    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// Pins of its key and of the next one.
    pub fn pins(&self) -> &[Hash] {
        &self.pins
    }

    /// Its entry in a network's file, under `host`.
    pub fn entry(&self, host: &str) -> RelayAddr {
        let scheme = if self.plain { "http" } else { "https" };
        RelayAddr {
            quic_port: self.quic_addr().map(|addr| addr.port()),
            pins: self.pins.clone(),
            ..RelayAddr::new(&format!("{scheme}://{host}:{}", self.addr.port()))
        }
    }

    pub fn counts(&self) -> Counts {
        self.access.counts()
    }

    /// Disconnects all clients and ends.
    pub async fn stop(mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.clients.shutdown().await;
        if let Some(quic) = self.quic.take() {
            let _ = quic.shutdown().await;
        }
    }
}

async fn discovery(addr: SocketAddr, tls: rustls::ServerConfig) -> Result<Server, RelayError> {
    let mut quic = QuicConfig::new(addr);
    quic.server_config = Some(tls);
    let mut config = ServerConfig::default();
    config.quic = Some(quic);
    Server::spawn(config)
        .await
        .map_err(|error| RelayError::Bind {
            addr,
            error: format!("{error:#}"),
        })
}

/// Reads the list again when it changes. A list that cannot be read changes nothing.
async fn follow(path: PathBuf, access: Arc<Access>) {
    let stamp = || {
        fs::metadata(&path)
            .and_then(|meta| Ok((meta.modified()?, meta.len())))
            .ok()
    };
    let mut seen = stamp();
    let mut ticks = interval(LIST);
    loop {
        ticks.tick().await;
        let now = stamp();
        if now == seen {
            continue;
        }
        seen = now;
        match read_list(&path) {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "the list of keys was read again");
                access.allow(keys);
            }
            Err(error) => tracing::warn!(%error, "the list of keys stays as it was"),
        }
    }
}
