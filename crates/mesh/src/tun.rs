//! An open TUN device with offload: the kernel hands over and takes pieces of up to 64 KiB, cut into packets and joined here. The library
//! that does both makes its own devices and cannot take one that another process opened, so reading and writing are here.

use crate::address::MTU;
use bytes::{Bytes, BytesMut};
use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, OwnedFd},
};
use tokio::{io::unix::AsyncFd, sync::Mutex};
use tun_rs::{checksum, gso_split, GROTable, VirtioNetHdr, VIRTIO_NET_HDR_LEN};

/// Packets that are read or written at a time.
pub const BATCH: usize = 64;
const LARGEST: usize = VIRTIO_NET_HDR_LEN + 65_535;
/// A header that no packet has: which ones the joining has left in their places is seen by it.
const UNTOUCHED: [u8; VIRTIO_NET_HDR_LEN] = [0xff; VIRTIO_NET_HDR_LEN];
const NEEDS_CHECKSUM: u8 = 1;
const TCP: u8 = 6;

pub struct Tun {
    fd: AsyncFd<File>,
    writer: Mutex<Writer>,
}

struct Writer {
    table: GROTable,
    buffers: Vec<BytesMut>,
}

/// What a reader needs; one for each.
pub struct Reader(Vec<u8>);

impl Default for Reader {
    fn default() -> Self {
        Self(vec![0; LARGEST])
    }
}

impl Tun {
    /// Must be called within a runtime.
    ///
    /// # Errors
    /// If the descriptor cannot be watched.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        let writer = Writer {
            table: GROTable::new(),
            buffers: Vec::new(),
        };
        // SAFETY: the file owns the descriptor, is never swapped for another, and closes it after the registration ends.
        #[allow(unsafe_code)]
        let fd = unsafe { AsyncFd::register(File::from(fd)) };
        Ok(Self {
            fd: fd.map_err(io::Error::other)?,
            writer: Mutex::new(writer),
        })
    }

    /// Another descriptor of the same device.
    ///
    /// # Errors
    /// If this process may open no more.
    pub fn open_again(&self) -> io::Result<OwnedFd> {
        self.fd.get_ref().as_fd().try_clone_to_owned()
    }

    /// The next packets. What is no packet is passed over.
    ///
    /// # Errors
    /// If the device is gone.
    pub async fn read(&self, reader: &mut Reader, out: &mut Vec<Bytes>) -> io::Result<()> {
        loop {
            let mut ready = self.fd.readable().await?;
            let read = ready.try_io(|fd| fd.get_ref().read(&mut reader.0));
            let Ok(read) = read else { continue };
            let read = read?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(piece) = reader.0.get_mut(..read) {
                if split(piece, out).is_ok() && !out.is_empty() {
                    return Ok(());
                }
            }
        }
    }

    /// Writes packets, joined where they follow on each other.
    ///
    /// # Errors
    /// If the device is gone; packets that it does not take are dropped.
    pub async fn write(&self, packets: &[Bytes]) -> io::Result<()> {
        let mut writer = self.writer.lock().await;
        let Writer { table, buffers } = &mut *writer;
        for batch in packets.chunks(BATCH) {
            while buffers.len() < batch.len() {
                buffers.push(BytesMut::with_capacity(LARGEST + VIRTIO_NET_HDR_LEN));
            }
            for (buffer, packet) in buffers.iter_mut().zip(batch) {
                buffer.clear();
                buffer.extend_from_slice(&UNTOUCHED);
                buffer.extend_from_slice(packet);
            }
            let Some(used) = buffers.get_mut(..batch.len()) else {
                continue;
            };
            if table.apply_gro(used, VIRTIO_NET_HDR_LEN, false).is_err() {
                continue;
            }
            for buffer in used.iter().filter(|buffer| !buffer.starts_with(&UNTOUCHED)) {
                self.write_one(buffer).await?;
            }
        }
        Ok(())
    }

    async fn write_one(&self, packet: &[u8]) -> io::Result<()> {
        loop {
            let mut ready = self.fd.writable().await?;
            let Ok(written) = ready.try_io(|fd| fd.get_ref().write(packet)) else {
                continue;
            };
            return match written {
                // The kernel looks at the packet; a bad one is the sender's affair.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
                other => other.map(drop),
            };
        }
    }
}

