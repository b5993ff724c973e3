//! Where an order's agent listens: a socket that only its owner can reach, with a name short enough for one.

use super::folder::{private_folder, Folder};
use crate::error::{CliError, Result};
use sha2::{Digest, Sha256};
use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::MetadataExt,
    },
    path::{Path, PathBuf},
};
use tokio::net::UnixListener;

/// Where the agent listens: the next asker may have another `XDG_RUNTIME_DIR`, or none, as under sudo and cron.
const PLACE: &str = "socket";
/// Longest path of a socket, less the zero at its end.
const MAX_PATH: usize = 107;

/// `$XDG_RUNTIME_DIR/iog`, else `/tmp/iog-<user>`: the folder of orders may lie too deep for a socket's name.
fn path(folder: &Folder) -> Result<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    let given = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let given = given.filter(|path| path.is_absolute() && path.is_dir());
    let name = hex::encode(&Sha256::digest(folder.path().as_os_str().as_bytes())[..8]);
    let mut places = given
        .map(|path| path.join("iog"))
        .into_iter()
        .chain([PathBuf::from(format!("/tmp/iog-{user}"))]);
    let place = places
        .find(|place| place.as_os_str().len() + 1 + name.len() + ".sock".len() <= MAX_PATH)
        .unwrap_or_default();
    ours(&place, user)?;
    Ok(place.join(name + ".sock"))
}

/// A socket of this machine's own, told to those who ask.
pub fn bind(folder: &Folder) -> Result<UnixListener> {
    let path = path(folder)?;
    // Left by one that was killed: the lock says that nobody listens.
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path).map_err(|error| {
        CliError::usage(format!("cannot listen at {}: {error}", path.display()))
    })?;
    folder.write(PLACE, path.as_os_str().as_bytes())?;
    Ok(listener)
}

/// The socket that the agent told, else the one that it would have.
pub fn told(folder: &Folder) -> Result<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    let told = fs::read(folder.path().join(PLACE)).ok();
    let told = told.map(|bytes| PathBuf::from(OsString::from_vec(bytes)));
    let ours = |path: &PathBuf| {
        let place = path.parent().filter(|place| place.is_dir());
        path.is_absolute() && place.is_some_and(|place| ours(place, user).is_ok())
    };
    match told.filter(ours) {
        Some(path) => Ok(path),
        None => path(folder),
    }
}

/// Anybody may make a folder in `/tmp`: it must be ours, no link, and closed to others.
fn ours(place: &Path, user: u32) -> Result<()> {
    let refuse = |reason: &dyn std::fmt::Display| {
        CliError::usage(format!("cannot use {} for the agent's socket: {reason}; set XDG_RUNTIME_DIR to a folder of yours", place.display()))
    };
    private_folder(place).map_err(|error| refuse(&error))?;
    let found = fs::symlink_metadata(place).map_err(|error| refuse(&error))?;
    if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
        return Err(refuse(&"it is somebody else's, or others may enter it"));
    }
    Ok(())
}

/// Held for as long as the agent lives: a second one of the same order ends at once. redteam link L1
pub fn lock(folder: &Folder) -> Result<Option<File>> {
    let path = folder.path().join("agent.lock");
    let refuse = |error: std::io::Error| CliError::usage(format!("{}: {error}", path.display()));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(refuse)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(refuse(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{symlink, PermissionsExt};

    #[test]
    fn a_strangers_folder_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let user = rustix::process::getuid().as_raw();
        let own = home.path().join("own");
        ours(&own, user).unwrap();
        assert!(ours(&own, user + 1).is_err());
        fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(ours(&own, user).is_err());
        fs::set_permissions(&own, fs::Permissions::from_mode(0o700)).unwrap();
        symlink(&own, home.path().join("link")).unwrap();
        assert!(ours(&home.path().join("link"), user).is_err());
    }
}
