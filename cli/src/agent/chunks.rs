//! A stream of the link carried over the agent's socket. A socket's end says nothing of whether all came: so what travels is in chunks, and
//! the last one says whether it ended or was cut.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

const DATA: u8 = 0;
const END: u8 = 1;
const CUT: u8 = 2;
/// Bytes of a chunk at most, and of what is copied at once.
const MAX_CHUNK: usize = 256 << 10;

/// Reads the bytes; an error of the kind `ConnectionReset` where they were cut.
pub struct ChunkReader<R> {
    from: R,
    head: [u8; 5],
    have: usize,
    left: usize,
    ended: bool,
}

impl<R: AsyncRead + Unpin> ChunkReader<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            head: [0; 5],
            have: 0,
            left: 0,
            ended: false,
        }
    }

    fn poll_some(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(room);
        match Pin::new(&mut self.from).poll_read(cx, &mut buf) {
            Poll::Ready(Ok(())) if buf.filled().is_empty() => {
                Poll::Ready(Err(cut("the agent is gone")))
            }
            Poll::Ready(Ok(())) => Poll::Ready(Ok(buf.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// The head of the next chunk with data; false at the end.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.left == 0 && !self.ended {
            while self.have < self.head.len() {
                let mut head = self.head;
                let polled = self.poll_some(cx, head.get_mut(self.have..).unwrap_or_default());
                let read = std::task::ready!(polled)?;
                self.head = head;
                self.have += read;
            }
            self.have = 0;
            let [kind, len @ ..] = self.head;
            let len = usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX);
            match kind {
                DATA if len <= MAX_CHUNK => self.left = len,
                END => self.ended = true,
                _ => return Poll::Ready(Err(cut("the line was cut"))),
            }
        }
        Poll::Ready(Ok(!self.ended))
    }
}

fn cut(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, reason.to_string())
}

impl<R: AsyncRead + Unpin> AsyncRead for ChunkReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !std::task::ready!(self.poll_head(cx))? {
            return Poll::Ready(Ok(()));
        }
        let room = self.left.min(buf.remaining());
        let read = {
            let room = buf.initialize_unfilled_to(room);
            std::task::ready!(self.poll_some(cx, room))?
        };
        self.left -= read;
        buf.advance(read);
        Poll::Ready(Ok(()))
    }
}

/// Writes the bytes; its end is the stream's.
pub struct ChunkWriter<W> {
    to: W,
    /// A chunk on its way, and how much of it is gone.
    chunk: Vec<u8>,
    gone: usize,
    ended: bool,
}

impl<W: AsyncWrite + Unpin> ChunkWriter<W> {
    pub fn new(to: W) -> Self {
        Self {
            to,
            chunk: Vec::new(),
            gone: 0,
            ended: false,
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes).await?;
        self.flush().await
    }

    /// One message as a frame.
    pub async fn frame(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut framed = Vec::with_capacity(bytes.len() + 4);
        iog_job::frame::write_bytes(&mut framed, bytes).await?;
        self.send(&framed).await
    }

    pub async fn end(&mut self) -> io::Result<()> {
        self.shutdown().await
    }

    async fn cut(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.begin(CUT, &[]);
        self.ended = true;
        self.flush().await
    }

    fn begin(&mut self, kind: u8, bytes: &[u8]) {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        self.chunk.clear();
        self.chunk.push(kind);
        self.chunk.extend(len);
        self.chunk.extend(bytes);
        self.gone = 0;
    }

    /// Until the chunk that was begun is gone.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.chunk.get(self.gone..).filter(|rest| !rest.is_empty()) {
            let written = std::task::ready!(Pin::new(&mut self.to).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.gone = self.gone.saturating_add(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for ChunkWriter<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.poll_chunk(cx))?;
        let taken = bytes.len().min(MAX_CHUNK);
        if taken > 0 {
            self.begin(DATA, bytes.get(..taken).unwrap_or_default());
            // As much as goes; the rest is held, for the next call or the flush.
            if let Poll::Ready(Err(error)) = self.poll_chunk(cx) {
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_chunk(cx))?;
        Pin::new(&mut self.to).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.poll_chunk(cx))?;
        if !self.ended {
            self.begin(END, &[]);
            self.ended = true;
        }
        self.poll_flush(cx)
    }
}

