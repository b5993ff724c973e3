//! A machine with the container engine runs an image that travelled by the link, to its end.

use crate::world::{behind, CLASS, MARKERS};
use anyhow::{ensure, Context, Result};
use iog_lab::{text, wait_until, Capture, Nat, Node, Process, Product, Renter, PATIENCE};
use serde_json::Value;
use std::{fs, path::Path, process::Command, time::Duration};

/// Chain time runs ten times as fast: ten minutes are one.
const BLOCK_MS: u32 = 40;
/// Two times ten minutes, and what it takes to come up.
const RECEIPT: Duration = Duration::from_secs(180);

struct World {
    product: Product,
    node: Node,
    renter: Renter,
    _others: Vec<Process>,
}

impl World {
    fn new(tag: &str) -> Result<Self> {
        let mut product = Product::start(tag, BLOCK_MS)?;
        let others = vec![product.relay(0, &[])?, product.crank()?];
        let mut node = product.supplier("a", CLASS, behind(Nat::Independent))?;
        node.engine = "container";
        // Podman takes no run folder of more than 50 letters.
        node.settings = format!("dir = '{}'\n", node.folder.join("n").display());
        node.start(&product)?;
        product.list(&node).with_context(|| node.tail())?;
        let renter = product.renter("c", behind(Nat::Independent))?;
        Ok(Self {
            product,
            node,
            renter,
            _others: others,
        })
    }

    /// An order for a job of an archive, which waits for a sign and ends well.
    fn book(&self, more: &[&str]) -> Result<String> {
        let folder = self.renter.folder.join("job");
        fs::create_dir_all(&folder)?;
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/image/make-image.sh");
        let made = Command::new("sh")
            .arg(script)
            .arg(folder.join("image.tar"))
            .output()?;
        ensure!(made.status.success(), "{made:?}");
        let [input, secret, log, result] = MARKERS;
        fs::write(folder.join("data.txt"), input)?;
        fs::write(folder.join("token"), secret)?;
        let job = format!(
            "kind: batch
image: {{archive: image.tar}}
platform: linux/amd64
command: [/bin/sh, -c, 'echo {log} $(id -u); ls -A /; while [ ! -e /work/go ]; do sleep 1; done; (cat data.txt; echo {result}; cat /run/iog/secrets/TOKEN | wc -c) > /work/out/result.txt']
inputs: [{{source: data.txt}}]
secrets: [TOKEN]
resources: {{cpus: 1, memory: 128MiB, disk: 64MiB}}
"
        );
        fs::write(folder.join("job.yaml"), job)?;
        let class = CLASS.to_string();
        let job = folder.join("job.yaml").display().to_string();
        let secret = format!("TOKEN=@{}", folder.join("token").display());
        let mut args = vec![
            "order",
            "create",
            "--class",
            &class,
            "--gpus",
            "1",
            "--hours",
            "24",
            "--pay",
            "usdc",
            "--job",
            &job,
            "--secret",
            &secret,
            "--end-when-done",
            "--wait",
            "--wait-secs",
            "150",
        ];
        args.extend(more);
        let made = self.renter.json(&args).with_context(|| self.node.tail())?;
        text(&made, "order")
    }

    fn listens(&self) -> Result<Capture> {
        Capture::start(&self.product.lab.internet, self.product.folder())
    }

    /// Packets from one home to the other, all that was heard being over.
    fn direct_packets(&self, capture: Capture) -> Result<u64> {
        let (node, renter) = (self.node.host.public, self.renter.host.public);
        let flows = capture.end()?.flows;
        ensure!(flows.values().sum::<u64>() > 100, "nothing was heard");
        let direct = flows.iter().filter(|(flow, _)| flow.between(node, renter));
        Ok(direct.map(|(_, packets)| packets).sum())
    }

    fn exec(&self, order: &str, script: &str) -> Result<String> {
        let args = ["order", "exec", order, "--", "/bin/sh", "-c", script];
        self.renter.run(&args).with_context(|| self.node.tail())
    }
}

/// An archive, its input and its secret arrive and run in a container; the job's end is the order's, by itself; what it left can still
/// be fetched afterwards. The order is relay-only: no packet goes from one home to the other (redteam link L3)
#[test]
fn an_image_that_travelled_runs_in_a_container_and_its_end_ends_the_order() {
    let world = World::new("box").unwrap();
    let capture = world.listens().unwrap();
    let order = world.book(&["--relay-only"]).unwrap();
    in_a_container(&world, &order).unwrap();
    ends(&world, &order).unwrap();
    assert_eq!(world.direct_packets(capture).unwrap(), 0);
}

