//! The program's exit codes, and that each error is one line that says what to do.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
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
            vec!["--rows", "63", "--lanes", "1", "--waves", "1"],
            "multiple of 32",
        ),
        (
            vec!["--backend", "cuda", "--device", "9999"],
            "no device to prove with",
        ),
        (
            vec!["--backend", "wgpu", "--device", "9999"],
            "no device to prove with",
        ),
        (
            vec!["--rows", "4294967264", "--lanes", "1", "--waves", "1"],
            "--table-mib",
        ),
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
    assert!(error.starts_with("error: RPC: reading accounts"), "{error}");
}

#[test]
fn a_state_directory_serves_one_keeper() {
    let (dir, config) = configured(0o600);
    let _other = iog_engine_lock(&dir.path().join("state/engine"));
    let (code, error) = fails(&["run", "--once", "--config", &config]);
    assert_eq!(code, 2);
    assert!(error.contains("another keeper"), "{error}");
}

fn iog_engine_lock(dir: &Path) -> fs::File {
    fs::create_dir_all(dir).unwrap();
    let file = fs::File::create(dir.join("lock")).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn the_example_and_the_bench_print_to_standard_output() {
    let example = String::from_utf8(keeper(&["config", "example"]).stdout).unwrap();
    assert_eq!(example, iog_keeper::config::EXAMPLE);
    for backend in ["cpu", "wgpu"] {
        let bench = keeper(&[
            "bench",
            "pow",
            "--backend",
            backend,
            "--software",
            "--rows",
            "4096",
            "--lanes",
            "2",
            "--waves",
            "1",
            "--table-mib",
            "1",
            "-o",
            "json",
        ]);
        let stderr = String::from_utf8_lossy(&bench.stderr);
        assert!(bench.status.success(), "{backend}: {stderr}");
        let json: serde_json::Value = serde_json::from_slice(&bench.stdout).unwrap();
        assert_eq!(json["table_bytes"], 4096 * 512);
        assert_eq!(json["filled_bytes"], 2048 * 512);
        assert_eq!(json["steps"], 2 * 8);
        let number = |name: &str| json[name].as_u64().unwrap();
        assert_eq!(
            number("walk_bytes_per_sec"),
            number("steps_per_sec") * 32_768
        );
        let share = number("walk_bytes_per_sec") * 10_000;
        assert_eq!(
            number("bandwidth_share_bps"),
            share / number("memory_bandwidth_bytes_per_sec")
        );
        // Twice the measured table.
        let fill_micros = number("fill_micros");
        assert_eq!(
            number("projected_fill_millis"),
            (2 * fill_micros).div_ceil(1_000)
        );
        assert_eq!(
            json["memory_bandwidth_source"],
            "measured by reading the table"
        );
    }
    let given = keeper(&["bench", "pow", "--memory-bandwidth", "32768000000"]);
    let text = String::from_utf8(given.stdout).unwrap();
    assert!(text.contains("31250 MiB/s (given)"), "{text}");
}
