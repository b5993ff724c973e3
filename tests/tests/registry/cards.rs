//! Cards that walk together under one key: one commit, one set of openings.

use iog_client::registry::accounts::{Attestation, Device};
use iog_client::registry::RegistryError;
use iog_pow::walk::{leaf_node, node, node_key};
use iog_pow::{
    Chain, Cpu, Engine, Node, Pick, ProverError, Record, Shape, Walker, LEAF_LEN, TILE_LEVELS,
};
use iog_tests::world::{opening, prover, reveal_ix, seed, shape, shape_of, try_commit, CLASS_TEST};
use iog_tests::{Supplier, World};

/// A card that is not there: each of its tiles is the same byte, in a tree that holds together.
struct Absent(Shape);

const MADE_UP: [u8; LEAF_LEN] = [0x5a; LEAF_LEN];

impl Absent {
    /// The made-up nodes under a key: leaf first, each the parent of two of the one before.
    fn nodes(key: &Node, levels: usize) -> Vec<Node> {
        let leaf = leaf_node(key, &MADE_UP);
        let above = |below: &Node| Some(node(key, below, below));
        std::iter::successors(Some(leaf), above)
            .take(levels + 1)
            .collect()
    }

    fn levels(&self) -> usize {
        TILE_LEVELS + usize::try_from(self.0.tile_levels()).unwrap()
    }
}

impl Engine for Absent {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        done(self.0.rows())
    }

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        assert_eq!(self.0.groups(), 1, "the test's shape");
        let nodes = Self::nodes(&node_key(key), self.levels());
        Ok(nodes.last().copied().into_iter().collect())
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        Err(ProverError::Order)
    }

    fn gather(&mut self, _: u32) -> Result<u64, ProverError> {
        Err(ProverError::Order)
    }
}

type Cheat = Walker<Box<dyn Engine>>;

/// Seven tables and a card that is not there, in their order.
fn seven_of_eight(world: &World, supplier: &Supplier) -> (Cheat, Node) {
    let (seed, shape) = (seed(world, supplier), shape(world, supplier));
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    for card in 0..7 {
        engines.push(Box::new(Cpu::new(seed, card, shape, 1)));
    }
    engines.push(Box::new(Absent(shape)));
    let mut cheat = Walker::over(engines, seed, shape);
    let root = cheat.commit().expect("eight answers a wave");
    (cheat, root)
}

/// The siblings of leaf `index`, bottom up, in a tree that is filled up with zeros.
fn path(key: &Node, mut level: Vec<Node>, mut index: usize) -> Vec<Node> {
    level.resize(level.len().next_power_of_two(), [0; 16]);
    let mut path = Vec::new();
    while level.len() > 1 {
        path.push(level[index ^ 1]);
        level = level
            .chunks_exact(2)
            .map(|pair| node(key, &pair[0], &pair[1]))
            .collect();
        index /= 2;
    }
    path
}

/// The best that there is for a pick of the absent card: a leaf and a path that lead to the commit.
fn made_up(cheat: &mut Cheat, pick: &Pick) -> Vec<u8> {
    let record: Record = cheat.record().unwrap().clone();
    let wave = usize::try_from(pick.wave).unwrap();
    let mut chain = Chain::new(*record.seed(), record.shape());
    record.waves()[..wave]
        .iter()
        .for_each(|root| chain.push(*root));
    let key = chain.key();
    let nodes_key = node_key(&key);
    let cards: Vec<Node> = cheat
        .engines_mut()
        .iter_mut()
        .map(|engine| engine.root(&key).unwrap())
        .collect();
    let absent = Absent(*record.shape());
    let mut opening = MADE_UP.to_vec();
    opening.extend(Absent::nodes(&nodes_key, absent.levels() - 1).concat());
    let card = usize::try_from(pick.card).unwrap();
    opening.extend(path(&nodes_key, cards, card).concat());
    let above = path(&node_key(record.seed()), record.waves().to_vec(), wave);
    opening.extend(above.concat());
    opening
}

fn picks(world: &World, supplier: &Supplier) -> Vec<Pick> {
    let stored = world.read::<Attestation>(&supplier.attestation);
    let shape = shape_of(&stored);
    (0..8)
        .map(|n| iog_pow::pick(&stored.challenge, n, &shape))
        .collect()
}

