//! Fellow devices and renters share an endpoint, and nothing else.

use crate::common::*;
use iog_job::{Binding, Key, MeshHello};
use iog_link::{why, LinkError};
use std::time::{Duration, Instant};

fn mesh_hello(binding: Binding) -> MeshHello {
    MeshHello {
        root: Key([1; 32]),
        root_created_ts: 2,
        binding,
    }
}

/// redteam mesh M4, L4: who says that it is of a mesh uses up no attempts of renters from the same address, and is not let in.
#[tokio::test]
async fn strangers_at_the_mesh_keep_out_no_renter() {
    let doors = Doors::of(&[key_of(&RENTER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let stranger = dialer(&OTHER, &local()).await;
    let hello = mesh_hello(binding(1));
    let rate = || {
        device
            .meter()
            .refused
            .get(why::ADDRESS_RATE)
            .copied()
            .unwrap_or(0)
    };
    let (to, at) = (key_of(&DEVICE), at(&device));
    let mut tries = tokio::task::JoinSet::new();
    let stranger = std::sync::Arc::new(stranger);
    for _ in 0..24 {
        let stranger = std::sync::Arc::clone(&stranger);
        tries.spawn(async move { stranger.dial_member_at(&to, &at, &hello, false).await });
    }
    until(|| rate() > 0).await;
    let renter = dialer(&RENTER, &local()).await;
    let before = Instant::now();
    let connection = soon(renter.dial_at(&to, &at)).await.unwrap();
    // One whose first packet is passed over sends the next after a second.
    assert!(before.elapsed() < Duration::from_millis(900));
    let took = soon(device.accept()).await.unwrap();
    assert_eq!(took.peer(), key_of(&RENTER));
    drop(connection);
    while let Some(tried) = soon(tries.join_next()).await {
        assert!(tried.unwrap().is_err());
    }
    let refused = device.meter().refused;
    assert!(refused.contains_key(why::NO_MEMBER), "{refused:?}");
    assert!(device.meter().peers.iter().all(|peer| !peer.member));
}

/// redteam mesh M4: an engineer key is no fellow.
#[tokio::test]
async fn a_renter_is_no_member() {
    let doors = Doors::of(&[key_of(&RENTER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let renter = dialer(&RENTER, &local()).await;
    let hello = mesh_hello(binding(1));
    for private in [false, true] {
        let (to, at) = (key_of(&DEVICE), at(&device));
        let refused = soon(renter.dial_member_at(&to, &at, &hello, private)).await;
        assert!(
            matches!(refused, Err(LinkError::NotAdmitted(_))),
            "{refused:?}"
        );
    }
}
