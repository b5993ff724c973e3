//! Messages between job side and link side that an open device goes with: a frame, and the descriptor beside its first byte.

use iog_job::MeshFrame;
use rustix::net::{
    recvmsg, sendmsg, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};
use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};
use tokio::{io::Interest, net::UnixStream};

const MAX_BYTES: usize = 4 << 10;

/// Sends a message, and with it a descriptor.
///
/// # Errors
/// If the other side is gone.
pub async fn send(
    socket: &UnixStream,
    message: &MeshFrame,
    fd: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    let len = u32::try_from(text.len()).map_err(io::Error::other)?;
    let bytes = [len.to_le_bytes().as_slice(), &text].concat();
    let (mut rest, mut fds) = (bytes.as_slice(), fd.as_slice());
    while !rest.is_empty() {
        let sent = socket.async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let parts = [IoSlice::new(rest)];
            Ok(sendmsg(
                socket.as_fd(),
                &parts,
                &mut control,
                SendFlags::NOSIGNAL,
            )?)
        });
        let sent = sent.await?;
        (rest, fds) = (rest.get(sent..).unwrap_or_default(), &[]);
    }
    Ok(())
}

/// The next message, with the descriptor that came with it. None at the end. Whoever gives up waiting for it gives up the socket.
///
/// # Errors
/// If it was cut, or is no such message.
pub async fn receive(socket: &UnixStream) -> io::Result<Option<(MeshFrame, Option<OwnedFd>)>> {
    let mut fd = None;
    let mut head = [0; 4];
    if !fill(socket, &mut head, &mut fd).await? {
        return Ok(None);
    }
    let len = usize::try_from(u32::from_le_bytes(head)).unwrap_or(usize::MAX);
    if len == 0 || len > MAX_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = vec![0; len];
    if !fill(socket, &mut text, &mut fd).await? {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((serde_json::from_slice(&text)?, fd)))
}

/// False where it ended before the first byte.
async fn fill(
    socket: &UnixStream,
    buffer: &mut [u8],
    fd: &mut Option<OwnedFd>,
) -> io::Result<bool> {
    let mut filled = 0_usize;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let read = socket.async_io(Interest::READABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let mut parts = [IoSliceMut::new(rest)];
            let flags = RecvFlags::CMSG_CLOEXEC;
            let read = recvmsg(socket.as_fd(), &mut parts, &mut control, flags)?;
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(fds) = message {
                    *fd = fds.last().or_else(|| fd.take());
                }
            }
            Ok(read.bytes)
        });
        match read.await? {
            0 if filled == 0 => return Ok(false),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled = filled.saturating_add(read),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::{Binding, Key};
    use std::{fs::File, io::Read};

    /// Each descriptor comes with its own message, also where several wait.
    #[tokio::test]
    async fn descriptors() {
        let (one, other) = UnixStream::pair().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let binding = |number: u8| Binding {
            genesis: Key([1; 32]),
            program: Key([2; 32]),
            order: Key([3; 32]),
            created_ts: 4,
            lease: Key([number; 32]),
            matched_ts: 6,
            device: Key([7; 32]),
        };
        for number in 0..3 {
            let path = dir.path().join(number.to_string());
            std::fs::write(&path, [number]).unwrap();
            let device = MeshFrame::Device {
                binding: binding(number),
                attempt: 1,
                rank: u16::from(number),
                private: false,
            };
            let file = File::open(&path).unwrap();
            send(&one, &device, Some(file.as_fd())).await.unwrap();
            let gone = MeshFrame::Gone {
                binding: binding(number),
            };
            send(&one, &gone, None).await.unwrap();
        }
        drop(one);
        for number in 0..3 {
            let (device, fd) = receive(&other).await.unwrap().unwrap();
            assert!(matches!(device, MeshFrame::Device { rank, .. } if rank == u16::from(number)));
            let mut bytes = Vec::new();
            File::from(fd.unwrap()).read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, [number]);
            let (gone, fd) = receive(&other).await.unwrap().unwrap();
            assert!(matches!(gone, MeshFrame::Gone { .. }) && fd.is_none());
        }
        assert!(receive(&other).await.unwrap().is_none());
    }
}
