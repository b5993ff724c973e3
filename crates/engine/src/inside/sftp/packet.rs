use std::{
    ffi::OsStr,
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// OpenSSH sends at most 256 KiB at once, and what is around it.
pub const MAX_PACKET: usize = (256 << 10) + 1_024;

/// Takes a packet apart.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn u8(&mut self) -> io::Result<u8> {
        self.take(1)?.first().copied().ok_or_else(short)
    }

    pub fn u32(&mut self) -> io::Result<u32> {
        let bytes = self.take(4)?.first_chunk().ok_or_else(short)?;
        Ok(u32::from_be_bytes(*bytes))
    }

    pub fn u64(&mut self) -> io::Result<u64> {
        let bytes = self.take(8)?.first_chunk().ok_or_else(short)?;
        Ok(u64::from_be_bytes(*bytes))
    }

    pub fn bytes(&mut self) -> io::Result<&'a [u8]> {
        let len = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        self.take(len)
    }

    /// Empty means here.
    pub fn path(&mut self) -> io::Result<PathBuf> {
        let bytes = self.bytes()?;
        let path = Path::new(OsStr::from_bytes(bytes));
        Ok(if bytes.is_empty() {
            PathBuf::from(".")
        } else {
            path.to_owned()
        })
    }

    fn take(&mut self, len: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }
}

fn short() -> io::Error {
    io::Error::other("the packet is too short")
}

/// Puts a packet together.
pub struct Packet(Vec<u8>);

impl Packet {
    pub fn new(kind: u8, id: u32) -> Self {
        Self(vec![kind]).u32(id)
    }

    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub fn bytes(self, bytes: &[u8]) -> Self {
        let mut packet = self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        packet.0.extend_from_slice(bytes);
        packet
    }

    pub fn append(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn done(self) -> Vec<u8> {
        self.0
    }
}
