//! Looks into a container that is made but runs nothing of the job yet: its first process waits inside. redteam E1

use crate::{engine::Card, error::EngineError, supervise::First};
use rustix::fs::{openat2, statat, AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, CWD};
use std::{
    collections::BTreeSet,
    os::{fd::OwnedFd, unix::fs::MetadataExt},
    path::Path,
};

/// `null`, `zero`, `full`, `random`, `urandom`, `tty`, `console`, `ptmx`: what every container has.
const USUAL: [(u32, u32); 8] = [
    (1, 3),
    (1, 5),
    (1, 7),
    (1, 8),
    (1, 9),
    (5, 0),
    (5, 1),
    (5, 2),
];
const MAX_DEPTH: usize = 8;

/// Holds the device nodes inside against the lease's cards: all of theirs and no others.
///
/// # Errors
/// [`EngineError::Host`] with `cards`, naming what is missing or too much.
pub fn compare(first: &First, cards: &[Card]) -> Result<(), EngineError> {
    let mut wanted = BTreeSet::new();
    for node in cards.iter().flat_map(|card| &card.nodes) {
        let metadata = std::fs::metadata(node)
            .map_err(|error| cards_differ(&format!("{}: {error}", node.display())))?;
        wanted.insert(metadata.rdev());
    }
    let root = root(first)?;
    let open = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dev =
        openat2(&root, "dev", open, Mode::empty(), ResolveFlags::IN_ROOT).map_err(unreadable)?;
    let mut found = BTreeSet::new();
    walk(dev, 0, &mut found)?;
    let name = |device: &u64| {
        format!(
            "{}:{}",
            rustix::fs::major(*device),
            rustix::fs::minor(*device)
        )
    };
    if let Some(missing) = wanted.difference(&found).next() {
        return Err(cards_differ(&format!(
            "device {} is not in the container",
            name(missing)
        )));
    }
    match found.difference(&wanted).next() {
        Some(more) => Err(cards_differ(&format!(
            "device {} is in the container and not the lease's",
            name(more)
        ))),
        None => Ok(()),
    }
}

/// Whether the image has a program at one of these paths.
pub fn has_program(first: &First, paths: &[&str]) -> bool {
    let Ok(root) = root(first) else {
        return false;
    };
    paths.iter().any(|path| {
        openat2(
            &root,
            Path::new(path),
            OFlags::PATH | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::IN_ROOT,
        )
        .is_ok()
    })
}

fn root(first: &First) -> Result<OwnedFd, EngineError> {
    let path = format!("/proc/{}/root", first.pid);
    let root = rustix::fs::openat(
        CWD,
        path,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .map_err(unreadable)?;
    match First::of(first.pid) == Some(*first) {
        true => Ok(root),
        false => Err(cards_differ("the container ended")),
    }
}

fn walk(dir: OwnedFd, depth: usize, found: &mut BTreeSet<u64>) -> Result<(), EngineError> {
    if depth > MAX_DEPTH {
        return Err(cards_differ("its folder of devices is too deep"));
    }
    for entry in Dir::read_from(&dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let stat = statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(unreadable)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::CharacterDevice | FileType::BlockDevice => {
                let usual = USUAL.contains(&(
                    rustix::fs::major(stat.st_rdev),
                    rustix::fs::minor(stat.st_rdev),
                ));
                if !usual || FileType::from_raw_mode(stat.st_mode) == FileType::BlockDevice {
                    found.insert(stat.st_rdev);
                }
            }
            FileType::Directory => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let inner =
                    rustix::fs::openat(&dir, name, flags, Mode::empty()).map_err(unreadable)?;
                // Terminals of its own are no cards.
                if !(depth == 0 && name.to_bytes() == b"pts") {
                    walk(inner, depth.saturating_add(1), found)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn unreadable(error: rustix::io::Errno) -> EngineError {
    cards_differ(&format!("the container's devices cannot be read: {error}"))
}

fn cards_differ(detail: &str) -> EngineError {
    EngineError::Host {
        what: "cards",
        detail: detail.to_owned(),
    }
}
