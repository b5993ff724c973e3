//! A chain of one order, a relay, a device and a renter's machine.

use crate::{
    common::Iog,
    node::{public, Node, Script},
    rpc::{Chain, Rpc, GENESIS},
};
use ed25519_dalek::SigningKey;
use iog_client::{
    decode, encode,
    market::{
        self,
        accounts::{Lease, Order},
    },
    AccountData,
};
use iog_job::{Binding, Hash, JobSpec, Key, Phase};
use iog_link::relay::{Relay, RelayConfig};
use serde_json::json;
use solana_pubkey::Pubkey;
use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

pub const ENGINEER: [u8; 32] = [21; 32];
pub const TUNNEL: [u8; 32] = [22; 32];
pub const ORDER: [u8; 32] = [23; 32];
const LEASE: [u8; 32] = [24; 32];
const DEVICE: [u8; 32] = [25; 32];
const NOW: i64 = 10_000;

pub struct World {
    pub iog: Iog,
    pub rpc: Rpc,
    /// The second endpoint, where the order was booked with one.
    pub witness: Option<Rpc>,
    pub relay: Relay,
    pub node: Arc<Node>,
    _relay_dir: tempfile::TempDir,
}

pub fn key(bytes: [u8; 32]) -> String {
    Key(bytes).to_string()
}

pub fn script() -> Script {
    Script {
        log: b"hello\n".to_vec(),
        outputs: Vec::new(),
        cut_after: None,
        signs: TUNNEL,
        phases: vec![Phase::Running { ready: true }],
        ssh_key:
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5enowMTIzNDU2Nzg5"
                .into(),
        unchained: false,
        refuses_secrets: false,
        fetches: None,
        disbelieves: false,
        walks: None,
    }
}

pub fn binding() -> Binding {
    Binding {
        genesis: Key(GENESIS),
        program: Key(market::ID.to_bytes()),
        order: Key(ORDER),
        created_ts: 9_000,
        lease: Key(LEASE),
        matched_ts: 9_100,
        device: Key(DEVICE),
    }
}

pub fn blank<T: AccountData>() -> T {
    let mut data = T::DISCRIMINATOR.to_vec();
    data.resize(2_048, 0);
    decode(&data).unwrap()
}

impl World {
    pub async fn start(script: Script) -> Self {
        Self::with(script, &JobSpec::session(Hash([1; 32])), &[]).await
    }

    /// The renter has booked this job, with the files of its inputs.
    pub async fn with(script: Script, job: &JobSpec, sources: &[(Hash, PathBuf)]) -> Self {
        Self::made(script, job, sources, None).await
    }

    /// As [`Self::with`], with a second endpoint.
    pub async fn witnessed(script: Script, job: &JobSpec, sources: &[(Hash, PathBuf)]) -> Self {
        let witness = Rpc::at("127.0.0.2").await;
        Self::made(script, job, sources, Some(witness)).await
    }

