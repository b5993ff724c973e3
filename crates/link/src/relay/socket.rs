//! A client's WebSocket, counted and paced.

use super::{access::Access, account::Account};
use bytes::Bytes;
use futures_util::{ready, Sink, Stream};
use iroh_relay::{protos::streams::StreamError, ExportKeyingMaterial};
use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{atomic::Ordering::Relaxed, Arc},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{sleep_until, Sleep},
};
use tokio_rustls::server::TlsStream;
use tokio_websockets::{Message, Payload, WebSocketStream};

/// A client's TCP connection, with or without TLS.
pub(crate) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

pub(crate) struct Socket {
    web: WebSocketStream<Wire>,
    access: Arc<Access>,
    /// Of the key, once it is known.
    pub account: Option<Arc<Account>>,
    held: Option<(Bytes, Pin<Box<Sleep>>)>,
}

impl Socket {
    pub fn new(web: WebSocketStream<Wire>, access: Arc<Access>) -> Self {
        Self {
            web,
            access,
            account: None,
            held: None,
        }
    }

    fn charge(&self, bytes: usize) -> Result<(), StreamError> {
        let room = self
            .account
            .as_ref()
            .is_none_or(|account| account.charge(bytes));
        room.then_some(())
            .ok_or_else(|| StreamError::from_display("the key's bytes of the day are used up"))
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl Stream for Socket {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some((bytes, mut wait)) = self.held.take() {
                if wait.as_mut().poll(cx).is_pending() {
                    self.held = Some((bytes, wait));
                    return Poll::Pending;
                }
                return Poll::Ready(Some(Ok(bytes)));
            }
            let message = match ready!(Pin::new(&mut self.web).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(StreamError::from_std(error)))),
                Some(Ok(message)) => message,
            };
            if message.is_close() {
                return Poll::Ready(None);
            }
            if !message.is_binary() {
                continue;
            }
            let bytes = Bytes::from(message.into_payload());
            self.access.received.fetch_add(count(bytes.len()), Relaxed);
            if let Err(error) = self.charge(bytes.len()) {
                return Poll::Ready(Some(Err(error)));
            }
            let account = self.account.as_ref();
            match account.and_then(|account| account.pace(bytes.len())) {
                Some(at) => self.held = Some((bytes, Box::pin(sleep_until(at)))),
                None => return Poll::Ready(Some(Ok(bytes))),
            }
        }
    }
}

impl Sink<Bytes> for Socket {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let ready = Pin::new(&mut self.web).poll_ready(cx);
        ready.map_err(StreamError::from_std)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> Result<(), StreamError> {
        self.charge(bytes.len())?;
        self.access.sent.fetch_add(count(bytes.len()), Relaxed);
        let message = Message::binary(Payload::from(bytes));
        let sent = Pin::new(&mut self.web).start_send(message);
        sent.map_err(StreamError::from_std)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let flushed = Pin::new(&mut self.web).poll_flush(cx);
        flushed.map_err(StreamError::from_std)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let closed = Pin::new(&mut self.web).poll_close(cx);
        closed.map_err(StreamError::from_std)
    }
}

impl ExportKeyingMaterial for Socket {
    fn export_keying_material<T: AsMut<[u8]>>(
        &self,
        output: T,
        label: &[u8],
        context: Option<&[u8]>,
    ) -> Option<T> {
        match self.web.get_ref() {
            Wire::Plain(_) => None,
            Wire::Tls(tls) => {
                let session = tls.get_ref().1;
                session.export_keying_material(output, label, context).ok()
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
