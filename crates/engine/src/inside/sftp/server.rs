use super::{
    attributes::{self, Attributes},
    packet::{Packet, Reader},
};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, ReadDir},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    },
    path::{Component, Path, PathBuf},
};

const STATUS: u8 = 101;
const HANDLE: u8 = 102;
const DATA: u8 = 103;
const NAME: u8 = 104;
const ATTRS: u8 = 105;
const EXTENDED_REPLY: u8 = 201;
const MAX_HANDLES: usize = 256;
const MAX_READ: u32 = 256 << 10;
const NAMES_AT_ONCE: usize = 128;
/// Extensions of OpenSSH.
const EXTENSIONS: [(&str, &str); 4] = [
    ("posix-rename@openssh.com", "1"),
    ("fsync@openssh.com", "1"),
    ("expand-path@openssh.com", "1"),
    ("limits@openssh.com", "1"),
];

enum Handle {
    File(File),
    Dir(PathBuf, ReadDir),
}

#[derive(Default)]
pub struct Server {
    handles: BTreeMap<u32, Handle>,
    next: u32,
}

impl Server {
    /// The answer to a packet.
    pub fn answer(&mut self, request: &mut Reader<'_>) -> io::Result<Vec<u8>> {
        let kind = request.u8()?;
        if kind == 1 {
            let hello = Packet::new(2, 3);
            let hello = EXTENSIONS.iter().fold(hello, |hello, (name, value)| {
                hello.bytes(name.as_bytes()).bytes(value.as_bytes())
            });
            return Ok(hello.done());
        }
        let id = request.u32()?;
        Ok(match self.serve(kind, id, request) {
            Ok(answer) => answer.done(),
            Err(error) => status(id, &error).done(),
        })
    }

    fn serve(&mut self, kind: u8, id: u32, request: &mut Reader<'_>) -> io::Result<Packet> {
        match kind {
            3 => self.open(id, request),
            4 => {
                self.handles.remove(&handle(request)?);
                done(id)
            }
            5 => self.read(id, request),
            6 => {
                let file = self.file(request)?;
                let offset = request.u64()?;
                file.write_all_at(request.bytes()?, offset)?;
                done(id)
            }
            7 => Ok(attributes::append(
                Packet::new(ATTRS, id),
                &request.path()?.symlink_metadata()?,
            )),
            8 => Ok(attributes::append(
                Packet::new(ATTRS, id),
                &self.file(request)?.metadata()?,
            )),
            9 => {
                let path = request.path()?;
                Attributes::read(request)?.apply(&path)?;
                done(id)
            }
            10 => {
                let file = self.file(request)?;
                Attributes::read(request)?.apply_to(file)?;
                done(id)
            }
            11 => {
                let path = request.path()?;
                let entries = path.read_dir()?;
                self.keep(id, Handle::Dir(path, entries))
            }
            12 => self.read_dir(id, request),
            13 => {
                std::fs::remove_file(request.path()?)?;
                done(id)
            }
            14 => {
                let path = request.path()?;
                let mode = Attributes::read(request)?.mode.unwrap_or(0o777);
                std::fs::DirBuilder::new().mode(mode).create(path)?;
                done(id)
            }
            15 => {
                std::fs::remove_dir(request.path()?)?;
                done(id)
            }
            16 => name(id, &real_path(&request.path()?)?),
            17 => Ok(attributes::append(
                Packet::new(ATTRS, id),
                &request.path()?.metadata()?,
            )),
            18 => {
                let (from, to) = (request.path()?, request.path()?);
                if to.symlink_metadata().is_ok() {
                    return Err(io::Error::new(
                        io::ErrorKind::AlreadyExists,
                        "it is there already",
                    ));
                }
                std::fs::rename(from, to)?;
                done(id)
            }
            19 => name(id, &std::fs::read_link(request.path()?)?),
            20 => {
                // OpenSSH's order, which all keep to: what it points to, then where it is.
                let (points_to, link) = (request.path()?, request.path()?);
                std::os::unix::fs::symlink(points_to, link)?;
                done(id)
            }
            200 => self.extended(id, request),
            _ => Err(unsupported()),
        }
    }

