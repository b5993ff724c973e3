//! What CUDA and wgpu share: a table in shards, dispatches of bounded length, levels of nodes.

use crate::{pace::Pace, shards::Shards};
use iog_pow::{Engine, ProverError, Root, Shape};
use std::time::{Duration, Instant};

/// A dispatch takes a tenth of a second; a device that has not answered after this hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Lanes whose nodes are on the device at a time.
const BATCH: u32 = 1 << 16;
/// Rows of a dispatch at first, and at most: 64 MiB.
const FIRST_ROWS: u32 = 2_048;
const MOST_ROWS: u32 = 1 << 17;
/// Lanes of a dispatch at first.
const FIRST_LANES: u32 = 64;
/// A block of the kernels walks this many lanes, whether they are asked for or not.
const BLOCK_LANES: u32 = 8;

/// Why a kernel has no result.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The device did not answer in time. Whatever is freed on it now may wait for ever.
    Hung(Duration),
    Failed(ProverError),
}

impl From<ProverError> for Fault {
    fn from(error: ProverError) -> Self {
        Self::Failed(error)
    }
}

pub(crate) type Outcome<T> = Result<T, Fault>;

/// Eight words of SHA-256.
pub(crate) type Words = [u32; 8];

/// The kernels of a device. Nodes lie in two buffers: even levels above the lanes in the first, odd ones in the second.
pub(crate) trait Kernels: Send {
    /// Most bytes of a buffer.
    fn most_bytes(&self) -> u64;

    /// Makes room for the table and the nodes of `lanes` lanes.
    fn allocate(&mut self, shards: &Shards, lanes: u32) -> Outcome<()>;

    /// Fills rows `first` and on of the table, `count` of them, from row `at` of a shard on. Returns when it is done.
    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()>;

    /// Walks `count` lanes from `first` on; their nodes go to position `at`. Returns when it is done.
    fn walk(&mut self, key: &Words, first: u32, count: u32, at: u32) -> Outcome<()>;

    /// Makes `count` nodes above those of `level`. May return before it is done.
    fn reduce(&mut self, level: u32, count: u32) -> Outcome<()>;

    /// The first `count` nodes of `level`, five words each.
    fn nodes(&mut self, level: u32, count: u32) -> Outcome<Vec<u32>>;

    /// Reads a shard. Returns when it is done.
    fn scan(&mut self, shard: u32) -> Outcome<()>;
}

/// An engine over kernels.
pub(crate) struct Gpu<K: Kernels> {
    /// `None` once it hung.
    kernels: Option<K>,
    seed: [u8; 32],
    shape: Shape,
    shards: Shards,
    batch: u32,
    allocated: bool,
    filled: bool,
    rows: Pace,
    lanes: Pace,
}

impl<K: Kernels> Gpu<K> {
    /// `shard_bytes` lowers the device's limit of a buffer, for tests.
    pub(crate) fn new(
        kernels: K,
        seed: [u8; 32],
        shape: Shape,
        shard_bytes: Option<u64>,
    ) -> Result<Self, ProverError> {
        let most = kernels.most_bytes().min(shard_bytes.unwrap_or(u64::MAX));
        let shards = Shards::new(&shape, most).ok_or_else(|| {
            ProverError::Unavailable(format!(
                "its buffers hold {most} bytes, a panel takes 16384"
            ))
        })?;
        let batch = BATCH.min(shape.lanes());
        Ok(Self {
            kernels: Some(kernels),
            seed,
            shape,
            shards,
            batch,
            allocated: false,
            filled: false,
            rows: Pace::new(FIRST_ROWS, MOST_ROWS),
            lanes: Pace::new(FIRST_LANES, batch),
        })
    }

