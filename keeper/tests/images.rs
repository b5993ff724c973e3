//! `iog-keeper jobs` with the settings of keeper.toml: a job whose image it pulls, and a shell in the operator's own image. Needs root, Podman,
//! conmon, runc, skopeo and busybox.

#[path = "../../crates/engine/tests/support/image.rs"]
mod image;

use iog_job::{
    frame,
    wire::{Answer, Forwarded, Hello, Needs, Verb},
    Binding, Hash, Image, JobSpec, Key, Kind, Phase,
};
use iog_node::{
    board::{self, Board, BoardLease, Report, Stage},
    pipe::Pipe,
};
use rustix::process::{kill_process, Pid, Signal};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};
use tokio::net::UnixStream;

const ENGINEER: Key = Key([21; 32]);
const NOW: i64 = 1_000_000;

fn binding(lease: u8) -> Binding {
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

fn lease(number: u8, spec: Option<&JobSpec>) -> BoardLease {
    BoardLease {
        binding: binding(number),
        stage: Stage::Running,
        renter: Key([8; 32]),
        engineer_key: ENGINEER,
        receipt_key: Key::default(),
        tunnel_key: Key([7; 32]),
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

/// The process, and all that its engine would leave.
struct Jobs {
    process: Child,
    root: PathBuf,
}

impl Jobs {
    fn services(&self) -> Vec<(Pid, String)> {
        let all = fs::read_dir("/proc").unwrap().flatten();
        let of = |entry: fs::DirEntry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let ours = line.contains(self.root.to_str()?) && line.contains("system service");
            ours.then_some((pid, line))
        };
        all.filter_map(of).collect()
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        for (pid, line) in self.services() {
            kill_process(pid, Signal::KILL).ok();
            let socket = line.split("unix://").nth(1).unwrap_or_default().trim();
            unmount_beneath(Path::new(socket).parent().unwrap());
            fs::remove_dir_all(Path::new(socket).parent().unwrap()).ok();
        }
        unmount_beneath(&self.root);
    }
}

fn unmount_beneath(root: &Path) {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let all = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let beneath: Vec<_> = all.filter(|at| Path::new(at).starts_with(root)).collect();
    for at in beneath.into_iter().rev() {
        Command::new("umount").args(["--lazy", at]).status().ok();
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

async fn deliver(node: &Path, spec: &JobSpec) -> bool {
    let Ok(mut socket) = UnixStream::connect(board::jobs_socket(node)).await else {
        return false;
    };
    let forwarded = Forwarded {
        peer: ENGINEER,
        engineer: ENGINEER,
        ticket: None,
        hello: Hello {
            binding: binding(2),
            number: 1,
            verb: Verb::Job,
        },
    };
    frame::write(&mut socket, &forwarded).await.unwrap();
    let mut pipe = Pipe::new(socket);
    let answer: Answer = frame::expect(&mut pipe, 1 << 20).await.unwrap();
    if answer != Answer::Admitted {
        return false;
    }
    frame::write(&mut pipe, spec).await.unwrap();
    let needs: Needs = frame::expect(&mut pipe, 1 << 20).await.unwrap();
    needs.inputs.is_empty()
}

/// redteam C2, K4: registries and the image for shells are the operator's to name, and the chain side is told what is taken.
#[test]
fn the_configuration_brings_images() {
    assert!(
        rustix::process::geteuid().is_root(),
        "containers need root: run the tests as root"
    );
    let layer = image::busybox();
    let made = image::image(&[layer], &["PATH=/bin"], &["/bin/sh", "-c", "exit 3"]);
    let dir = tempfile::tempdir().unwrap();
    made.write(&dir.path().join("shell.tar"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let spec = JobSpec {
        kind: Kind::Batch,
        image: Some(Image {
            reference: Some(format!("{host}/team/job")),
            digest: made.manifest,
            len: 0,
            config: made.config,
        }),
        ..JobSpec::session(Hash([5; 32]))
    };
    image::serve(listener, made);
    let config = dir.path().join("keeper.toml");
    let text = format!(
        "rpc_url = 'http://127.0.0.1:1'\nfee_payer = 'payer.json'\nstate_dir = 'state'\nsingle_rpc = true\n[node]\ndir = 'node'\nregistries = ['http://{host}']\nsession_image = 'shell.tar'\nimage_cache_gib = 1\n[[device]]\nkey = 'a.json'\n[[device]]\nkey = 'b.json'\n"
    );
    fs::write(&config, text).unwrap();
    let node = dir.path().join("node");
    fs::create_dir_all(node.join("board")).unwrap();
    let mut board = Board {
        genesis: Key([1; 32]),
        now: NOW,
        slot: 1,
        leases: vec![lease(1, None), lease(2, Some(&spec))],
        ..Board::default()
    };
    board::replace(&board::board_file(&node), &board).unwrap();
    let process = Command::new(env!("CARGO_BIN_EXE_iog-keeper"))
        .args(["jobs", "--config"])
        .arg(&config)
        .spawn();
    let jobs = Jobs {
        process: process.unwrap(),
        root: node.join("jobs/engine"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    until("the job is taken", || {
        runtime.block_on(deliver(&node, &spec)).then_some(())
    });
    let phases = || {
        let report = board::read::<Report>(&board::report_file(&node)).unwrap()?;
        assert_eq!(report.trouble, None);
        let takes = &report.takes;
        assert!(takes.images && takes.no_image);
        assert_eq!(takes.registries, Some(vec![host.clone()]));
        let phases = report.leases.into_iter().map(|lease| lease.phase);
        Some(phases.collect::<Vec<_>>())
    };
    until("both run, and one to its end", || {
        let all = phases()?;
        let ran = all.contains(&Some(Phase::Exited { code: 3 }));
        (ran && all.contains(&Some(Phase::Running { ready: true }))).then_some(())
    });
    board.leases.clear();
    board.slot = 2;
    board::replace(&board::board_file(&node), &board).unwrap();
    let empty = || fs::read_dir(jobs.root.join("leases")).is_ok_and(|all| all.count() == 0);
    until("both are gone", || empty().then_some(()));
}
