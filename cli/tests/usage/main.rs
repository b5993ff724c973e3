//! Bad input: the exit code, exactly one line on standard error, nothing on standard output.

mod cases;
#[path = "../common/mod.rs"]
mod common;

use cases::CASES;
use common::{text, text as text_of, Iog, KEY};
use std::{fs, os::unix::fs::PermissionsExt};

#[test]
fn every_verb_refuses_in_one_line() {
    let iog = Iog::new();
    let hash = "ab".repeat(32);
    let node = "cd".repeat(16);
    for (line, code, says) in CASES {
        let line = line
            .replace("KEY", KEY)
            .replace("HASH", &hash)
            .replace("NODE", &node);
        let output = iog.offline(&line);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{line}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{line}: {stderr}");
        assert!(stderr.contains(says), "{line}: {stderr}");
        assert!(output.stdout.is_empty(), "{line}");
    }
}

/// field cases 5, 9 and 17: what no device could run is refused before anything is asked or paid.
#[test]
fn jobs_that_cannot_run_are_refused_before_money_moves() {
    let iog = Iog::new();
    fs::write(iog.path("data"), "x").unwrap();
    let both = "inputs: [{source: data, target: a}, {source: data, target: a/b}]";
    let twice = "inputs: [{source: data, target: a}, {source: data, target: a}]";
    for (text, says) in [
        (
            "command: [x]\nsecrets: [TOKEN]\n".to_string(),
            "--secret TOKEN=",
        ),
        (format!("command: [x]\n{both}\n"), "a/b"),
        (format!("command: [x]\n{twice}\n"), "inputs.a"),
        (
            "command: [x]\nenv: {EPOCHS: 10}\n".into(),
            "line 2: env.EPOCHS",
        ),
        ("command: [x]\ntime_limit: 0\n".into(), "is no time"),
        (
            "command: [x]\nenv: {IOG_OUTPUT_DIR: /x}\n".into(),
            "IOG_OUTPUT_DIR",
        ),
        ("command: [x]\ncommand: [y]\n".into(), "command"),
        ("command: [x]\ninputs: [{source: none}]\n".into(), "none"),
    ] {
        fs::write(iog.path("job.yaml"), format!("\u{feff}{text}")).unwrap();
        let output = iog.offline("order create --class 1 --gpus 1 --hours 1 -y --job job.yaml");
        let stderr = text_of(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{text}: {stderr}");
        assert!(stderr.contains(says), "{text}: {stderr}");
    }
    // One that can is asked about at the endpoint, with its warnings said. field case 25
    fs::write(iog.path("job.yaml"), "command: ['python3 -c 1']\n").unwrap();
    let output = iog.offline("order create --class 1 --gpus 1 --hours 1 -y --job job.yaml");
    assert_eq!(output.status.code(), Some(4));
    assert!(
        text_of(&output.stderr).starts_with("warning: "),
        "{output:?}"
    );
}

/// redteam link L2: on one endpoint's word no secret is booked; two of one host are one.
#[test]
fn one_endpoint_of_somebody_else_gets_no_secrets() {
    let iog = Iog::new();
    fs::write(iog.path("token"), "x").unwrap();
    fs::write(iog.path("job.yaml"), "command: [x]\nsecrets: [TOKEN]\n").unwrap();
    let create =
        "order create --class 1 --gpus 1 --hours 1 -y --job job.yaml --secret TOKEN=@token";
    let id = iog.path("id.json");
    // Nobody listens there, and it is no loopback address.
    let run = |more: &str| {
        let line = format!("{create} {more} -u http://0.0.0.0:1/KEY -k {id}");
        let args: Vec<&str> = line.split_whitespace().collect();
        let output = iog.run(&args);
        (output.status.code(), text(&output.stderr))
    };
    let (code, said) = run("");
    assert_eq!((code, said.lines().count()), (Some(2), 1), "{said}");
    assert!(
        said.contains("--witness-url") && said.contains("--trust-endpoint"),
        "{said}"
    );
    let (code, said) = run("--witness-url https://0.0.0.0:8899/other");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("on a host that is asked already"), "{said}");
    let (code, said) = run("--witness-url rpc.example.com");
    assert_eq!(code, Some(2), "{said}");
    for more in ["--trust-endpoint", "--witness-url https://rpc.example.com"] {
        let (code, said) = run(more);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains("RPC: ") && !said.contains("KEY"), "{said}");
    }
    // Without secrets it is told.
    fs::write(iog.path("job.yaml"), "command: [x]\n").unwrap();
    let line = format!(
        "order create --class 1 --gpus 1 --hours 1 -y --job job.yaml -u http://0.0.0.0:1 -k {id}"
    );
    let args: Vec<&str> = line.split_whitespace().collect();
    let output = iog.run(&args);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("warning: one endpoint alone"), "{said}");
}

#[test]
fn key_files_must_be_private_and_keys() {
    let iog = Iog::new();
    let exposed = iog.path("exposed.json");
    fs::copy(iog.path("id.json"), &exposed).unwrap();
    fs::set_permissions(&exposed, fs::Permissions::from_mode(0o644)).unwrap();
    let broken = iog.path("broken.json");
    fs::write(&broken, "[1,2,3]").unwrap();
    fs::set_permissions(&broken, fs::Permissions::from_mode(0o600)).unwrap();
    for (key, says) in [
        (exposed.as_str(), "chmod 600"),
        (broken.as_str(), "is not a keypair file"),
        ("none.json", "cannot read the keypair file"),
        ("usb://ledger", "only key files can sign"),
    ] {
        let output = iog.run(&["token", "burn", "1", "-y", "-u", common::NOWHERE, "-k", key]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{key}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    }
}

#[test]
fn unknown_clusters_are_refused() {
    let iog = Iog::new();
    let output = iog.run(&["token", "balance", KEY, "-u", "mars"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("'mars' is no cluster"));
}

#[test]
fn new_keys_are_private() {
    let iog = Iog::new();
    let mode = fs::metadata(iog.path("id.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_solana_clis_config_is_read() {
    let iog = Iog::new();
    fs::create_dir_all(iog.path(".config/solana/cli")).unwrap();
    let config = format!(
        "json_rpc_url: {}\nwebsocket_url: ''\nkeypair_path: {}\ncommitment: finalized\n",
        common::NOWHERE,
        iog.path("other.json")
    );
    fs::write(iog.path(".config/solana/cli/config.yml"), config).unwrap();
    let output = iog.run(&["token", "balance"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("other.json"));
    assert_eq!(iog.run(&["token", "balance", KEY]).status.code(), Some(4));
}
