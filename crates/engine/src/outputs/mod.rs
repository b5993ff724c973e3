//! What a job left: listed and read so that nothing outside of its disk is ever touched, whatever links and names it made. redteam S4

mod name;
mod walk;

pub use name::{escape, unescape};

use crate::{engine::Left, error::EngineError};
use rustix::fs::{fstat, openat2, statvfs, FileType, Mode, OFlags, ResolveFlags, CWD};
use std::{
    ffi::OsStr,
    fs::File,
    io::{Seek, SeekFrom},
    os::unix::ffi::OsStrExt,
    path::Path,
};

/// Most files of a list; a job that leaves more packs them.
pub const MAX_FILES: usize = 10_000;
/// Most bytes of all of them by their lengths, so that a sparse file of an exbibyte is not read for a year.
pub const MAX_BYTES: u64 = 4 << 40;
/// Under which everything is kept.
const OUT: &str = "out";

/// The files under `out` and those that are named, files or folders, relative to `work`. Only regular files; no links are followed, and
/// files with further names outside of what is listed are the job's own all the same: its disk holds nothing of others.
///
/// # Errors
/// [`EngineError::File`] where the disk cannot be read; more files or bytes than the limits.
pub fn list(work: &Path, named: &[String]) -> Result<Vec<Left>, EngineError> {
    let mut wanted: Vec<&OsStr> = vec![OsStr::new(OUT)];
    wanted.extend(named.iter().map(OsStr::new));
    let files = walk::files(work, &wanted, MAX_FILES)?;
    let mut listed = Vec::with_capacity(files.len());
    let mut left = MAX_BYTES.min(room(work)?);
    for path in files {
        // Gone or changed meanwhile: the job may still run.
        let Ok(file) = beneath(work, OsStr::from_bytes(&path)) else {
            continue;
        };
        let stat = fstat(&file).map_err(|error| EngineError::file(work)(error.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            continue;
        }
        let len = u64::try_from(stat.st_size).unwrap_or(0);
        left = left
            .checked_sub(len)
            .ok_or_else(|| too_much("bytes", MAX_BYTES.min(room(work).unwrap_or(0))))?;
        let (secs, nanos) = (i128::from(stat.st_ctime), i128::from(stat.st_ctime_nsec));
        listed.push(Left {
            path: escape(&path),
            len,
            executable: stat.st_mode & 0o111 != 0,
            // The time of the inode: a job may set that of the bytes as it likes.
            changed_ns: secs.saturating_mul(1_000_000_000).saturating_add(nanos),
            inode: stat.st_ino,
        });
    }
    Ok(listed)
}

/// Twice the size of the job's disk: more bytes than that are holes, which cost the job nothing and the node hours to hash.
fn room(work: &Path) -> Result<u64, EngineError> {
    let disk = statvfs(work).map_err(|error| EngineError::file(work)(error.into()))?;
    Ok(disk
        .f_blocks
        .saturating_mul(disk.f_frsize)
        .saturating_mul(2))
}

/// One of them, from a byte on, by the name in the list.
///
/// # Errors
/// [`EngineError::NotFound`] where it is no regular file beneath `work`.
pub fn open(work: &Path, path: &str, from: u64) -> Result<File, EngineError> {
    let missing = || EngineError::NotFound(path.to_owned());
    let name = unescape(path).ok_or_else(missing)?;
    let mut file = beneath(work, OsStr::from_bytes(&name)).map_err(|_| missing())?;
    let stat = fstat(&file).map_err(|_| missing())?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(missing());
    }
    file.seek(SeekFrom::Start(from)).map_err(|_| missing())?;
    Ok(file)
}

/// Whether a path is one that [`list`] may name.
pub fn is_named(path: &str, named: &[String]) -> bool {
    let under = |folder: &str| {
        path == folder
            || path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    unescape(path).is_some()
        && (under(OUT)
            || named
                .iter()
                .any(|name| under(&escape(name.trim_end_matches('/').as_bytes()))))
}

/// Opens without following any link and without waiting for a pipe's other end.
fn beneath(work: &Path, path: &OsStr) -> rustix::io::Result<File> {
    let root = rustix::fs::openat(
        CWD,
        work,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let flags =
        OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
    let resolve = ResolveFlags::BENEATH
        | ResolveFlags::NO_SYMLINKS
        | ResolveFlags::NO_MAGICLINKS
        | ResolveFlags::NO_XDEV;
    openat2(root, path, flags, Mode::empty(), resolve).map(File::from)
}

fn too_much(what: &str, limit: u64) -> EngineError {
    EngineError::NotFound(format!(
        "a list of outputs with more than {limit} {what}: pack them into fewer; it"
    ))
}

#[cfg(test)]
mod tests;
