//! Batch inference over shards.

use crate::{machines::made, support::Bench};
use std::{fs, path::Path, process::Command};

/// Puts the parts together as a renter does at home.
fn join(program: &Path, folder: &Path, to: &Path) -> std::process::Output {
    Command::new("python3")
        .arg(program)
        .arg("--join")
        .args([folder, to])
        .output()
        .unwrap()
}

#[tokio::test]
async fn embeddings_of_two_machines_are_those_of_one() {
    let bench = Bench::new();
    let texts: Vec<String> = (0..501)
        .map(|n| format!("{{\"text\": \"reading {n}, of card {}\"}}", n * n % 31))
        .collect();
    let values = [
        ("model", "hashing:64"),
        ("texts", "texts.jsonl"),
        ("disk", "64MiB"),
    ];
    let made = made("embeddings", &values, &[("texts.jsonl", &texts.join("\n"))]);
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let one = made.alone(&bench).await;
    let program = one.work.join("embed.py");
    fs::create_dir(at("two")).unwrap();
    for (rank, machine) in made.together(&bench).await.iter().enumerate() {
        let name = format!("part-{rank:04}-of-0002.jsonl");
        fs::copy(machine.work.join("out").join(&name), at("two").join(&name)).unwrap();
    }
    for (folder, to) in [
        (one.work.join("out"), "one.jsonl"),
        (at("two"), "two.jsonl"),
    ] {
        let joined = join(&program, &folder, &at(to));
        assert!(joined.status.success(), "{joined:?}");
    }
    let whole = fs::read_to_string(at("one.jsonl")).unwrap();
    assert_eq!(whole.lines().count(), 501);
    assert!(whole == fs::read_to_string(at("two.jsonl")).unwrap());
    // A machine whose part never came is told, not left out.
    fs::remove_file(at("two/part-0001-of-0002.jsonl")).unwrap();
    let lacking = join(&program, &at("two"), &at("three.jsonl"));
    assert!(!lacking.status.success() && !at("three.jsonl").exists());
}
