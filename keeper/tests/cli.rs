//! The program's exit codes, and that each error is one line that says what to do.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Output},
    thread,
};
use tempfile::TempDir;

fn keeper(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iog-keeper"));
    command
        .env_clear()
        // Without it Mesa writes a line of its own to standard error.
        .env("XDG_RUNTIME_DIR", std::env::temp_dir())
        .args(args)
        .output()
        .unwrap()
}

/// Exit code and standard error.
fn fails(args: &[&str]) -> (i32, String) {
    let output = keeper(args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let error: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(error.len(), 1, "{stderr}");
    assert!(output.stdout.is_empty());
    (output.status.code().unwrap(), error[0].to_string())
}

/// A configuration with a key of this mode, over a port that nobody listens on.
fn configured(mode: u32) -> (TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let key = solana_keypair::Keypair::new();
    write(
        &dir.path().join("payer.json"),
        &format!("{:?}", key.to_bytes()),
        mode,
    );
    let config = "rpc_url = 'http://127.0.0.1:1'\nfee_payer = 'payer.json'\nstate_dir = 'state'\n";
    let path = dir.path().join("keeper.toml");
    write(&path, config, 0o644);
    let path = path.to_str().unwrap().to_string();
    (dir, path)
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn usage_and_configuration_are_2() {
    let (code, error) = fails(&["run", "--config", "/nowhere/keeper.toml"]);
    assert_eq!(code, 2);
    assert!(error.contains("iog-keeper config example"), "{error}");
    let (code, error) = fails(&["run", "--rpc-url", "http://127.0.0.1:1"]);
    assert_eq!(code, 2);
    assert!(error.contains("--fee-payer"), "{error}");
    let (_dir, config) = configured(0o644);
    for args in [
        ["run", "--once", "--config", &config].as_slice(),
        &["config", "check", "--config", &config],
    ] {
        let (code, error) = fails(args);
        assert_eq!(code, 2);
        assert!(error.contains("chmod 600"), "{error}");
    }
    assert_eq!(keeper(&["run", "--roles", "miner"]).status.code(), Some(2));
    assert_eq!(
        keeper(&["bench", "pow", "--rows", "64"]).status.code(),
        Some(2)
    );
    for (args, says) in [
        (vec!["--class", "h100"], "give --url"),
        (
            vec!["--rows", "63", "--tiles", "1", "--waves", "1"],
            "multiple of 32",
        ),
        (
            vec!["--backend", "cuda", "--card", "9999"],
            "no device to prove with",
        ),
        (
            vec!["--backend", "wgpu", "--card", "9999"],
            "no device to prove with",
        ),
        (
            vec!["--rows", "4294967264", "--tiles", "1", "--waves", "1"],
            "--table-mib",
        ),
        (vec!["--save", "/nowhere/pow.json"], "/nowhere/pow.json"),
        (vec!["--save", "Cargo.toml"], "no list of results"),
    ] {
        let (code, error) = fails(&[&["bench", "pow"], args.as_slice()].concat());
        assert_eq!(code, 2);
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn what_a_reporter_holds_in_secret_is_checked() {
    let (dir, config) = configured(0o600);
    let file = |name: &str, text: &str, mode: u32| write(&dir.path().join(name), text, mode);
    let text = fs::read_to_string(&config).unwrap();
    let price =
        "roles = ['price']\n[price]\nkey = 'reporter.json'\nmin_sources = 1\n[[price.sources]]\n\
        url = 'https://example.com/t?key=s3cret'\npointer = '/last'\nheaders = 'headers'\n";
    file("keeper.toml", &format!("{text}{price}"), 0o644);
    let key = format!("{:?}", solana_keypair::Keypair::new().to_bytes());
    let check = ["config", "check", "--config", &config];
    for (key_mode, headers_mode) in [(0o644, 0o600), (0o600, 0o604)] {
        file("reporter.json", &key, key_mode);
        file("headers", "X-Api-Key: s3cret\n", headers_mode);
        let (code, error) = fails(&check);
        assert_eq!(code, 2);
        assert!(error.contains("chmod 600"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
    file("headers", "X-Api-Key: s3cret\n", 0o600);
    assert!(keeper(&check).status.success());
}

#[test]
fn a_node_out_of_reach_is_4() {
    let (_dir, config) = configured(0o600);
    assert!(keeper(&["config", "check", "--config", &config])
        .status
        .success());
    let (code, error) = fails(&["run", "--once", "--config", &config]);
    assert_eq!(code, 4);
    assert!(
        error.starts_with("error: RPC: reading the genesis hash"),
        "{error}"
    );
}

/// What a provider's address has of a secret is in no error, no log, nothing that is served and no file. Field case 2
#[test]
fn an_endpoints_secret_is_shown_nowhere() {
    let (dir, config) = configured(0o600);
    let endpoint = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = endpoint.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in endpoint.incoming() {
            refuse(client.unwrap());
        }
    });
    let url = format!("http://user:s3cret@127.0.0.1:{port}/v2/s3cret?api-key=s3cret");
    let closed = "http://127.0.0.1:1/v2/s3cret?api-key=s3cret";
    for url in [url.as_str(), closed] {
        let output = keeper(&["run", "--once", "--config", &config, "--rpc-url", url]);
        assert_eq!(output.status.code(), Some(4));
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(told.contains("http://127.0.0.1:"), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }

    // A keeper that goes on, with a witness: it tells of both.
    let log = dir.path().join("log");
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let address = address.unwrap().to_string();
    let running = Command::new(env!("CARGO_BIN_EXE_iog-keeper"))
        .args(["run", "--config", &config, "--listen", &address])
        .args(["--tick-secs", "0.05", "--rpc-url", &url])
        .args(["--witness-urls", closed])
        .env("RUST_LOG", "info")
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut running = Ended(running);
    let ready = loop {
        let answer = ask(&address, "/readyz");
        if answer.contains("the last pass failed") {
            break answer;
        }
        assert!(running.0.try_wait().unwrap().is_none(), "it ended");
        thread::yield_now();
    };
    drop(running);
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("the pass failed"), "{log}");
    for told in [ready, log] {
        assert!(told.contains("http://127.0.0.1:"), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
    for entry in fs::read_dir(dir.path().join("state")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(6).any(|window| window == b"s3cret");
            assert!(!found, "{}", path.display());
        }
    }
}

/// A host that filters nothing serves no strangers by a link with a user of its own. redteam L3
#[test]
fn a_link_that_cannot_be_filtered_serves_no_strangers() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not root: nobody can become another user");
        return;
    }
    let (dir, config) = configured(0o600);
    let node = dir.path().join("node");
    let text = fs::read_to_string(&config).unwrap();
    let node = format!(
        "{text}roles = ['crank']\n[node]\ndir = '{}'\nchain_user = '1'\nlink_user = '2'\n",
        node.display()
    );
    write(Path::new(&config), &node, 0o644);
    let mut command = Command::new(env!("CARGO_BIN_EXE_iog-keeper"));
    let output = command
        .env_clear()
        .env("PATH", "/nowhere")
        .args(["node", "--config", &config])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("install nftables, or serve nobody but policy.own_renters"),
        "{told}"
    );
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// As a provider does whose key is wrong.
fn refuse(mut client: TcpStream) {
    let _ = client.read(&mut [0; 4096]);
    let answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let _ = client.write_all(answer.as_bytes());
}

fn ask(address: &str, path: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut stream) = TcpStream::connect(address) {
        let _ = write!(stream, "GET {path} HTTP/1.0\r\n\r\n");
        let _ = stream.read_to_string(&mut answer);
    }
    answer
}

#[test]
fn a_state_directory_serves_one_keeper() {
    let (dir, config) = configured(0o600);
    let _other = lock(&dir.path().join("state"));
    let (code, error) = fails(&["run", "--once", "--config", &config]);
    assert_eq!(code, 2);
    assert!(error.contains("another keeper"), "{error}");
}

fn lock(dir: &Path) -> fs::File {
    fs::create_dir_all(dir).unwrap();
    let file = fs::File::create(dir.join("lock")).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn the_example_prints_to_standard_output() {
    let example = String::from_utf8(keeper(&["config", "example"]).stdout).unwrap();
    assert_eq!(example, iog_keeper::config::EXAMPLE);
}

/// Half of a table of 2 MiB for each of two cards, side by side.
#[test]
fn the_bench_measures_cards_side_by_side_and_keeps_what_it_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pow.json");
    let file = file.to_str().unwrap();
    let shape = "--rows 4096 --tiles 16 --waves 40 --cards 2 --table-mib 1";
    let backends = ["cpu", "wgpu"];
    for backend in backends {
        let mut args = vec!["bench", "pow", "--backend", backend, "--software"];
        args.extend(shape.split(' '));
        if backend == "wgpu" {
            // The one adapter of this machine stands for both.
            args.extend(["--card", "0", "--card", "0"]);
        }
        args.extend(["--save", file, "-o", "json"]);
        let bench = keeper(&args);
        let stderr = String::from_utf8_lossy(&bench.stderr);
        assert!(bench.status.success(), "{backend}: {stderr}");
        let json: serde_json::Value = serde_json::from_slice(&bench.stdout).unwrap();
        is_measured(&json);
    }
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let kept = kept.as_array().unwrap();
    assert_eq!(kept.len(), 2);
    for (result, backend) in kept.iter().zip(backends) {
        assert_eq!(result["backend"], backend);
        assert_eq!(result["date"].as_str().unwrap().len(), 10);
        assert!(!result["devices"][1]["name"].as_str().unwrap().is_empty());
    }
}

fn is_measured(json: &serde_json::Value) {
    let number = |name: &str| json[name].as_u64().unwrap();
    assert_eq!(json["table_bytes"], 4096 * 512);
    assert_eq!(json["filled_bytes"], 2048 * 512);
    assert_eq!((number("cards"), number("walked_waves")), (2, 40));
    // Two panels of 16 KiB a tile; of the 128 that the class has, 16 tiles draw 32 at most.
    assert_eq!(json["wave_bytes_drawn"], 16 * 32_768);
    let distinct = number("wave_bytes_distinct") / 16_384;
    assert!((20..=32).contains(&distinct), "{distinct}");
    let walked = u128::from(40 * number("wave_bytes_drawn")) * 1_000_000;
    let walked = walked / u128::from(number("walk_micros"));
    assert_eq!(u128::from(number("walk_bytes_per_sec")), walked);
    let share = number("walk_bytes_per_sec") * 10_000;
    let bandwidth = number("memory_bandwidth_bytes_per_sec");
    assert_eq!(number("bandwidth_share_bps"), share / bandwidth);
    assert_eq!(
        json["memory_bandwidth_source"],
        "measured by reading the table"
    );
    // Twice the measured table, and all the waves.
    let fill = (2 * number("fill_micros")).div_ceil(1_000);
    let walk = number("walk_micros").div_ceil(1_000);
    assert_eq!(number("projected_fill_millis"), fill);
    assert_eq!(number("projected_walk_millis"), walk);
    assert_eq!(number("projected_slots"), (fill + walk).div_ceil(400));
    let devices = json["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2);
    for device in devices {
        assert!(
            device["stream_bytes_per_sec"].as_u64().unwrap() > 0,
            "{device}"
        );
        assert!(
            device["gather_bytes_per_sec"].as_u64().unwrap() > 0,
            "{device}"
        );
    }
}

#[test]
fn a_bandwidth_that_is_given_is_taken() {
    let given = keeper(&["bench", "pow", "--memory-bandwidth", "32768000000"]);
    let text = String::from_utf8(given.stdout).unwrap();
    assert!(text.contains("31250 MiB/s (given)"), "{text}");
    assert!(
        text.contains("test: 1024 rows (512 KiB), 4 tiles, 512 waves, 1 cards, on cpu"),
        "{text}"
    );
}
