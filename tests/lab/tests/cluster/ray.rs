//! Ray by its own programs, unmodified, on four machines behind three routers.

use crate::{
    cluster::{Cluster, MARKER, NAME, RAY_PATIENCE},
    full,
};
use anyhow::{ensure, Context, Result};
use iog_lab::{text, wait_until, Capture, Fleet, Leak};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Unmodified `ray job submit` on four machines gives what one gives, and nobody between reads it; a machine that loses its power is
/// replaced by a spare one at the same rank and address (redteam mesh M3), and the next job has a share on it. In the long form it falls in
/// the middle of a job; the cluster grows and shrinks, and loses its head.
#[test]
fn a_cluster_works_as_one_machine() {
    let fleet = Fleet::homes("ray").unwrap();
    let capture = Capture::start(&fleet.product.lab.internet, fleet.product.folder()).unwrap();
    let mut cluster = Cluster::create(fleet).unwrap();
    // Proves its device meanwhile.
    cluster.fleet.add(&["e"]).unwrap();
    cluster.connect().unwrap();
    let places = cluster.submit("0.2").unwrap();
    assert_eq!(places, 4, "each machine had a share");
    let packets = capture.end().unwrap();
    let leaks = packets.leaks(&[MARKER], |_| true);
    let leaks: Vec<&Leak> = leaks
        .iter()
        .filter(|leak| matches!(leak, Leak::Marker(..)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    if full() {
        cluster.the_head_falls().unwrap();
    }
    cluster.fleet.offer().unwrap();
    if full() {
        cluster.grows_and_shrinks().unwrap();
        // The first spare is paid until its hour ends.
        cluster.fleet.add(&["f"]).unwrap();
        cluster.fleet.offer().unwrap();
    }
    cluster.a_worker_loses_its_power().unwrap();
    cluster.ends().unwrap();
}

impl Cluster {
    fn grows_and_shrinks(&self) -> Result<()> {
        let scale = |gpus: &str| self.fleet.renter.json(&["cluster", "scale", NAME, gpus]);
        scale("5").with_context(|| self.fleet.tails())?;
        let grown = self.nodes(5, 0)?;
        let members = grown["members"].as_array().context("no members")?;
        let fifth = members.iter().find(|member| member["rank"] == 4);
        let fifth = fifth.with_context(|| grown.to_string())?;
        ensure!(fifth["address"] == "10.77.0.5", "{grown}");
        self.tell("five nodes");
        scale("4").with_context(|| self.fleet.tails())?;
        self.nodes(4, 0)?;
        Ok(())
    }

    /// redteam mesh M3: the spare machine has the rank and the address of the one that fell.
    fn a_worker_loses_its_power(&mut self) -> Result<()> {
        let dead = self.status()?["ray_dead_nodes"].as_u64().unwrap_or(0);
        let before = self.member(2)?;
        let (device, lease) = (text(&before, "device")?, text(&before, "lease")?);
        let share = Duration::from_secs(5);
        let mut job = match full() {
            true => Some(self.submits(&share.as_secs().to_string())?),
            false => None,
        };
        if let Some(job) = &mut job {
            job.says("begun", RAY_PATIENCE)
                .with_context(|| self.fleet.tails())?;
        }
        let begun = Instant::now();
        let node = self.fleet.node(&device)?;
        let wallet = node.wallet.clone();
        node.crash();
        self.tell("rank 2 has lost its power");
        let late = begun.elapsed();
        let leave = ["lease", "leave", lease.as_str()];
        self.fleet.product.iog(&wallet, &leave)?;
        if let Some(job) = &mut job {
            let running = job.is_running();
            ensure!(running && late < share, "its shares may be done: {late:?}");
            self.result(job)?;
            self.tell("and the job is done");
        }
        let after = wait_until("another machine", RAY_PATIENCE, || {
            let member = self.member(2).ok();
            let other = |member: &Value| member["device"] != device.as_str();
            Ok(member.filter(|member| other(member) && member["state"] == "running"))
        })
        .with_context(|| self.fleet.tails())?;
        ensure!(after["address"] == "10.77.0.3", "{after}");
        self.tell("another machine has its place");
        // Ray misses the one that fell after some seconds.
        self.nodes(4, dead + 1)?;
        ensure!(self.submit("0.2")? == 4, "each machine had a share");
        Ok(())
    }

    /// Its processes are started again, on the same machine; the renter is told by the number of its attempt, workers come back, and the
    /// cluster takes jobs again.
    fn the_head_falls(&mut self) -> Result<()> {
        let before = self.member(0)?["attempt"].as_u64();
        let kill = ["pkill", "-KILL", "gcs_server"];
        let _ = self.fleet.exec(&self.root, "0", &kill);
        wait_until("another attempt", RAY_PATIENCE, || {
            Ok((self.member(0)?["attempt"].as_u64() > before).then_some(()))
        })
        .with_context(|| self.fleet.tails())?;
        self.tell("the head's next attempt");
        self.nodes(4, 0)?;
        self.tell("four nodes again");
        // By the ports that were led before: they are the lease's, whichever attempt listens.
        ensure!(self.submit("0.2")? == 4, "each machine had a share");
        Ok(())
    }
}
