//! Where a secret's value is on the renter's machine, and where not.

use crate::{
    lines::job,
    world::{script, text, World},
};
use iog_job::Phase;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The value, and how it travels.
const MARKERS: [&[u8]; 2] = [b"very-secret-value", b"dmVyeS1zZWNyZXQtdmFsdWU"];
/// In the endpoint's address: providers put keys there.
const KEY: &str = "KEY-OF-THE-ENDPOINT";

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

fn has_secret(bytes: &[u8]) -> bool {
    MARKERS.iter().any(|marker| contains(bytes, marker))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let one = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    };
    paths.flat_map(one).collect()
}

/// Command lines and environments of all processes that may be read.
fn processes() -> Vec<u8> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let numbers =
        entries.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    let said = numbers.flat_map(|entry| {
        ["cmdline", "environ"].map(|name| fs::read(entry.path().join(name)).unwrap_or_default())
    });
    said.flatten().collect()
}

/// redteam S1 on the renter's side: one file for its owner alone, until the order is over; no log, no error, no list of processes.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_lies_in_one_place_and_is_told_nowhere() {
    let inputs = tempfile::tempdir().unwrap();
    let (spec, sources) = job(inputs.path());
    let world = World::with(script(), &spec, &sources).await;
    let path = world.folder().join("order.json");
    let order = fs::read_to_string(&path).unwrap();
    let url = format!("{}/v2/{KEY}", world.rpc.url);
    fs::write(&path, order.replace(&world.rpc.url, &url)).unwrap();
    let mut said = Vec::new();
    let lines = [
        "order upload ORDER -v",
        "order status ORDER -o json",
        "order logs ORDER",
        "order exec ORDER -- exit 3",
        "order exec ORDER -- nothing",
        "order ssh-config ORDER",
        "order evidence ORDER --dir evidence",
        "agent list -o json",
    ];
    for line in lines {
        let output = world.run(line).await;
        said.extend([output.stdout, output.stderr].concat());
    }
    assert!(!has_secret(&processes()));
    // The endpoint fails, and says so.
    world.rpc.chain.lock().unwrap().broken = true;
    let trouble =
        |output: &std::process::Output| !contains(&output.stdout, b"\"endpoint_trouble\": null");
    let output = world.until("order status ORDER -o json", trouble).await;
    said.extend([output.stdout, output.stderr].concat());
    assert!(
        !has_secret(&said) && !contains(&said, KEY.as_bytes()),
        "{}",
        text(&said)
    );

    let secret = world.folder().join("secrets/TOKEN");
    for path in files(world.iog.home.path()) {
        let bytes = fs::read(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(has_secret(&bytes), path == secret, "{}", path.display());
        if has_secret(&bytes) || contains(&bytes, KEY.as_bytes()) {
            assert_eq!(mode & 0o077, 0, "{}", path.display());
            assert_ne!(path.file_name().unwrap(), "agent.log");
        }
    }
    let mode = fs::metadata(world.folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);

    // Over: it is gone.
    world.rpc.chain.lock().unwrap().broken = false;
    world.node.script.lock().unwrap().phases = vec![Phase::Exited { code: 0 }];
    world.set(|order, _| (order.state, order.end_ts) = (4, 9_500));
    let over = |output: &std::process::Output| contains(&output.stdout, b"\"ended\"");
    world.until("order status ORDER -o json", over).await;
    for path in files(world.iog.home.path()) {
        assert!(!has_secret(&fs::read(&path).unwrap()), "{}", path.display());
    }
}
