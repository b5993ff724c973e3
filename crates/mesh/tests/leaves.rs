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
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let mut most = (0, 0);
    for round in 0..100_u16 {
        let rank = 1 + round % 10;
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
        // The endpoint remembers each key that it has spoken to for a while.
        if round < 20 {
            most = (most.0.max(open() + 4), most.1.max(tasks() + 4));
            continue;
        }
        let what = format!(
            "round {round}: {} files and {} tasks, {most:?} before",
            open(),
            tasks()
        );
        until(&what, || async { open() <= most.0 && tasks() <= most.1 }).await;
    }
    assert!(one.hub.connected().is_empty());
}
