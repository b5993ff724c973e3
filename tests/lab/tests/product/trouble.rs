//! One device works and the other waits, and everything between them and the renter breaks, in turn.

use crate::world::{World, MARKERS};
use anyhow::{Context, Result};
use iog_lab::{text, wait_until, Fault, Nat, Renter, Shape, PATIENCE};
use serde_json::Value;
use std::{fs, path::PathBuf, time::Duration};

/// A row of troubles that one order survives, in the order in which they come.
#[test]
fn an_order_survives_what_happens_to_it() {
    let mut world = World::new(
        "trouble",
        [Nat::Independent, Nat::Symmetric],
        Nat::Symmetric,
    )
    .unwrap();
    let order = world.book(1).unwrap();
    let [_, secret, log, _] = MARKERS;
    world
        .until(&["order", "logs", &order], |text| text.contains(log))
        .unwrap();
    let works = |world: &World, what: &str| {
        let args = [
            "order",
            "exec",
            &order,
            "--",
            "cat",
            "/run/iog/secrets/TOKEN",
        ];
        world
            .until(&args, |text| text == secret)
            .with_context(|| what.to_string())
            .unwrap();
    };
    strangers_are_refused(&mut world, &order).unwrap();
    works(&world, "after strangers");
    a_bad_line(&world);
    works(&world, "over a bad line");
    world.renter.host.weather(Duration::ZERO, 0);
    relays_go(&mut world, &|world| works(world, "a relay is gone")).unwrap();
    endpoints_have_moods(&mut world, &works);
    a_relay_moves(&mut world, &order).unwrap();
    works(&world, "by a relay that has moved");
    the_renter_is_away(&world, &order).unwrap();
    works(&world, "after a while off line");
    let first = lease(&world, &order).unwrap();
    the_machine_falls(&mut world, &order, &first).unwrap();
    works(&world, "after the machine's fall");
    another_device_takes_over(&world, &order, &first).unwrap();
    works(&world, "on another device");
}

/// The order's one running lease.
fn lease(world: &World, order: &str) -> Result<Value> {
    let status = world.renter.json(&["order", "status", order])?;
    let leases = status["leases"].as_array().context("no leases")?;
    let running = leases.iter().find(|lease| lease["stage"] == "running");
    Ok(running.with_context(|| status.to_string())?.clone())
}

/// redteam link L2, S2: who is not named by the chain is refused before a byte is read, and counted, also while an endpoint lies that it is
fn strangers_are_refused(world: &mut World, order: &str) -> Result<()> {
    let shape = Shape {
        nat: Some(Nat::Independent),
        ..Shape::default()
    };
    let stranger = world.product.renter("thief", shape)?;
    let engineer = stolen_folder(&world.renter, &stranger, order)?;
    let before = refused(world);
    let args = [
        "order",
        "exec",
        order,
        "--",
        "cat",
        "/run/iog/secrets/TOKEN",
    ];
    let asks = |stranger: &Renter| {
        let mut timed = stranger.spawn(&args)?;
        // The agent goes on trying; a thief has no patience.
        timed.args = [
            vec!["8".into(), timed.program.display().to_string()],
            timed.args,
        ]
        .concat();
        timed.program = "timeout".into();
        let output = timed.output(&stranger.host.inside)?;
        anyhow::ensure!(
            !output.status.success(),
            "a stranger was served: {output:?}"
        );
        Ok(())
    };
    asks(&stranger)?;
    wait_until("the stranger is counted", PATIENCE, || {
        Ok((refused(world) > before).then_some(()))
    })?;
    // The endpoint of node and thief now says that the thief's key is the engineer's. A second one does not.
    let lie = Fault::Lie {
        of: engineer.0,
        instead: engineer.1,
    };
    world.product.rpc.fault("*", Some(lie));
    let counted = refused(world);
    asks(&stranger)?;
    wait_until("the stranger is counted again", PATIENCE, || {
        Ok((refused(world) > counted).then_some(()))
    })?;
    world.product.rpc.fault("*", None);
    Ok(())
}

/// All that the renter's machine knows of the order but its key, for which the thief has another; both public keys in hexadecimal.
fn stolen_folder(renter: &Renter, thief: &Renter, order: &str) -> Result<(String, String)> {
    let place =
        |renter: &Renter| -> PathBuf { renter.folder.join(".local/share/iog/orders").join(order) };
    let (from, to) = (place(renter), place(thief));
    fs::create_dir_all(&to)?;
    for name in ["order.json", "job.json", "sources.json", "receipt.json"] {
        fs::copy(from.join(name), to.join(name)).with_context(|| name.to_string())?;
    }
    // The receipt key is a key that opens nothing.
    fs::copy(from.join("receipt.json"), to.join("engineer.json"))?;
    for path in [to.clone(), to.with_file_name("")] {
        std::process::Command::new("chmod")
            .args(["0700".as_ref(), path.as_os_str()])
            .status()?;
    }
    let public = |name: &str| -> Result<String> {
        let bytes: Vec<u8> = serde_json::from_str(&fs::read_to_string(from.join(name))?)?;
        Ok(hex::encode(bytes.get(32..64).context("no key file")?))
    };
    Ok((public("engineer.json")?, public("receipt.json")?))
}

/// How many were refused by the nodes' links.
fn refused(world: &World) -> u64 {
    let of = |folder: &std::path::Path| -> u64 {
        let text =
            fs::read_to_string(folder.join("state/node/link/refused.json")).unwrap_or_default();
        let counts: Value = serde_json::from_str(&text).unwrap_or_default();
        counts
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(_, count)| count.as_u64())
            .sum()
    };
    world.nodes.iter().map(|node| of(&node.folder)).sum()
}