    async fn made(
        script: Script,
        job: &JobSpec,
        sources: &[(Hash, PathBuf)],
        witness: Option<Rpc>,
    ) -> Self {
        let relay_dir = tempfile::tempdir().unwrap();
        let config = RelayConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            quic: None,
            plain: true,
            dir: relay_dir.path().to_path_buf(),
            allow_any: true,
            ..RelayConfig::default()
        };
        let relay = Relay::start(&config).await.unwrap();
        let rpc = Rpc::start().await;
        let node = Node::start(TUNNEL, public(ENGINEER), &relay, binding(), script).await;
        let world = Self {
            iog: Iog::new(),
            rpc,
            witness,
            relay,
            node,
            _relay_dir: relay_dir,
        };
        world.set(|_, _| ());
        world.books(job, sources);
        world
    }

    /// The order runs on one device, but for what `change` changes, whoever is asked.
    pub fn set(&self, change: impl Fn(&mut Order, &mut Lease)) {
        let all = [Some(&self.rpc), self.witness.as_ref()];
        all.into_iter()
            .flatten()
            .for_each(|rpc| Self::tell(rpc, &change));
    }

    /// What one endpoint tells.
    pub fn tell(rpc: &Rpc, change: impl FnOnce(&mut Order, &mut Lease)) {
        let (mut order, mut lease): (Order, Lease) = (blank(), blank());
        let engineer = Pubkey::new_from_array(public(ENGINEER).0);
        (order.state, order.created_ts, order.engineer_key) = (2, 9_000, engineer);
        (order.started_ts, order.end_ts) = (9_200, 99_000);
        order.parts[0].class_id = 1;
        (
            order.parts[0].gpus,
            order.parts[0].matched,
            order.parts[0].accepted,
        ) = (1, 1, 1);
        (lease.order, lease.device) = (ORDER.into(), DEVICE.into());
        (lease.state, lease.matched_ts, lease.gpus) = (1, 9_100, 1);
        lease.tunnel_key = Pubkey::new_from_array(public(TUNNEL).0);
        change(&mut order, &mut lease);
        let mut chain = rpc.chain.lock().unwrap();
        chain.now = NOW;
        let Chain { accounts, .. } = &mut *chain;
        accounts.insert(ORDER.into(), (market::ID, encode(&order)));
        accounts.insert(LEASE.into(), (market::ID, encode(&lease)));
    }

    pub fn folder(&self) -> PathBuf {
        self.iog
            .home
            .path()
            .join(".local/share/iog/orders")
            .join(key(ORDER))
    }

    /// What `order create` leaves behind.
    fn books(&self, job: &JobSpec, sources: &[(Hash, PathBuf)]) {
        let folder = self.folder();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder.join("secrets"))
            .unwrap();
        let order = json!({
            "version": 1, "order": key(ORDER), "program": market::ID.to_string(), "genesis": key(GENESIS),
            "rpc_url": self.rpc.url,
            "witness_urls": self.witness.iter().map(|rpc| &rpc.url).collect::<Vec<_>>(), "commitment": "confirmed", "check": "off", "relays": [self.relay.entry("127.0.0.1")], "relay_only": true,
        });
        let sources: serde_json::Map<_, _> = sources
            .iter()
            .map(|(hash, path)| (hash.to_string(), json!(path)))
            .collect();
        let engineer = SigningKey::from_bytes(&ENGINEER)
            .to_keypair_bytes()
            .to_vec();
        for (name, text) in [
            ("order.json", order.to_string()),
            ("engineer.json", json!(engineer).to_string()),
            ("job.json", serde_json::to_string(job).unwrap()),
            ("sources.json", json!(sources).to_string()),
            ("secrets/TOKEN", "very-secret-value".into()),
        ] {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    /// Runs it again and again until it answers as it should.
    pub async fn until(&self, line: &str, wanted: impl Fn(&Output) -> bool) -> Output {
        let since = Instant::now();
        loop {
            let output = self.run(line).await;
            if wanted(&output) {
                return output;
            }
            assert!(
                since.elapsed() < Duration::from_secs(40),
                "{line}: {output:?}"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub fn command(&self, line: &str) -> Command {
        let line = line.replace("ORDER", &key(ORDER));
        let mut command = Command::new(env!("CARGO_BIN_EXE_iog"));
        command
            .args(line.split(' '))
            .current_dir(self.iog.home.path())
            .env("HOME", self.iog.home.path())
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Beside the servers that this process runs.
    pub async fn run(&self, line: &str) -> Output {
        let mut command = self.command(line);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    pub async fn with_input(&self, line: &str, input: &'static [u8]) -> Output {
        let mut command = self.command(line);
        command.stdin(Stdio::piped());
        let ran = tokio::task::spawn_blocking(move || {
            use std::io::Write;
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(input).unwrap();
            child.wait_with_output().unwrap()
        });
        ran.await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.command("agent stop ORDER").output();
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn lease_folder(world: &World) -> PathBuf {
    world.folder().join(format!("leases/{}-9100", key(LEASE)))
}

pub fn lease() -> String {
    key(LEASE)
}
