//! Where a walk stands: the roots of the complete subtrees of the waves so far.

use crate::{
    walk::{node, node_key, wave_key, MAX_WAVE_LEVELS},
    Node, Shape,
};

/// The state of a walk between two waves: which wave is next, and what its key is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    seed: [u8; 32],
    /// Keys the nodes above the waves.
    key: Node,
    levels: u32,
    wave: u32,
    /// The complete subtree of 2^l waves lies at l, where bit l of `wave` is set.
    peaks: [Node; MAX_WAVE_LEVELS + 1],
}

impl Chain {
    /// Before the first wave.
    #[must_use]
    pub const fn new(seed: [u8; 32], shape: &Shape) -> Self {
        Self {
            key: node_key(&seed),
            seed,
            levels: shape.wave_levels(),
            wave: 0,
            peaks: [[0; 16]; MAX_WAVE_LEVELS + 1],
        }
    }

    /// The next wave, which is how many are walked.
    #[must_use]
    pub const fn wave(&self) -> u32 {
        self.wave
    }

    /// What the next wave's left siblings are, by level; only those at set bits of [`Chain::wave`] mean anything.
    #[must_use]
    pub const fn peaks(&self) -> &[Node; MAX_WAVE_LEVELS + 1] {
        &self.peaks
    }

    /// Key of the next wave.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let peaks = (0_u32..).zip(&self.peaks);
        let left = peaks.filter(|(level, _)| self.wave.checked_shr(*level).unwrap_or(0) & 1 == 1);
        // Topmost first.
        let mut siblings = [&[0; 16]; MAX_WAVE_LEVELS + 1];
        let mut count = 0_usize;
        for ((_, peak), to) in left.zip(&mut siblings) {
            *to = peak;
            count = count.saturating_add(1);
        }
        let siblings = siblings.into_iter().take(count).rev();
        wave_key(&self.seed, self.wave, siblings)
    }

    /// Takes over the root of the next wave.
    pub fn push(&mut self, root: Node) {
        self.place(root, 0);
        self.wave = self.wave.saturating_add(1);
    }

    /// Puts a subtree beside the ones that are complete, and joins what it completes.
    fn place(&mut self, mut node_: Node, from: u32) {
        for (level, peak) in (0_u32..).zip(&mut self.peaks) {
            if level < from {
                continue;
            }
            if self.wave.checked_shr(level).unwrap_or(0) & 1 == 0 {
                *peak = node_;
                return;
            }
            node_ = node(&self.key, peak, &node_);
        }
    }

    /// The root of the walk's tree; waves that are not walked count as 16 zero bytes.
    #[must_use]
    pub fn commit(mut self) -> Node {
        let mut missing = [0; 16];
        let end = 1_u32.wrapping_shl(self.levels);
        for level in 0..self.levels {
            if self.wave < end && self.wave.checked_shr(level).unwrap_or(0) & 1 == 1 {
                self.place(missing, level);
                self.wave = self.wave.saturating_add(1_u32.wrapping_shl(level));
            }
            missing = node(&self.key, &missing, &missing);
        }
        if self.wave == 0 {
            return missing;
        }
        let top = usize::try_from(self.levels).ok();
        top.and_then(|top| self.peaks.get(top))
            .copied()
            .unwrap_or_default()
    }
}
