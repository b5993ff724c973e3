use super::packet::{Packet, Reader};
use rustix::fs::{futimens, utimensat, AtFlags, Timestamps, CWD};
use std::{
    fs::{File, Metadata, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

const SIZE: u32 = 1;
const OWNER: u32 = 2;
const MODE: u32 = 4;
const TIMES: u32 = 8;
const EXTENDED: u32 = 0x8000_0000;

/// What a client wants a file to have. Owners are not changed: there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    pub size: Option<u64>,
    pub mode: Option<u32>,
    pub times: Option<(u32, u32)>,
}

impl Attributes {
    pub fn read(reader: &mut Reader<'_>) -> io::Result<Self> {
        let flags = reader.u32()?;
        let mut attributes = Self::default();
        if flags & SIZE != 0 {
            attributes.size = Some(reader.u64()?);
        }
        if flags & OWNER != 0 {
            reader.u32()?;
            reader.u32()?;
        }
        if flags & MODE != 0 {
            attributes.mode = Some(reader.u32()? & 0o777);
        }
        if flags & TIMES != 0 {
            attributes.times = Some((reader.u32()?, reader.u32()?));
        }
        if flags & EXTENDED != 0 {
            for _ in 0..reader.u32()?.min(64) {
                reader.bytes()?;
                reader.bytes()?;
            }
        }
        Ok(attributes)
    }

    pub fn apply(&self, path: &Path) -> io::Result<()> {
        if let Some(size) = self.size {
            File::options().write(true).open(path)?.set_len(size)?;
        }
        if let Some(mode) = self.mode {
            std::fs::set_permissions(path, Permissions::from_mode(mode))?;
        }
        if let Some(times) = self.times {
            utimensat(CWD, path, &timestamps(times), AtFlags::empty())?;
        }
        Ok(())
    }

    pub fn apply_to(&self, file: &File) -> io::Result<()> {
        if let Some(size) = self.size {
            file.set_len(size)?;
        }
        if let Some(mode) = self.mode {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        if let Some(times) = self.times {
            futimens(file, &timestamps(times))?;
        }
        Ok(())
    }
}

fn timestamps((accessed, modified): (u32, u32)) -> Timestamps {
    let at = |secs: u32| rustix::fs::Timespec {
        tv_sec: secs.into(),
        tv_nsec: 0,
    };
    Timestamps {
        last_access: at(accessed),
        last_modification: at(modified),
    }
}

pub fn append(packet: Packet, metadata: &Metadata) -> Packet {
    let seconds = |time: i64| u32::try_from(time).unwrap_or(0);
    packet
        .u32(SIZE | OWNER | MODE | TIMES)
        .u64(metadata.len())
        .u32(metadata.uid())
        .u32(metadata.gid())
        .u32(metadata.mode())
        .u32(seconds(metadata.atime()))
        .u32(seconds(metadata.mtime()))
}

/// A line as `ls -l` has it, which clients print as it is.
pub fn long_name(name: &str, metadata: &Metadata) -> String {
    let kind = if metadata.is_dir() {
        'd'
    } else if metadata.is_symlink() {
        'l'
    } else {
        '-'
    };
    let mode = metadata.mode();
    let rights = (0..9).map(|index| {
        let set = mode & (0o400 >> index) != 0;
        let letter = ['r', 'w', 'x'].get(index % 3).copied().unwrap_or('-');
        if set {
            letter
        } else {
            '-'
        }
    });
    let rights: String = rights.collect();
    format!(
        "{kind}{rights} {:>4} {:>8} {:>8} {:>12} {name}",
        metadata.nlink(),
        metadata.uid(),
        metadata.gid(),
        metadata.len()
    )
}
