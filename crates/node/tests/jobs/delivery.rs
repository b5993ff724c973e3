//! What the renter sends.

use crate::{common::*, log, sha};
use iog_job::{
    frame,
    wire::{Answer, Done, Needs, OutputFile, Received, Refusal, Secrets, Verb},
    Input, Phase, Secret, Waiting,
};
use std::{fs, path::Path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A specification, an input in two pieces, a secret; then log, exit code, outputs. The secret's value is in no file but the sealed one and
/// the job's own, in no log and no status. redteam S1, V1
#[tokio::test]
async fn from_specification_to_outputs() {
    let data = b"0123456789".repeat(1_000);
    let mut spec = script("cat data/in; cp data/in out.txt; mkdir out; cp data/in out/copy; test -s $SECRETS/token; exit 3");
    spec.inputs.push(Input {
        target: "data/in".into(),
        sha256: sha(&data),
        len: 10_000,
        executable: false,
        url: None,
    });
    spec.secrets.push(Secret {
        name: "token".into(),
        env: None,
    });
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let (mut job, needs) = world.send_job(5, &spec).await;
    assert_eq!((needs.inputs[0].have, needs.inputs[0].len), (0, 10_000));
    assert_eq!(needs.secrets, ["token"]);

    let first = Verb::Input {
        sha256: sha(&data),
        from: 0,
    };
    let mut input = world.open(5, first).await;
    input.write_all(&data[..4_000]).await.unwrap();
    input.flush().await.unwrap();
    input.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    assert_eq!((received.have, received.complete), (4_000, false));
    let beyond = Verb::Input {
        sha256: sha(&data),
        from: 4_001,
    };
    assert_eq!(world.ask(5, beyond).await.unwrap_err(), Refusal::Malformed);
    let rest = Verb::Input {
        sha256: sha(&data),
        from: 4_000,
    };
    let mut input = world.open(5, rest).await;
    input.write_all(&data[4_000..]).await.unwrap();
    input.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    assert!(received.complete);

    let value = "c2VjcmV0LXZhbHVl";
    let mut secrets = world.open(5, Verb::Secrets).await;
    let sent = Secrets([("token".to_string(), value.to_string())].into());
    frame::write(&mut secrets, &sent).await.unwrap();
    let _: Done = frame::expect(&mut secrets, 1 << 10).await.unwrap();
    let last = loop {
        let needs: Needs = frame::expect(&mut job, 1 << 20).await.unwrap();
        if needs.is_empty() {
            break frame::read_bytes(&mut job, 1 << 10).await.unwrap();
        }
    };
    assert_eq!(last, None, "the last list ends the stream");

    world.until_phase(5, Phase::Exited { code: 3 }).await;
    assert_eq!(log(&world, 5).await, data);
    let mut outputs = world.open(5, Verb::Outputs).await;
    let files: Vec<OutputFile> = frame::expect(&mut outputs, 1 << 20).await.unwrap();
    assert_eq!(
        (files[0].path.as_str(), files[0].sha256),
        ("out/copy", sha(&data))
    );
    let fetch = Verb::Fetch {
        path: "out/copy".into(),
        from: 9_990,
    };
    let mut fetch = world.open(5, fetch).await;
    let _: OutputFile = frame::expect(&mut fetch, 1 << 10).await.unwrap();
    let mut end = Vec::new();
    fetch.read_to_end(&mut end).await.unwrap();
    assert_eq!(end, b"0123456789");

    let own = world.run_dir(5).join("secrets/token");
    assert_eq!(fs::read(&own).unwrap(), b"secret-value");
    for file in files_under(&world.path()).filter(|file| *file != own) {
        let bytes = fs::read(&file).unwrap_or_default();
        for marker in [value.as_bytes(), b"secret-value"] {
            let found = bytes.windows(marker.len()).any(|piece| piece == marker);
            assert!(!found, "{}", file.display());
        }
    }
}

fn files_under(dir: &Path) -> Box<dyn Iterator<Item = std::path::PathBuf>> {
    let entries = fs::read_dir(dir).unwrap().flatten();
    Box::new(
        entries.flat_map(|entry| match entry.file_type().unwrap().is_dir() {
            true => files_under(&entry.path()),
            false => Box::new(std::iter::once(entry.path())),
        }),
    )
}

/// redteam K6: a secret that cannot be what the job wants of it is refused when it comes, in words that do not quote it, and is not the
/// machine's fault; the right one may still come. As a file any bytes will do.
#[tokio::test]
async fn odd_secrets() {
    let mut spec = script("cat $SECRETS/file | wc -c");
    for (name, env) in [("token", Some("TOKEN".to_string())), ("file", None)] {
        let name = name.to_string();
        spec.secrets.push(Secret { name, env });
    }
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    let waits = Phase::Waiting {
        r#for: Waiting::Secrets,
    };
    world.until_phase(5, waits).await;
    for (value, fault) in [
        (&b"sec\0ret"[..], "has a NUL byte"),
        (b"sec\xffret", "is no UTF-8"),
    ] {
        let mut pipe = world.send_secret(5, "token", value).await;
        let answer: Answer = frame::expect(&mut pipe, 1 << 10).await.unwrap();
        let reason = format!("the secret `token` {fault}, so it cannot be the environment variable `TOKEN`: have it as a file alone");
        let why = reason.clone();
        let code = Refusal::Malformed;
        assert_eq!(answer, Answer::Refused { code, reason });
        if fault.contains("NUL") {
            world.until_phase(5, Phase::Refused { why }).await;
        }
    }
    let mut pipe = world.send_secret(5, "file", b"\0\xff").await;
    let _: Done = frame::expect(&mut pipe, 1 << 10).await.unwrap();
    let large = vec![b'x'; (64 << 10) + 1];
    let mut pipe = world.send_secret(5, "file", &large).await;
    let answer: Answer = frame::expect(&mut pipe, 1 << 10).await.unwrap();
    let reason = "the secret `file` has more than 65536 bytes".into();
    let code = Refusal::Malformed;
    assert_eq!(answer, Answer::Refused { code, reason });
    let mut pipe = world.send_secret(5, "token", "größe".as_bytes()).await;
    let _: Done = frame::expect(&mut pipe, 1 << 10).await.unwrap();
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    assert_eq!(log(&world, 5).await, b"2\n");
    assert_eq!(world.report().unwrap().leases[0].host_failed_since_ts, None);
}
