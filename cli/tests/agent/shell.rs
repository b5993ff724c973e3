//! Commands, ssh, ports and tickets.

use crate::world::{key, lease, lease_folder, script, text, World, ORDER};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_beside_the_job() {
    let world = World::start(script()).await;
    let echo = world.run("order exec ORDER -- echo hello there").await;
    assert!(echo.status.success(), "{}", text(&echo.stderr));
    assert_eq!(text(&echo.stdout), "hello there\n");
    assert!(text(&echo.stderr).contains("noise\n"));
    assert_eq!(
        world.run("order exec ORDER -- exit 37").await.status.code(),
        Some(37)
    );
    let cat = world.with_input("order exec ORDER -- cat", b"a\0b\n").await;
    assert_eq!(cat.stdout, b"a\0b\n");
    let gone = world.run("order exec ORDER -- vanish").await;
    assert_eq!(gone.status.code(), Some(5));
    assert!(
        text(&gone.stderr).contains("not known"),
        "{}",
        text(&gone.stderr)
    );
    let unknown = world.run("order exec ORDER --lease 7 -- echo").await;
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("has no lease 7"),
        "{}",
        text(&unknown.stderr)
    );
}

/// Nothing of a caller that is gone is left at the device, also where the device takes nothing more of what it said.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_reads_nothing_is_given_up_with_its_caller() {
    let world = World::start(script()).await;
    let mut command = world.command("order exec ORDER -- deaf");
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let written = Arc::new(AtomicU64::new(0));
    let counts = Arc::clone(&written);
    let writer = std::thread::spawn(move || {
        while stdin.write_all(&[b'x'; 4_096]).is_ok() {
            counts.fetch_add(1, Relaxed);
        }
    });
    let mut before = u64::MAX;
    while written.load(Relaxed) != before || before < 64 {
        before = written.load(Relaxed);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(world.node.got.lock().unwrap().given_up, 0);
    child.kill().unwrap();
    child.wait().unwrap();
    writer.join().unwrap();
    let given_up = || world.node.got.lock().unwrap().given_up == 1;
    world.until("order status ORDER", |_| given_up()).await;
}

/// redteam S3
#[tokio::test(flavor = "multi_thread")]
async fn ssh_gets_a_key_of_the_match_and_nothing_of_this_machine() {
    let world = World::start(script()).await;
    let shown = world.run("order ssh-config ORDER").await;
    let config = text(&shown.stdout);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let alias = format!("iog-{}-9100", &lease()[..8]);
    for line in [
        format!("Host iog-{}\n", &lease()[..8]),
        format!("HostKeyAlias {alias}\n"),
        "StrictHostKeyChecking yes\n".into(),
        "ForwardAgent no\n".into(),
        "ForwardX11 no\n".into(),
        "PermitLocalCommand no\n".into(),
        "IdentitiesOnly yes\n".into(),
        format!("order proxy {} --lease {}\n", key(ORDER), lease()),
    ] {
        assert!(config.contains(&line), "{line} in {config}");
    }
    let known = fs::read_to_string(lease_folder(&world).join("ssh/known_hosts")).unwrap();
    assert_eq!(known, format!("{alias} {}\n", script().ssh_key));

    let piped = world
        .with_input("order proxy ORDER", b"SSH-2.0-test\r\n")
        .await;
    assert_eq!(piped.stdout, b"SSH-2.0-test\r\n", "{}", text(&piped.stderr));

    // Another key in the same match, one that is not signed, one that would be two lines.
    let changed = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOTHER";
    world.node.script.lock().unwrap().ssh_key = changed.into();
    let refused = world.run("order ssh ORDER").await;
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stderr).contains("another ssh key than before"),
        "{}",
        text(&refused.stderr)
    );
    world.node.script.lock().unwrap().ssh_key = "ssh-ed25519 AAAA\n* ssh-ed25519 BBBB".into();
    assert!(text(&world.run("order ssh ORDER").await.stderr).contains("no ssh-ed25519 key"));
    world.node.script.lock().unwrap().signs = [98; 32];
    assert!(text(&world.run("order ssh ORDER").await.stderr).contains("not signed by that key"));

    // A new match is another machine, or the same one anew: its key is taken.
    let path = lease_folder(&world).join("ssh/known_hosts");
    assert_eq!(fs::read_to_string(path).unwrap(), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_the_job_is_here() {
    let world = World::start(script()).await;
    let mut command = world.command("order forward ORDER 0:8888 -o json-compact");
    let passed = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let local = said[0]["local"].as_str().unwrap().to_string();
        let mut socket = TcpStream::connect(&local).unwrap();
        let sent: Vec<u8> = (0..600_000u32).map(|at| (at % 255) as u8).collect();
        let mut writer = socket.try_clone().unwrap();
        let copy = sent.clone();
        let writing = std::thread::spawn(move || {
            writer.write_all(&copy).unwrap();
            writer.shutdown(std::net::Shutdown::Write).unwrap();
        });
        let mut back = Vec::new();
        socket.read_to_end(&mut back).unwrap();
        writing.join().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        (said[0].clone(), local, back == sent)
    });
    let (said, local, same) = passed.await.unwrap();
    assert!(same);
    // redteam S4
    assert!(local.starts_with("127.0.0.1:"));
    let host = format!("http://{}.localhost:", lease()[..8].to_lowercase());
    assert!(said["url"].as_str().unwrap().starts_with(&host), "{said}");
}

