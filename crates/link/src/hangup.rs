//! The other end of a local socket, gone: who waits in a write to somebody else, and so does not read, learns it by no other sign.

use std::{
    io,
    os::{fd::AsFd, unix::net},
};
use tokio::{io::Interest, net::UnixStream};

/// Watches a socket beside whatever is read and written there. It holds the socket open, so it goes with who serves it.
#[derive(Debug)]
pub struct HangUp(UnixStream);

impl HangUp {
    /// # Errors
    /// If this process has no descriptor left.
    pub fn of(socket: &UnixStream) -> io::Result<Self> {
        let own = net::UnixStream::from(socket.as_fd().try_clone_to_owned()?);
        Ok(Self(UnixStream::from_std(own)?))
    }

    /// Until the other end is closed both ways; one that has only said all that it has to say is there.
    pub async fn wait(&self) {
        loop {
            let Ok(ready) = self.0.ready(Interest::WRITABLE).await else {
                return;
            };
            if ready.is_write_closed() {
                return;
            }
            // That it could be written to is known: the next change is waited for.
            let known = || io::Result::<()>::Err(io::ErrorKind::WouldBlock.into());
            let _ = self.0.try_io(Interest::WRITABLE, known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::{io::AsyncWriteExt, time::timeout};

    #[tokio::test]
    async fn the_other_end_is_seen_to_go_though_nobody_reads() {
        let (near, mut far) = UnixStream::pair().unwrap();
        let watch = HangUp::of(&near).unwrap();
        let soon = Duration::from_millis(200);
        far.write_all(&[7; 1_000]).await.unwrap();
        far.shutdown().await.unwrap();
        assert!(timeout(soon, watch.wait()).await.is_err());
        drop(far);
        timeout(Duration::from_secs(10), watch.wait())
            .await
            .unwrap();
    }
}
