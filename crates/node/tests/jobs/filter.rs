//! The process that fetches, behind the filter of jobs: between a supplier's host and an internet, both of which are namespaces.

use crate::{
    common::{self, poll},
    https::{Server, DATA},
};
use iog_engine::netns::{Egress, Net};
use iog_node::{
    fetch::{self, FetchSettings, Outcome},
    jobs,
};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::Path,
    process::Command,
    time::Duration,
};
use tokio::io::AsyncReadExt;

const SERVER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 5);
const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 7);
const USER: u32 = 1_048_576 + 60_000;

/// A namespace that goes with the test, also with a failed one.
struct Lab(Net);

impl Lab {
    fn new(number: u8) -> Self {
        let net = Net::of(&format!("{number:02x}{:08x}", std::process::id()));
        net.make(None).unwrap();
        Self(net)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.0.delete().ok();
    }
}

fn ip(args: &str) {
    let status = Command::new("ip").args(args.split(' ')).status().unwrap();
    assert!(status.success(), "ip {args}");
}

/// The host is 203.0.113.1; its router's networks are the internet and, under another address, the supplier's own.
fn world() -> (Lab, Lab) {
    let (host, internet) = (Lab::new(0xf0), Lab::new(0xf1));
    let (h, i) = (host.0.name(), internet.0.name());
    ip(&format!(
        "-n {h} link add up0 type veth peer name net0 netns {i}"
    ));
    ip(&format!("-n {h} addr add 203.0.113.1/24 dev up0"));
    ip(&format!("-n {h} link set up0 up"));
    for address in ["203.0.113.2/24", "198.51.100.5/32", "192.168.7.7/32"] {
        ip(&format!("-n {i} addr add {address} dev net0"));
    }
    ip(&format!("-n {i} link set net0 up"));
    ip(&format!("-n {h} route add default via 203.0.113.2"));
    (host, internet)
}

/// Says that `lan.test` is the router, and all else the server.
fn names(socket: &UdpSocket) {
    let mut buffer = [0; 512];
    while let Ok((count, from)) = socket.recv_from(&mut buffer) {
        let asked = &buffer[..count];
        let end = 12 + asked[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
        let is_address = asked[end - 4..end - 2] == [0, 1];
        let address = match asked[12..].starts_with(b"\x03lan") {
            true => ROUTER,
            false => SERVER,
        };
        let mut answer = [
            &asked[..2],
            &[0x81, 0x80, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0],
        ]
        .concat();
        answer.extend(&asked[12..end]);
        if is_address {
            answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4]);
            answer.extend(address.octets());
        }
        socket.send_to(&answer, from).unwrap();
    }
}

async fn fetched(settings: &FetchSettings, dir: &Path, url: &str) -> (Outcome, Vec<u8>) {
    let mut fetch = settings
        .begin(dir, url, (0, DATA.len() as u64), USER)
        .await
        .unwrap();
    let mut bytes = Vec::new();
    fetch.bytes.read_to_end(&mut bytes).await.unwrap();
    (fetch.outcome().await.unwrap(), bytes)
}

fn processes_of(user: u32) -> usize {
    let line = format!("Uid:\t{user}\t{user}\t{user}\t{user}");
    let all = fs::read_dir("/proc").unwrap().flatten();
    let status =
        all.map(|entry| fs::read_to_string(entry.path().join("status")).unwrap_or_default());
    status.filter(|status| status.contains(&line)).count()
}

/// redteam J5, J6: what is on the internet is fetched, by names that the operator's servers tell, as a user of no rights; what is in the
/// supplier's own network is not, neither by the process's own look at the address nor, where that were gone, by the filter. Dropped,
/// process and network are gone; what a killed job side left of them goes when the next one begins.
#[test]
fn behind_the_filter() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("not run: namespaces need root");
        return;
    }
    let (host, internet) = world();
    let inside = |address: SocketAddr| {
        internet
            .0
            .inside(|| Ok(TcpListener::bind(address).unwrap()))
    };
    let server = inside((SERVER, 443).into()).unwrap();
    let router = inside((ROUTER, 443).into()).unwrap();
    let resolver = internet
        .0
        .inside(|| Ok(UdpSocket::bind((SERVER, 53)).unwrap()));
    let resolver = resolver.unwrap();
    std::thread::spawn(move || names(&resolver));
    let (node, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (node, other) = (node.path(), other.path());
    let tests = host.0.inside(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let server = Server::start(server, &["mirror.test"]).await;
            let router = Server::start(router, &["lan.test"]).await;
            let mut settings = FetchSettings {
                command: vec![env!("CARGO_BIN_EXE_iog-node-fetch").into()],
                egress: Some(Egress {
                    resolvers: vec![SERVER],
                    ..Egress::default()
                }),
                allowed: Vec::new(),
                roots: vec![server.pem.clone(), router.pem.clone()],
                pause: Duration::ZERO,
                patience: Duration::ZERO,
            };
            let got = fetched(&settings, node, "https://mirror.test/data").await;
            assert_eq!(got, (Outcome::Done, DATA.to_vec()));
            let failed = (Outcome::Failed { status: None }, Vec::new());
            assert_eq!(
                fetched(&settings, node, "https://lan.test/data").await,
                failed
            );
            let fetch = settings
                .begin(node, "https://mirror.test/endless", (0, 10), USER)
                .await
                .unwrap();
            poll(|| async { (processes_of(USER) == 1).then_some(()) }).await;
            drop(fetch);
            poll(|| async { (processes_of(USER) == 0).then_some(()) }).await;
            // Without its own look it meets the filter.
            settings.allowed = vec!["0.0.0.0/0".parse().unwrap()];
            assert_eq!(
                fetched(&settings, node, "https://lan.test/data").await,
                failed
            );
            assert_eq!(router.asked(), Vec::<String>::new());
            poll(|| async { fetch::networks(node).is_empty().then_some(()) }).await;
            // As a job side leaves it that is killed.
            settings.command = vec!["cat".into()];
            for dir in [node, other] {
                let left = settings.begin(dir, "https://mirror.test/", (0, 1), USER);
                std::mem::forget(left.await.unwrap());
            }
            assert_eq!(fetch::networks(node).len(), 1);
            jobs::run(common::settings(node), async {}).await.unwrap();
            assert_eq!(fetch::networks(node), []);
            assert_eq!(fetch::networks(other).len(), 1, "another node's");
            fetch::sweep(other);
        });
        Ok(())
    });
    tests.unwrap();
}