    fn open(&mut self, id: u32, request: &mut Reader<'_>) -> io::Result<Packet> {
        let path = request.path()?;
        let flags = request.u32()?;
        let mode = Attributes::read(request)?.mode.unwrap_or(0o666);
        let has = |flag: u32| flags & flag != 0;
        let mut options = OpenOptions::new();
        options.read(has(1)).write(has(2)).mode(mode);
        options
            .create(has(8))
            .truncate(has(0x10))
            .create_new(has(0x20));
        // A FIFO of the job's would hold this process for ever.
        options.custom_flags(i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0));
        let file = options.open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        self.keep(id, Handle::File(file))
    }

    fn keep(&mut self, id: u32, handle: Handle) -> io::Result<Packet> {
        if self.handles.len() >= MAX_HANDLES {
            return Err(io::Error::other("too many files are open"));
        }
        self.next = self.next.wrapping_add(1);
        self.handles.insert(self.next, handle);
        Ok(Packet::new(HANDLE, id).bytes(&self.next.to_be_bytes()))
    }

    fn file(&self, request: &mut Reader<'_>) -> io::Result<&File> {
        match self.handles.get(&handle(request)?) {
            Some(Handle::File(file)) => Ok(file),
            _ => Err(io::Error::other("no file is open under this handle")),
        }
    }

    fn read(&self, id: u32, request: &mut Reader<'_>) -> io::Result<Packet> {
        let file = self.file(request)?;
        let offset = request.u64()?;
        let len = request.u32()?.min(MAX_READ);
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
        let read = file.read_at(&mut bytes, offset)?;
        match bytes.get(..read) {
            Some([]) | None => Ok(end(id)),
            Some(read) => Ok(Packet::new(DATA, id).bytes(read)),
        }
    }

    fn read_dir(&mut self, id: u32, request: &mut Reader<'_>) -> io::Result<Packet> {
        let Some(Handle::Dir(path, entries)) = self.handles.get_mut(&handle(request)?) else {
            return Err(io::Error::other("no folder is open under this handle"));
        };
        let mut packet = Packet::new(0, 0);
        let mut count = 0;
        for entry in entries.take(NAMES_AT_ONCE) {
            let entry = entry?;
            // Gone meanwhile.
            let Ok(metadata) = path.join(entry.file_name()).symlink_metadata() else {
                continue;
            };
            let long = attributes::long_name(&entry.file_name().to_string_lossy(), &metadata);
            packet = packet
                .bytes(entry.file_name().as_bytes())
                .bytes(long.as_bytes());
            packet = attributes::append(packet, &metadata);
            count += 1;
        }
        if count == 0 {
            return Ok(end(id));
        }
        let names = packet.done();
        Ok(Packet::new(NAME, id)
            .u32(count)
            .append(names.get(5..).unwrap_or_default()))
    }

    fn extended(&mut self, id: u32, request: &mut Reader<'_>) -> io::Result<Packet> {
        match request.bytes()? {
            b"posix-rename@openssh.com" => {
                std::fs::rename(request.path()?, request.path()?)?;
                done(id)
            }
            b"fsync@openssh.com" => {
                self.file(request)?.sync_all()?;
                done(id)
            }
            b"expand-path@openssh.com" => {
                let path = request.path()?;
                let home = std::env::current_dir()?;
                let path = path
                    .strip_prefix("~")
                    .map_or_else(|_| path.clone(), |rest| home.join(rest));
                name(id, &real_path(&path)?)
            }
            b"limits@openssh.com" => {
                let handles = u64::try_from(MAX_HANDLES).unwrap_or(0);
                let packet = u64::try_from(super::MAX_PACKET).unwrap_or(0);
                Ok(Packet::new(EXTENDED_REPLY, id)
                    .u64(packet)
                    .u64(MAX_READ.into())
                    .u64(MAX_READ.into())
                    .u64(handles))
            }
            _ => Err(unsupported()),
        }
    }
}

/// The answer of an operation that has none of its own.
fn done(id: u32) -> io::Result<Packet> {
    Ok(Packet::new(STATUS, id).u32(0).bytes(b"").bytes(b""))
}

fn handle(request: &mut Reader<'_>) -> io::Result<u32> {
    let bytes = request.bytes()?.first_chunk::<4>();
    bytes
        .map(|bytes| u32::from_be_bytes(*bytes))
        .ok_or_else(|| io::Error::other("no handle of ours"))
}

fn end(id: u32) -> Packet {
    Packet::new(STATUS, id)
        .u32(1)
        .bytes(b"end of file")
        .bytes(b"")
}

fn status(id: u32, error: &io::Error) -> Packet {
    let code = match error.kind() {
        io::ErrorKind::NotFound => 2,
        io::ErrorKind::PermissionDenied => 3,
        io::ErrorKind::Unsupported => 8,
        _ => 4,
    };
    Packet::new(STATUS, id)
        .u32(code)
        .bytes(error.to_string().as_bytes())
        .bytes(b"")
}

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "this server does not do that")
}

fn name(id: u32, path: &Path) -> io::Result<Packet> {
    let bytes = path.as_os_str().as_bytes();
    Ok(Packet::new(NAME, id)
        .u32(1)
        .bytes(bytes)
        .bytes(bytes)
        .u32(0))
}

/// Absolute; what is not there (yet) is taken by its name.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let absolute = std::env::current_dir()?.join(path);
    let mut plain = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    Ok(plain)
}