/// redteam link L1: a further machine gets a ticket, never the key.
#[tokio::test(flavor = "multi_thread")]
async fn a_further_machine_joins_with_a_ticket() {
    let world = World::start(script()).await;
    let other = tempfile::tempdir().unwrap();
    let elsewhere = |line: &str| {
        let mut command = world.command(line);
        command.env("HOME", other.path());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let machine: serde_json::Value =
        serde_json::from_slice(&elsewhere("agent key -o json").await.unwrap().stdout).unwrap();
    let machine = machine["key"].as_str().unwrap();
    let ticket = other.path().join("ticket.json");
    let ticket = ticket.to_str().unwrap();
    let made = world
        .run(&format!(
            "order ticket ORDER --key {machine} --verbs exec,status --hours 1 --out {ticket}"
        ))
        .await;
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(!fs::read_to_string(ticket).unwrap().contains("[21,21"));
    let own = world.run(&format!("agent join {ticket}")).await;
    assert_eq!(own.status.code(), Some(2), "a ticket is for one key");
    // A network file of the other machine's is none here.
    let text_of = fs::read_to_string(ticket).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text_of).unwrap();
    (file["order"]["network"], file["order"]["relays"]) =
        ("/none/net.toml".into(), serde_json::json!([]));
    let moved = other.path().join("moved.json");
    fs::write(&moved, file.to_string()).unwrap();
    let moved = moved.to_str().unwrap();
    let refused = elsewhere(&format!("agent join {moved}")).await.unwrap();
    assert!(
        text(&refused.stderr).contains("--network"),
        "{}",
        text(&refused.stderr)
    );
    let own = format!("agent join {moved} --network localnet -u http://127.0.0.1:9");
    let joined = elsewhere(&own).await.unwrap();
    assert!(joined.status.success(), "{}", text(&joined.stderr));
    let list = elsewhere("agent list -o json").await.unwrap();
    assert!(text(&list.stdout).contains("http://127.0.0.1:9"));
    let joined = elsewhere(&format!("agent join {ticket}")).await.unwrap();
    assert!(joined.status.success(), "{}", text(&joined.stderr));
    let echo = elsewhere("order exec ORDER -- echo hi").await.unwrap();
    assert_eq!(text(&echo.stdout), "hi\n", "{}", text(&echo.stderr));
    let logs = elsewhere("order logs ORDER").await.unwrap();
    assert_eq!(logs.status.code(), Some(3), "{}", text(&logs.stderr));
    assert!(
        text(&logs.stderr).contains("ticket"),
        "{}",
        text(&logs.stderr)
    );
    elsewhere("agent stop ORDER").await.unwrap();
}
