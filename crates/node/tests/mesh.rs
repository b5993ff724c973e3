//! Two nodes, each with job side and link side, whose leases are of one mesh. Real networks, devices and endpoints; needs root.

mod common;

use common::*;
use ed25519_dalek::SigningKey;
use iog_engine::netns::Net;
use iog_job::{JobSpec, Key, MeshFrame, MeshSpec, Restart};
use iog_link::{
    relay::{Relay, RelayConfig},
    RelayAddr, Settings,
};
use iog_node::{
    board::{BoardLease, Member, Mesh, Stage},
    link::{self, LinkSettings},
    pass,
};
use std::{
    fs,
    net::Ipv4Addr,
    os::{fd::AsFd, unix::fs::PermissionsExt},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

const MESH: Mesh = Mesh {
    root: Key([3; 32]),
    root_created_ts: 4,
};

struct Node {
    world: World,
    lease: u8,
    rank: u16,
    relay: RelayAddr,
    link: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            link.abort();
        }
    }
}

fn seed(rank: u16) -> SigningKey {
    SigningKey::from_bytes(&[77 + u8::try_from(rank).unwrap(); 32])
}

fn tunnel_of(rank: u16) -> Key {
    Key(seed(rank).verifying_key().to_bytes())
}

fn lease_number(rank: u16) -> u8 {
    5 + u8::try_from(rank).unwrap()
}

fn member(rank: u16) -> Member {
    Member {
        lease: Key([lease_number(rank); 32]),
        device: Key([lease_number(rank); 32]),
        tunnel_key: tunnel_of(rank),
        rank,
    }
}

fn lease(rank: u16, others: &[u16], spec: &JobSpec) -> BoardLease {
    BoardLease {
        tunnel_key: tunnel_of(rank),
        place: rank,
        rank,
        world_size: 2,
        mesh: Some(MESH),
        members: others.iter().map(|rank| member(*rank)).collect(),
        ..lease_of(lease_number(rank), Some(spec))
    }
}

impl Node {
    async fn new(rank: u16, spec: &JobSpec, relay: &RelayAddr) -> Self {
        assert!(
            nix::unistd::geteuid().is_root(),
            "namespaces and TUN devices need root"
        );
        let other = 1 - rank;
        let mut world = World::new(vec![lease(rank, &[other], spec)]);
        fs::write(world.path().join("engine/mesh"), "").unwrap();
        let file = world.path().join("tunnel.key");
        fs::write(&file, seed(rank).to_bytes()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        world.spawn_without_control();
        let mut node = Self {
            world,
            lease: lease_number(rank),
            rank,
            relay: relay.clone(),
            link: None,
        };
        node.start_link();
        let _ = node.world.send_job(node.lease, spec).await;
        node
    }

    fn start_link(&mut self) {
        let settings = LinkSettings {
            node_dir: self.world.path(),
            tunnel_keys: vec![self.world.path().join("tunnel.key")],
            link: Settings {
                relays: vec![self.relay.clone()],
                ..Settings::default()
            },
        };
        self.link = Some(tokio::spawn(link::run(settings, std::future::pending())));
    }

    /// Without a word to anybody.
    async fn kill_link(&mut self) {
        let link = self.link.take().unwrap();
        link.abort();
        let _ = link.await;
    }

    fn net(&self, attempt: u32) -> Net {
        let engine = engine::Files(self.world.path().join("engine"));
        engine.net(&binding(self.lease).run(attempt)).unwrap()
    }

    fn pings(&self, attempt: u32, to: Ipv4Addr) -> bool {
        let net = self.net(attempt);
        let args = [
            "netns",
            "exec",
            net.name(),
            "ping",
            "-n",
            "-c1",
            "-W1",
            &to.to_string(),
        ];
        let mut ping = Command::new("ip");
        let status = ping
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.unwrap().success()
    }

    async fn until_pings(&self, attempt: u32, to: Ipv4Addr) {
        poll(|| async { tokio::task::block_in_place(|| self.pings(attempt, to)).then_some(()) })
            .await;
    }

    /// Tells one device from another one of the same name.
    fn device(&self, attempt: u32) -> String {
        let net = self.net(attempt);
        let shown = Command::new("ip")
            .args(["-n", net.name(), "-o", "link", "show", "iog0"])
            .output()
            .unwrap();
        String::from_utf8(shown.stdout)
            .unwrap()
            .split(':')
            .next()
            .unwrap()
            .to_string()
    }
}

const ZERO: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const ONE: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

fn has_device(pid: u32) -> bool {
    let open = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .flatten();
    let mut open = open.filter_map(|file| fs::read_link(file.path()).ok());
    open.any(|file| file.as_os_str() == "/dev/net/tun")
}

async fn relay(dir: &std::path::Path) -> (Relay, RelayAddr) {
    let config = RelayConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        quic: None,
        plain: true,
        dir: dir.to_path_buf(),
        allow_any: true,
        ..RelayConfig::default()
    };
    let relay = Relay::start(&config).await.unwrap();
    let entry = relay.entry("127.0.0.1");
    (relay, entry)
}

