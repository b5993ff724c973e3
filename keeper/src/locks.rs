//! Who may run: one keeper a state directory, and one keeper a device key on a machine. Two would do a job twice. Field case 7.

use crate::error::{KeeperError, Result};
use solana_pubkey::Pubkey;
use std::{
    env,
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Held for as long as it lives.
pub struct Lock(#[allow(dead_code)] File);

/// The state directory, which exists.
pub fn of_state(dir: &Path) -> Result<Lock> {
    let path = dir.join("lock");
    let other = || {
        KeeperError::Config(format!(
            "another keeper uses {}; give this one a state_dir of its own",
            dir.display()
        ))
    };
    lock(&path)?.ok_or_else(other)
}

/// A device key, whatever the state directory: keepers on other machines are noticed by what they sign.
pub fn of_device(dir: Option<&Path>, key: &Pubkey) -> Result<Lock> {
    let path = folder(dir).join(format!("iog-device-{key}.lock"));
    let other = || {
        KeeperError::Config(format!(
            "another keeper of this machine has the device key {key} (it holds {}); a device key belongs to one keeper",
            path.display()
        ))
    };
    lock(&path)?.ok_or_else(other)
}

/// Where every user of this machine may put a file, else where at least this one may.
fn folder(dir: Option<&Path>) -> PathBuf {
    let common = Path::new("/run/lock");
    match dir {
        Some(dir) => dir.into(),
        None if rustix::fs::access(common, rustix::fs::Access::WRITE_OK).is_ok() => common.into(),
        None => env::var_os("XDG_RUNTIME_DIR").map_or_else(env::temp_dir, PathBuf::from),
    }
}

/// The lock, or nothing where somebody else has it.
fn lock(path: &Path) -> Result<Option<Lock>> {
    let file = open(path).map_err(KeeperError::file(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(KeeperError::file(path)(error)),
    }
}

/// Another user's file is only read: that is enough to lock it, and in a common folder more is not allowed.
fn open(path: &Path) -> io::Result<File> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    let new = OpenOptions::new().write(true).create_new(true).open(path);
    match new {
        // Somebody else made it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::open(path),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two keepers with state directories of their own. Field case 7
    #[test]
    fn a_device_key_belongs_to_one_keeper_of_a_machine() {
        let dir = tempfile::tempdir().unwrap();
        let key = Pubkey::new_unique();
        let first = of_device(Some(dir.path()), &key).unwrap();
        let Err(error) = of_device(Some(dir.path()), &key) else {
            panic!("two have it");
        };
        assert!(error.to_string().contains(&key.to_string()), "{error}");
        of_device(Some(dir.path()), &Pubkey::new_unique()).unwrap();
        drop(first);
        of_device(Some(dir.path()), &key).unwrap();
    }

    /// Field case 7
    #[test]
    fn a_state_directory_belongs_to_one_keeper() {
        let dir = tempfile::tempdir().unwrap();
        let _first = of_state(dir.path()).unwrap();
        let Err(error) = of_state(dir.path()) else {
            panic!("two have it");
        };
        assert!(error.to_string().contains("another keeper"), "{error}");
    }
}