    /// Asks the kernels for something. A device that hangs is let go without freeing anything on it: that might hang too.
    fn ask<T>(&mut self, what: impl FnOnce(&mut K) -> Outcome<T>) -> Result<T, ProverError> {
        let kernels = self.kernels.as_mut().ok_or_else(|| {
            ProverError::Device("it hung before; restart the machine's driver".into())
        })?;
        match what(kernels) {
            Ok(value) => Ok(value),
            Err(Fault::Failed(error)) => Err(error),
            Err(Fault::Hung(patience)) => {
                std::mem::forget(self.kernels.take());
                Err(ProverError::Device(format!(
                    "no answer within {} s; see the system's log for what the driver says",
                    patience.as_secs()
                )))
            }
        }
    }

    fn fill_shard(
        &mut self,
        shard: u32,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        let seed = words(&self.seed);
        let (start, rows) = (self.shards.first_row(shard), self.shards.rows(shard));
        let mut at = 0_u32;
        while at < rows {
            let count = self.rows.next(rows.saturating_sub(at));
            let first = start.saturating_add(at);
            let began = Instant::now();
            self.ask(|kernels| kernels.fill(shard, &seed, first, at, count))?;
            self.rows.took(count, began.elapsed());
            at = at.saturating_add(count);
            done(first.saturating_add(count))?;
        }
        Ok(())
    }

    /// The nodes of some lanes, at most a batch.
    fn walk(
        &mut self,
        key: &Words,
        level: u32,
        first: u32,
        lanes: u32,
    ) -> Result<Vec<Root>, ProverError> {
        let mut at = 0_u32;
        while at < lanes {
            let left = lanes.saturating_sub(at);
            let fitting = self.lanes.next(left).next_multiple_of(BLOCK_LANES);
            let count = fitting.min(left);
            let lane = first.saturating_add(at);
            let began = Instant::now();
            self.ask(|kernels| kernels.walk(key, lane, count, at))?;
            self.lanes.took(count, began.elapsed());
            at = at.saturating_add(count);
        }
        for below in 0..level {
            let above = lanes >> below.saturating_add(1);
            self.ask(|kernels| kernels.reduce(below, above))?;
        }
        let words = self.ask(|kernels| kernels.nodes(level, lanes >> level))?;
        Ok(words.chunks_exact(5).map(root).collect())
    }
}

impl<K: Kernels> Engine for Gpu<K> {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        self.filled = false;
        if !self.allocated {
            let (shards, batch) = (self.shards, self.batch);
            self.ask(|kernels| kernels.allocate(&shards, batch))?;
            self.allocated = true;
        }
        for shard in 0..self.shards.count() {
            self.fill_shard(shard, done)?;
        }
        self.filled = true;
        Ok(())
    }

    fn nodes(
        &mut self,
        key: &[u8; 32],
        level: u32,
        first: u32,
        count: u32,
    ) -> Result<Vec<Root>, ProverError> {
        if !self.filled {
            return Err(ProverError::Order);
        }
        let end = u64::from(first).saturating_add(u64::from(count)) << level.min(32);
        if self.batch.checked_shr(level).unwrap_or(0) == 0 || end > u64::from(self.shape.lanes()) {
            return Err(ProverError::OutOfRange);
        }
        let key = words(key);
        let at_once = self.batch >> level;
        let mut nodes = Vec::new();
        let mut done = 0_u32;
        while done < count {
            let some = at_once.min(count.saturating_sub(done));
            let lane = first.saturating_add(done) << level;
            nodes.extend(self.walk(&key, level, lane, some << level)?);
            done = done.saturating_add(some);
        }
        Ok(nodes)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        if !self.filled {
            return Err(ProverError::Order);
        }
        for shard in 0..self.shards.count() {
            self.ask(|kernels| kernels.scan(shard))?;
        }
        Ok(self.shape.table_len())
    }
}

/// A hash as SHA-256's words.
fn words(hash: &[u8; 32]) -> Words {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(hash.chunks_exact(4)) {
        *word = bytes
            .first_chunk()
            .map_or(0, |bytes| u32::from_be_bytes(*bytes));
    }
    words
}

/// A node of five words.
fn root(words: &[u32]) -> Root {
    let mut root = Root::default();
    for (bytes, word) in root.chunks_exact_mut(4).zip(words) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    root
}
