//! Files of the log: `<offset of the first byte, 20 digits>.log`, in each one record after another: length u32 little-endian, kind u8, bytes.

use iog_job::wire::LogKind;
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Longest record, without its head.
pub const MAX_RECORD: usize = 64 << 10;
pub const HEAD: usize = 5;

/// What a record is: a piece of the log, or a number u64 of bytes that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bytes(LogKind),
    Cut,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Bytes(LogKind::Stdout) => 1,
            Self::Bytes(LogKind::Stderr) => 2,
            Self::Bytes(LogKind::Node) => 3,
            Self::Cut => 4,
        }
    }

    fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Bytes(LogKind::Stdout),
            2 => Self::Bytes(LogKind::Stderr),
            3 => Self::Bytes(LogKind::Node),
            4 => Self::Cut,
            _ => return None,
        })
    }
}

pub struct Record {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

impl Record {
    pub fn encode(kind: Kind, bytes: &[u8]) -> Vec<u8> {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let mut record = len.to_le_bytes().to_vec();
        record.push(kind.number());
        record.extend_from_slice(bytes);
        record
    }

    /// The next one, or none where it is not there whole (yet).
    ///
    /// # Errors
    /// The file cannot be read, or holds no records.
    pub fn read(file: &mut File) -> io::Result<Option<Self>> {
        let mut head = [0; HEAD];
        if !read_whole(file, &mut head)? {
            return Ok(None);
        }
        let [a, b, c, d, kind] = head;
        let len = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let kind = Kind::of(kind).filter(|_| len <= MAX_RECORD);
        let kind = kind.ok_or_else(|| io::Error::other("the log's file holds no records"))?;
        let mut bytes = vec![0; len];
        Ok(read_whole(file, &mut bytes)?.then_some(Self { kind, bytes }))
    }

    /// How far the log's offset moves.
    pub fn advance(&self) -> u64 {
        match self.kind {
            Kind::Bytes(_) => self.bytes.len().try_into().unwrap_or(u64::MAX),
            Kind::Cut => self
                .bytes
                .first_chunk::<8>()
                .map_or(0, |bytes| u64::from_le_bytes(*bytes)),
        }
    }

    /// In the file.
    pub fn file_len(&self) -> u64 {
        (HEAD + self.bytes.len()).try_into().unwrap_or(u64::MAX)
    }
}

fn read_whole(file: &mut File, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

pub fn path(dir: &Path, start: u64) -> PathBuf {
    dir.join(format!("{start:020}.log"))
}

/// First offsets and sizes of the segments, in order.
pub fn list(dir: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let start = name.to_str().and_then(|name| name.strip_suffix(".log"));
        if let Some(start) = start.and_then(|start| start.parse().ok()) {
            // Gone meanwhile: the writer deletes the oldest.
            if let Ok(metadata) = entry.metadata() {
                found.push((start, metadata.len()));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
