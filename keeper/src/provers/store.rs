//! Walks and openings on disk: a keeper that starts again opens without walking again. One hour's of each device.

use super::openings::Openings;
use iog_pow::Record;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

const WALK: &str = "walk";
const OPENINGS: &str = "openings";
/// What is being written, until it is whole.
const NEW: &str = "new";
/// More than the longest: 8 cards in 2^17 waves take 16 MiB.
const MOST_BYTES: u64 = 20 << 20;

/// A folder of its own in the state directory.
pub struct Store {
    dir: PathBuf,
    /// What is removed must not be what is just being written.
    busy: Mutex<()>,
}

/// What was found of a device.
#[derive(Default)]
pub(super) struct Found {
    pub(super) record: Option<Record>,
    pub(super) openings: Option<Openings>,
}

impl Store {
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            busy: Mutex::default(),
        }
    }

    /// Keeps a finished walk, whose openings are not known yet.
    pub(super) fn keep_walk(&self, device: &Pubkey, record: &Record) -> Result<(), String> {
        let _busy = self.busy();
        self.remove_one(device, OPENINGS)?;
        let bytes = record.to_bytes();
        // What it says of the shape does not show in its commit.
        let sum: [u8; 32] = Sha256::digest(&bytes).into();
        self.write(device, WALK, &[sum.as_slice(), &bytes].concat())
    }

    pub(super) fn keep_openings(&self, device: &Pubkey, openings: &Openings) -> Result<(), String> {
        let _busy = self.busy();
        self.write(device, OPENINGS, &openings.to_bytes())
    }

    fn busy(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes what there is of a device, unless something `new` is or will be there.
    pub(super) fn remove(&self, device: &Pubkey, new: impl Fn() -> bool) -> Result<(), String> {
        let _busy = self.busy();
        if new() {
            return Ok(());
        }
        self.remove_one(device, WALK)?;
        self.remove_one(device, OPENINGS)
    }

    /// What was kept of a device, checked. Files that are damaged are removed, and said to be.
    pub(super) fn load(&self, device: &Pubkey) -> (Found, Vec<String>) {
        let (record, walk_trouble) = self.read(device, WALK, record);
        let (openings, openings_trouble) = self.read(device, OPENINGS, Openings::from_bytes);
        let trouble = [walk_trouble, openings_trouble];
        (
            Found { record, openings },
            trouble.into_iter().flatten().collect(),
        )
    }

    /// Removes what is left of devices that are no longer on this machine, and of writing that was broken off.
    pub(super) fn sweep(&self, own: impl Fn(&Pubkey) -> bool) {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            let kind = path.extension().and_then(|kind| kind.to_str());
            let device = name.and_then(|name| name.parse::<Pubkey>().ok());
            let stale = match kind {
                Some(NEW) => true,
                Some(WALK | OPENINGS) => device.is_some_and(|device| !own(&device)),
                _ => false,
            };
            if stale {
                // What cannot be removed is in nobody's way.
                let _ = fs::remove_file(path);
            }
        }
    }

    fn path(&self, device: &Pubkey, kind: &str) -> PathBuf {
        self.dir.join(format!("{device}.{kind}"))
    }

    fn remove_one(&self, device: &Pubkey, kind: &str) -> Result<(), String> {
        let path = self.path(device, kind);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(of(&path)(error)),
            _ => Ok(()),
        }
    }

    fn write(&self, device: &Pubkey, kind: &str, bytes: &[u8]) -> Result<(), String> {
        let path = self.path(device, kind);
        let new = self.dir.join(format!("{device}.{kind}.{NEW}"));
        let written = self.write_new(&new, bytes);
        let put = written.and_then(|()| fs::rename(&new, &path));
        // The name, too, must be on disk.
        let put = put.and_then(|()| File::open(&self.dir)?.sync_all());
        put.map_err(|error| {
            // A disk that is full stays fuller for it.
            let _ = fs::remove_file(&new);
            of(&path)(error)
        })
    }

    fn write_new(&self, new: &Path, bytes: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)?;
        match fs::remove_file(new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(new)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn read<T>(
        &self,
        device: &Pubkey,
        kind: &str,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> (Option<T>, Option<String>) {
        let path = self.path(device, kind);
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (None, None),
            Err(error) => return (None, Some(of(&path)(error))),
        };
        match parse(&bytes) {
            Some(found) => (Some(found), None),
            None => {
                let removed = self.remove_one(device, kind);
                let text = format!("{}: it is damaged and of no use", path.display());
                (None, Some(removed.err().unwrap_or(text)))
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn record(bytes: &[u8]) -> Option<Record> {
    let (sum, rest) = bytes.split_first_chunk::<32>()?;
    let right = Sha256::digest(rest).as_slice() == sum;
    right.then(|| Record::from_bytes(rest))?
}

fn of(path: &Path) -> impl Fn(io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_pow::{CpuProver, Shape};
    use std::os::unix::fs::PermissionsExt;

    fn record_of(seed: u8) -> Record {
        let mut prover = CpuProver::new([seed; 32], Shape::TEST, 1);
        prover.commit().unwrap();
        prover.record().unwrap().clone()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_kept_is_for_the_keeper_alone_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("proofs"));
        let device = Pubkey::new_unique();
        assert!(store.load(&device).0.record.is_none());
        let record = record_of(1);
        // What a life before left half written.
        fs::create_dir(&store.dir).unwrap();
        fs::write(store.dir.join(format!("{device}.walk.new")), "half").unwrap();
        store.keep_walk(&device, &record).unwrap();
        let path = store.path(&device, WALK);
        assert_eq!(mode(&path), 0o600);
        let (found, trouble) = store.load(&device);
        assert_eq!((found.record, trouble.len()), (Some(record), 0));
        let left = fs::read_dir(&store.dir).unwrap().count();
        assert_eq!(left, 1, "nothing half written");
        store.remove(&device, || true).unwrap();
        assert!(path.exists());
        store.remove(&device, || false).unwrap();
        assert!(!path.exists());
        store.remove(&device, || false).unwrap();
    }

    #[test]
    fn the_folder_is_the_keepers_alone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("state/proofs"));
        store
            .keep_walk(&Pubkey::new_unique(), &record_of(1))
            .unwrap();
        assert_eq!(mode(&store.dir), 0o700);
    }

    #[test]
    fn a_file_that_was_changed_is_removed_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().into());
        let device = Pubkey::new_unique();
        let path = store.path(&device, WALK);
        store.keep_walk(&device, &record_of(1)).unwrap();
        let whole = fs::read(&path).unwrap();
        // Checksum, magic, seed, rows, a root.
        for at in [3, 40, 60, 81, 100, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            let (found, trouble) = store.load(&device);
            assert!(found.record.is_none(), "{at}");
            assert!(trouble[0].contains("damaged"), "{trouble:?}");
            assert!(!path.exists(), "{at}");
        }
        fs::write(&path, &whole[..whole.len() - 16]).unwrap();
        assert!(store.load(&device).0.record.is_none());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("proofs");
        fs::write(&file, "").unwrap();
        let store = Store::new(file.clone());
        let device = Pubkey::new_unique();
        let error = store.keep_walk(&device, &record_of(1)).unwrap_err();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
        assert!(store.load(&device).0.record.is_none());
    }

    #[test]
    fn what_belongs_to_nobody_is_swept_away() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().into());
        let (own, other) = (Pubkey::new_unique(), Pubkey::new_unique());
        for device in [own, other] {
            store.keep_walk(&device, &record_of(1)).unwrap();
        }
        for name in ["notes.walk", "x.new", "readme"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        store.sweep(|device| *device == own);
        let mut left: Vec<String> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut kept = vec![format!("{own}.walk"), "notes.walk".into(), "readme".into()];
        kept.sort();
        assert_eq!(left, kept);
    }
}