fn odd() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// What was read of the device, header first, as packets.
fn split(piece: &mut [u8], out: &mut Vec<Bytes>) -> io::Result<()> {
    let (head, packet) = piece
        .split_at_mut_checked(VIRTIO_NET_HDR_LEN)
        .ok_or_else(odd)?;
    let mut head = VirtioNetHdr::decode(head)?;
    if head.gso_type == 0 {
        if head.flags & NEEDS_CHECKSUM != 0 {
            fill_checksum(packet, head.csum_start, head.csum_offset)?;
        }
        out.push(Bytes::copy_from_slice(packet));
        return Ok(());
    }
    // The kernel's own length of the headers may be that of the whole first packet.
    let start = usize::from(head.csum_start);
    let transport = match packet.get(9) {
        Some(&TCP) => {
            let at = start.checked_add(12).ok_or_else(odd)?;
            u16::from(packet.get(at).ok_or_else(odd)? >> 4).saturating_mul(4)
        }
        _ => 8,
    };
    head.hdr_len = head.csum_start.checked_add(transport).ok_or_else(odd)?;
    let data = packet
        .len()
        .checked_sub(usize::from(head.hdr_len))
        .ok_or_else(odd)?;
    let count = match head.gso_size {
        0 => return Err(odd()),
        size => data.div_ceil(usize::from(size)),
    };
    // No more than they fill: a peer makes them small, and they are kept as long as the slowest one waits.
    let room = usize::from(head.hdr_len).saturating_add(usize::from(head.gso_size));
    if room > usize::from(MTU) {
        return Err(odd());
    }
    let mut slab = BytesMut::zeroed(count.checked_mul(room).ok_or_else(odd)?);
    let mut packets: Vec<_> = (0..count).map(|_| slab.split_to(room)).collect();
    let mut sizes = vec![0; count];
    let six = packet.first().is_some_and(|first| first >> 4 == 6);
    let split = gso_split(packet, head, &mut packets, &mut sizes, 0, six)?;
    for (mut packet, size) in packets.into_iter().zip(sizes).take(split) {
        packet.truncate(size);
        out.push(packet.freeze());
    }
    Ok(())
}

/// As the hardware of a network card would do it: from `start` on, the sum of the addresses lies there already.
fn fill_checksum(packet: &mut [u8], start: u16, offset: u16) -> io::Result<()> {
    let at = usize::from(start)
        .checked_add(usize::from(offset))
        .ok_or_else(odd)?;
    let end = at.checked_add(2).ok_or_else(odd)?;
    let field: [u8; 2] = packet
        .get(at..end)
        .and_then(|field| field.try_into().ok())
        .ok_or_else(odd)?;
    packet.get_mut(at..end).ok_or_else(odd)?.fill(0);
    let covered = packet.get(usize::from(start)..).ok_or_else(odd)?;
    let sum = !checksum(covered, u64::from(u16::from_be_bytes(field)));
    packet
        .get_mut(at..end)
        .ok_or_else(odd)?
        .copy_from_slice(&sum.to_be_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TCP stream in segments of 36 bytes, as a peer may ask for: its packets take the room that they fill, not a thousand times the largest.
    #[test]
    fn small_segments_take_little_room() {
        const SEGMENT: usize = 36;
        let mut piece = vec![0; VIRTIO_NET_HDR_LEN + 40 + SEGMENT * 1_000];
        let head = VirtioNetHdr {
            flags: NEEDS_CHECKSUM,
            gso_type: 1,
            hdr_len: 40,
            gso_size: SEGMENT.try_into().unwrap(),
            csum_start: 20,
            csum_offset: 16,
        };
        head.encode(&mut piece).unwrap();
        let packet = &mut piece[VIRTIO_NET_HDR_LEN..];
        packet[..10].copy_from_slice(&[0x45, 0, 0, 0, 0, 0, 0, 0, 64, TCP]);
        packet[32] = 5 << 4;
        let mut out = Vec::new();
        split(&mut piece, &mut out).unwrap();
        assert!(out.len() == 1_000 && out.iter().all(|packet| packet.len() == 40 + SEGMENT));
        let places = out.iter().map(|packet| packet.as_ptr().addr());
        let (first, last) = (places.clone().min().unwrap(), places.max().unwrap());
        assert!(last - first < out.len() * (40 + SEGMENT));
    }
}
