//! A stream between link side and job side. Its bytes come in pieces, each with its length before it, and the last one is empty: when a
//! process dies the other sees a stream that was cut, never one that ended.

use iog_link::HangUp;
use std::{
    io,
    pin::Pin,
    task::{ready, Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
};

/// Largest piece that is written.
const PIECE: usize = 64 << 10;

/// See the module.
#[derive(Debug)]
pub struct Pipe {
    socket: UnixStream,
    /// Of the piece that is being read: bytes of its length that came, and what is left of it.
    head: [u8; 4],
    head_len: usize,
    left: usize,
    ended: bool,
    out: Vec<u8>,
    written: usize,
    finished: bool,
}

impl Pipe {
    pub fn new(socket: UnixStream) -> Self {
        Self {
            socket,
            head: [0; 4],
            head_len: 0,
            left: 0,
            ended: false,
            out: Vec::new(),
            written: 0,
            finished: false,
        }
    }

    /// Tells when the other process has closed it, whatever of it is not read yet.
    ///
    /// # Errors
    /// If this process has no descriptor left.
    pub fn hang_up(&self) -> io::Result<HangUp> {
        HangUp::of(&self.socket)
    }

    fn drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.socket).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written = self.written.saturating_add(count);
        }
        self.out.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// The length of the next piece.
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self
            .head
            .get_mut(self.head_len..)
            .filter(|rest| !rest.is_empty())
        {
            let mut buf = ReadBuf::new(rest);
            ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buf))?;
            match buf.filled().len() {
                0 => return Poll::Ready(Err(cut())),
                count => self.head_len = self.head_len.saturating_add(count),
            }
        }
        self.head_len = 0;
        self.left = usize::try_from(u32::from_le_bytes(self.head)).unwrap_or(usize::MAX);
        self.ended = self.left == 0;
        Poll::Ready(Ok(()))
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the stream was cut")
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.left == 0 && !this.ended {
            ready!(this.next(cx))?;
        }
        if this.ended || buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let mut piece = buf.take(this.left);
        // The piece's bytes are the buffer's own, and only what was read counts.
        ready!(Pin::new(&mut this.socket).poll_read(cx, &mut piece))?;
        let count = piece.filled().len();
        if count == 0 {
            return Poll::Ready(Err(cut()));
        }
        let filled = piece.filled().to_vec();
        buf.put_slice(&filled);
        this.left = this.left.saturating_sub(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        ready!(this.drain(cx))?;
        let piece = buf.get(..PIECE).unwrap_or(buf);
        if this.finished {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if piece.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let len = u32::try_from(piece.len()).unwrap_or(0);
        this.out.extend(len.to_le_bytes());
        this.out.extend(piece);
        // What the socket does not take now goes with the next write or flush.
        if let Poll::Ready(Err(error)) = this.drain(cx) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.drain(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.finished {
            this.finished = true;
            this.out.extend([0; 4]);
        }
        ready!(this.drain(cx))?;
        Pin::new(&mut this.socket).poll_shutdown(cx)
    }
}
