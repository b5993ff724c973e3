//! The shader on lavapipe, Vulkan on the processor: against the golden vectors, and against the CPU where walks are longer.
#![cfg(feature = "wgpu")]

mod common;

use iog_pow::{pick, CpuProver, Engine, Shape, Walker};
use iog_pow_gpu::{Backend, CardName, Settings};

const SEED: [u8; 32] = [19; 32];

/// An adapter there is, or the test fails: `cargo xtask setup` installs lavapipe. It stands for all cards.
fn engines(seed: [u8; 32], shape: Shape, shard_bytes: Option<u64>) -> Vec<Box<dyn Engine>> {
    let settings = Settings {
        backend: Backend::Wgpu,
        software: true,
        shard_bytes,
        ..Settings::default()
    };
    let cards = vec![CardName::Number(0); usize::try_from(shape.cards()).unwrap()];
    let engines = settings.engines(seed, shape, &cards);
    engines.unwrap_or_else(|error| {
        panic!("{error}; the tests need Debian's mesa-vulkan-drivers (`cargo xtask setup`)")
    })
}

fn agrees(names: &[&str], shard_bytes: Option<u64>) {
    for name in names {
        common::agrees(name, &format!("{shard_bytes:?}"), |seed, shape| {
            Ok(engines(seed, shape, shard_bytes))
        });
    }
}

#[test]
fn the_shader_computes_the_vectors() {
    agrees(&common::ALL, None);
}

#[test]
fn it_computes_them_over_buffers_of_a_panel_and_of_a_few() {
    agrees(&["three-panels", "two-cards"], Some(16_384));
    agrees(&["three-panels", "three-cards", "test"], Some(4 * 16_384));
}

/// The walk, and its openings that verify, are the CPU's.
fn walks_as_the_cpu(shape: Shape, shard_bytes: Option<u64>) {
    let mut cpu = CpuProver::new(SEED, shape, 0);
    let commit = cpu.commit().unwrap();
    let mut walker = Walker::over(engines(SEED, shape, shard_bytes), SEED, shape);
    assert_eq!(walker.commit(), Ok(commit), "{shape:?}");
    for n in 0..2 {
        let pick = pick(&[23; 32], n, &shape);
        assert_eq!(walker.open(&pick), cpu.open(&pick), "{shape:?} {n}");
    }
}

#[test]
fn a_card_alone_walks_hundreds_of_waves_as_the_cpu_does() {
    walks_as_the_cpu(Shape::TEST, None);
    // Two groups, and waves that fill no batch.
    walks_as_the_cpu(Shape::new(7 * 32, 32, 333, 1).unwrap(), Some(1 << 15));
}

#[test]
fn cards_walk_side_by_side_as_the_cpu_does() {
    for cards in [2, 3, 8] {
        walks_as_the_cpu(Shape::new(5 * 32, 4, 21, cards).unwrap(), Some(1 << 15));
    }
}

/// More groups than a workgroup joins: three dispatches a wave.
#[test]
fn a_wide_wave_is_joined_as_the_cpu_does() {
    walks_as_the_cpu(Shape::new(32, 1 << 14, 2, 1).unwrap(), None);
}

#[test]
fn the_table_is_read_from_end_to_end_and_anywhere() {
    let mut engines = engines(SEED, Shape::TEST, Some(1 << 17));
    let engine = &mut engines[0];
    engine.fill(&mut |_| Ok(())).unwrap();
    assert_eq!(engine.read(), Ok(1 << 19));
    assert_eq!(engine.gather(100), Ok(100 << 14));
}
