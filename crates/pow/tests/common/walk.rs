//! A whole walk in memory, and what it opens. A cheater hands in other tiles, or waves with other keys.

use super::{
    card_seed, draw, key, left_siblings, multiply, n, node_key, panels, siblings, table, tree,
    Hash, Node, Panel, Pick, Sizes, Tile,
};

/// Which tile is asked for, and what it multiplies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub wave: u32,
    pub card: u32,
    pub tile: u32,
    pub panels: [u32; 2],
}

impl Place {
    /// The tile of the definition.
    pub fn honest(&self, tables: &[Vec<Panel>]) -> Tile {
        let table = &tables[self.card as usize];
        let [a, b] = self.panels.map(|p| &table[p as usize]);
        multiply(a, b)
    }

    /// Something that looks like a tile, another one at each place.
    pub fn made_up(&self) -> Tile {
        let place = format!("{} {} {}", self.wave, self.card, self.tile);
        super::sha256(place.as_bytes()).repeat(32)
    }
}

/// A wave: its key, the tiles of each card, and the trees over them.
pub struct Wave {
    pub key: Hash,
    pub tiles: Vec<Vec<Tile>>,
    /// Over each card's leaves, level by level.
    pub cards: Vec<Vec<Vec<Node>>>,
    /// Over the cards' roots.
    pub top: Vec<Vec<Node>>,
}

impl Wave {
    pub fn new(key: Hash, tiles: Vec<Vec<Tile>>) -> Self {
        let k = node_key(&key);
        // A tile's eight leaves are a tree, and tiles are a power of two: one tree over the leaves of all of them.
        let leaves = |tiles: &Vec<Tile>| -> Vec<Node> {
            let leaves = tiles.iter().flat_map(|tile| tile.chunks(128));
            leaves.map(|leaf| n(&k, leaf)).collect()
        };
        let cards: Vec<_> = tiles.iter().map(|tiles| tree(&k, leaves(tiles))).collect();
        let roots = cards.iter().map(|levels| levels.last().unwrap()[0]);
        let top = tree(&k, roots.collect());
        Self {
            key,
            tiles,
            cards,
            top,
        }
    }

    pub fn root(&self) -> Node {
        self.top.last().unwrap()[0]
    }

    /// The leaf and its siblings up to the wave's root.
    pub fn open(&self, at: &Pick) -> Vec<u8> {
        let [card, tile, leaf] = [at.card, at.tile, at.i / 4].map(|number| number as usize);
        let mut opening = self.tiles[card][tile][128 * leaf..][..128].to_vec();
        opening.extend(siblings(&self.cards[card], 8 * tile + leaf).concat());
        opening.extend(siblings(&self.top, card).concat());
        opening
    }
}

pub struct Walk {
    pub seed0: Hash,
    pub sizes: Sizes,
    pub waves: Vec<Wave>,
    /// The walk's tree.
    pub tree: Vec<Vec<Node>>,
}

impl Walk {
    /// What the definition says.
    pub fn honest(seed0: &Hash, sizes: Sizes) -> Self {
        Self::by(seed0, sizes, |tables, place| place.honest(tables))
    }

    /// A walk in its order, whose tiles `make` makes.
    pub fn by(
        seed0: &Hash,
        sizes: Sizes,
        mut make: impl FnMut(&[Vec<Panel>], &Place) -> Tile,
    ) -> Self {
        let tables = tables(seed0, &sizes);
        Self::wave_by_wave(seed0, sizes, |wave, key| {
            let places = places(&key, wave, &sizes);
            let card = |places: &Vec<Place>| places.iter().map(|at| make(&tables, at)).collect();
            Wave::new(key, places.iter().map(card).collect())
        })
    }

    /// The wave of the definition with this key.
    pub fn honest_wave(seed0: &Hash, sizes: Sizes, wave: u32, key: Hash) -> Wave {
        let tables = tables(seed0, &sizes);
        let places = places(&key, wave, &sizes);
        let card = |places: &Vec<Place>| places.iter().map(|at| at.honest(&tables)).collect();
        Wave::new(key, places.iter().map(card).collect())
    }

    /// A walk in its order, whose waves `make` makes from their number and key.
    pub fn wave_by_wave(
        seed0: &Hash,
        sizes: Sizes,
        mut make: impl FnMut(u32, Hash) -> Wave,
    ) -> Self {
        let (mut waves, mut roots) = (Vec::new(), Vec::new());
        for wave in 0..sizes.waves {
            let left = left_siblings(seed0, &roots, wave, sizes.levels());
            let made: Wave = make(wave, key(seed0, wave, &left));
            roots.push(made.root());
            waves.push(made);
        }
        Self::of(seed0, sizes, waves)
    }

    /// The tree over waves that were walked somehow.
    pub fn of(seed0: &Hash, sizes: Sizes, waves: Vec<Wave>) -> Self {
        let roots = waves.iter().map(Wave::root);
        let tree = tree(&node_key(seed0), roots.collect());
        Self {
            seed0: *seed0,
            sizes,
            waves,
            tree,
        }
    }

    pub fn roots(&self) -> &[Node] {
        &self.tree[0][..self.waves.len()]
    }

    pub fn commit(&self) -> Node {
        self.tree.last().unwrap()[0]
    }

    pub fn open(&self, at: &Pick) -> Vec<u8> {
        let mut opening = self.waves[at.wave as usize].open(at);
        opening.extend(siblings(&self.tree, at.wave as usize).concat());
        opening
    }
}

/// The tables of all cards.
pub fn tables(seed0: &Hash, sizes: &Sizes) -> Vec<Vec<Panel>> {
    let cards = 0..sizes.cards;
    cards
        .map(|card| table(&card_seed(seed0, card), sizes))
        .collect()
}

/// The tiles of a wave with this key, card by card.
pub fn places(key: &Hash, wave: u32, sizes: &Sizes) -> Vec<Vec<Place>> {
    let place = |card, tile| Place {
        wave,
        card,
        tile,
        panels: panels(&draw(key, card, tile), sizes),
    };
    let card = |card| (0..sizes.tiles).map(|tile| place(card, tile)).collect();
    (0..sizes.cards).map(card).collect()
}
