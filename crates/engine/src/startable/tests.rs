use super::check;
use crate::{
    engine::{Limits, RunSpec},
    error::EngineError,
};
use iog_job::{Hash, JobSpec, Key, RunId, Secret};

fn run() -> RunSpec {
    RunSpec {
        id: RunId {
            lease: Key([1; 32]),
            matched_ts: 1,
            attempt: 0,
        },
        spec: JobSpec::session(Hash([7; 32])),
        archive: None,
        cards: Vec::new(),
        limits: Limits {
            cpu_millis: 1_000,
            memory_bytes: 1 << 27,
            disk_bytes: 1 << 25,
            inodes: 100,
            shm_bytes: 1 << 20,
            pids: 64,
            open_files: 64,
            log_bytes: 1 << 20,
        },
        env: Vec::new(),
        uid_base: 900_000_000,
        egress: false,
    }
}

fn refused(run: &RunSpec, secret: &[u8]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("token"), secret).unwrap();
    match check(run, dir.path()) {
        Ok(()) => None,
        Err(EngineError::Job(why)) => Some(why),
        Err(error) => panic!("{error}"),
    }
}

fn with_secret(env: Option<&str>) -> RunSpec {
    let mut run = run();
    run.spec.secrets = vec![Secret {
        name: "token".into(),
        env: env.map(str::to_owned),
    }];
    run
}

/// Whose fault: a secret that no environment can hold is the renter's, and as a file it may be anything.
#[test]
fn odd_secrets_are_refused_where_they_are_wanted_in_the_environment() {
    let run = with_secret(Some("TOKEN"));
    assert_eq!(refused(&run, b"fine\n"), None);
    assert_eq!(
        refused(&run, b"a\0b").unwrap(),
        "the secret `token`, wanted in the environment, has a zero byte"
    );
    assert_eq!(
        refused(&run, b"\xff").unwrap(),
        "the secret `token`, wanted in the environment, is no text; have the job read it from /run/iog/secrets"
    );
    assert!(refused(&run, &vec![b'x'; 200 << 10])
        .unwrap()
        .ends_with("where less than 131072 are taken"));
    assert_eq!(refused(&with_secret(None), b"\xff\0"), None);
}

#[test]
fn what_the_kernel_does_not_take_is_refused() {
    let mut long = run();
    long.spec.command = vec!["x".repeat(131_072)];
    assert!(refused(&long, b"")
        .unwrap()
        .starts_with("a word of the command has 131072 bytes"));
    let mut many = run();
    for n in 0..2_001 {
        many.spec.env.insert(format!("N{n}"), String::new());
    }
    assert!(refused(&many, b"").unwrap().contains("2001 variables"));
    let mut zero = run();
    zero.spec.env.insert("A".into(), "\0".into());
    assert_eq!(
        refused(&zero, b"").unwrap(),
        "the variable `A` has a zero byte"
    );
    let mut much = run();
    much.spec.command = vec!["x".repeat(100_000); 11];
    assert!(refused(&much, b"")
        .unwrap()
        .contains("more than 1048576 bytes"));
}
