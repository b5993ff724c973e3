//! A supplier's machine: `iog-keeper node`, and what it starts.

use super::{until, Processes};
use anyhow::{ensure, Context, Result};
use iog_node::board;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tokio::process::Child;

pub struct Node {
    name: &'static str,
    config: PathBuf,
    /// What its processes share.
    dir: PathBuf,
    /// While it is on. Its processes end with it.
    running: Option<Child>,
}

impl Node {
    pub fn new(name: &'static str, config: PathBuf, dir: PathBuf) -> Self {
        Self {
            name,
            config,
            dir,
            running: None,
        }
    }

    pub fn start(&mut self, processes: &Processes) -> Result<()> {
        let config = self.config.display().to_string();
        let args = ["node", "--config", &config];
        let (child, _) = processes.spawn("iog-keeper", &args, self.name)?;
        self.running = Some(child);
        Ok(())
    }

    /// Ends it in order, and waits until nothing of it is left.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.running.take() else {
            return Ok(());
        };
        let pid = child.id().context("a node ended by itself")?;
        let told = Command::new("kill").arg(pid.to_string()).status()?;
        ensure!(told.success(), "the node {} cannot be ended", self.name);
        let ended = tokio::time::timeout(super::PATIENCE, child.wait()).await;
        ended.with_context(|| format!("the node {} does not end", self.name))??;
        Ok(())
    }

    /// Waits until its chain side has seen this slot, and its job side what that made of it.
    pub async fn is_ready(&self, slot: u64) -> Result<()> {
        let what = format!("the readiness of the node {}", self.name);
        until(&what, || {
            let seen = seen(&self.dir)?;
            Ok(seen.and_then(|(board, report)| {
                let newest = board.slot >= slot && report.board_slot >= board.slot;
                (newest && report.trouble.is_none()).then_some(())
            }))
        })
        .await
    }

    /// Waits until it has erased every lease whose outputs need not be kept any more: nothing of them stays on its machine.
    pub async fn is_empty(&self) -> Result<()> {
        let leases = self.dir.join("jobs/leases");
        until("the end of a node's leases", || {
            let left = fs::read_dir(&leases).map_or(0, Iterator::count);
            Ok((left == 0).then_some(()))
        })
        .await
    }
}

fn seen(dir: &Path) -> Result<Option<(board::Board, board::Report)>> {
    let board: Option<board::Board> = board::read(&board::board_file(dir))?;
    let report: Option<board::Report> = board::read(&board::report_file(dir))?;
    Ok(board.zip(report))
}
