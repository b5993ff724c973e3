//! What is kept of a walk: the root of each card in each wave. With it and the hashes of one wave anything can be opened.

use super::{replay::Computed, tree, waves::Tiles, Engine, ProverError};
use crate::{
    walk::{card_seed, node_key, wave_key},
    Chain, Node, Pick, Shape, GROUP_TILES, LEAF_LEN, NODE_LEN,
};
use std::{format, vec::Vec};

/// First bytes of a record, and its version.
const MAGIC: &[u8; 16] = b"iog-pow-record-3";
/// Bytes before the roots: magic, seed, four numbers.
const HEAD_LEN: usize = 16 + 32 + 16;

/// A finished walk without its tables: 16 bytes for each card and wave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    seed: [u8; 32],
    shape: Shape,
    /// Card by card, wave after wave.
    cards: Vec<Node>,
    /// Of the waves: what follows from the cards.
    waves: Vec<Node>,
    commit: Node,
}

impl Record {
    /// Of the roots of each card in each wave; nothing if they are not as many as the shape asks for.
    pub(super) fn new(seed: [u8; 32], shape: Shape, cards: Vec<Node>) -> Option<Self> {
        let each = usize::try_from(shape.cards()).ok()?;
        let count = usize::try_from(shape.waves()).ok()?;
        if cards.len() != each.checked_mul(count)? {
            return None;
        }
        let mut chain = Chain::new(seed, &shape);
        let waves = cards
            .chunks_exact(each)
            .map(|cards| {
                let root = join(&chain.key(), cards);
                chain.push(root);
                root
            })
            .collect();
        Some(Self {
            seed,
            shape,
            cards,
            waves,
            commit: chain.commit(),
        })
    }

    /// The walk's seed.
    #[must_use]
    pub const fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The walk's size.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What is committed.
    #[must_use]
    pub const fn commit(&self) -> Node {
        self.commit
    }

    /// The roots of the waves.
    #[must_use]
    pub fn waves(&self) -> &[Node] {
        &self.waves
    }

    /// For a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let shape = &self.shape;
        let numbers = [shape.rows(), shape.tiles(), shape.waves(), shape.cards()];
        let mut bytes = Vec::with_capacity(HEAD_LEN);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.seed);
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(self.cards.iter().flatten());
        bytes
    }

    /// What [`Record::to_bytes`] made; nothing if it is anything else. Compare its commit with the one on chain.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<16>()?;
        let (seed, rest) = rest.split_first_chunk::<32>()?;
        let (numbers, rest) = rest.split_first_chunk::<16>()?;
        let mut numbers = numbers
            .chunks_exact(4)
            .filter_map(|bytes| Some(u32::from_le_bytes(*bytes.first_chunk()?)));
        let mut next = || numbers.next();
        let shape = Shape::new(next()?, next()?, next()?, next()?).ok()?;
        let (nodes, odd) = rest.as_chunks::<NODE_LEN>();
        if magic != MAGIC || !odd.is_empty() {
            return None;
        }
        Self::new(*seed, shape, nodes.to_vec())
    }

    /// The opening of a pick, with the engine of its card, which walks the picked wave once more.
    ///
    /// # Errors
    /// [`ProverError::OutOfRange`]; [`ProverError::Device`] if the device's wave is not the one that was recorded or not the definition's;
    /// or the engine's.
    pub fn open(&self, pick: &Pick, engine: &mut dyn Engine) -> Result<Vec<u8>, ProverError> {
        if !pick.fits(&self.shape) {
            return Err(ProverError::OutOfRange);
        }
        let position = |number: u32| usize::try_from(number).map_err(|_| ProverError::OutOfRange);
        let wave = position(pick.wave)?;
        let (_, wave_path) =
            tree::climb(&node_key(&self.seed), tree::whole(self.waves.clone()), wave);
        let left = (0_u32..)
            .zip(&wave_path)
            .filter(|(level, _)| (pick.wave >> level) & 1 == 1);
        let left: Vec<&Node> = left.map(|(_, sibling)| sibling).collect();
        let key = wave_key(&self.seed, pick.wave, left.into_iter().rev());
        let nodes_key = node_key(&key);

        let each = position(self.shape.cards())?;
        let cards = self.cards.chunks_exact(each).nth(wave).unwrap_or_default();
        let (_, card_path) = tree::climb(
            &nodes_key,
            tree::whole(cards.to_vec()),
            position(pick.card)?,
        );
        let group = pick.tile.checked_div(self.group_len()).unwrap_or(0);
        let (root, group_path) = tree::climb(&nodes_key, engine.groups(&key)?, position(group)?);
        if cards.get(position(pick.card)?) != Some(&root) {
            return Err(wrong("the wave came out otherwise than before"));
        }

        let mut opening = self.tile(&key, pick, group)?;
        let above = group_path.iter().chain(&card_path).chain(&wave_path);
        opening.extend(above.flatten());
        // A device that computes wrong is found here, and not by the chain.
        match crate::verify(&self.seed, &self.shape, &self.commit, pick, &opening) {
            Ok(()) => Ok(opening),
            Err(error) => Err(wrong(&format!("it walked wrong: {error}"))),
        }
    }

    fn group_len(&self) -> u32 {
        GROUP_TILES.min(self.shape.tiles())
    }

    /// The opening up to the tile's group, from the seed alone.
    fn tile(&self, key: &[u8; 32], pick: &Pick, group: u32) -> Result<Vec<u8>, ProverError> {
        let card = u16::try_from(pick.card).map_err(|_| ProverError::OutOfRange)?;
        let mut tiles = Computed::new(card_seed(&self.seed, card), card, self.shape);
        let position = |number: u32| usize::try_from(number).map_err(|_| ProverError::OutOfRange);
        let nodes_key = node_key(key);
        let first = group.saturating_mul(self.group_len());
        let leaf = position(pick.i >> 2)?;
        let mut opening = Vec::with_capacity(self.shape.opening_len());
        let mut roots = Vec::new();
        for number in first..first.saturating_add(self.group_len()) {
            let tile = tiles.tile(key, number);
            let (root, path) = tree::climb(&nodes_key, tree::leaves(&nodes_key, &tile), leaf);
            roots.push(root);
            if number == pick.tile {
                opening.extend(tile.chunks_exact(LEAF_LEN).nth(leaf).into_iter().flatten());
                opening.extend(path.iter().flatten());
            }
        }
        let (_, path) = tree::climb(
            &nodes_key,
            roots,
            position(pick.tile.saturating_sub(first))?,
        );
        opening.extend(path.iter().flatten());
        Ok(opening)
    }
}

/// The root of a wave, from its cards'.
pub(super) fn join(key: &[u8; 32], cards: &[Node]) -> Node {
    tree::climb(&node_key(key), tree::whole(cards.to_vec()), 0).0
}

fn wrong(why: &str) -> ProverError {
    ProverError::Device(format!("{why}; test its memory before it proves again"))
}