/// 80 ms there and back, and each hundredth packet is lost, both ways.
fn a_bad_line(world: &World) {
    world.renter.host.weather(Duration::from_millis(40), 10);
}

/// redteam link V4: a relay dies and comes again, then the other one
fn relays_go(world: &mut World, works: &dyn Fn(&World)) -> Result<()> {
    for number in [0u8, 1] {
        if let Some(relay) = world.relays.get_mut(usize::from(number)) {
            relay.kill();
        }
        works(world);
        let again = world.product.relay(number, &[])?;
        if let Some(relay) = world.relays.get_mut(usize::from(number)) {
            *relay = again;
        }
    }
    Ok(())
}

/// redteam X3: an endpoint that says 429, breaks off, sends everything on twice, or has fallen behind stops nothing that runs: the job's
/// run stays the same, and what asks for it is served
fn endpoints_have_moods(world: &mut World, works: &dyn Fn(&World, &str)) {
    let moods = [
        ("an endpoint that says 429", Fault::TooMany(1)),
        ("an endpoint that breaks off", Fault::Drop),
        ("an endpoint that repeats", Fault::Twice),
        ("an endpoint that stands still", Fault::Stale),
    ];
    let runs = ticks(world);
    for (what, mood) in moods {
        let asked = world.product.rpc.asked("getMultipleAccounts");
        world.product.rpc.fault("*", Some(mood));
        works(world, what);
        wait_until("the node asks", PATIENCE, || {
            Ok((world.product.rpc.asked("getMultipleAccounts") > asked).then_some(()))
        })
        .unwrap();
        world.product.rpc.fault("*", None);
    }
    works(world, "after an endpoint's moods");
    wait_until("the job goes on", PATIENCE, || {
        Ok((ticks(world) > runs).then_some(()))
    })
    .unwrap();
}

/// redteam link L8, V4: both relays go, one of them comes at another address; a newer file, signed by the network's key, is all that
/// nodes and renter get. The job is the same run before and after: a node's processes start anew beside it (X1)
fn a_relay_moves(world: &mut World, order: &str) -> Result<()> {
    let before = lease(world, order)?;
    world.relays.clear();
    let moved = world.product.move_relay(0, 2)?;
    world.relays.push(moved);
    world.product.update_network(&world.renter.data())?;
    world.renter.run(&["agent", "stop", order])?;
    let World { product, nodes, .. } = world;
    for node in nodes {
        product.update_network(&node.folder.join("state"))?;
        node.stop()?;
        node.start_again()?;
    }
    let [_, _, log, _] = MARKERS;
    world.until(&["order", "logs", order], |text| text.contains(log))?;
    let after = lease(world, order)?;
    anyhow::ensure!(
        before["attempt"] == after["attempt"] && before["lease"] == after["lease"],
        "{before} {after}"
    );
    Ok(())
}

/// The job goes on, and what it wrote meanwhile is there afterwards.
fn the_renter_is_away(world: &World, order: &str) -> Result<()> {
    let line = world
        .renter
        .host
        .line
        .as_ref()
        .context("the renter has no line")?;
    line.cut(true);
    let written = ticks(world);
    wait_until("the job goes on", PATIENCE, || {
        Ok((ticks(world) > written + 3).then_some(()))
    })?;
    line.cut(false);
    let wanted = format!("tick {}\n", written + 3);
    world.until(&["order", "logs", order], |text| text.contains(&wanted))?;
    Ok(())
}

/// Lines that the job has written, as they are on the machine's disk.
fn ticks(world: &World) -> usize {
    let mut count = 0;
    for node in &world.nodes {
        let engine = node.folder.join("state/node/jobs/engine");
        let runs = fs::read_dir(engine).into_iter().flatten().flatten();
        let logs = runs.flat_map(|run| {
            fs::read_dir(run.path().join("log"))
                .into_iter()
                .flatten()
                .flatten()
        });
        for log in logs {
            let bytes = fs::read(log.path()).unwrap_or_default();
            count += bytes.windows(5).filter(|window| window == b"tick ").count();
        }
    }
    count
}

/// redteam X2, V1: power fails; the machine comes again with its lease, and the job as a new attempt, secrets included, though nobody sends them
fn the_machine_falls(world: &mut World, order: &str, first: &Value) -> Result<()> {
    let device = text(first, "device")?;
    let node = world
        .nodes
        .iter_mut()
        .find(|node| node.device == device)
        .context("no such node")?;
    node.crash();
    node.start(&world.product)?;
    wait_until("a new attempt", PATIENCE * 2, || {
        let lease = lease(world, order)?;
        let runs =
            lease["job"] == "running" && lease["attempt"].as_u64() > first["attempt"].as_u64();
        Ok(runs.then_some(()))
    })
    .with_context(|| world.tails())
}

/// redteam link V2: the supplier leaves, another device is matched, and gets all from the renter's agent
fn another_device_takes_over(world: &World, order: &str, first: &Value) -> Result<()> {
    let device = text(first, "device")?;
    let node = world
        .nodes
        .iter()
        .find(|node| node.device == device)
        .context("no such node")?;
    world
        .product
        .iog(&node.wallet, &["lease", "leave", &text(first, "lease")?])?;
    wait_until("another device", PATIENCE * 2, || {
        let found = lease(world, order).ok();
        Ok(found
            .filter(|lease| lease["device"] != device.as_str() && lease["job"] == "running")
            .map(|_| ()))
    })
    .with_context(|| world.tails())
}
