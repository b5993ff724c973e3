//! How a job's process lives and ends.

use super::{dir::JobDir, process::ProcessRecord};
use crate::spec::JobSpec;
use nix::sys::signal::Signal;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How often a process that is not our child is looked at: after a restart there is nothing to wait on.
const LOOK: Duration = Duration::from_millis(50);
/// How long a killed process may take to vanish.
const KILL_PATIENCE: Duration = Duration::from_secs(10);

/// The job's environment: what it asked for, on top of where it is.
pub(crate) fn environment(dir: &JobDir, spec: &JobSpec) -> Vec<(String, String)> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".into());
    let mut env = vec![
        ("PATH".into(), path),
        ("HOME".into(), text(dir.work())),
        ("IOG_JOB_ID".into(), spec.id.clone()),
        ("IOG_OUTPUT_DIR".into(), text(dir.out())),
    ];
    env.extend(
        spec.env
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    env
}

pub(crate) async fn ended_within(process: &ProcessRecord, patience: Duration) -> bool {
    let start = Instant::now();
    while process.is_alive() {
        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() {
            return false;
        }
        sleep(LOOK.min(left)).await;
    }
    true
}

/// Asks, waits, kills. True once it is over.
pub(crate) async fn end_process(process: &ProcessRecord, grace: Duration) -> bool {
    process.signal(Signal::SIGTERM);
    if ended_within(process, grace).await {
        return true;
    }
    process.signal(Signal::SIGKILL);
    ended_within(process, KILL_PATIENCE).await
}
