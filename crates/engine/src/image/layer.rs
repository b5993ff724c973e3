use super::{refuse, ImageLimits};
use crate::error::EngineError;
use flate2::read::MultiGzDecoder;
use iog_job::Hash;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Component, Path},
};
use tar::{Archive, EntryType};

/// What is left of an image's limits, and what went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    pub bytes: u64,
    pub files: u64,
}

/// A layer as it was read.
#[derive(Debug)]
pub struct Layer {
    /// Of the blob as it came.
    pub digest: Hash,
    /// Of the archive in it.
    pub diff_id: Hash,
    pub gzip: bool,
    pub len: u64,
}

/// Reads a layer to its end, without writing any of it: hashes it, counts it and looks at every name.
pub fn read(path: &Path, limits: &ImageLimits, used: &mut Used) -> Result<Layer, EngineError> {
    let broken = |error: io::Error| refuse(format!("a layer cannot be read: {error}"));
    let mut file =
        File::open(path).map_err(|_| refuse("a layer that its manifest names is not in it"))?;
    let mut magic = [0; 4];
    let read = file.read(&mut magic).map_err(broken)?;
    let magic = magic.get(..read).unwrap_or_default();
    io::Seek::rewind(&mut file).map_err(broken)?;
    if magic == [0x28, 0xb5, 0x2f, 0xfd] {
        return Err(refuse(
            "its layers are packed with zstd; pack them with gzip",
        ));
    }
    let gzip = magic.starts_with(&[0x1f, 0x8b]);
    let packed = Counted::new(BufReader::new(file), limits.packed_bytes);
    let (diff_id, packed) = match gzip {
        true => {
            let (diff, unpacked) = walk(MultiGzDecoder::new(packed), limits, used)?;
            (diff, unpacked.into_inner())
        }
        false => walk(packed, limits, used)?,
    };
    let (digest, len) = packed.finish().map_err(broken)?;
    Ok(Layer {
        digest,
        diff_id,
        gzip,
        len,
    })
}

/// Of one entry that holds a name or its like.
pub(super) const MAX_NAME: u64 = 64 << 10;
/// Of all of them.
const MAX_NAMES: u64 = 256 << 20;

fn walk<R: Read>(
    inner: R,
    limits: &ImageLimits,
    used: &mut Used,
) -> Result<(Hash, R), EngineError> {
    let broken = |error: io::Error| refuse(format!("a layer cannot be read: {error}"));
    // One byte more than is allowed, so that it is seen.
    let left = limits.bytes.saturating_sub(used.bytes);
    let mut archive = Archive::new(Counted::new(inner, left));
    let mut long = 0u64;
    // Raw: names that lie in entries of their own would be read whole, however long they say they are.
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let entry = entry.map_err(broken)?;
        if matches!(
            entry.header().entry_type(),
            EntryType::GNULongName
                | EntryType::GNULongLink
                | EntryType::XHeader
                | EntryType::XGlobalHeader
        ) {
            long = long.saturating_add(entry.size());
            if entry.size() > MAX_NAME || long > MAX_NAMES {
                return Err(refuse("a layer has names that are too long"));
            }
        }
        used.files = used.files.saturating_add(1);
        if used.files > limits.files {
            return Err(refuse(format!("it has more than {} files", limits.files)));
        }
        look_at(&entry)?;
    }
    let counted = archive.into_inner();
    let (hash, len, inner) = counted.finish_with().map_err(broken)?;
    used.bytes = used.bytes.saturating_add(len);
    Ok((hash, inner))
}

fn look_at<R: Read>(entry: &tar::Entry<'_, R>) -> Result<(), EngineError> {
    let kind = entry.header().entry_type();
    let path = entry
        .path()
        .map_err(|error| refuse(format!("a layer has a name that cannot be read: {error}")))?;
    let odd = || {
        refuse(format!(
            "a layer has an entry that leads out of it: {}",
            path.display().to_string().escape_debug()
        ))
    };
    if leads_out(&path) {
        return Err(odd());
    }
    match kind {
        // The target of a hard link is a path of the archive; that of a symbolic one is looked up in the container, and cannot leave it.
        EntryType::Link => match entry.link_name() {
            Ok(Some(target)) if !leads_out(&target) => Ok(()),
            _ => Err(odd()),
        },
        EntryType::Char | EntryType::Block => Err(refuse("a layer has a device node")),
        // Who opens it waits for ever: the container engine reads some of an image's files.
        EntryType::Fifo => Err(refuse("a layer has a FIFO")),
        EntryType::GNUSparse => Err(refuse("a layer has a sparse file")),
        _ => Ok(()),
    }
}

fn leads_out(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part, Component::ParentDir | Component::Prefix(_)))
}

/// Hashes and counts what is read, and fails beyond a limit.
struct Counted<R> {
    inner: R,
    hash: Sha256,
    len: u64,
    limit: u64,
}

impl<R: Read> Counted<R> {
    fn new(inner: R, limit: u64) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            len: 0,
            limit,
        }
    }

    /// Reads what is left first: an archive's end is not its file's.
    fn finish_with(mut self) -> io::Result<(Hash, u64, R)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((Hash(self.hash.finalize().into()), self.len, self.inner))
    }

    fn finish(self) -> io::Result<(Hash, u64)> {
        self.finish_with().map(|(hash, len, _)| (hash, len))
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.len = self
            .len
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if self.len > self.limit {
            return Err(io::Error::other(format!(
                "it has more than {} bytes",
                self.limit
            )));
        }
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
