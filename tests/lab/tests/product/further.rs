//! A further machine uses an order by a ticket, until the order's key is another one.

use crate::world::{World, MARKERS};
use anyhow::{ensure, Context, Result};
use iog_lab::{text, wait_until, Renter, PATIENCE};
use std::fs;

/// redteam link L1: a machine of its own, with a key of its own, does what its ticket says, beside the first; not more; and nothing
/// any more when the renter has replaced the engineer key (S2)
pub fn uses_a_ticket(world: &World, further: &Renter, order: &str) -> Result<()> {
    let key = text(&further.json(&["agent", "key"])?, "key")?;
    let file = further.folder.join("ticket.json").display().to_string();
    let verbs = "status,logs,exec";
    let args = [
        "order", "ticket", order, "--all", "--key", &key, "--verbs", verbs, "--hours", "1",
        "--out", &file,
    ];
    world.renter.run(&args)?;
    further.run(&["agent", "join", &file])?;

    let [_, secret, log, _] = MARKERS;
    wait_until("logs by ticket", PATIENCE, || {
        let logs = further
            .run(&["order", "logs", order, "--all"])
            .unwrap_or_default();
        Ok((logs.matches(log).count() == 2).then_some(()))
    })?;
    ensure!(
        reads_secret(further, order)? == secret,
        "exec by the ticket"
    );
    // The first machine is not pushed aside.
    ensure!(
        reads_secret(&world.renter, order)? == secret,
        "beside the ticket"
    );

    // What it does not name is refused by the device, and nothing has happened.
    let refused = further.within(30, &["order", "stop", order, "--lease", "0"])?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(
        !refused.status.success() && said.contains("ticket"),
        "stop by a ticket without it: {refused:?}"
    );
    ensure!(
        reads_secret(&world.renter, order)? == secret,
        "the job goes on"
    );
    void_with_the_key(world, further, order)
}

fn void_with_the_key(world: &World, further: &Renter, order: &str) -> Result<()> {
    let file = world.renter.folder.join("other-key.json");
    let other = world
        .renter
        .json(&["device", "keygen", &file.display().to_string()])?;
    let other = text(&other, "device_key")?;
    world
        .renter
        .run(&["order", "set-engineer-key", order, &other])?;
    for renter in [further, &world.renter] {
        wait_until("what the old key opened is closed", PATIENCE, || {
            let args = exec(order);
            let output = renter.within(10, &args)?;
            Ok((!output.status.success()).then_some(()))
        })
        .with_context(|| world.tails())?;
    }
    // Nobody has the new key's machine yet: the job itself goes on, and is the renter's to use again.
    let shown = world.renter.json(&["order", "show", order])?;
    ensure!(
        shown["engineer_key"] == other.as_str() && shown["state"] == "active",
        "{shown}"
    );
    fs::remove_file(file)?;
    Ok(())
}

fn exec(order: &str) -> [&str; 8] {
    let secret = "/run/iog/secrets/TOKEN";
    ["order", "exec", order, "--lease", "0", "--", "cat", secret]
}

fn reads_secret(renter: &Renter, order: &str) -> Result<String> {
    renter.run(&exec(order))
}
