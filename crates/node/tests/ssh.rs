//! OpenSSH itself against the server of a lease. redteam S3

mod common;

use common::*;
use iog_job::{
    frame,
    wire::{ExecFrame, Verb},
    HostKey, Signed,
};
use std::{fs, process::Stdio, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
};

/// A command with input, both outputs and its code; the host key as it was signed, and nothing for another; no port that the job does not
/// name.
#[tokio::test]
async fn openssh() {
    let world = World::new(vec![lease_of(5, None)]).start().await;
    world
        .until(5, |status| {
            status.phase == iog_job::Phase::Running { ready: true }
        })
        .await;
    let mut asked = world.open(5, Verb::HostKey).await;
    let signed: Signed = frame::expect(&mut asked, 1 << 16).await.unwrap();
    let (_, host_key) = signed.open::<HostKey>(&tunnel_key()).unwrap();
    let dir = world.path();
    let known = dir.join("known_hosts");
    fs::write(&known, format!("lease {}\n", host_key.key)).unwrap();
    let other = dir.join("others");
    let wrong = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHtGyXQ8o0SAeBKWTMZrEIL6X6pAmZ5h1yVIYdOyk3SO";
    fs::write(&other, format!("lease {wrong}\n")).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let world = Arc::new(world);
    let bridges = Arc::clone(&world);
    let bridge = tokio::spawn(async move {
        loop {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let world = Arc::clone(&bridges);
            tokio::spawn(async move {
                let mut pipe = world.open(5, Verb::Ssh).await;
                let _ = tokio::io::copy_bidirectional(&mut tcp, &mut pipe).await;
            });
        }
    });
    let ssh = |known: &std::path::Path, args: &[&str]| {
        let known = format!("UserKnownHostsFile={}", known.display());
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "/dev/null", "-p", &port, "-o", &known]);
        ssh.args([
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "HostKeyAlias=lease",
        ]);
        ssh.args([
            "-o",
            "BatchMode=yes",
            "-o",
            "GlobalKnownHostsFile=/dev/null",
        ]);
        ssh.args(["anybody@127.0.0.1"]).args(args);
        ssh.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ssh.kill_on_drop(true);
        ssh
    };
    let mut child = ssh(&known, &["cat; echo bad >&2; exit 5"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let typed = vec![b'x'; 300_000];
    let sent = tokio::spawn(async move {
        stdin.write_all(&typed).await.unwrap();
        drop(stdin);
    });
    let output = child.wait_with_output().await.unwrap();
    sent.await.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    assert_eq!(output.stdout, vec![b'x'; 300_000]);
    assert!(stderr.ends_with("bad\n"), "{stderr}");

    let output = ssh(&other, &["true"]).output().await.unwrap();
    assert_eq!(
        output.status.code(),
        Some(255),
        "another host key is refused"
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("Host key verification failed"), "{stderr}");

    // A host that is not the job itself cannot be reached through it.
    let output = ssh(&known, &["-W", "203.0.113.1:22"])
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("administratively prohibited"), "{stderr}");
    bridge.abort();
}

/// redteam J1: one connection has so many channels and no more; who closes one may open another.
#[tokio::test]
async fn channels_of_one_connection() {
    let world = Arc::new(World::new(vec![lease_of(5, None)]).start().await);
    let running = iog_job::Phase::Running { ready: true };
    world.until_phase(5, running).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let bridged = Arc::clone(&world);
    let bridge = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut pipe = bridged.open(5, Verb::Ssh).await;
        let _ = tokio::io::copy_bidirectional(&mut tcp, &mut pipe).await;
    });
    let socket = format!("ControlPath={}", world.path().join("mux").display());
    let ssh = |args: &[&str]| {
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "/dev/null", "-p", &port, "-o", &socket]);
        ssh.args(["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"]);
        ssh.args(["-o", "UserKnownHostsFile=/dev/null"]).args(args);
        ssh.stdin(Stdio::null()).stdout(Stdio::piped());
        ssh.stderr(Stdio::null()).kill_on_drop(true);
        ssh
    };
    let _master = ssh(&["-M", "-N", "anybody@127.0.0.1"]).spawn().unwrap();
    poll(|| async { world.path().join("mux").exists().then_some(()) }).await;
    // A channel of that connection, or nothing: none of its own.
    let open = || async {
        let args = [
            "-o",
            "ProxyCommand=false",
            "anybody@127.0.0.1",
            "echo up; sleep 1000",
        ];
        let mut child = ssh(&args).spawn().unwrap();
        let mut up = [0; 3];
        let read = child.stdout.as_mut().unwrap().read_exact(&mut up).await;
        read.ok().filter(|_| up == *b"up\n").map(|_| child)
    };
    let mut all = Vec::new();
    for number in 0..32 {
        all.push(open().await.unwrap_or_else(|| panic!("channel {number}")));
    }
    assert!(open().await.is_none(), "the 33rd channel");
    all.pop().unwrap().kill().await.unwrap();
    poll(open).await;
    bridge.abort();
}

