//! Whether the machines have what is paid for.

use crate::world::World;
use anyhow::{ensure, Context, Result};
use iog_lab::text;
use serde_json::{json, Value};

/// redteam S5: both devices walked for the renter before they got the job, and walk again beside it; one that from then on walks as a
/// card of half the memory would is told from the honest one at once, and nothing of it is signed (S8)
pub fn tell_who_cheats(world: &World, order: &str) -> Result<()> {
    let shown = world.renter.json(&["order", "status", order])?;
    let leases = shown["leases"].as_array().context("no leases")?;
    ensure!(leases.len() == 2, "{shown}");
    for lease in leases {
        let check = text(lease, "check")?;
        ensure!(check.starts_with("check passed in "), "{check}");
    }
    let honest = world.renter.json(&["order", "check", order])?;
    ensure!(verdicts(&honest) == ["passed", "passed"], "{honest}");

    world.nodes[1].walks_half()?;
    let args = ["-o", "json", "order", "check", order];
    let spawn = world.renter.spawn(&args)?;
    let output = spawn.output(&world.renter.host.inside)?;
    ensure!(output.status.code() == Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(said.contains("1 of 2 leases failed the check"), "{said}");
    let shown: Value = serde_json::from_slice(&output.stdout)?;
    for (node, verdict) in world.nodes.iter().zip(["passed", "wrong"]) {
        let of = shown.as_array().into_iter().flatten();
        let mut of = of.filter(|one| one["device"] == node.device.as_str());
        let one = of.next().with_context(|| shown.to_string())?;
        ensure!(one["verdict"] == json!(verdict), "{shown}");
    }
    Ok(())
}

fn verdicts(shown: &Value) -> Vec<&str> {
    let all = shown.as_array().into_iter().flatten();
    all.filter_map(|one| one["verdict"].as_str()).collect()
}
