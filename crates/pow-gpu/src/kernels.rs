//! What a device must be able to do for [`crate::gpu`], and what lies in its memory while it does.

use crate::shards::Shards;
use iog_pow::{Chain, Node, ProverError, Shape};
use std::time::Duration;

/// A dispatch takes a tenth of a second; a device that has not answered after this hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Words of a node.
pub(crate) const NODE_WORDS: usize = 4;
/// Most waves that are queued before the device is waited for, and so roots that it has room for. Three launches each stay
/// below the thousand that a driver queues before it makes the caller wait, and nobody would notice a device that hangs then.
pub(crate) const MOST_WAVES: u32 = 256;
/// Words of a [`State`].
pub(crate) const STATE_WORDS: usize = 18 + PEAKS * NODE_WORDS;
/// Levels of peaks: a walk has at most 2^17 waves.
const PEAKS: usize = 18;
/// Wave of a state that has a key and nothing else.
const NO_CHAIN: u32 = u32::MAX;

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

/// What a device computes in each wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    /// The card's number in the draws.
    pub(crate) card: u32,
    /// A power of two.
    pub(crate) tiles: u32,
    /// Nodes that the walk leaves: over 16 tiles each, or one over all of them if they are fewer. A power of two.
    pub(crate) groups: u32,
}

impl Work {
    pub(crate) fn of(card: u16, shape: &Shape) -> Self {
        Self {
            card: u32::from(card),
            tiles: shape.tiles(),
            groups: shape.groups(),
        }
    }
}

/// What the device keeps between two waves: words 0 to 7 are `seed0`, 8 to 15 the key of the next wave, 16 that wave's number, 17
/// how many roots were made since it was loaded (0 at first); then the peaks, level 0 first, those at set bits of the number.
///
/// With [`NO_CHAIN`] for a number there is only the key, and the device makes no other from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State(pub(crate) [u32; STATE_WORDS]);

impl State {
    /// A key, and no wave after it.
    pub(crate) fn key(key: &[u8; 32]) -> Self {
        Self::new(&[0; 32], key, NO_CHAIN, &[])
    }

    /// The state of a walk with this `seed0` before its next wave.
    pub(crate) fn chain(seed: &[u8; 32], chain: &Chain) -> Self {
        Self::new(seed, &chain.key(), chain.wave(), chain.peaks())
    }

    fn new(seed: &[u8; 32], key: &[u8; 32], wave: u32, peaks: &[Node]) -> Self {
        let mut state = [0; STATE_WORDS];
        let peaks = peaks.iter().flat_map(|peak| peak.chunks_exact(4).map(word));
        let head = words(seed).into_iter().chain(words(key));
        let all = head.chain([wave, 0]).chain(peaks);
        for (to, from) in state.iter_mut().zip(all) {
            *to = from;
        }
        Self(state)
    }
}

/// The kernels of a device. Hashes, nodes and the table are kept in the words of SHA-256 (big endian).
///
/// What is *queued* may return before it is done; it is done in the order of the calls, and all of it after [`Kernels::wait`] or
/// anything that is said to wait.
pub(crate) trait Kernels: Send {
    /// Most bytes of a buffer.
    fn most_bytes(&self) -> u64;

    /// Makes room for the table, a state, the nodes of `work` and [`MOST_WAVES`] roots.
    fn allocate(&mut self, shards: &Shards, work: &Work) -> Outcome<()>;

    /// Fills rows `first` and on of the table, `count` of them, from row `at` of a shard on. Waits.
    fn fill(&mut self, shard: u32, seed: &Words, first: u32, at: u32, count: u32) -> Outcome<()>;

    /// Puts a state in the place of the one before. Queued.
    fn load(&mut self, state: &State) -> Outcome<()>;

    /// Walks `count` groups from `first` on under the state's key; their nodes go to places `first` and on. Queued.
    fn walk(&mut self, first: u32, count: u32) -> Outcome<()>;

    /// Joins the nodes of all groups to the wave's root, puts it behind those made since the state was loaded, and makes the
    /// state the next wave's: number, peaks, key. Spoils the nodes of the groups. Queued.
    fn join(&mut self) -> Outcome<()>;

    /// Waits for everything that is queued.
    fn wait(&mut self) -> Outcome<()>;

    /// The nodes of all groups, four words each. Waits.
    fn groups(&mut self) -> Outcome<Vec<u32>>;

    /// The first `count` roots since the state was loaded, four words each. Waits.
    fn roots(&mut self, count: u32) -> Outcome<Vec<u32>>;

    /// Reads a shard: the exclusive or of its words. Waits.
    fn scan(&mut self, shard: u32) -> Outcome<u32>;

    /// Reads panels as the walk does, whole and anywhere in the table, and does nothing else: the exclusive or of their words.
    /// They are `draw(first)` and on, `count` of them, where [`gathered`] says which panel a draw is. Waits.
    fn gather(&mut self, first: u32, count: u32) -> Outcome<u32>;
}

/// Which panel number `draw` of [`Kernels::gather`] reads: mixed well, and cheap enough to cost nothing beside reading.
#[cfg(test)]
pub(crate) fn gathered(draw: u32, panels: u32) -> u32 {
    let mut x = draw;
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^= x >> 16;
    ((u64::from(x) * u64::from(panels)) >> 32) as u32
}

/// A hash as SHA-256's words.
pub(crate) fn words(hash: &[u8; 32]) -> Words {
    let mut words = [0; 8];
    for (to, bytes) in words.iter_mut().zip(hash.chunks_exact(4)) {
        *to = word(bytes);
    }
    words
}

fn word(bytes: &[u8]) -> u32 {
    bytes
        .first_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// Nodes of four words each.
pub(crate) fn nodes(words: &[u32]) -> Vec<Node> {
    let node = |words: &[u32]| {
        let mut node = Node::default();
        for (bytes, word) in node.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        node
    };
    words.chunks_exact(NODE_WORDS).map(node).collect()
}
