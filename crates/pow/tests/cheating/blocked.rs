//! audit: proof H-3. A prover that keeps a part of the table, sorts what it knows of the walk ahead, and computes missing panels anew: its roots are the
//! honest ones, and only its hashes tell.

use crate::common::{
    card_seed, counted, multiply, panel, sha256, walk::places, Hash, Node, Panel, Place, Sizes,
    Tile, Walk, Wave,
};
use iog_pow::{Chain, Shape};
use std::collections::BTreeMap;

/// 32 panels and 4 tiles a wave: an eighth, as classes have at most. 400 waves, so that filling the table does not hide the rest.
const SHORT: Sizes = Sizes::new(PANELS * 32, 4, 400, 1);
/// As many tiles, of which all are known at once: one wave of version 2.
const LONG: Sizes = Sizes::new(PANELS * 32, 2048, 1, 1);
const PANELS: u32 = 32;
/// Compressions that a panel costs: 32 rows of 16 blocks, 32 times each.
const PANEL: f64 = 16_384.0;
/// Compressions that a tile costs an honest prover: 24 for its leaves, 7 nodes above them and one above it, its draw.
const TILE: f64 = 33.0;

/// Keeps the first panels, and has room for as many again of the rest at a time.
struct Blocked {
    seed_c: Hash,
    kept: BTreeMap<u32, Panel>,
    room: usize,
}

impl Blocked {
    fn fill(seed0: &Hash, kept: u32, room: usize) -> Self {
        let seed_c = card_seed(seed0, 0);
        Self {
            seed_c,
            kept: (0..kept)
                .map(|number| (number, panel(&seed_c, number)))
                .collect(),
            room,
        }
    }

    /// All tiles of a wave, with as few panels computed anew as the room allows: a block of missing panels stays, the others pass by
    /// one after another, and whatever can be multiplied is.
    fn tiles(&self, places: &[Place]) -> Vec<Tile> {
        let drawn = places.iter().flat_map(|place| place.panels);
        let mut missing: Vec<u32> = drawn
            .filter(|panel| !self.kept.contains_key(panel))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        let mut tiles = vec![None; places.len()];
        let mut held = self.kept.clone();
        multiply_held(&held, places, &mut tiles);
        for (number, block) in missing.chunks(self.room).enumerate() {
            held.retain(|panel, _| self.kept.contains_key(panel));
            for panel in block {
                self.hold(*panel, &mut held);
            }
            multiply_held(&held, places, &mut tiles);
            for panel in missing.iter().skip((number + 1) * self.room) {
                let needed = places
                    .iter()
                    .zip(&tiles)
                    .any(|(place, tile)| tile.is_none() && waits_for(place, *panel, &held));
                if needed {
                    self.hold(*panel, &mut held);
                    multiply_held(&held, places, &mut tiles);
                    held.remove(panel);
                }
            }
        }
        tiles.into_iter().map(Option::unwrap).collect()
    }

    fn hold(&self, number: u32, held: &mut BTreeMap<u32, Panel>) {
        held.insert(number, panel(&self.seed_c, number));
    }
}

/// Whether a tile could be multiplied if this panel were held.
fn waits_for(place: &Place, panel: u32, held: &BTreeMap<u32, Panel>) -> bool {
    place.panels.contains(&panel)
        && place
            .panels
            .iter()
            .all(|other| *other == panel || held.contains_key(other))
}

fn multiply_held(held: &BTreeMap<u32, Panel>, places: &[Place], tiles: &mut [Option<Tile>]) {
    for (place, tile) in places.iter().zip(tiles) {
        if tile.is_none() {
            let [a, b] = place.panels.map(|panel| held.get(&panel));
            *tile = a.zip(b).map(|(a, b)| multiply(a, b));
        }
    }
}

/// Walks with part of a table: what it commits to, which holds all roots, and the compressions that table, draws, tiles and trees took.
fn walk(sizes: Sizes, kept: u32, room: usize) -> (Node, u64) {
    let seed0 = sha256(b"blocked");
    let shape = Shape::new(sizes.rows, sizes.tiles, sizes.waves, 1).unwrap();
    // The keys are the same few hashes for everybody: the crate makes them, and they do not count.
    let mut chain = Chain::new(seed0, &shape);
    let ((), count) = counted(|| {
        let prover = Blocked::fill(&seed0, kept, room);
        for wave in 0..sizes.waves {
            let key = chain.key();
            let places = places(&key, wave, &sizes);
            chain.push(Wave::new(key, vec![prover.tiles(&places[0])]).root());
        }
    });
    (chain.commit(), count)
}

/// What it should cost, in an honest prover's hashes, if all panels that a wave misses are computed once.
fn predicted(sizes: &Sizes, share: f64) -> f64 {
    let (panels, waves) = (f64::from(sizes.panels()), f64::from(sizes.waves));
    let tiles = f64::from(sizes.tiles);
    let drawn = 1.0 - (2.0 * tiles * (-1.0 / panels).ln_1p()).exp();
    let missing = (1.0 - share) * panels * drawn;
    let walked = waves * tiles * TILE;
    (share * panels * PANEL + waves * missing * PANEL + walked) / (panels * PANEL + walked)
}

/// audit: proof H-3. A quarter of the table, and as much again for what passes by: 50 times an honest prover's hashes at least. Nine tenths: five times.
#[test]
fn a_part_of_the_table_costs_many_times_the_hashes() {
    let (honest, paid) = walk(SHORT, PANELS, 8);
    for (kept, least) in [(8, 50.0), (29, 5.0)] {
        let (root, count) = walk(SHORT, kept, 8);
        assert_eq!(root, honest);
        let ratio = count as f64 / paid as f64;
        let expected = predicted(&SHORT, f64::from(kept) / 32.0);
        println!("{kept} of 32 panels: {ratio:.1} times the hashes, predicted {expected:.1}");
        assert!(ratio >= least, "{ratio}");
        assert!((ratio / expected - 1.0).abs() < 0.05, "{ratio} {expected}");
    }
}

/// The honest figure is the definition's: the reference walks to the same root by the same hashes.
#[test]
fn the_prover_that_keeps_all_is_honest() {
    let (root, count) = walk(SHORT, PANELS, 8);
    let reference = Walk::honest(&sha256(b"blocked"), SHORT);
    assert_eq!(root, reference.commit());
    let expected = 32.0 * PANEL + 1600.0 * TILE;
    assert!((count as f64 / expected - 1.0).abs() < 0.001, "{count}");
}

/// audit: proof H-3. The same prover over version 2's kind of wave, all of whose tiles are known at once, needs little more than an honest one.
#[test]
fn a_wave_that_is_known_whole_is_walked_with_a_quarter_of_the_table() {
    let (honest, paid) = walk(LONG, PANELS, 8);
    let (root, count) = walk(LONG, 8, 8);
    assert_eq!(root, honest);
    let ratio = count as f64 / paid as f64;
    println!("one wave, a quarter: {ratio:.2} times the hashes");
    assert!(ratio < 2.0, "{ratio}");
}

/// What is known at one moment draws at most a quarter of the panels, and at the size of an H100 parts cost this much.
#[test]
fn an_h100s_class_costs_hundreds_of_times_the_hashes() {
    let h100 = Sizes::new(157_286_400, 1 << 19, 23_363, 1);
    assert!(h100.tiles * 8 <= h100.panels());
    for (share, times) in [(0.25, 560.0), (0.5, 374.0), (0.9, 75.5)] {
        let found = predicted(&h100, share);
        println!("H100, {share} of the table: {found:.1}");
        assert!((found / times - 1.0).abs() < 0.002, "{found}");
    }
}
