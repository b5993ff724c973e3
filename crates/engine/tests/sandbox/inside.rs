use crate::support::{exec, shell, until_logged, within, Bench};
use iog_engine::{Engine, EngineError, Exec, ExecEvent, ExecInput};
use iog_job::wire::Terminal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn up(bench: &Bench, script: &str) -> iog_engine::RunSpec {
    let job = shell(script);
    bench.engine.prepare(&job).await.unwrap();
    bench.engine.start(&job).await.unwrap();
    job
}

#[tokio::test]
async fn commands_run_inside_as_the_jobs_user_without_rights() {
    let bench = Bench::new();
    let job = up(&bench, "echo mine > file; sleep 1000").await;
    let (code, text) = exec(
        &bench.engine,
        &job.id,
        &[
            "sh",
            "-c",
            "id -u; pwd; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; exit 5",
        ],
    )
    .await;
    assert_eq!(code, 5);
    assert_eq!(text, "1000\n/work\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
    // It is in the job's process namespace, and sees it.
    let (_, text) = exec(
        &bench.engine,
        &job.id,
        &["sh", "-c", "cat /proc/1/comm; ls /proc | grep -c '^[0-9]'"],
    )
    .await;
    assert!(text.starts_with("bwrap\n"), "{text}");
    assert_eq!(exec(&bench.engine, &job.id, &["/no/such"]).await.0, 127);
    assert_eq!(
        exec(&bench.engine, &job.id, &["sh", "-c", "kill -9 $$"])
            .await
            .0,
        137
    );
    bench.engine.stop(&job.id).await.unwrap();
    let exec = Exec {
        command: vec!["true".into()],
        env: Vec::new(),
        terminal: None,
    };
    assert!(matches!(
        bench.engine.exec(&job.id, exec).await,
        Err(EngineError::NotRunning)
    ));
}

/// redteam E7: who comes in beside the job has the job's limits, not the node's.
#[tokio::test]
async fn commands_inside_have_the_jobs_limits() {
    let bench = Bench::new();
    let job = up(&bench, "ulimit -Ha; ulimit -Sa; echo up; sleep 1000").await;
    let of_job = crate::support::logged(&bench.engine, &job.id, "up\n").await;
    let (code, of_exec) = exec(
        &bench.engine,
        &job.id,
        &["/bin/sh", "-c", "ulimit -Ha; ulimit -Sa; echo up"],
    )
    .await;
    assert_eq!((code, of_exec.as_str()), (0, of_job.as_str()));
    let (_, few) = exec(
        &bench.engine,
        &job.id,
        &["/bin/sh", "-c", "ulimit -c; ulimit -n"],
    )
    .await;
    assert_eq!(few, "0\n256\n");
}

#[tokio::test]
async fn input_goes_in_and_its_end_too() {
    let bench = Bench::new();
    let job = up(&bench, "sleep 1000").await;
    let command = Exec {
        command: vec!["wc".into(), "-c".into()],
        env: Vec::new(),
        terminal: None,
    };
    let (stdin, mut events) = bench.engine.exec(&job.id, command).await.unwrap();
    for _ in 0..40 {
        stdin
            .send(ExecInput::Stdin(vec![b'x'; 25_000]))
            .await
            .unwrap();
    }
    stdin.send(ExecInput::Eof).await.unwrap();
    assert_eq!(
        within(events.recv()).await,
        Some(ExecEvent::Stdout(b"1000000\n".to_vec()))
    );
    assert_eq!(within(events.recv()).await, Some(ExecEvent::Exit(0)));
    assert_eq!(within(events.recv()).await, None);
}

#[tokio::test]
async fn a_terminal_has_its_size_and_its_name() {
    let bench = Bench::new();
    let job = up(&bench, "sleep 1000").await;
    let shell = Exec {
        command: Vec::new(),
        env: vec![("TERM".into(), "vt100".into())],
        terminal: Some(Terminal {
            rows: 33,
            cols: 101,
        }),
    };
    let (stdin, mut events) = bench.engine.exec(&job.id, shell).await.unwrap();
    let mut text = String::new();
    stdin
        .send(ExecInput::Stdin(
            b"stty size; tty; echo term=$TERM\n".to_vec(),
        ))
        .await
        .unwrap();
    expect(&mut events, &mut text, "term=vt100\r\n").await;
    assert!(
        text.contains("33 101\r\n") && text.contains("/dev/pts/0\r\n"),
        "{text}"
    );
    stdin
        .send(ExecInput::Resize(Terminal { rows: 10, cols: 20 }))
        .await
        .unwrap();
    stdin
        .send(ExecInput::Stdin(b"stty size\n".to_vec()))
        .await
        .unwrap();
    expect(&mut events, &mut text, "10 20\r\n").await;
    // The key for an interrupt reaches the command in front, not the shell.
    stdin
        .send(ExecInput::Stdin(b"sleep 1000; echo after\n".to_vec()))
        .await
        .unwrap();
    expect(&mut events, &mut text, "echo after\r\n").await;
    stdin.send(ExecInput::Stdin(vec![3])).await.unwrap();
    stdin
        .send(ExecInput::Stdin(b"exit 4\n".to_vec()))
        .await
        .unwrap();
    loop {
        match within(events.recv()).await.unwrap() {
            ExecEvent::Exit(code) => return assert_eq!(code, 4, "{text}"),
            ExecEvent::Stdout(bytes) | ExecEvent::Stderr(bytes) => {
                text += &String::from_utf8_lossy(&bytes)
            }
        }
    }
}

async fn expect(
    events: &mut tokio::sync::mpsc::Receiver<ExecEvent>,
    text: &mut String,
    wanted: &str,
) {
    while !text.contains(wanted) {
        match within(events.recv()).await.unwrap() {
            ExecEvent::Stdout(bytes) | ExecEvent::Stderr(bytes) => {
                *text += &String::from_utf8_lossy(&bytes)
            }
            ExecEvent::Exit(code) => panic!("it ended with {code}: {text}"),
        }
    }
}

#[tokio::test]
async fn who_hangs_up_ends_the_command() {
    let bench = Bench::new();
    let job = up(&bench, "sleep 1000").await;
    let command = Exec {
        command: vec![
            "sh".into(),
            "-c".into(),
            "echo here; exec sleep 4321".into(),
        ],
        env: Vec::new(),
        terminal: None,
    };
    let (stdin, mut events) = bench.engine.exec(&job.id, command).await.unwrap();
    assert_eq!(
        within(events.recv()).await,
        Some(ExecEvent::Stdout(b"here\n".to_vec()))
    );
    drop((stdin, events));
    loop {
        let (_, text) = exec(
            &bench.engine,
            &job.id,
            &["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"],
        )
        .await;
        if !text.contains("sleep 4321") {
            break;
        }
    }
}

#[tokio::test]
async fn ports_inside_are_reached_and_nothing_else() {
    let bench = Bench::new();
    let job = up(&bench, "perl -MIO::Socket -e '$s = IO::Socket::INET->new(LocalAddr => q(127.0.0.1:8080), Listen => 1) or die; print qq(up\\n); $|=1; while ($c = $s->accept) { print $c \"hello\\n\"; close $c }' & echo; wait").await;
    let mut text = String::new();
    let mut tries = 0;
    let mut stream = loop {
        match bench.engine.connect(&job.id, 8_080).await {
            Ok(stream) => break stream,
            Err(EngineError::NotFound(_)) if tries < 1_000 => tries += 1,
            Err(error) => panic!("{error}"),
        }
    };
    within(stream.read_to_string(&mut text)).await.unwrap();
    assert_eq!(text, "hello\n");
    assert!(matches!(
        bench.engine.connect(&job.id, 8_081).await,
        Err(EngineError::NotFound(_))
    ));
    assert!(
        std::net::TcpStream::connect("127.0.0.1:8080").is_err(),
        "the job's port is the host's"
    );
}

/// SFTP by its first words; the whole of it is tested beside the server.
#[tokio::test]
async fn the_sftp_server_sees_what_the_job_sees() {
    let bench = Bench::new();
    let job = up(&bench, "ln -s /etc/passwd link; echo up; sleep 1000").await;
    until_logged(&bench.engine, &job.id, "up").await;
    let mut stream = bench.engine.sftp(&job.id).await.unwrap();
    stream
        .write_all(&[0, 0, 0, 5, 1, 0, 0, 0, 3])
        .await
        .unwrap();
    let mut packet = async |sent: &[u8]| {
        stream.write_all(sent).await.unwrap();
        let len = within(stream.read_u32()).await.unwrap();
        let mut bytes = vec![0; len as usize];
        within(stream.read_exact(&mut bytes)).await.unwrap();
        bytes
    };
    assert_eq!(packet(&[]).await[..5], [2, 0, 0, 0, 3]);
    // The working directory, then what the link points to: the job's passwd, not the host's.
    let real = packet(&[0, 0, 0, 10, 16, 0, 0, 0, 1, 0, 0, 0, 1, b'.']).await;
    assert_eq!(&real[9..18], [0, 0, 0, 5, b'/', b'w', b'o', b'r', b'k']);
    let open = packet(
        &[
            &[0, 0, 0, 21, 3, 0, 0, 0, 2, 0, 0, 0, 4][..],
            b"link",
            &[0, 0, 0, 1, 0, 0, 0, 0],
        ]
        .concat(),
    )
    .await;
    assert_eq!(open, [102, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 1]);
    let read = packet(&[
        0, 0, 0, 25, 5, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0,
    ])
    .await;
    let text = String::from_utf8_lossy(&read[9..]);
    assert!(
        text.contains("job:x:1000:1000") && !text.contains("daemon"),
        "{text}"
    );
}

/// A folder that the operator shows is there under its own path, read only, and nothing else of where it lies.
#[tokio::test]
async fn what_the_operator_shows_is_read_only_at_its_own_path() {
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().join("shown");
    std::fs::create_dir(&shown).unwrap();
    std::fs::write(shown.join("tool"), "#!/bin/sh\necho of the host\n").unwrap();
    std::fs::write(folder.path().join("beside"), "").unwrap();
    for path in [&shown, &shown.join("tool")] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(path, mode).unwrap();
    }
    let bench = Bench::with(|settings| settings.programs = vec![shown.clone()]);
    let job = up(&bench, "sleep 1000").await;
    let (at, parent) = (shown.display(), folder.path().display());
    let script = format!(
        "{at}/tool; touch {at}/mine 2>/dev/null || echo read only; touch {at}/tool 2>/dev/null || echo read only; ls {parent}"
    );
    let (code, text) = exec(&bench.engine, &job.id, &["sh", "-c", &script]).await;
    assert_eq!(
        (code, text.as_str()),
        (0, "of the host\nread only\nread only\nshown\n")
    );
}

