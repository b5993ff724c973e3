//! The loop: health while it turns, and an end that leaves nothing half done.

use crate::world::World;
use iog_client::registry;
use iog_keeper::Keeper;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};
use tokio::sync::oneshot;

#[tokio::test(flavor = "multi_thread")]
async fn runs_until_told_to_end() {
    let world = World::new().await;
    let mut config = world.keeper("keeper").config().clone();
    let address = free_address();
    config.listen = Some(address);
    config.tick = std::time::Duration::from_secs(1);
    let mut keeper = Keeper::open(config).unwrap();
    let (end, told) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        let ended = keeper.run(async { drop(told.await) }).await;
        (keeper, ended)
    });

    let passed = || {
        world
            .read::<registry::Device>(&world.device)
            .unwrap()
            .pass_streak
            == 1
    };
    let watch = tokio::task::spawn_blocking(move || {
        while !get(address, "/readyz").starts_with("HTTP/1.1 200") {
            std::thread::yield_now();
        }
        assert!(get(address, "/livez").ends_with("ok\n"));
        get(address, "/metrics")
    });
    let metrics = watch.await.unwrap();
    assert!(
        metrics.contains("iog_keeper_passes_total{result=\"ok\"}"),
        "{metrics}"
    );
    assert!(
        metrics.contains("action=\"anchor_window\",outcome=\"done\""),
        "{metrics}"
    );
    while !passed() {
        tokio::task::yield_now().await;
    }

    end.send(()).unwrap();
    let (mut keeper, ended) = running.await.unwrap();
    ended.unwrap();
    assert!(TcpStream::connect(address).is_err(), "it no longer listens");
    // A keeper that was told to end begins nothing any more.
    world.net.net.advance_secs(3_600).unwrap();
    assert!(keeper.tick().await.unwrap().is_empty());
}

pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

/// The whole answer; empty while nobody listens.
pub fn get(address: SocketAddr, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream.read_to_string(&mut answer).unwrap();
    }
    answer
}
