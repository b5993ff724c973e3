//! Dialling a peer by its key.

use crate::{
    connection::{lost, Connection},
    endpoint::transport_of,
    link::Link,
    ticket::SignedTicket,
    LinkError,
};
use iog_job::{
    frame,
    wire::{Answer, ALPN, ALPN_TICKET},
    Key,
};
use iroh::{
    endpoint::{self, ConnectError, ConnectOptions, ConnectWithOptsError, ConnectingError},
    EndpointAddr, EndpointId, TransportAddr,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long it may take to reach a peer.
const DIAL: Duration = Duration::from_secs(15);

impl Link {
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

    pub(crate) async fn connect(
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
        let options = ConnectOptions::new().with_transport_config(transport_of(alpn));
        let connecting = async {
            let connecting = self.endpoint.connect_with_opts(addr, alpn, options).await?;
            Ok::<_, ConnectError>(connecting.await?)
        };
        match timeout(DIAL, connecting).await {
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
