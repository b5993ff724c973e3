//! Puts a job's inputs and secrets where it finds them.

use super::{lease::Lease, store::private_dir};
use base64::{engine::general_purpose::STANDARD, Engine};
use iog_engine::Prepared;
use iog_job::JobSpec;
use std::{
    fs, io,
    io::{Read, Write},
    os::unix::fs::{chown, DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Component, Path, PathBuf},
};

const PIECE: usize = 1 << 20;

/// The owner of the job's own folder is the job's user.
#[derive(Clone, Copy)]
struct Owner(u32, u32);

impl Owner {
    fn of(path: &Path) -> io::Result<Self> {
        let meta = fs::metadata(path)?;
        Ok(Self(meta.uid(), meta.gid()))
    }

    fn give(self, path: &Path) -> io::Result<()> {
        let meta = fs::symlink_metadata(path)?;
        if (meta.uid(), meta.gid()) == (self.0, self.1) {
            return Ok(());
        }
        chown(path, Some(self.0), Some(self.1))
    }
}

fn is_empty(work: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(work)? {
        let entry = entry?;
        // A new disk has this folder. A link of that name is the job's.
        if entry.file_name() != "lost+found" || !entry.file_type()?.is_dir() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Inputs go into an empty folder, or one that no job has ever written: in another, what looks like a folder may be a link of the job's to
/// somewhere else. An attempt that finds the job's files keeps them.
///
/// # Errors
/// If they cannot be written.
pub fn inputs(
    lease: &Lease,
    spec: &JobSpec,
    prepared: &Prepared,
    ever_started: bool,
) -> io::Result<()> {
    if ever_started && !is_empty(&prepared.work)? {
        return Ok(());
    }
    let owner = Owner::of(&prepared.work)?;
    for input in &spec.inputs {
        let target = beneath(&prepared.work, &input.target, owner)?;
        let _ = fs::remove_file(&target);
        let mode = if input.executable { 0o700 } else { 0o600 };
        let mut to = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&target)?;
        copy(lease, &lease.store.input(&input.sha256), &mut to)?;
        to.set_permissions(fs::Permissions::from_mode(mode))?;
        owner.give(&target)?;
    }
    Ok(())
}

/// Whoever waits for the lease's end does not wait for the end of a large input.
fn copy(lease: &Lease, from: &Path, to: &mut fs::File) -> io::Result<()> {
    let mut from = fs::File::open(from)?;
    let mut buffer = vec![0; PIECE];
    loop {
        if lease.is_cut() {
            return Err(io::Error::other("the lease is over"));
        }
        let read = from.read(&mut buffer)?;
        match buffer.get(..read).filter(|piece| !piece.is_empty()) {
            Some(piece) => to.write_all(piece)?,
            None => return Ok(()),
        }
    }
}

/// The path of a target, whose folders are made.
fn beneath(work: &Path, target: &str, owner: Owner) -> io::Result<PathBuf> {
    let refuse = || io::Error::new(io::ErrorKind::InvalidInput, "a target outside of /work");
    let mut path = work.to_path_buf();
    let mut parts = Path::new(target).components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else {
            return Err(refuse());
        };
        path.push(name);
        if parts.peek().is_some() && !path.is_dir() {
            fs::DirBuilder::new().mode(0o700).create(&path)?;
            owner.give(&path)?;
        }
    }
    match path == work {
        true => Err(refuse()),
        false => Ok(path),
    }
}

/// Secrets are written anew for each attempt; they lie in memory alone. redteam S1
///
/// # Errors
/// If they cannot be written.
pub fn secrets(lease: &Lease, prepared: &Prepared) -> io::Result<()> {
    if lease.is_cut() {
        return Err(io::Error::other("the lease is over"));
    }
    let owner = Owner::of(&prepared.work)?;
    private_dir(&prepared.secrets)?;
    for (name, value) in lease.secrets()?.0 {
        let plain = STANDARD
            .decode(value)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        let path = beneath(&prepared.secrets, &name, owner)?;
        let _ = fs::remove_file(&path);
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(&path)?;
        file.write_all(&plain)?;
        owner.give(&path)?;
    }
    Ok(())
}