/// From the engine's device to the other node's job and back, whichever of the processes is started anew meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn from_job_to_job() {
    let dir = tempfile::tempdir().unwrap();
    let (_relay, entry) = relay(dir.path()).await;
    let spec = JobSpec {
        restart: Restart::OnFailure(3),
        ..script("while ! [ -e die ]; do sleep 0.05; done; rm die; exit 3")
    };
    let (zero, mut one) = tokio::join!(Node::new(0, &spec, &entry), Node::new(1, &spec, &entry));
    zero.until_pings(0, ONE).await;
    let env = zero.world.run_spec(zero.lease).unwrap().env;
    for (name, value) in [
        ("IOG_RANK", "0"),
        ("IOG_WORLD_SIZE", "2"),
        ("IOG_ADDRESS", "10.77.0.1"),
        ("IOG_PEERS", "0=10.77.0.1,1=10.77.0.2"),
        ("MASTER_ADDR", "10.77.0.1"),
        ("MASTER_PORT", "29500"),
        ("NCCL_SOCKET_IFNAME", "iog0"),
        ("GLOO_SOCKET_IFNAME", "iog0"),
    ] {
        assert!(
            env.contains(&(name.into(), value.into())),
            "{name}: {env:?}"
        );
    }
    let device = one.device(0);

    one.kill_link().await;
    one.start_link();
    one.until_pings(0, ZERO).await;
    assert_eq!(one.device(0), device, "the job side kept it");

    one.world.kill().await;
    one.until_pings(0, ZERO).await;
    one.world.spawn_without_control();
    // The new job side has the device from the link side: a link side that is started anew gets it again.
    poll(|| async { has_device(one.world.pid()).then_some(()) }).await;
    one.kill_link().await;
    one.start_link();
    one.until_pings(0, ZERO).await;
    assert_eq!(one.device(0), device, "still the same");

    // The job fails: its next attempt has another network, at the same address.
    fs::write(one.world.run_dir(one.lease).join("work/die"), "").unwrap();
    zero.until_pings_after_restart(&one).await;
    assert!(!one.net(0).exists());

    // redteam mesh M4: the board names the other no more.
    let mut zero = zero;
    zero.world.board.leases[0].members.clear();
    let begun = Instant::now();
    zero.world.publish();
    poll(|| async { (!tokio::task::block_in_place(|| one.pings(1, ZERO))).then_some(()) }).await;
    // One ping waits a second for its answer.
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );

    // The lease ends: nothing is left of its network.
    one.world.board.leases[0].stage = Stage::Kept;
    one.world.board.leases[0].mesh = None;
    one.world.publish();
    poll(|| async { (!one.net(1).exists()).then_some(()) }).await;
}

impl Node {
    async fn until_pings_after_restart(&self, other: &Self) {
        poll(|| async { other.net(1).exists().then_some(()) }).await;
        self.until_pings(0, ONE).await;
        other.until_pings(1, ZERO).await;
        assert_eq!((self.rank, other.rank), (0, 1));
    }
}

/// What a link side has of a lease that was over before this job side came is let go: an open device keeps its network.
#[tokio::test]
async fn what_is_over_is_let_go() {
    let spec = script("sleep 1000");
    let mut over = lease(0, &[], &spec);
    over.stage = Stage::Kept;
    let world = World::new(vec![over]).start().await;
    poll(|| async { world.report() }).await;
    let mut link = world.socket().await;
    iog_job::frame::write(&mut link, &"mesh").await.unwrap();
    let device = MeshFrame::Device {
        binding: binding(lease_number(0)),
        attempt: 0,
        rank: 0,
        private: false,
    };
    let open = fs::File::open("/dev/null").unwrap();
    pass::send(&link, &device, Some(open.as_fd()))
        .await
        .unwrap();
    pass::send(&link, &MeshFrame::Told, None).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(10), pass::receive(&link));
    let (told, _) = told.await.unwrap().unwrap().unwrap();
    assert!(matches!(told, MeshFrame::Gone { binding: of } if of == binding(lease_number(0))));
}

/// redteam mesh M6: a lease without a place in its mesh is told so; a port that the job chooses stays.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_mesh() {
    let spec = JobSpec {
        env: [("MASTER_PORT".to_string(), "7000".to_string())].into(),
        mesh: Some(MeshSpec { private: true }),
        ..script("sleep 1000")
    };
    let mut without = lease(0, &[], &spec);
    without.mesh = None;
    let world = World::new(vec![without]);
    fs::write(world.path().join("engine/mesh"), "").unwrap();
    let world = world.start().await;
    let _ = world.send_job(5, &spec).await;
    let run = poll(|| async { world.run_spec(5) }).await;
    let value = |wanted: &str| {
        let mut env = run.env.iter();
        env.find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(value("IOG_ADDRESS"), None);
    assert_eq!(
        value("IOG_NO_MESH"),
        Some("its mesh has as many members as there may be")
    );
    assert_eq!(
        (value("MASTER_ADDR"), value("MASTER_PORT")),
        (Some("127.0.0.1"), None)
    );
}

/// No test: what [`World::spawn`] starts.
#[tokio::test]
#[ignore]
async fn the_job_side() {
    if let Some(dir) = std::env::var_os("IOG_TEST_NODE") {
        serve(std::path::Path::new(&dir)).await;
    }
}
