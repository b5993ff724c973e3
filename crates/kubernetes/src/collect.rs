//! What a run left, out of its pod and into the node's own folder: regular files and folders, and no more of them than its disk has.
//! The job wrote all of it, and may have written anything. redteam S4

use crate::{
    api::host,
    inside::{broken, code_of, read, words, Place},
    objects::WORK,
};
use iog_engine::{files::private_dir, names::erase_dir, EngineError};
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
};
use tokio_util::io::SyncIoBridge;

const SHOWN: u64 = 4 << 10;

/// Most of a run's disk.
#[derive(Clone, Copy)]
pub struct Most {
    pub bytes: u64,
    pub files: u64,
}

/// Replaces `work`, or leaves it as it was.
pub async fn take(place: &Place, work: &Path, most: Most) -> Result<(), EngineError> {
    // What it cannot read is left out; a second name of a file is a file. Holes are sent as such.
    let pack = words([
        "tar",
        "-cSf",
        "-",
        "--hard-dereference",
        "--ignore-failed-read",
        "--one-file-system",
        "-C",
        WORK,
        ".",
    ]);
    let mut process = place.open(&pack, false, false).await?;
    let (empty, _) = tokio::io::duplex(1);
    let out = std::mem::replace(&mut process.stdout, empty);
    let fresh = work.with_extension("new");
    let into = fresh.clone();
    let unpacked = tokio::task::spawn_blocking(move || {
        let mut from = SyncIoBridge::new(out);
        erase_dir(&into)?;
        private_dir(&into)?;
        let unpacked = unpack(&mut from, &into, most).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => host("disk", error.to_string()),
            _ => EngineError::file(&into)(error),
        });
        // What follows the end of an archive is padding; without it the command would not end.
        if unpacked.is_ok() {
            io::copy(&mut from, &mut io::sink()).map_err(EngineError::file(&into))?;
        }
        unpacked
    });
    let attached = &process.attached;
    let unpacked = async {
        let unpacked = unpacked.await;
        if !matches!(unpacked, Ok(Ok(()))) {
            // Else it goes on telling of what nobody takes.
            attached.abort();
        }
        unpacked
    };
    let (unpacked, stderr) = tokio::join!(unpacked, read(&mut process.stderr, SHOWN));
    unpacked.map_err(|error| host("engine", error.to_string()))??;
    let told = process.status().await;
    // 1: a file changed while it was read; 2: one could not be read. An archive without its end is not one.
    match code_of(told.as_ref()) {
        Some(0..=2) => replace(&fresh, work),
        Some(code) => Err(host(
            "engine",
            format!(
                "outputs cannot be packed ({code}): {}",
                String::from_utf8_lossy(&stderr)
            ),
        )),
        None => Err(broken()),
    }
}

fn replace(fresh: &Path, work: &Path) -> Result<(), EngineError> {
    let old = work.with_extension("old");
    erase_dir(&old)?;
    match fs::rename(work, &old) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(EngineError::file(work)(error))
        }
        _ => {}
    }
    fs::rename(fresh, work).map_err(EngineError::file(work))?;
    erase_dir(&old)
}

/// Between the two renames there is no `work`: what is called `old` is it, or `new` is whole.
pub fn mend(work: &Path) -> Result<(), EngineError> {
    let old = work.with_extension("old");
    match !work.exists() && old.exists() {
        true => fs::rename(&old, work).map_err(EngineError::file(work)),
        false => Ok(()),
    }
}

fn too_much() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "the run left more than its disk has",
    )
}

fn unpack(from: impl Read, into: &Path, most: Most) -> io::Result<()> {
    let (mut bytes, mut files) = (most.bytes, most.files);
    for entry in tar::Archive::new(from).entries()? {
        let mut entry = entry?;
        files = files.checked_sub(1).ok_or_else(too_much)?;
        let Some(path) = beneath(into, &entry.path()?) else {
            continue;
        };
        let kind = entry.header().entry_type();
        if kind.is_dir() {
            make_dir(&path)?;
            continue;
        }
        if !kind.is_file() && !kind.is_gnu_sparse() {
            continue;
        }
        bytes = bytes.checked_sub(entry.size()).ok_or_else(too_much)?;
        if let Some(parent) = path.parent() {
            make_dir(parent)?;
        }
        let executable = entry.header().mode().unwrap_or(0) & 0o111 != 0;
        let mut options = OpenOptions::new();
        let mode = if executable { 0o700 } else { 0o600 };
        // A name that comes twice is the first one.
        match options.write(true).create_new(true).mode(mode).open(&path) {
            Ok(mut file) => drop(io::copy(&mut entry, &mut file)?),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Nothing in there is a link: no part of a path leads elsewhere.
fn make_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn beneath(into: &Path, path: &Path) -> Option<PathBuf> {
    let mut beneath = into.to_path_buf();
    for part in path.components() {
        match part {
            Component::Normal(name) => beneath.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (beneath != into).then_some(beneath)
}

#[cfg(test)]
mod tests {
    use super::{unpack, Most};
    use std::{fs, os::unix::fs::PermissionsExt};

    fn entry(archive: &mut tar::Builder<Vec<u8>>, kind: tar::EntryType, name: &str, bytes: &[u8]) {
        let mut header = tar::Header::new_gnu();
        // As a hostile one is written: not by the library's own checks.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o4755);
        header.set_cksum();
        archive.append(&header, bytes).unwrap();
    }

    /// redteam S4: links, devices and paths out of the folder are not made, and set-id bits are not kept.
    #[test]
    fn only_files_and_folders_beneath_come_out_of_a_pod() {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = tar::Builder::new(Vec::new());
        entry(&mut archive, tar::EntryType::Regular, "./out/a", b"kept");
        entry(&mut archive, tar::EntryType::Regular, "../escaped", b"no");
        entry(&mut archive, tar::EntryType::Regular, "/escaped", b"no");
        entry(&mut archive, tar::EntryType::Char, "./null", b"");
        entry(&mut archive, tar::EntryType::Fifo, "./pipe", b"");
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        archive.append_link(&mut link, "link", "/etc").unwrap();
        entry(
            &mut archive,
            tar::EntryType::Regular,
            "./link/passwd",
            b"inside",
        );
        let bytes = archive.into_inner().unwrap();
        let into = dir.path().join("work");
        fs::create_dir(&into).unwrap();
        let most = Most {
            bytes: 1 << 20,
            files: 100,
        };
        unpack(bytes.as_slice(), &into, most).unwrap();
        assert_eq!(fs::read(into.join("out/a")).unwrap(), b"kept");
        assert_eq!(fs::read(into.join("link/passwd")).unwrap(), b"inside");
        let mode = fs::metadata(into.join("out/a"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o700);
        assert!(!dir.path().join("escaped").exists());
        assert!(!into.join("null").exists() && !into.join("pipe").exists());

        for most in [
            Most {
                bytes: 5,
                files: 100,
            },
            Most {
                bytes: 1 << 20,
                files: 3,
            },
        ] {
            let again = tempfile::tempdir().unwrap();
            assert!(unpack(bytes.as_slice(), again.path(), most).is_err());
        }
    }
}
