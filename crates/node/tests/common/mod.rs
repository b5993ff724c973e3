//! A job side in a folder of its own, and a link side that says what the test wants.

#![allow(dead_code)]

pub mod engine;

use base64::Engine as _;
use ed25519_dalek::SigningKey;
use iog_job::{
    frame,
    wire::{Answer, Control, Forwarded, Hello, Needs, Refusal, Secrets, Verb},
    Binding, Hash, JobSpec, Key, Phase, RunId, Signed, Status,
};
use iog_node::{
    board::{self, Board, BoardLease, Report, Stage},
    jobs::{self, JobsSettings},
    pipe::Pipe,
    policy::Policy,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
    time::{Duration, Instant},
};
use tokio::{net::UnixStream, task::JoinHandle};

pub const NOW: i64 = 1_000_000;
const LONGEST: Duration = Duration::from_secs(20);

pub fn tunnel() -> SigningKey {
    SigningKey::from_bytes(&[77; 32])
}

pub fn tunnel_key() -> Key {
    Key(tunnel().verifying_key().to_bytes())
}

pub const ENGINEER: Key = Key([21; 32]);

pub fn binding(lease: u8) -> Binding {
    Binding {
        genesis: Key([1; 32]),
        program: Key([2; 32]),
        order: Key([3; 32]),
        created_ts: 4,
        lease: Key([lease; 32]),
        matched_ts: 6,
        device: Key([lease; 32]),
    }
}

pub fn script(script: &str) -> JobSpec {
    JobSpec {
        kind: iog_job::Kind::Batch,
        command: vec!["/bin/sh".into(), "-c".into(), script.into()],
        ..JobSpec::session(Hash([5; 32]))
    }
}

pub fn lease_of(number: u8, spec: Option<&JobSpec>) -> BoardLease {
    BoardLease {
        binding: binding(number),
        stage: Stage::Running,
        renter: Key([8; 32]),
        engineer_key: ENGINEER,
        receipt_key: Key::default(),
        tunnel_key: tunnel_key(),
        place: 0,
        rank: 0,
        world_size: 1,
        mesh: None,
        joins: Vec::new(),
        gpus: 1,
        image_hash: spec.map_or(Hash::default(), JobSpec::image_hash),
        command_hash: spec.map_or(Hash::default(), |spec| spec.hash().unwrap()),
        cards: Vec::new(),
        cards_free: true,
        started_ts: NOW,
        ends_ts: NOW + 3_600,
        keep_until_ts: NOW + 90_000,
        members: Vec::new(),
    }
}

pub struct World {
    pub dir: tempfile::TempDir,
    pub board: Board,
    numbers: AtomicU64,
    side: Option<Side>,
    control: Option<JoinHandle<()>>,
}

enum Side {
    Task(JoinHandle<()>),
    Process(Child),
}