/// redteam 13: ten served minutes are signed for by the order's receipt key, and both sides hold it
#[test]
fn ten_served_minutes_are_signed_for() {
    let world = World::new("slot").unwrap();
    let capture = world.listens().unwrap();
    let order = world.book(&[]).unwrap();
    receipts(&world, &order).unwrap();
    assert!(
        world.direct_packets(capture).unwrap() > 100,
        "such homes reach each other where they may"
    );
}

fn in_a_container(world: &World, order: &str) -> Result<()> {
    let [input, _, log, _] = MARKERS;
    let logs = world.renter.run(&["order", "logs", order])?;
    ensure!(logs.contains(&format!("{log} 1000")), "{logs}");
    // Nothing of this machine's root folder but what an image has.
    ensure!(
        !logs
            .lines()
            .any(|line| ["usr", "home", "root", "boot"].contains(&line.trim())),
        "{logs}"
    );
    ensure!(world.exec(order, "cat /work/data.txt")? == input);
    let seen = world.exec(
        order,
        "echo $IOG_GPUS $IOG_RANK $(cat /proc/1/comm) $(ls /proc | wc -w)",
    )?;
    ensure!(seen.starts_with("1 0 "), "{seen}");
    // Its processes are in a namespace of their own.
    let own = world.exec(order, "for p in /proc/[0-9]*; do echo $p; done | wc -l")?;
    ensure!(own.trim().parse::<u32>()? < 12, "{own}");
    Ok(())
}

fn receipts(world: &World, order: &str) -> Result<()> {
    let folder = world.node.folder.join("n/jobs");
    let held = wait_until("a receipt at the node", RECEIPT, || {
        Ok(receipt_under(&folder))
    })
    .with_context(|| world.node.tail())?;
    let dir = world.renter.folder.join("evidence").display().to_string();
    let shown = world
        .renter
        .json(&["order", "evidence", order, "--dir", &dir])?;
    let one = shown.pointer("/0").unwrap_or(&shown);
    ensure!(one["receipts"].as_u64() > Some(0), "{shown}");
    ensure!(one["statuses"].as_u64() > Some(0), "{shown}");
    let own: Value = serde_json::from_str(
        &receipt_under(Path::new(&dir)).context("no receipt in the evidence")?,
    )?;
    let held: Value = serde_json::from_str(&held)?;
    // Signed by the order's receipt key, whatever slots it names; the renter's may be the newer by then.
    let key = text(
        &world.renter.json(&["order", "show", order])?,
        "receipt_key",
    )?;
    for receipt in [&held, &own] {
        signed_by(&key, receipt)?;
    }
    Ok(())
}

/// Prefix of what is signed, and the signature.
fn signed_by(key: &str, receipt: &Value) -> Result<()> {
    use ed25519_dalek::{Signature, Verifier, VerifyingKey};
    let bytes = |field: &str| -> Result<Vec<u8>> { Ok(hex::decode(text(receipt, field)?)?) };
    let (message, signature) = (bytes("message")?, bytes("signature")?);
    ensure!(message.starts_with(b"\xffiog:receipt\x01"), "{receipt}");
    let key: [u8; 32] = bs58::decode(key)
        .into_vec()?
        .try_into()
        .ok()
        .context("no key")?;
    let key = VerifyingKey::from_bytes(&key)?;
    key.verify(&message, &Signature::from_slice(&signature)?)
        .context("not signed by the receipt key")
}

/// The first receipt below a folder.
fn receipt_under(folder: &Path) -> Option<String> {
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("engine") {
            if let Some(found) = receipt_under(&path) {
                return Some(found);
            }
        } else if path.display().to_string().contains("receipt") && path.is_file() {
            return fs::read_to_string(&path).ok();
        }
    }
    None
}

fn ends(world: &World, order: &str) -> Result<()> {
    let shown = world.renter.json(&["order", "show", order])?;
    ensure!(shown["state"] == "active", "{shown}");
    world.exec(order, ": > /work/go")?;
    wait_until("the order's end", PATIENCE, || {
        let shown = world.renter.json(&["order", "show", order])?;
        let over = shown["state"] != "active" || shown["end_ts"] != shown["booked_end_ts"];
        Ok(over.then_some(()))
    })
    .with_context(|| world.node.tail())?;
    let dir = world.renter.folder.join("results").display().to_string();
    wait_until("what is kept", PATIENCE, || {
        let args = ["order", "download", order, "--all", "--dir", &dir];
        Ok(world.renter.run(&args).ok())
    })?;
    let [input, secret, _, result] = MARKERS;
    let lease = fs::read_dir(&dir)?.next().context("no lease")??;
    let found = fs::read_to_string(lease.path().join("out/result.txt"))?;
    ensure!(
        found
            .split_whitespace()
            .eq([&format!("{input}{result}"), &secret.len().to_string()]),
        "{found}"
    );
    ensure!(world.product.rpc.asked("sendTransaction") > 0);
    Ok(())
}
