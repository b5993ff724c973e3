//! The shader on lavapipe, Vulkan on the processor, against the golden vectors.
#![cfg(feature = "wgpu")]

mod common;

use iog_pow::{Engine, Shape};
use iog_pow_gpu::{Backend, Settings};

/// An adapter there is, or the test fails: `cargo xtask setup` installs lavapipe.
fn engine(seed: [u8; 32], shape: Shape, shard_bytes: Option<u64>) -> Box<dyn Engine> {
    let settings = Settings {
        backend: Backend::Wgpu,
        software: true,
        shard_bytes,
        ..Settings::default()
    };
    settings.engine(seed, shape).unwrap_or_else(|error| {
        panic!("{error}; the tests need Debian's mesa-vulkan-drivers (`cargo xtask setup`)")
    })
}

fn agrees(names: &[&str], shard_bytes: Option<u64>) {
    for name in names {
        common::agrees(name, &format!("{shard_bytes:?}"), |seed, shape| {
            Ok(engine(seed, shape, shard_bytes))
        });
    }
}

#[test]
fn the_shader_computes_the_vectors() {
    agrees(&common::ALL, None);
}

#[test]
fn it_computes_them_over_shards_of_any_size() {
    agrees(&["three-panels"], Some(16_384));
    agrees(&["three-panels"], Some(32_768));
    agrees(&["test"], Some(16 * 16_384));
}

#[test]
fn the_table_is_read_from_end_to_end() {
    let mut engine = engine([1; 32], Shape::TEST, Some(1 << 18));
    engine.fill(&mut |_| Ok(())).unwrap();
    assert_eq!(engine.read(), Ok(1 << 20));
}
