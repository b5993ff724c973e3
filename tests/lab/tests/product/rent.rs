//! Two devices behind two kinds of routers are hired from behind a third.

use crate::world::{behind, World, MARKERS};
use iog_lab::{Capture, Flow, Nat, Spawn};
use sha2::{Digest, Sha256};
use std::{fs, time::Duration};

const SECS: Duration = Duration::from_secs(30);

/// Job, inputs and secrets arrive, logs come, a command, a shell and a port work, outputs come back verified; and whoever listens to the
/// whole internet reads none of it and sees nobody speak who should not. redteam 14
#[test]
fn a_renter_uses_two_devices_and_nobody_between_reads_a_byte() {
    let mut world =
        World::new("rent", [Nat::Independent, Nat::Symmetric], Nat::Independent).unwrap();
    let further = world.product.renter("d", behind(Nat::Independent)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let capture = Capture::start(&world.product.lab.internet, folder.path()).unwrap();
    // With `warn` a busy machine delivers to the slower device unchecked.
    let order = world.book(2, "require").unwrap();
    let [input, secret, log, result] = MARKERS;

    let logs = world
        .until(&["order", "logs", &order, "--all"], |text| {
            text.matches(log).count() == 2
        })
        .unwrap();
    assert!(!logs.contains(secret));
    for lease in ["0", "1"] {
        let seen = world
            .renter
            .run(&[
                "order",
                "exec",
                &order,
                "--lease",
                lease,
                "--",
                "cat",
                "/run/iog/secrets/TOKEN",
            ])
            .unwrap();
        assert_eq!(seen, secret);
    }
    let failed = world
        .renter
        .spawn(&[
            "order", "exec", &order, "--lease", "0", "--", "sh", "-c", "exit 7",
        ])
        .unwrap();
    assert_eq!(
        failed
            .output(&world.renter.host.inside)
            .unwrap()
            .status
            .code(),
        Some(7),
        "the command's own code"
    );

    crate::checks::tell_who_cheats(&world, &order).unwrap();
    crate::ssh::works(&world, &order, "0").unwrap();
    port(&world, &order, result);

    let results = world.renter.folder.join("results");
    let dir = results.display().to_string();
    world
        .renter
        .run(&["order", "download", &order, "--all", "--dir", &dir])
        .unwrap();
    let token = hex::encode(Sha256::digest(secret));
    let expected = format!("{input}{result}\n{token}  -\n");
    let mut found = 0;
    for lease in fs::read_dir(&results).unwrap() {
        let file = lease.unwrap().path().join("out/result.txt");
        assert_eq!(
            fs::read_to_string(&file).unwrap(),
            expected,
            "{}",
            file.display()
        );
        found += 1;
    }
    assert_eq!(found, 2);

    crate::further::uses_a_ticket(&world, &further, &order).unwrap();

    let packets = capture.end().unwrap();
    let lab = &world.product.lab;
    let machines = [
        &world.nodes[0].host,
        &world.nodes[1].host,
        &world.renter.host,
        &further.host,
    ];
    let machines: Vec<_> = machines.iter().map(|host| host.public).collect();
    let known = |flow: &Flow| {
        let endpoint = (10..=11).any(|server| flow.has(lab.server(server), 8899));
        let relay = (0..=1).any(|number| {
            let relay = world.product.relay_address(number);
            flow.has(relay, 3340) || flow.has(relay, 7842)
        });
        // Direct paths: UDP between two of the four.
        let direct = flow.protocol == 17
            && machines.contains(&flow.one.0)
            && machines.contains(&flow.other.0);
        endpoint || relay || direct
    };
    assert_eq!(
        packets.leaks(&MARKERS, known),
        [],
        "what was heard that nobody should hear"
    );
    assert!(
        packets.flows.values().sum::<u64>() > 10_000,
        "something was heard at all"
    );
}

/// A port of the job on the renter's loopback.
fn port(world: &World, order: &str, result: &str) {
    let renter = &world.renter;
    let log = renter.folder.join("forward.log");
    let spawn = renter
        .spawn(&["order", "forward", order, "--lease", "1", "18000:8000"])
        .unwrap();
    let mut forward = spawn.start(&renter.host.inside, &log).unwrap();
    forward.says("localhost:18000", SECS).unwrap();
    let page = Spawn::new(
        "curl",
        &["-s", "-m", "20", "http://127.0.0.1:18000/result.txt"],
    );
    let page = page.output(&renter.host.inside).unwrap();
    assert!(
        String::from_utf8_lossy(&page.stdout).contains(result),
        "{page:?} {}",
        forward.tail()
    );
}
