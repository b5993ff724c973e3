//! One device works and the other waits, and everything between them and the renter breaks, in turn.

use crate::world::{World, MARKERS};
use anyhow::{Context, Result};
use iog_lab::{text, wait_until, Fault, Nat, PATIENCE};
use serde_json::Value;
use std::{fs, time::Duration};

/// A row of troubles that one order survives, in the order in which they come.
#[test]
fn an_order_survives_what_happens_to_it() {
    let mut world = World::new(
        "trouble",
        [Nat::Independent, Nat::Symmetric],
        Nat::Symmetric,
    )
    .unwrap();
    let order = world.book(1, "warn").unwrap();
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
    crate::strangers::are_refused(&mut world, &order).unwrap();
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

/// redteam link V2: the supplier leaves in the middle of the job, another device is matched, and gets all from the renter's agent: a run
/// of its own, of a new match, whose results arrive
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
    let second = wait_until("another device", PATIENCE * 2, || {
        let found = lease(world, order).ok();
        Ok(found.filter(|lease| lease["device"] != device.as_str() && lease["job"] == "running"))
    })
    .with_context(|| world.tails())?;
    let matched = |lease: &Value| lease["matched_ts"].as_i64();
    anyhow::ensure!(matched(&second) > matched(first), "{first} {second}");
    anyhow::ensure!(second["attempt"] == 0, "{second}");
    results(world, order, &second)
}

/// What the job of a lease has left so far is fetched.
fn results(world: &World, order: &str, lease: &Value) -> Result<()> {
    let dir = world.renter.folder.join("results");
    let (into, name) = (dir.display().to_string(), text(lease, "lease")?);
    let args = ["order", "download", order, "--lease", &name, "--dir", &into];
    wait_until("the results", PATIENCE, || Ok(world.renter.run(&args).ok()))?;
    let [input, _, _, result] = MARKERS;
    let folder = fs::read_dir(&dir)?.next().context("no lease")??;
    let found = fs::read_to_string(folder.path().join("out/result.txt"))?;
    anyhow::ensure!(found.starts_with(&format!("{input}{result}\n")), "{found}");
    Ok(())
}