/// redteam mesh M5: the device of the mesh is there at the first instruction; the job gives it no other address, makes no packets by hand, and
/// has no IPv6. It goes with the run's network, and only one process has it open at first.
#[tokio::test]
async fn the_device_of_a_mesh_is_not_the_jobs_to_change() {
    if crate::support::skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let job = crate::support::shell(
        "cat /proc/net/dev /proc/net/if_inet6; ip addr add 10.77.0.9/16 dev iog0; echo added $?; perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) or print qq(raw: $!\\n)'",
    );
    assert!(bench.engine.has_mesh());
    bench.engine.prepare(&job).await.unwrap();
    let mesh = || bench.engine.mesh(&job.id, [10, 77, 0, 1].into(), 1_400);
    let open = mesh().await.unwrap();
    assert!(mesh().await.is_err(), "it is open already");
    // No header of the device's, and the first byte of an IPv4 packet.
    let packet = [vec![0; 10], vec![0x45], vec![0; 39]].concat();
    rustix::io::write(&open, &packet).unwrap();
    bench.engine.start(&job).await.unwrap();
    let (_, log) = crate::support::finish(&bench.engine, &job.id).await;
    assert_eq!(log.matches("iog0").count(), 1, "no line of IPv6: {log}");
    assert!(log.contains("raw: Operation not permitted"), "{log}");
    assert!(log.contains("added ") && !log.contains("added 0"), "{log}");
    bench.engine.remove(&job.id).await.unwrap();
    crate::support::until("the device is gone", || {
        rustix::io::write(&open, &packet).is_err()
    })
    .await;
}
