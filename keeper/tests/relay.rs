//! The relay as a program: it prints its entry, forwards between two keys, and ends when it is told to.

use iog_link::{Closed, Gate, Link, LinkError, RelayAddr, Settings};
use rustix::process::{kill_process, Pid, Signal};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

struct Open;

impl Gate for Open {
    fn admits(&self, _: &iog_job::Key) -> bool {
        true
    }

    fn refused(&self, _: &iog_job::Key, _: &'static str) {}
}

fn keeper(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iog-keeper"));
    command.env_clear().args(args);
    command
}

fn start(dir: &Path, more: &[&str]) -> (Child, RelayAddr) {
    let mut command = keeper(&["relay", "-o", "json", "--listen", "127.0.0.1:0"]);
    command.args(["--quic", "127.0.0.1:0", "--dir"]).arg(dir);
    let mut child = command.args(more).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

#[tokio::test]
async fn a_relay_serves_by_its_own_entry_until_it_is_told_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, entry) = start(dir.path(), &["--allow-any"]);
    assert!(entry.url.starts_with("https://127.0.0.1:"), "{}", entry.url);
    assert_eq!((entry.pins.len(), entry.quic_port.is_some()), (2, true));
    let settings = Settings {
        relays: vec![entry],
        relay_only: true,
        ..Settings::default()
    };
    let served = tokio::time::timeout(Duration::from_secs(30), async {
        let device = Link::bind(&[1; 32], &settings, Arc::new(Open)).await?;
        let renter = Link::bind(&[2; 32], &settings, Arc::new(Closed)).await?;
        device.online().await;
        let dialled = renter.dial(&device.id()).await?;
        let accepted = device.accept().await.unwrap();
        Ok::<_, LinkError>(dialled.peer() == device.id() && accepted.peer() == renter.id())
    });
    assert!(served.await.unwrap().unwrap());
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let nobody = keeper(&["relay", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(nobody.status.code(), Some(2));
    let stderr = String::from_utf8(nobody.stderr).unwrap();
    assert_eq!(
        stderr,
        "error: nobody could connect: give `allow`, a file of keys, or `allow_any = true`\n"
    );
    let missing = keeper(&["relay", "--config", "/nowhere/relay.toml"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    let example = keeper(&["relay", "example"]).output().unwrap();
    let text = String::from_utf8(example.stdout).unwrap();
    assert_eq!(text, iog_link::relay::EXAMPLE);
}
