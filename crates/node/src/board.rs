//! What `chain` publishes for `link` and `jobs`, and what `jobs` reports back. Files in folders of their own, replaced as a whole.

use iog_engine::Takes;
use iog_job::{Binding, Hash, Key, Offer, Phase, Signed, SignedJoin};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Largest board or report that is read.
const MAX_BYTES: u64 = 16 << 20;

/// Where a lease stands for those who serve it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Matched, or accepted and not started: an offer may come.
    Matched,
    Accepted,
    /// The order runs: everything may come.
    Running,
    /// It ended, dropped out or is disputed: outputs and log may be read.
    Kept,
}

/// The mesh that a lease is of: its order's own, or that of the order which its own joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mesh {
    pub root: Key,
    pub root_created_ts: i64,
}

/// Another lease of the same mesh that may be spoken to: accepted, undisputed, of an order that runs. redteam mesh M4
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub lease: Key,
    pub device: Key,
    pub tunnel_key: Key,
    /// In the mesh; below [`iog_job::MAX_RANKS`].
    pub rank: u16,
}

/// What became of a join that the renter sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardJoin {
    pub root: Key,
    pub order: Key,
    pub created_ts: i64,
    pub offset: u16,
    /// Why it does not hold, in words for the renter; none: it does.
    pub refused: Option<String>,
}

/// One lease of a device of this machine, as two endpoints told it alike. redteam L2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoardLease {
    pub binding: Binding,
    pub stage: Stage,
    pub renter: Key,
    /// Zeros: nobody has access.
    pub engineer_key: Key,
    pub receipt_key: Key,
    /// The lease's own copy. redteam S2
    pub tunnel_key: Key,
    /// In its order.
    pub place: u16,
    /// In its mesh: the place, with the offset that its order joined at. [`iog_job::NO_RANK`]: none.
    pub rank: u16,
    /// Machines of its own order as it was booked: one that drops out, and is not yet replaced, counts. See `iog_math::cluster`.
    pub world_size: u16,
    /// None before the start and after the end, and of a lease that has no place among the [`iog_job::MAX_MEMBERS`] of its mesh. redteam mesh M6
    pub mesh: Option<Mesh>,
    /// The joins that were sent to this lease, as they were found on chain. redteam mesh M2
    pub joins: Vec<BoardJoin>,
    pub gpus: u32,
    pub image_hash: Hash,
    pub command_hash: Hash,
    /// Names of the device's cards: UUID, PCI address or number.
    pub cards: Vec<String>,
    /// The proof's table is not in the cards' memory: the job may have it. redteam K1
    pub cards_free: bool,
    /// When it began to serve, on the chain's clock; 0 before.
    pub started_ts: i64,
    /// When it ends.
    pub ends_ts: i64,
    /// Of a lease that is kept: until when.
    pub keep_until_ts: i64,
    /// The other leases of the mesh, by rank; none where it has none.
    pub members: Vec<Member>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    pub genesis: Key,
    /// The chain's time and slot when it was written.
    pub now: i64,
    pub slot: u64,
    /// The endpoints differ or one is silent: leases that run stay as they were until their time is over, and nothing new is opened.
    pub doubtful: bool,
    /// Whoever took this board's keys: jobs and link stop. redteam X3
    pub stolen: bool,
    /// No new matches are accepted: the operator drains or maintains. What was accepted is served.
    pub draining: bool,
    pub leases: Vec<BoardLease>,
}

impl Board {
    pub fn lease(&self, binding: &Binding) -> Option<&BoardLease> {
        self.leases.iter().find(|lease| lease.binding == *binding)
    }
}

/// How a lease's job stands, for `chain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseReport {
    pub binding: Binding,
    pub phase: Option<Phase>,
    /// Since when the machine has failed to do what it accepted, on the chain's clock. redteam K6
    #[serde(default)]
    pub host_failed_since_ts: Option<i64>,
    #[serde(default)]
    pub offer: Option<Offer>,
    /// Of a lease that has ended: the renter's receipts of its last days, for an answer to a dispute. redteam 13
    #[serde(default)]
    pub receipts: Vec<Signed>,
    /// What its renter sent to join orders to its mesh, unverified; at most [`iog_job::MAX_JOINS`]. redteam mesh M2
    #[serde(default)]
    pub joins: Vec<SignedJoin>,
}

/// What `jobs` tells `chain`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Newest board that it acted on.
    pub board_slot: u64,
    pub engine: String,
    /// Why no job can be run, if so.
    pub trouble: Option<String>,
    /// The engine isolates and limits jobs of strangers. redteam E7
    pub strangers: bool,
    /// Which jobs the engine takes at all. redteam K4
    #[serde(default)]
    pub takes: Takes,
    pub leases: Vec<LeaseReport>,
    /// Refused at the link since the start, by reason.
    #[serde(default)]
    pub refused: BTreeMap<String, u64>,
}

/// The file of the board under the node's folder.
pub fn board_file(node_dir: &Path) -> PathBuf {
    node_dir.join("board").join("board.json")
}

/// The file of the job side's report under the node's folder.
pub fn report_file(node_dir: &Path) -> PathBuf {
    node_dir.join("report").join("report.json")
}

/// The job side's socket.
pub fn jobs_socket(node_dir: &Path) -> PathBuf {
    node_dir.join("jobs").join("jobs.sock")
}

/// Replaces a file as a whole. Its folder exists: who writes it has made it with the right owner.
///
/// # Errors
/// If it cannot be written.
pub fn replace<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let bytes = serde_json::to_vec(value)?;
    let new = path.with_extension("new");
    fs::write(&new, bytes)?;
    fs::rename(new, path)
}

/// Reads what [`replace`] wrote; `None` where nothing was written yet.
///
/// # Errors
/// If it cannot be read, is too large or is nothing of the kind.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    // Of another user's folder: no link, and nothing that never ends or never answers.
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
    let opened = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is no file, or too large", path.display()),
        ));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam J1: what is read lies in another user's folder: no link is followed, no pipe waited for, and nothing too large is read.
    #[test]
    fn of_anothers_folder() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("good"), "7").unwrap();
        assert_eq!(read::<u64>(&at("good")).unwrap(), Some(7));
        assert_eq!(read::<u64>(&at("none")).unwrap(), None);
        std::os::unix::fs::symlink(at("good"), at("link")).unwrap();
        assert_eq!(fs::read(at("link")).unwrap(), b"7", "without the rule");
        let followed = read::<u64>(&at("link")).unwrap_err();
        assert_eq!(followed.raw_os_error(), Some(nix::libc::ELOOP));
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for name in ["pipe", "."] {
            let odd = read::<u64>(&at(name)).unwrap_err();
            assert_eq!(odd.kind(), io::ErrorKind::InvalidData, "{name}");
        }
        let large = fs::File::create(at("large")).unwrap();
        large.set_len(MAX_BYTES + 1).unwrap();
        let large = read::<u64>(&at("large")).unwrap_err();
        assert_eq!(large.kind(), io::ErrorKind::InvalidData);
    }
}
