//! A whole look: sources, peers, the signature, and who is served.

use super::{
    server::{Reply, Server, PATIENCE},
    sources::settings,
};
use crate::{
    config,
    http::serve_price,
    price::{Look, Prices},
    vitals::Vitals,
};
use iog_client::{
    pda,
    price_report::{message, SignedReport},
};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};
use tempfile::TempDir;

const NOW: i64 = 1_790_000_000;

struct Reporter {
    key: Keypair,
    vitals: Arc<Vitals>,
    prices: Arc<Prices>,
    _dir: TempDir,
}

impl Reporter {
    fn new(urls: &[String], change: impl FnOnce(&mut config::Price)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("reporter.json");
        let key = Keypair::new();
        fs::write(&path, format!("{:?}", key.to_bytes())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let mut price = config::Price {
            key: Some(path),
            sources: urls.iter().map(|url| settings(url)).collect(),
            ..config::Price::default()
        };
        change(&mut price);
        let vitals = Arc::new(Vitals::new(std::time::Duration::from_secs(5)).unwrap());
        vitals.saw_chain(1, 1);
        vitals.pass_ended(Default::default(), None);
        let prices = Prices::open(&price, vitals.clone()).unwrap();
        Self {
            key,
            vitals,
            prices: Arc::new(prices),
            _dir: dir,
        }
    }

    async fn look(&self, now: i64) -> Option<SignedReport> {
        let begun = self.prices.begin(Look {
            now,
            pyth_feed: None,
            at_once: true,
        });
        assert!(begun);
        let ended = tokio::time::timeout(PATIENCE, self.prices.next_end()).await;
        ended.unwrap();
        self.prices.view().own
    }
}

fn priced(prices: &[&str]) -> (Vec<Server>, Vec<String>) {
    let servers: Vec<Server> = prices.iter().map(|price| Server::priced(price)).collect();
    let urls = servers.iter().map(Server::url).collect();
    (servers, urls)
}

fn is_signed(report: &SignedReport) -> bool {
    let message = message(&report.feed, report.price, report.ts);
    Signature::from(report.signature).verify(report.key.as_ref(), &message)
}

#[tokio::test]
async fn signs_what_the_sources_agree_on() {
    let (_servers, urls) = priced(&["0.25", "0.251", "0.252", "9.99"]);
    let reporter = Reporter::new(&urls, |_| {});
    let report = reporter.look(NOW).await.unwrap();
    assert_eq!(report.price, 2_510_000_000);
    assert_eq!(report.ts, NOW);
    assert_eq!(report.key, reporter.key.pubkey());
    assert_eq!(report.feed, pda::token::price_feed());
    assert!(is_signed(&report));
    assert_eq!(reporter.vitals.not_ready(), None);
    let metrics = reporter.vitals.render();
    for line in [
        "iog_keeper_price_e10 2510000000",
        "iog_keeper_price_sources 3",
        r#"iog_keeper_price_sources_total{result="ok",source="127.0.0.1"} 4"#,
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}

#[tokio::test]
async fn signs_nothing_on_too_few() {
    let silent = Server::saying(Reply::Silence);
    let html = Server::saying(Reply::Json("<html>".into()));
    let (_servers, mut urls) = priced(&["0.25", "0.251"]);
    urls.extend([silent.url(), html.url()]);
    let reporter = Reporter::new(&urls, |price| {
        for source in &mut price.sources {
            source.timeout_ms = 500;
        }
    });
    assert_eq!(reporter.look(NOW).await, None);
    assert_eq!(reporter.prices.served(), None);
    let trouble = reporter.vitals.not_ready().unwrap();
    assert_eq!(trouble, "the price: 2 of 3 sources answered with a price");

    let (_servers, urls) = priced(&["0.25", "0.27", "0.29"]);
    let scattered = Reporter::new(&urls, |_| {});
    assert_eq!(scattered.look(NOW).await, None);
    let trouble = scattered.vitals.not_ready().unwrap();
    assert!(trouble.contains("do not agree"), "{trouble}");
}

#[tokio::test]
async fn looks_no_more_often_than_told() {
    let (servers, urls) = priced(&["0.25"]);
    let reporter = Reporter::new(&urls, |price| {
        (price.min_sources, price.sample_secs) = (1, 60);
    });
    reporter.look(NOW).await.unwrap();
    let begun = reporter.prices.begin(Look {
        now: NOW + 1,
        pyth_feed: None,
        at_once: false,
    });
    assert!(!begun);
    let again = reporter.look(NOW + 2).await.unwrap();
    assert_eq!(again.ts, NOW + 2);
    for _ in 0..2 {
        servers[0].question();
    }
    assert_eq!(servers[0].questions_left(), 0);
}

/// redteam P5
#[tokio::test]
async fn peers_carry_what_others_serve() {
    let (_servers, urls) = priced(&["0.25"]);
    let one = Reporter::new(&urls, |price| price.min_sources = 1);
    let signed = one.look(NOW).await.unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let serving = serve_price(address, one.prices.clone()).await.unwrap();

    // The same report, changed, for another feed, and none: what is not signed for this network is not carried.
    let text = |report: &SignedReport| Reply::Json(serde_json::to_string(report).unwrap());
    let dearer = SignedReport {
        price: signed.price + 1,
        ..signed.clone()
    };
    let elsewhere = SignedReport {
        feed: Pubkey::new_unique(),
        ..signed.clone()
    };
    let bad = [
        text(&dearer),
        text(&elsewhere),
        Reply::Json("{}".into()),
        Reply::Status(503, ""),
        Reply::Endless,
    ]
    .map(Server::saying);
    let carrier = Reporter::new(&[], |price| {
        (price.key, price.peers) = (None, bad.iter().map(Server::url).collect());
        // With a slash at its end or without.
        price.peers.push(format!("http://{address}/"));
    });
    assert_eq!(carrier.look(NOW + 5).await, None);
    assert_eq!(carrier.prices.view().others, [signed]);
    assert!(bad[0].question().starts_with("GET /v1/price HTTP/1.1\r\n"));
    serving.abort();
}

#[tokio::test]
async fn serves_nothing_before_it_has_something() {
    let (_servers, urls) = priced(&["0.25"]);
    let reporter = Reporter::new(&urls, |price| price.min_sources = 1);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let serving = serve_price(address, reporter.prices.clone()).await.unwrap();
    let get = || reqwest::get(format!("http://{address}/v1/price"));
    assert_eq!(get().await.unwrap().status(), 503);
    let report = reporter.look(NOW).await.unwrap();
    let answer = get().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(answer.json::<SignedReport>().await.unwrap(), report);
    // Health and metrics are no business of the public.
    let metrics = reqwest::get(format!("http://{address}/metrics"))
        .await
        .unwrap();
    assert_eq!(metrics.status(), 404);
    serving.abort();
}
