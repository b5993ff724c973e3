//! How a wave is cut into dispatches: walk, reduce where there are many groups, join.

use crate::kernels::Work;

/// Most nodes that a workgroup joins; as in `join.wgsl`.
const MOST_JOINED: u32 = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) card: u32,
    pub(super) groups: u32,
    /// Tiles of a group: 1 to 16.
    pub(super) group_tiles: u32,
    /// Nodes that each workgroup of `reduce` joins.
    pub(super) reduced: u32,
    /// Nodes that `join` joins.
    pub(super) last: u32,
}

impl Plan {
    pub(super) fn new(work: &Work) -> Self {
        let groups = work.groups.max(1);
        let reduced = groups.min(MOST_JOINED);
        // 2^16 groups leave 128, which one workgroup joins.
        let last = if groups > MOST_JOINED {
            groups.div_ceil(MOST_JOINED)
        } else {
            groups
        };
        Self {
            card: work.card,
            groups,
            group_tiles: work.tiles.div_ceil(groups),
            reduced,
            last,
        }
    }

    /// Whether the groups are too many for one workgroup.
    pub(super) fn reduces(&self) -> bool {
        self.groups > MOST_JOINED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_pow::Shape;

    #[test]
    fn a_wave_takes_two_dispatches_and_three_from_2_14_tiles_on() {
        for (tiles, group_tiles, reduces, last) in [
            (1, 1, false, 1),
            (8, 8, false, 1),
            (16, 16, false, 1),
            (1 << 13, 16, false, 512),
            (1 << 14, 16, true, 2),
            (1 << 20, 16, true, 128),
        ] {
            let shape = Shape::new(32, tiles, 1, 1).unwrap();
            let plan = Plan::new(&Work::of(0, &shape));
            assert_eq!(
                (plan.group_tiles, plan.reduces(), plan.last),
                (group_tiles, reduces, last),
                "{tiles}"
            );
        }
    }
}
