//! Three reporters of the price: two serve what they sign, the third pays for all.

use crate::world::{count, done_kinds, World};
use axum::{routing::get, Router};
use iog_client::{pda, price_report::SignedReport, token};
use iog_keeper::{
    config::{Price, Source},
    Config, Keeper, Role,
};
use iog_migrations::{Plan, Price as Prices};
use solana_keypair::Keypair;
use solana_signer::Signer;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

const PATIENCE: Duration = Duration::from_secs(60);

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// A source that says what it is told to.
async fn source(price: Arc<Mutex<&'static str>>) -> (SocketAddr, JoinHandle<()>) {
    let address = free_address();
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let answer = move || {
        let price = *price.lock().unwrap();
        async move { format!(r#"{{"price": "{price}"}}"#) }
    };
    let app = Router::new().route("/", get(answer));
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (address, serving)
}

/// Sets what all reporters have in common.
fn report(world: &World, config: &mut Config, key: &Keypair, source: SocketAddr) {
    let path = world.dir.path().join(format!("{}.json", key.pubkey()));
    fs::write(&path, format!("{:?}", key.to_bytes())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let source: Source = serde_json::from_value(serde_json::json!({
        "url": format!("http://{source}/"),
        "pointer": "/price",
    }))
    .unwrap();
    config.roles = [Role::Price].into();
    config.tick = Duration::from_secs(1);
    config.price = Price {
        key: Some(path),
        sources: vec![source],
        min_sources: 1,
        sample_secs: 1,
        ..Price::default()
    };
}

/// Runs a reporter that has nothing to spend.
fn run(mut keeper: Keeper) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (end, told) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        keeper.run(async { drop(told.await) }).await.unwrap();
    });
    (end, running)
}

/// Waits until the reporter at `address` serves this price, no older than `since_ts`.
async fn serves(address: SocketAddr, price: u64, since_ts: i64) {
    let served = async {
        loop {
            if let Ok(answer) = reqwest::get(format!("http://{address}/v1/price")).await {
                let report = answer.json::<SignedReport>().await;
                if report.is_ok_and(|report| report.price == price && report.ts >= since_ts) {
                    return;
                }
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, served).await.unwrap();
}

/// redteam P5
#[tokio::test(flavor = "multi_thread")]
async fn one_reporter_pays_for_all() {
    let keys = [(); 3].map(|()| Keypair::new());
    let reporters = keys.iter().map(|key| key.pubkey().to_string()).collect();
    let world = World::with_plan(Plan {
        price: Prices::Quorum {
            quorum: Some(3),
            reporters,
        },
        ..Plan::local().unwrap()
    })
    .await;
    let price = Arc::new(Mutex::new("0.25"));
    let (source, serving) = source(price.clone()).await;
    let now = || world.net.net.clock().unwrap().unix_timestamp;

    let mut peers = Vec::new();
    let mut running = Vec::new();
    for (key, payer) in keys[1..].iter().zip(["renter", "supplier-a"]) {
        let address = free_address();
        let keeper = world.keeper_with(payer, |config| {
            report(&world, config, key, source);
            config.price.lamports_per_day = 0;
            config.price.listen = Some(address);
        });
        running.push(run(keeper));
        peers.push(address);
    }
    let start = now();
    for peer in &peers {
        serves(*peer, 2_500_000_000, start).await;
    }
    let mut payer = world.keeper_with("keeper", |config| {
        report(&world, config, &keys[0], source);
        config.price.peers = peers.iter().map(|peer| format!("http://{peer}")).collect();
    });
    let done = payer.tick().await.unwrap();
    assert_eq!(done_kinds(&done), ["report_price"], "{done:?}");
    assert!(done[0].key.ends_with("/3"), "{done:?}");
    let feed: token::PriceFeed = world.read(&pda::token::price_feed()).unwrap();
    for (reporter, key) in feed.feed.reporters.iter().zip(&keys) {
        assert_eq!(reporter.role.key, key.pubkey());
        assert_eq!(reporter.price, 2_500_000_000);
        assert!(reporter.ts >= start);
    }
    assert_eq!(feed.feed.held_price, 2_500_000_000);
    assert!(feed.feed.feed_ts >= start);
    // Half a minute has not passed, and nothing has moved.
    let again = done_kinds(&payer.tick().await.unwrap());
    assert_eq!(count(&again, "report_price"), 0, "{again:?}");

    *price.lock().unwrap() = "0.26";
    world.net.net.advance_secs(31).unwrap();
    let later = now();
    for peer in &peers {
        serves(*peer, 2_600_000_000, later).await;
    }
    let done = payer.tick().await.unwrap();
    assert_eq!(count(&done_kinds(&done), "report_price"), 1, "{done:?}");
    let feed: token::PriceFeed = world.read(&pda::token::price_feed()).unwrap();
    assert_eq!(feed.feed.held_price, 2_600_000_000);
    assert!(feed.feed.feed_ts >= later);
    for (end, running) in running {
        end.send(()).unwrap();
        running.await.unwrap();
    }
    serving.abort();
}
