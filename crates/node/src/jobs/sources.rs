//! Inputs that the job names by address come from there, while the renter may send them as well. redteam J6, V2

use super::{
    disk::on_disk,
    lease::Lease,
    receive::{finish, receive},
    store::wanted,
};
use crate::fetch::{FetchSettings, Outcome};
use iog_job::{wire::Need, JobSpec, Phase, Step, Why};
use std::{io, sync::Arc, time::Duration};
use tokio::time::{sleep, Instant};

/// So often an address is tried before the job has failed.
const ROUNDS: u32 = 5;
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// How often it is said how far it is: every status is signed and kept.
const TELL: Duration = Duration::from_secs(2);
/// Of the lease's user ids the one that fetches: the job's own processes are others.
pub(super) const USER: u32 = 60_000;

/// How fetching ended where it did not bring the input.
pub(super) enum Fault {
    /// With the far side's code, where there was one.
    Fetch(Option<u16>),
    /// What of the machine failed: the process or its network could not be made, or the disk is full.
    Host(&'static str, io::Error),
    Disk(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Whether this node fetches for a lease: the operator allows it, and has a filter or serves itself alone.
pub(super) fn settings(lease: &Lease) -> Option<&FetchSettings> {
    let (board, _) = lease.board()?;
    let all = &lease.ctx.settings;
    let own = all.policy.own_renters.contains(&board.renter);
    let settings = all.fetch.as_ref().filter(|_| all.policy.fetch)?;
    (own || settings.egress.is_some()).then_some(settings)
}

/// Fetches what is not there and has an address. Ends when the job has failed for it; never where there is nothing to fetch.
///
/// # Errors
/// If the lease's files cannot be written.
pub async fn fetch(lease: &Arc<Lease>, spec: &JobSpec) -> io::Result<Phase> {
    let Some(settings) = settings(lease) else {
        return std::future::pending().await;
    };
    let mut pause = settings.pause;
    let mut told = None;
    let mut round = 0_u32;
    loop {
        let mut failed = None;
        for (index, need, url) in missing(lease, spec) {
            // The renter sends it.
            let Some(_right) = lease.begin_receiving(need.sha256) else {
                continue;
            };
            tell(lease, spec, &mut told).await?;
            match one(lease, settings, &need, &url).await {
                Ok(()) => {}
                // Its mirrors may have it.
                Err(Fault::Fetch(_)) if spec.sealed(&need.sha256).is_some() => {}
                Err(Fault::Fetch(status)) => failed = failed.or(Some((index, status))),
                Err(Fault::Host(what, error)) => {
                    tracing::error!(lease = lease.store.name(), %error, "nothing can be fetched");
                    let why = Why::Host(what.into());
                    return Ok(Phase::Failed { why });
                }
                Err(Fault::Disk(error)) => return Err(error),
            }
        }
        // A round in which the renter sends everything is none.
        round = round.saturating_add(u32::from(failed.is_some()));
        if let (Some((index, status)), true) = (failed, round >= ROUNDS) {
            let status = status.map_or(String::new(), |status| format!(": {status}"));
            let why = Why::Fetch(format!("input {index}{status}"));
            return Ok(Phase::Failed { why });
        }
        if missing(lease, spec).is_empty() {
            break;
        }
        sleep(pause).await;
        if failed.is_some() {
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
    std::future::pending().await
}

/// Number in the specification, what is missing, and where it is.
fn missing(lease: &Lease, spec: &JobSpec) -> Vec<(usize, Need, String)> {
    let needs = lease.needs(spec).inputs;
    let of = |(index, input): (usize, &iog_job::Input)| {
        let need = needs.iter().find(|need| need.sha256 == input.sha256)?;
        Some((index, *need, input.url.clone()?))
    };
    spec.inputs.iter().enumerate().filter_map(of).collect()
}

/// Says how far it is, unless it did just now.
pub(super) async fn tell(
    lease: &Arc<Lease>,
    spec: &JobSpec,
    told: &mut Option<Instant>,
) -> io::Result<()> {
    if told.is_some_and(|told| told.elapsed() < TELL) {
        return Ok(());
    }
    *told = Some(Instant::now());
    let needs = lease.needs(spec).inputs;
    let sum = |of: fn(&Need) -> u64| needs.iter().map(of).fold(0, u64::saturating_add);
    let total = wanted(spec).into_values().fold(0, u64::saturating_add);
    let left = sum(|need| need.len).saturating_sub(sum(|need| need.have));
    let phase = Phase::Preparing {
        step: Step::Inputs,
        done: total.saturating_sub(left),
        total,
    };
    lease.report(phase).await
}

/// No far side's fault.
pub(super) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

async fn one(
    lease: &Arc<Lease>,
    settings: &FetchSettings,
    need: &Need,
    url: &str,
) -> Result<(), Fault> {
    let (sha256, len) = (need.sha256, need.len);
    let store = lease.store.clone();
    let Some(from) = on_disk(move || Ok(store.have(&sha256))).await? else {
        return Ok(());
    };
    let user = lease.books().uid_base.saturating_add(USER);
    let node_dir = &lease.ctx.settings.node_dir;
    let fetch = settings.begin(node_dir, url, (from, len), user).await;
    let mut fetch = fetch.map_err(|error| Fault::Host("network", error))?;
    let came = receive(&lease.store, sha256, from, len, &mut fetch.bytes).await;
    let outcome = match came {
        Err(error) if is_full(&error) => return Err(Fault::Host("disk", error)),
        Ok(()) => fetch.outcome().await,
        Err(error) => Err(error),
    };
    let store = lease.store.clone();
    let received = on_disk(move || finish(&store, sha256, len)).await;
    lease.look_at(sha256, len).await?;
    match (outcome, received?.complete) {
        (_, true) => Ok(()),
        (Ok(Outcome::Failed { status }), false) => Err(Fault::Fetch(status)),
        // It was cut, stood still, or is not what the job says.
        (_, false) => Err(Fault::Fetch(None)),
    }
}
