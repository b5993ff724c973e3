//! Whole walks against the prover of CPUs.

use super::*;
use iog_pow::{pick, Chain, Cpu, CpuProver, Engine, Node, Walker};

const SEED: [u8; 32] = [7; 32];
const ALL: [Math; 3] = [Math::Dp4a, Math::Mma8x8, Math::Mma16x8];

fn shape(rows: u32, tiles: u32, waves: u32, cards: u32) -> Shape {
    Shape::new(rows, tiles, waves, cards).unwrap()
}

/// Commit, roots and openings are the CPU's.
fn agrees(math: Math, shape: Shape, shard_bytes: Option<u64>) {
    let context = format!("{math:?}, {shape:?}, {shard_bytes:?}");
    let engines = Program::of(math).engines(SEED, shape, shard_bytes).unwrap();
    let mut walker = Walker::over(engines, SEED, shape);
    let mut cpu = CpuProver::new(SEED, shape, 1);
    assert_eq!(walker.commit(), cpu.commit(), "{context}");
    let roots = |record: Option<&iog_pow::Record>| record.unwrap().waves().to_vec();
    assert_eq!(roots(walker.record()), roots(cpu.record()), "{context}");
    for n in 0..3 {
        let picked = pick(&[9; 32], n, &shape);
        assert_eq!(walker.open(&picked), cpu.open(&picked), "{context}, {n}");
    }
}

/// The matrix instructions are emulated by the layouts that NVIDIA documents: what no card has run is only the instruction itself.
#[test]
fn the_kernels_compute_the_golden_vectors() {
    for math in ALL {
        for name in common::ALL {
            // The processor takes long for a matrix instruction: of the long walks it makes one.
            let long = ["hundred-waves", "many-waves", "test"].contains(&name);
            if !long || math == Math::Dp4a || (math, name) == (Math::Mma16x8, "test") {
                common::agrees(name, &format!("{math:?}"), |seed, shape| {
                    Program::of(math).engines(seed, shape, None)
                });
            }
        }
    }
}

#[test]
fn every_way_to_multiply_walks_as_the_cpu_does_on_one_card_and_on_several() {
    for math in ALL {
        agrees(math, shape(96, 4, 9, 1), None);
        agrees(math, shape(64, 2, 3, 3), None);
    }
    agrees(Math::Dp4a, shape(64, 1, 2, 2), None);
    agrees(Math::Dp4a, shape(32, 16, 2, 8), None);
}

#[test]
fn groups_are_of_sixteen_tiles_and_a_wave_has_many() {
    for math in ALL {
        agrees(math, shape(128, 64, 2, 1), None);
    }
    // More groups than the first dispatch takes: the wave is walked in pieces.
    agrees(Math::Dp4a, shape(256, 512, 2, 1), None);
}

#[test]
fn shards_may_be_of_any_size() {
    // A panel each; two panels each, the second shard being half full; sixteen panels each.
    agrees(Math::Dp4a, shape(96, 8, 4, 1), Some(16_384));
    agrees(Math::Dp4a, shape(96, 8, 4, 2), Some(32_768));
    agrees(Math::Dp4a, shape(1024, 8, 4, 1), Some(16 * 16_384));
}

/// Hundreds of waves are queued, each key made on the card from all roots before.
#[test]
fn a_card_alone_makes_hundreds_of_keys_itself() {
    agrees(Math::Dp4a, shape(32, 1, 700, 1), None);
}

/// What the definition walks on from a chain.
fn walked(shape: Shape, chain: &mut Chain, count: u32) -> Vec<Node> {
    let mut cpu = Cpu::new(SEED, 0, shape, 1);
    cpu.fill(&mut |_| Ok(())).unwrap();
    cpu.roots(chain, count).unwrap()
}

/// A walk of the most waves there can be, near each end and in the middle, where peaks are fewest and most.
#[test]
fn keys_are_right_at_any_height_of_the_walks_tree() {
    let shape = shape(32, 1, iog_pow::MAX_WAVES, 1);
    let mut engines = Program::of(Math::Dp4a).engines(SEED, shape, None).unwrap();
    let engine = &mut engines[0];
    engine.fill(&mut |_| Ok(())).unwrap();
    let mut chain = Chain::new(SEED, &shape);
    for around in [3, 1 << 6, 1 << 16, 0x1_5555, iog_pow::MAX_WAVES - 3] {
        while chain.wave() < around - 3 {
            // Walking them all would take minutes; any root does.
            chain.push([chain.wave().to_le_bytes()[0]; 16]);
        }
        let mut expected = chain.clone();
        let roots = walked(shape, &mut expected, 6);
        assert_eq!(engine.roots(&mut chain, 2).unwrap(), roots[..2], "{around}");
        assert_eq!(engine.roots(&mut chain, 4).unwrap(), roots[2..], "{around}");
        assert_eq!(chain, expected);
    }
    assert_eq!(chain.wave(), iog_pow::MAX_WAVES);
}

#[test]
fn an_engine_refuses_what_is_out_of_order() {
    let shape = shape(64, 4, 1, 1);
    let mut engines = Program::of(Math::Dp4a).engines(SEED, shape, None).unwrap();
    let gpu = &mut engines[0];
    let mut chain = Chain::new(SEED, &shape);
    assert_eq!(gpu.groups(&[0; 32]), Err(ProverError::Order));
    assert_eq!(gpu.root(&[0; 32]), Err(ProverError::Order));
    assert_eq!(gpu.roots(&mut chain, 1), Err(ProverError::Order));
    assert_eq!(gpu.read(), Err(ProverError::Order));
    assert_eq!(gpu.gather(1), Err(ProverError::Order));
    let mut heard = Vec::new();
    let stopped = gpu.fill(&mut |rows| {
        heard.push(rows);
        Err(ProverError::GivenUp)
    });
    assert_eq!((stopped, heard), (Err(ProverError::GivenUp), vec![64]));
    assert_eq!(gpu.read(), Err(ProverError::Order));
    gpu.fill(&mut |_| Ok(())).unwrap();
    assert_eq!(gpu.read(), Ok(64 * 512));
    assert_eq!(gpu.gather(5), Ok(5 * 16_384));
    assert_eq!(gpu.groups(&[5; 32]).unwrap(), [gpu.root(&[5; 32]).unwrap()]);
}
