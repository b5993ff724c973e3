//! The job side as a process behind its socket, with a link side made of frames.

mod attack;
#[path = "../common/mod.rs"]
mod common;
mod delivery;
mod fetch;
mod filter;
mod https;
mod joins;
mod mirrors;
mod outputs;
mod restart;
mod rights;
mod stages;

use common::*;
use iog_job::{
    frame,
    wire::{LogFrame, Verb},
    Hash, Phase,
};
use sha2::{Digest, Sha256};
use std::path::Path;

/// No test: what [`World::spawn`] starts.
#[tokio::test]
#[ignore]
async fn the_job_side() {
    if let Some(dir) = std::env::var_os("IOG_TEST_NODE") {
        serve(Path::new(&dir)).await;
    }
}

fn running() -> Phase {
    Phase::Running { ready: true }
}

fn sha(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

async fn log(world: &World, lease: u8) -> Vec<u8> {
    let verb = Verb::Logs {
        from: 0,
        follow: true,
    };
    let mut pipe = world.open(lease, verb).await;
    let mut all = Vec::new();
    while let Some(bytes) = frame::read_bytes(&mut pipe, 1 << 20).await.unwrap() {
        let piece = LogFrame::decode(&bytes).unwrap();
        assert_eq!(piece.offset, all.len() as u64);
        all.extend(piece.bytes);
    }
    all
}