/// Carries a stream of the link over the socket until both sides ended or one was cut; what is cut is cut on both.
pub async fn carry<S, C>(stream: S, socket: C)
where
    S: AsyncRead + AsyncWrite,
    C: AsyncRead + AsyncWrite,
{
    let (mut from_link, mut to_link) = tokio::io::split(stream);
    let (from_socket, to_socket) = tokio::io::split(socket);
    let (mut from_socket, mut to_socket) =
        (ChunkReader::new(from_socket), ChunkWriter::new(to_socket));
    let up = async {
        let mut buffer = vec![0; MAX_CHUNK];
        let mut wanted = true;
        loop {
            let read = from_socket.read(&mut buffer).await?;
            let some = buffer.get(..read).unwrap_or_default();
            // A command may end before its input does: what it said comes all the same.
            wanted = wanted
                && match some {
                    [] => to_link.shutdown().await,
                    _ => to_link.write_all(some).await,
                }
                .is_ok();
            if read == 0 {
                return io::Result::Ok(());
            }
        }
    };
    let down = async {
        let mut buffer = vec![0; MAX_CHUNK];
        loop {
            match from_link.read(&mut buffer).await {
                Ok(0) => return to_socket.end().await,
                Ok(read) => {
                    to_socket
                        .send(buffer.get(..read).unwrap_or_default())
                        .await?
                }
                Err(error) => {
                    to_socket.cut().await?;
                    return Err(error);
                }
            }
        }
    };
    // Whichever was cut, dropping both halves resets the stream.
    let _ = tokio::try_join!(up, down);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cut_never_looks_complete() {
        for whole in [true, false] {
            let (near, far) = tokio::io::duplex(1 << 20);
            let mut writer = ChunkWriter::new(near);
            writer.send(&[5; 300_000]).await.unwrap();
            match whole {
                true => writer.end().await.unwrap(),
                false => drop(writer),
            }
            let mut bytes = Vec::new();
            let read = ChunkReader::new(far).read_to_end(&mut bytes).await;
            assert_eq!(bytes, [5; 300_000]);
            match whole {
                true => assert_eq!(read.unwrap(), 300_000),
                false => assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionReset),
            }
        }
    }

    #[tokio::test]
    async fn both_ways_are_carried_to_their_ends() {
        let (link, mut device) = tokio::io::duplex(4_096);
        let (socket, renter) = tokio::io::duplex(4_096);
        let carried = tokio::spawn(carry(link, socket));
        let (from, to) = tokio::io::split(renter);
        let (mut from, mut to) = (ChunkReader::new(from), ChunkWriter::new(to));
        to.send(b"ask").await.unwrap();
        to.end().await.unwrap();
        let mut asked = Vec::new();
        device.read_to_end(&mut asked).await.unwrap();
        assert_eq!(asked, b"ask");
        device.write_all(b"answer").await.unwrap();
        device.shutdown().await.unwrap();
        let mut answered = Vec::new();
        from.read_to_end(&mut answered).await.unwrap();
        assert_eq!(answered, b"answer");
        carried.await.unwrap();
    }

    /// A device that takes no more input is heard to its end.
    #[tokio::test]
    async fn an_answer_outlives_its_question() {
        struct Deaf(tokio::io::DuplexStream);
        impl AsyncRead for Deaf {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                Pin::new(&mut self.0).poll_read(cx, buffer)
            }
        }
        impl AsyncWrite for Deaf {
            fn poll_write(
                self: Pin<&mut Self>,
                _: &mut Context<'_>,
                _: &[u8],
            ) -> Poll<io::Result<usize>> {
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
        }
        let (link, mut device) = tokio::io::duplex(4_096);
        let (socket, renter) = tokio::io::duplex(4_096);
        let carried = tokio::spawn(carry(Deaf(link), socket));
        let (from, to) = tokio::io::split(renter);
        let (mut from, mut to) = (ChunkReader::new(from), ChunkWriter::new(to));
        to.send(b"input").await.unwrap();
        to.end().await.unwrap();
        tokio::task::yield_now().await;
        device.write_all(b"answer").await.unwrap();
        device.shutdown().await.unwrap();
        let mut answered = Vec::new();
        from.read_to_end(&mut answered).await.unwrap();
        assert_eq!(answered, b"answer");
        carried.await.unwrap();
    }
}
