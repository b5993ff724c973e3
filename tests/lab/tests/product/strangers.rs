//! Who is not named by the chain.

use crate::world::World;
use anyhow::{Context, Result};
use iog_lab::{wait_until, Fault, Nat, Renter, Shape, PATIENCE};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// redteam link L2, S2: who is not named by the chain is refused before a byte is read, and counted, also while an endpoint lies that it is
pub fn are_refused(world: &mut World, order: &str) -> Result<()> {
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
