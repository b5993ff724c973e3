//! One stream, which is whole at the other side or visibly cut.

use crate::{meter::Counters, LinkError};
use iog_job::{
    frame,
    wire::{Answer, Refusal},
};
use iroh::endpoint::{RecvStream, SendStream, VarInt};
use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{atomic::Ordering::Relaxed, Arc},
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

/// Code of a stream that was cut.
const CUT: VarInt = VarInt::from_u32(1);

/// Bytes both ways. `shutdown` ends it well; one that is dropped before is reset, so that what was cut off never looks complete.
#[derive(Debug)]
pub struct Stream {
    send: SendStream,
    recv: RecvStream,
    counters: Arc<Counters>,
    finished: bool,
}

impl Stream {
    pub(crate) fn new(send: SendStream, recv: RecvStream, counters: Arc<Counters>) -> Self {
        counters.opened();
        Self {
            send,
            recv,
            counters,
            finished: false,
        }
    }

    pub(crate) fn count_by(&mut self, counters: Arc<Counters>) {
        counters.opened();
        std::mem::replace(&mut self.counters, counters).closed();
    }

    /// Tells the opener that it is served.
    ///
    /// # Errors
    /// If the stream was lost.
    pub async fn admit(&mut self) -> Result<(), LinkError> {
        Ok(frame::write(self, &Answer::Admitted).await?)
    }

    /// Tells the opener why it is not served, and ends the stream.
    pub async fn refuse(mut self, code: Refusal, reason: &str) {
        let answer = Answer::Refused {
            code,
            reason: reason.to_string(),
        };
        if frame::write(&mut self, &answer).await.is_ok() {
            let _ = self.shutdown().await;
        }
    }

    /// Resolves when the other side has given it up, also while nothing is read or written here; never for one that was ended well.
    pub fn given_up(&self) -> impl Future<Output = ()> + Send + 'static {
        let stopped = self.send.stopped();
        async move {
            if matches!(stopped.await, Ok(None)) {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Ends it so that the other side sees that it was cut, both ways.
    pub fn abort(self) {
        drop(self);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Either may be over already, which is fine.
        if !self.finished {
            let _ = self.send.reset(CUT);
        }
        let _ = self.recv.stop(CUT);
        self.counters.closed();
    }
}

fn len(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = AsyncRead::poll_read(Pin::new(&mut self.recv), cx, buf);
        let read = buf.filled().len().saturating_sub(before);
        self.counters.received.fetch_add(len(read), Relaxed);
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = AsyncWrite::poll_write(Pin::new(&mut self.send), cx, buf);
        if let Poll::Ready(Ok(written)) = &polled {
            self.counters.sent.fetch_add(len(*written), Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut self.send), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.finished {
            return Poll::Ready(Ok(()));
        }
        let polled = AsyncWrite::poll_shutdown(Pin::new(&mut self.send), cx);
        if matches!(&polled, Poll::Ready(Ok(()))) {
            self.finished = true;
        }
        polled
    }
}
