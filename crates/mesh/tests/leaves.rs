//! What is left of machines that leave. Alone in its process, whose descriptors and tasks it counts.

#[path = "mesh/common.rs"]
mod common;

use common::*;
use std::fs;

/// A hundred machines come and go: nothing of them is left.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_joins_and_leaves() {
    need_root();
    let one = Machine::new(0, false).await;
    let open = || fs::read_dir("/proc/self/fd").unwrap().count();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut most = None;
    for round in 0..100_u16 {
        let rank = 1 + round % 40;
        let other = Machine::new(rank, false).await;
        one.hub.knows(key_of(rank), other.at());
        other.hub.knows(key_of(0), one.at());
        one.sees(&[0, rank]);
        other.sees(&[0, rank]);
        until("ping", || other.space.ping(address(0))).await;
        one.sees(&[0]);
        let space = other.space.0.path();
        other.link.close().await;
        drop(other);
        assert!(!space.exists());
        // The first ones have made what all share.
        let (files, all) = *most.get_or_insert_with(|| (open() + 8, tasks() + 8));
        until("nothing is left", || async { open() <= files && tasks() <= all }).await;
    }
    assert!(one.hub.connected().is_empty());
}
