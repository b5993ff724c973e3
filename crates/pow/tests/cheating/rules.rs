//! Verifiers by name: the crate's, and two with a fault that an earlier design had. A test that no fault changes tests nothing.

use crate::common::{
    card_seed, draw, entry, key, left_siblings, n, node_key, panels, row, sha256, siblings, tree,
    Hash, Node, Pick, Walk,
};
use crate::rates::judge;

/// What binds a walk's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    Version3,
    /// The first draft of version 3: a wave's key has the root of the wave before, and nothing else.
    SingleRoot,
    /// Version 1: a tile's panels follow from the tile before it.
    TileBefore,
}

impl Rules {
    /// The key of a wave, if these are the roots before it.
    pub fn key(self, seed0: &Hash, wave: u32, roots: &[Node], levels: u32) -> Hash {
        match self {
            Self::SingleRoot => key(seed0, wave, &[roots.last().copied().unwrap_or_default()]),
            _ => key(seed0, wave, &left_siblings(seed0, roots, wave, levels)),
        }
    }

    /// What draws the panels of a tile; `before` is the root of the tile before.
    pub fn draw(self, g: &Hash, card: u32, tile: u32, before: &Node) -> Hash {
        let drawn = draw(g, card, tile);
        match self {
            Self::TileBefore => sha256(&[drawn.as_slice(), before].concat()),
            _ => drawn,
        }
    }

    /// Whether a verifier of these rules takes a walk's opening.
    pub fn accept(self, walk: &Walk, at: &Pick) -> bool {
        match self {
            Self::Version3 => judge(walk, at).is_ok(),
            _ => self.verify(walk, at).is_some(),
        }
    }

    /// By the reference. Of the walk it sees the commit and openings.
    fn verify(self, walk: &Walk, at: &Pick) -> Option<()> {
        let (g, leaf, _) = self.climbed(walk, at)?;
        let before = match at.tile.checked_sub(1) {
            // Shown by an opening of its own.
            Some(tile) if self == Self::TileBefore => self.climbed(walk, &Pick { tile, ..*at })?.2,
            _ => Node::default(),
        };
        let drawn = self.draw(&g, at.card, at.tile, &before);
        let [a, b] = panels(&drawn, &walk.sizes);
        let seed_c = card_seed(&walk.seed0, at.card);
        let (x, y) = (row(&seed_c, 32 * a + at.i), row(&seed_c, 32 * b + at.j));
        let opened = leaf[(at.i % 4 * 32 + at.j) as usize];
        (entry(&x, &y) == opened).then_some(())
    }

    /// The wave's key, the leaf and the tile's root of an opening that leads to the commit.
    fn climbed(self, walk: &Walk, at: &Pick) -> Option<(Hash, Vec<u8>, Node)> {
        let opening = walk.open(at);
        let (leaf, path) = opening.split_at(128);
        let path: Vec<Node> = path
            .chunks(16)
            .map(|node| node.try_into().unwrap())
            .collect();
        let levels = walk.sizes.levels() as usize;
        let (below, above) = path.split_at(path.len() - levels);
        let g = self.shown_key(walk, at.wave, above)?;
        let k = node_key(&g);
        let tile = climb(&k, n(&k, leaf), at.i / 4, &below[..3]);
        let (tiles, cards) = below[3..].split_at(walk.sizes.tiles.ilog2() as usize);
        let card = climb(&k, tile, at.tile, tiles);
        let root = climb(&k, card, at.card, cards);
        let z = node_key(&walk.seed0);
        let leads = climb(&z, root, at.wave, above) == walk.commit();
        leads.then(|| (g, leaf.to_vec(), tile))
    }

    fn shown_key(self, walk: &Walk, wave: u32, above: &[Node]) -> Option<Hash> {
        let seed0 = &walk.seed0;
        if self != Self::SingleRoot {
            let set = (0..above.len())
                .rev()
                .filter(|level| wave >> level & 1 == 1);
            let left: Vec<Node> = set.map(|level| above[level]).collect();
            return Some(key(seed0, wave, &left));
        }
        let Some(before) = wave.checked_sub(1) else {
            return Some(key(seed0, wave, &[Node::default()]));
        };
        // The root before, and that the commit holds it.
        let root = walk.tree[0][before as usize];
        let path = siblings(&walk.tree, before as usize);
        let leads = climb(&node_key(seed0), root, before, &path) == walk.commit();
        leads.then(|| key(seed0, wave, &[root]))
    }
}

/// Where a node and its siblings lead.
pub fn climb(key: &Node, node: Node, index: u32, path: &[Node]) -> Node {
    let up = |below: Node, (level, sibling): (usize, &Node)| {
        let pair = if index >> level & 1 == 1 {
            [*sibling, below]
        } else {
            [below, *sibling]
        };
        n(key, &pair.concat())
    };
    path.iter().enumerate().fold(node, up)
}

/// The root of a tile.
pub fn tile_root(g: &Hash, tile: &[u8]) -> Node {
    let k = node_key(g);
    let leaves = tile.chunks(128).map(|leaf| n(&k, leaf));
    tree(&k, leaves.collect()).pop().unwrap()[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::Sizes;
    use crate::lockstep::lockstep;
    use crate::rates::{passes, rights};

    const SIZES: Sizes = Sizes::new(256, 4, 16, 3);

    /// Without its faults the verifier of the tests is the crate's: openings that one takes the other takes.
    #[test]
    fn the_tests_verifier_is_the_crates() {
        for chains in [1, 2, 4] {
            let walk = lockstep(Rules::Version3, &[3; 32], SIZES, chains);
            let agree =
                |at: &Pick| judge(&walk, at).is_ok() == Rules::Version3.verify(&walk, at).is_some();
            assert_eq!(rights(300, &SIZES, agree), 300);
        }
    }

    /// A verifier that refused everything would make every cheater fail.
    #[test]
    fn honest_walks_pass_by_their_rules_and_by_no_others() {
        let all = [Rules::Version3, Rules::SingleRoot];
        for rules in all {
            let walk = lockstep(rules, &[4; 32], SIZES, 1);
            for by in all {
                let passed = passes(40, &SIZES, |at| by.accept(&walk, at));
                assert_eq!(passed, if by == rules { 40 } else { 0 }, "{rules:?} {by:?}");
            }
        }
    }
}