/// A command that reads nothing, of a client that sent much and is gone, ends with the connection: nobody counts it any more.
#[tokio::test]
async fn what_a_connection_began_ends_with_it() {
    let world = Arc::new(World::new(vec![lease_of(5, None)]).start().await);
    let running = iog_job::Phase::Running { ready: true };
    world.until_phase(5, running).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let bridged = Arc::clone(&world);
    let bridge = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut pipe = bridged.open(5, Verb::Ssh).await;
        let _ = tokio::io::copy_bidirectional(&mut tcp, &mut pipe).await;
    });
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "/dev/null", "-p", &port, "-o", "BatchMode=yes"]);
    ssh.args(["-o", "StrictHostKeyChecking=no"]);
    ssh.args(["-o", "UserKnownHostsFile=/dev/null", "anybody@127.0.0.1"]);
    ssh.arg("echo $$; exec sleep 1000");
    ssh.stdin(Stdio::piped()).stdout(Stdio::piped());
    ssh.stderr(Stdio::null()).kill_on_drop(true);
    let mut client = ssh.spawn().unwrap();
    let mut stdin = client.stdin.take().unwrap();
    let mut pid = [0; 16];
    let stdout = client.stdout.as_mut().unwrap();
    let read = stdout.read(&mut pid).await.unwrap();
    let pid = String::from_utf8_lossy(&pid[..read]).trim().to_string();
    let process = format!("/proc/{pid}");
    assert!(fs::exists(&process).unwrap());
    // More than the pipe to it holds.
    stdin.write_all(&vec![b'x'; 1 << 20]).await.unwrap();
    client.kill().await.unwrap();
    poll(|| async { (!fs::exists(&process).unwrap()).then_some(()) }).await;
    bridge.abort();
}

/// More than the server and the command hold: the server reads no more, and still the connection's end is the command's.
#[tokio::test]
async fn a_connection_that_is_stuck_ends_with_its_client() {
    let world = Arc::new(World::new(vec![lease_of(5, None)]).start().await);
    let running = iog_job::Phase::Running { ready: true };
    world.until_phase(5, running).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let bridged = Arc::clone(&world);
    let left = Arc::new(tokio::sync::Notify::new());
    let leaves = Arc::clone(&left);
    let bridge = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut pipe = bridged.open(5, Verb::Ssh).await;
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut tcp, &mut pipe) => {}
            // What the link side does when the peer has given the stream up.
            () = leaves.notified() => {}
        }
    });
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", "/dev/null", "-p", &port, "-o", "BatchMode=yes"]);
    ssh.args(["-o", "StrictHostKeyChecking=no"]);
    ssh.args(["-o", "UserKnownHostsFile=/dev/null", "anybody@127.0.0.1"]);
    ssh.arg("echo $$; exec sleep 1000");
    ssh.stdin(Stdio::piped()).stdout(Stdio::piped());
    ssh.stderr(Stdio::null()).kill_on_drop(true);
    let mut client = ssh.spawn().unwrap();
    let mut stdin = client.stdin.take().unwrap();
    let mut pid = [0; 16];
    let stdout = client.stdout.as_mut().unwrap();
    let read = stdout.read(&mut pid).await.unwrap();
    let pid = String::from_utf8_lossy(&pid[..read]).trim().to_string();
    let process = format!("/proc/{pid}");
    assert!(fs::exists(&process).unwrap());
    until_full(&mut stdin).await;
    client.kill().await.unwrap();
    left.notify_one();
    poll(|| async { (!fs::exists(&process).unwrap()).then_some(()) }).await;
    bridge.await.unwrap();
}

/// Until nothing more is taken for two seconds.
async fn until_full(to: &mut (impl tokio::io::AsyncWrite + Unpin)) {
    let piece = [b'x'; 32 << 10];
    let still = std::time::Duration::from_secs(2);
    while let Ok(written) = tokio::time::timeout(still, to.write_all(&piece)).await {
        written.unwrap();
    }
}

/// A command that reads nothing ends with its caller, whatever the caller had still to say.
#[tokio::test]
async fn a_command_that_reads_nothing_ends_with_its_caller() {
    let world = World::new(vec![lease_of(5, None)]).start().await;
    let running = iog_job::Phase::Running { ready: true };
    world.until_phase(5, running).await;
    let verb = Verb::Exec {
        command: ["sh", "-c", "echo $$; exec sleep 1000"]
            .map(String::from)
            .into(),
        terminal: None,
        term: None,
    };
    let mut pipe = world.open(5, verb).await;
    let said = frame::read_bytes(&mut pipe, 1 << 16)
        .await
        .unwrap()
        .unwrap();
    let Some(ExecFrame::Stdout(pid)) = ExecFrame::decode(&said) else {
        panic!("{said:?}")
    };
    let process = format!("/proc/{}", String::from_utf8_lossy(&pid).trim());
    assert!(fs::exists(&process).unwrap());
    let still = std::time::Duration::from_secs(2);
    let typed = ExecFrame::Stdin(vec![b'x'; 32 << 10]).encode();
    while let Ok(written) = tokio::time::timeout(still, frame::write_bytes(&mut pipe, &typed)).await
    {
        written.unwrap();
    }
    drop(pipe);
    poll(|| async { (!fs::exists(&process).unwrap()).then_some(()) }).await;
}