/// audit: proof H-1: a device of eight cards needs one commit and one set of openings.
#[test]
fn eight_cards_prove_with_one_commit_and_eight_openings() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 8);
    let mut prover = world.commit(&supplier);
    let stored = world.read::<Attestation>(&supplier.attestation);
    assert_eq!((stored.cards, stored.waves), (8, 512));
    world.challenge(&supplier);
    let mut asked: Vec<u32> = picks(&world, &supplier)
        .iter()
        .map(|pick| pick.card)
        .collect();
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    world.finalize(&supplier);
    let device = world.read::<Device>(&supplier.device);
    assert_eq!((device.proofs_passed, device.last_pass_epoch), (1, 1));
    // Not of one card alone.
    asked.sort_unstable();
    asked.dedup();
    assert!(asked.len() > 2, "{asked:?}");
}

/// audit: proof H-1: eight cards proved with seven fail where one of eight openings asks for the missing one, and pass 0.34 of hours.
#[test]
fn a_card_that_is_not_there_fails_where_it_is_asked_for() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 8);
    world.open_window();
    let (mut cheat, root) = seven_of_eight(&world, &supplier);
    let (mut fails, mut passes) = (0, 0);
    // Another slot of the commit is another challenge.
    for wait in 0..12 {
        let mut world = world.clone();
        world.advance_slots(wait);
        try_commit(&mut world, &supplier, root).expect("nobody can tell yet");
        world.challenge(&supplier);
        let anyone = world.wallet();
        let picks = picks(&world, &supplier);
        for (n, pick) in (0..8).zip(&picks) {
            if pick.card < 7 {
                let bytes = cheat.open(pick).expect("it was walked");
                world.must(reveal_ix(&supplier, n, bytes), &[&anyone]);
                continue;
            }
            let reveal = reveal_ix(&supplier, n, made_up(&mut cheat, pick));
            world.refuses(RegistryError::OpeningEntry, reveal, &[&anyone]);
        }
        let missing = picks.iter().filter(|pick| pick.card == 7).count();
        if missing == 0 {
            passes += 1;
        } else {
            world.advance_slots(300);
            fails += 1;
        }
        world.finalize(&supplier);
        let device = world.read::<Device>(&supplier.device);
        let ended = (device.proofs_passed, device.proofs_failed);
        let expected = if missing == 0 { (1, 0) } else { (0, 1) };
        assert_eq!(ended, expected, "{missing} of the missing card");
    }
    assert!(fails > 0 && passes > 0, "{fails} and {passes}");
}

/// Another card's tile under the picked one's place, with either's path.
#[test]
fn another_cards_tile_is_refused() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 2);
    let mut prover = world.commit(&supplier);
    world.challenge(&supplier);
    let anyone = world.wallet();
    for (n, pick) in (0..8).zip(picks(&world, &supplier)) {
        let honest = opening(&world, &supplier, &mut prover, n);
        let other = Pick {
            card: 1 - pick.card,
            ..pick
        };
        let theirs = prover.open(&other).expect("it was walked");
        let mut mixed = theirs.clone();
        mixed[208..].copy_from_slice(&honest[208..]);
        for bytes in [theirs, mixed] {
            let reveal = reveal_ix(&supplier, n, bytes);
            world.refuses(RegistryError::OpeningPath, reveal, &[&anyone]);
        }
    }
}

/// One card walked alone is not the first of two: the number of cards is in the seed, and the tree has another height.
#[test]
fn a_walk_of_fewer_cards_opens_nothing() {
    let mut world = World::ready();
    let (one, two) = (
        world.registered(CLASS_TEST, 1),
        world.registered(CLASS_TEST, 2),
    );
    world.open_window();
    let (mut alone, root) = prover(&world, &one);
    try_commit(&mut world, &two, root).expect("nobody can tell yet");
    world.challenge(&two);
    let anyone = world.wallet();
    for (n, pick) in (0..8).zip(picks(&world, &two)) {
        let bytes = alone.open(&Pick { card: 0, ..pick }).unwrap();
        let mut longer = bytes.clone();
        let reveal = reveal_ix(&two, n, bytes);
        world.refuses(RegistryError::OpeningLength, reveal, &[&anyone]);
        longer.extend([0; 16]);
        let reveal = reveal_ix(&two, n, longer);
        world.refuses(RegistryError::OpeningPath, reveal, &[&anyone]);
    }
}