impl World {
    pub fn new(leases: Vec<BoardLease>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("board")).unwrap();
        fs::create_dir_all(dir.path().join("engine")).unwrap();
        let mut world = Self {
            dir,
            board: Board {
                genesis: Key([1; 32]),
                now: NOW,
                slot: 0,
                leases,
                ..Board::default()
            },
            numbers: AtomicU64::new(1),
            side: None,
            control: None,
        };
        world.publish();
        world
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().to_path_buf()
    }

    pub fn publish(&mut self) {
        self.board.slot += 1;
        board::replace(&board::board_file(&self.path()), &self.board).unwrap();
    }

    /// In this process, with a link side that signs.
    pub async fn start(self) -> Self {
        let settings = settings(&self.path());
        self.start_with(settings).await
    }

    pub async fn start_with(mut self, settings: JobsSettings) -> Self {
        self.side = Some(Side::Task(tokio::spawn(async move {
            jobs::run(settings, std::future::pending()).await.unwrap();
        })));
        self.control().await;
        self
    }

    /// In a process of its own, which can be killed.
    pub async fn spawn(&mut self) {
        self.spawn_without_control();
        self.control().await;
    }

    /// The same, where another link side signs.
    pub fn spawn_without_control(&mut self) {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_job_side", "--ignored", "--nocapture"])
            .env("IOG_TEST_NODE", self.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.side = Some(Side::Process(process.unwrap()));
    }

    /// Of the job side, where it is a process of its own.
    pub fn pid(&self) -> u32 {
        match &self.side {
            Some(Side::Process(process)) => process.id(),
            _ => panic!("it is no process"),
        }
    }

    pub async fn kill(&mut self) {
        if let Some(control) = self.control.take() {
            control.abort();
        }
        match self.side.take() {
            Some(Side::Process(mut process)) => {
                process.kill().unwrap();
                process.wait().unwrap();
            }
            _ => panic!("it is no process"),
        }
    }

    async fn control(&mut self) {
        let mut socket = self.socket().await;
        self.control = Some(tokio::spawn(async move {
            frame::write(&mut socket, &"control").await.unwrap();
            while let Ok(Some(Control::Sign { message, .. })) =
                frame::read(&mut socket, 1 << 20).await
            {
                let signed = Signed::sign(&hex::decode(message).unwrap(), &tunnel());
                if frame::write(&mut socket, &Control::Signed(signed))
                    .await
                    .is_err()
                {
                    return;
                }
            }
        }));
    }

    pub async fn socket(&self) -> UnixStream {
        let path = board::jobs_socket(&self.path());
        poll(|| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.ok() }
        })
        .await
    }

    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Relaxed)
    }

    pub async fn ask(&self, lease: u8, verb: Verb) -> Result<Pipe, Refusal> {
        self.ask_as(ENGINEER, binding(lease), self.number(), verb)
            .await
    }

    pub async fn ask_as(
        &self,
        engineer: Key,
        binding: Binding,
        number: u64,
        verb: Verb,
    ) -> Result<Pipe, Refusal> {
        let forwarded = Forwarded {
            peer: engineer,
            engineer,
            ticket: None,
            hello: Hello {
                binding,
                number,
                verb,
            },
        };
        self.forward(&forwarded).await
    }

    /// A stream whose answer is not waited for.
    pub async fn begin(&self, lease: u8, verb: Verb) -> UnixStream {
        let mut socket = self.socket().await;
        let hello = Hello {
            binding: binding(lease),
            number: self.number(),
            verb,
        };
        let forwarded = Forwarded {
            peer: ENGINEER,
            engineer: ENGINEER,
            ticket: None,
            hello,
        };
        frame::write(&mut socket, &forwarded).await.unwrap();
        socket
    }

    pub async fn forward(&self, forwarded: &Forwarded) -> Result<Pipe, Refusal> {
        let mut socket = self.socket().await;
        frame::write(&mut socket, forwarded).await.unwrap();
        let mut pipe = Pipe::new(socket);
        match frame::expect(&mut pipe, 1 << 20).await.unwrap() {
            Answer::Admitted => Ok(pipe),
            Answer::Refused { code, .. } => Err(code),
        }
    }

    /// A stream that is served; until the job side has seen the board it is not there.
    pub async fn open(&self, lease: u8, verb: Verb) -> Pipe {
        let open = || async {
            match self.ask(lease, verb.clone()).await {
                Ok(pipe) => Some(pipe),
                Err(
                    Refusal::Unavailable
                    | Refusal::NotYours
                    | Refusal::NotRunning
                    | Refusal::NotStarted,
                ) => None,
                Err(other) => panic!("{other:?}"),
            }
        };
        poll(open).await
    }

    pub async fn send_job(&self, lease: u8, spec: &JobSpec) -> (Pipe, Needs) {
        let mut pipe = self.open(lease, Verb::Job).await;
        frame::write(&mut pipe, spec).await.unwrap();
        let needs = frame::expect(&mut pipe, 1 << 20).await.unwrap();
        (pipe, needs)
    }

    /// Waits for a status, all of which are checked; ends with its number.
    pub async fn until(&self, lease: u8, is: impl Fn(&Status) -> bool) -> Status {
        let follow = true;
        let mut pipe = self.open(lease, Verb::Status { from: 1, follow }).await;
        let mut previous = Hash::default();
        let mut number = 0;
        let all = async {
            loop {
                let signed: Signed = frame::expect(&mut pipe, 1 << 20).await.unwrap();
                let (of, status) = signed.open::<Status>(&tunnel_key()).unwrap();
                number += 1;
                assert_eq!((of, status.number), (binding(lease), number));
                assert_eq!(status.previous, previous);
                previous = signed.hash();
                if is(&status) {
                    return status;
                }
            }
        };
        tokio::time::timeout(LONGEST, all)
            .await
            .expect("no such status")
    }

    pub async fn until_phase(&self, lease: u8, phase: Phase) -> Status {
        self.until(lease, |status| status.phase == phase).await
    }

    pub async fn send_secret(&self, lease: u8, name: &str, value: &[u8]) -> Pipe {
        let mut pipe = self.open(lease, Verb::Secrets).await;
        let value = base64::engine::general_purpose::STANDARD.encode(value);
        let secrets = Secrets([(name.to_string(), value)].into());
        frame::write(&mut pipe, &secrets).await.unwrap();
        pipe
    }

    /// What the engine was told of a lease's first run.
    pub fn run_spec(&self, lease: u8) -> Option<iog_engine::RunSpec> {
        serde_json::from_slice(&fs::read(self.run_dir(lease).join("run-0")).ok()?).ok()
    }

    pub fn report(&self) -> Option<Report> {
        board::read(&board::report_file(&self.path())).unwrap()
    }

    pub fn run_dir(&self, lease: u8) -> PathBuf {
        self.path().join(format!("engine/{}-6", Key([lease; 32])))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        match self.side.take() {
            Some(Side::Process(mut process)) => {
                let _ = process.kill();
                let _ = process.wait();
            }
            Some(Side::Task(task)) => task.abort(),
            None => {}
        }
        // Jobs live on; those of the tests do not.
        for lease in fs::read_dir(self.path().join("engine"))
            .into_iter()
            .flatten()
            .flatten()
        {
            for file in fs::read_dir(lease.path()).into_iter().flatten().flatten() {
                let name = file.file_name().into_string().unwrap();
                let pid = name
                    .starts_with("pid-")
                    .then(|| fs::read_to_string(file.path()));
                // Nor their networks.
                let run: Option<RunId> = name.strip_prefix("run-").and_then(|attempt| {
                    let lease = lease.file_name().into_string().ok()?;
                    format!("{lease}-{attempt}").parse().ok()
                });
                if let Some(net) =
                    run.and_then(|run| engine::Files(self.path().join("engine")).net(&run))
                {
                    net.delete().ok();
                }
                if let Some(Ok(Ok(pid))) = pid.map(|pid| pid.map(|pid| pid.parse())) {
                    let pid = nix::unistd::Pid::from_raw(pid);
                    let _ = nix::sys::signal::killpg(pid, nix::sys::signal::Signal::SIGKILL);
                }
            }
        }
    }
}

/// The first that is found.
pub async fn poll<T, F: std::future::Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let end = Instant::now() + LONGEST;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "it did not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn serve(dir: &Path) {
    let settings = settings(dir);
    jobs::run(settings, std::future::pending()).await.unwrap();
}

pub fn settings(dir: &Path) -> JobsSettings {
    JobsSettings {
        node_dir: dir.to_path_buf(),
        engine: Arc::new(engine::Files(dir.join("engine"))),
        policy: Policy::default(),
        cards: Vec::new(),
        gpus: 2,
        link_uid: None,
        fetch: None,
        card_keeper: None,
        walk: None,
    }
}
