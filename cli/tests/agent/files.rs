//! What comes back.

use crate::{
    node::output,
    world::{lease, script, text, World},
};
use iog_job::Hash;
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

fn place(world: &World, name: &str) -> PathBuf {
    world
        .iog
        .home
        .path()
        .join("results")
        .join(lease())
        .join(name)
}

/// A cut line is taken up again, a whole file is not fetched twice.
#[tokio::test(flavor = "multi_thread")]
async fn outputs_arrive_whole_and_verified() {
    let big: Vec<u8> = (0..2_000_000u32).map(|at| (at % 251) as u8).collect();
    let mut job = script();
    let mut program = output("bin/run", b"#!/bin/sh\n");
    program.0.executable = true;
    job.outputs = vec![output("big.bin", &big), program];
    job.cut_after = Some(700_000);
    let world = World::start(job).await;
    let got = world
        .run("order download ORDER --dir results -o json")
        .await;
    assert!(got.status.success(), "{}", text(&got.stderr));
    assert_eq!(fs::read(place(&world, "big.bin")).unwrap(), big);
    let mode = |name: &str| {
        fs::metadata(place(&world, name))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    };
    assert_eq!((mode("big.bin"), mode("bin/run")), (0o644, 0o755));
    assert!(text(&got.stderr).contains("again"), "{}", text(&got.stderr));
    assert!(!place(&world, ".iog-parts").exists());
    let fetches = |world: &World| {
        let got = world.node.got.lock().unwrap();
        got.verbs.iter().filter(|verb| **verb == "fetch").count()
    };
    assert_eq!(fetches(&world), 3);
    let again: serde_json::Value = serde_json::from_slice(
        &world
            .run("order download ORDER --dir results -o json")
            .await
            .stdout,
    )
    .unwrap();
    assert_eq!(again[0]["new"], false);
    assert_eq!(fetches(&world), 3);
}

/// redteam S4
#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_device_writes_nothing_elsewhere() {
    let mut job = script();
    job.outputs = vec![
        output("../../escaped", b"x"),
        output("/tmp/iog-escaped", b"x"),
        output("good", b"good"),
        output("t\u{1b}[2J.txt", b"odd"),
    ];
    let world = World::start(job).await;
    let got = world.run("order download ORDER --dir results").await;
    assert!(got.status.success(), "{}", text(&got.stderr));
    assert_eq!(fs::read(place(&world, "good")).unwrap(), b"good");
    assert_eq!(fs::read(place(&world, "t%1B[2J.txt")).unwrap(), b"odd");
    assert!(!world.iog.home.path().join("escaped").exists());
    let said = text(&got.stderr);
    assert!(
        said.contains("left out: ../../escaped leads elsewhere"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'));

    // A link that lies in the way is not followed.
    let outside = world.iog.home.path().join("outside");
    fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, place(&world, "sub")).unwrap();
    world.node.script.lock().unwrap().outputs = vec![output("sub/file", b"x")];
    assert_eq!(
        world
            .run("order download ORDER --dir results")
            .await
            .status
            .code(),
        Some(2)
    );
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
}

/// redteam S4: terabytes that are not there, more bytes than said, other bytes than said.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_lies_about_a_file_is_refused() {
    let mut job = script();
    let mut sparse = output("sparse", b"x");
    sparse.0.len = 5 << 40;
    job.outputs = vec![sparse];
    let world = World::start(job).await;
    let refused = world.run("order download ORDER --dir results").await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused.stderr).contains("--max-bytes"),
        "{}",
        text(&refused.stderr)
    );

    let mut more = output("more", b"12345");
    more.0.len = 3;
    let mut less = output("less", b"12345");
    less.0.len = 9;
    let mut other = output("other", b"12345");
    other.0.sha256 = Hash([9; 32]);
    for (file, says) in [
        (more, "sends more of more"),
        (less, "sends less of less"),
        (other, "has the hash"),
    ] {
        let name = file.0.path.clone();
        world.node.script.lock().unwrap().outputs = vec![file];
        let refused = world.run("order download ORDER --dir results").await;
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(3), "{said}");
        assert!(said.contains(says), "{said}");
        assert!(!place(&world, &name).exists());
    }
    let small = output("small", &[1; 100]);
    world.node.script.lock().unwrap().outputs = vec![small];
    let limited = world
        .run("order download ORDER --dir results --max-bytes 99")
        .await;
    assert_eq!(limited.status.code(), Some(2));
    assert!(world
        .run("order download ORDER --dir results --max-bytes 100")
        .await
        .status
        .success());
}

/// redteam link K3: what a device keeps is read after the lease's end, also when the chain has forgotten it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_read_after_the_end() {
    let mut job = script();
    job.outputs = vec![output("result", b"42")];
    let world = World::start(job).await;
    world.run("order status ORDER").await;
    world.run("agent stop ORDER").await;
    world.rpc.chain.lock().unwrap().accounts.clear();
    let got = world.run("order download ORDER --dir results").await;
    assert!(got.status.success(), "{}", text(&got.stderr));
    assert_eq!(fs::read(place(&world, "result")).unwrap(), b"42");
    // No device asks for secrets any more.
    assert!(!world.folder().join("secrets").exists());
}
