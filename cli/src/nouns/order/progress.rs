//! What happens to an order on its way to running, told on standard error: `order create --wait` and `order upload`.

use super::status::line;
use crate::{
    agent::{
        client::{short, Client},
        wire::{LeaseView, Leases, Stage},
    },
    context::Context,
    error::{CliError, Result},
};
use iog_job::{Hash, JobSpec, Kind, Phase};
use std::{collections::BTreeMap, time::Instant};

/// With which a member of a cluster ends whose Ray did; it is started again.
const RAY_ENDED: i32 = 75;

/// Tells each change once.
pub struct Teller<'a> {
    context: &'a Context,
    since: Instant,
    told: BTreeMap<String, String>,
}

impl<'a> Teller<'a> {
    pub fn new(context: &'a Context) -> Self {
        Self {
            context,
            since: Instant::now(),
            told: BTreeMap::new(),
        }
    }

    pub fn tell(&mut self, leases: &Leases) {
        for lease in leases
            .leases
            .iter()
            .filter(|lease| lease.stage != Stage::Kept)
        {
            self.warn(lease);
            let mut text = line(lease);
            if let Some(trouble) = &lease.trouble {
                text = format!("{text}; {trouble}");
            }
            self.say(short(&lease.binding.lease), text);
        }
        if let Some(trouble) = &leases.trouble {
            self.say("endpoint".into(), trouble.clone());
        }
    }

    /// What a device signed and may not have signed is told at once.
    pub fn warn(&mut self, lease: &LeaseView) {
        if let Some(wrong) = &lease.wrong_last {
            let who = short(&lease.binding.lease);
            let times = lease.wrong;
            self.say(
                format!("warning: lease {who}"),
                format!("{wrong}; {times} so far"),
            );
        }
    }

    pub fn say(&mut self, who: String, text: String) {
        if self.told.get(&who) != Some(&text) {
            self.context.note(&format!(
                "[{:>4} s] {who}: {text}",
                self.since.elapsed().as_secs()
            ));
            self.told.insert(who, text);
        }
    }
}

/// Until every lease's job runs, or ran. A job that cannot run any more ends the wait.
pub async fn until_running(context: &Context, client: &Client, kind: Kind) -> Result<()> {
    let mut follow = client.follow().await?;
    let mut teller = Teller::new(context);
    let job = client.folder.job()?;
    let job = job.unwrap_or_else(|| JobSpec::session(Hash::default()));
    loop {
        let leases = follow.next().await?;
        teller.tell(&leases);
        let serving: Vec<&LeaseView> = leases
            .leases
            .iter()
            .filter(|lease| lease.stage == Stage::Running)
            .collect();
        if let Some(lease) = serving.iter().find(|lease| failed(lease, &job)) {
            return Err(CliError::Other {
                text: format!(
                    "the job of lease {} {}: the order stands; see iog order logs, or end it with iog order end",
                    short(&lease.binding.lease),
                    line(lease)
                ),
                code: 3,
            });
        }
        let running: u32 = serving
            .iter()
            .filter(|lease| runs(lease, kind))
            .map(|lease| lease.gpus)
            .sum();
        let [gpus, ..] = leases.gpus;
        if (running >= gpus && gpus > 0) || serving.iter().any(|lease| is_done(lease, kind)) {
            return Ok(());
        }
    }
}

/// What another attempt follows, as after a fault of the machine, may still run.
fn failed(lease: &LeaseView, job: &JobSpec) -> bool {
    let ray = job.kind == Kind::Ray;
    match &lease.phase {
        Some(Phase::Refused { .. }) => true,
        Some(phase @ Phase::Failed { .. }) => !ray && !job.is_tried_again(phase, lease.attempt),
        // There is no Ray in its image.
        Some(Phase::Exited { code }) => ray && matches!(code, 126 | 127),
        _ => false,
    }
}

/// The command of a cluster ended on its head: its workers wait for another one.
fn is_done(lease: &LeaseView, kind: Kind) -> bool {
    match lease.phase {
        Some(Phase::Exited { code }) => kind == Kind::Ray && lease.place == 0 && code != RAY_ENDED,
        _ => false,
    }
}

fn runs(lease: &LeaseView, kind: Kind) -> bool {
    match lease.phase {
        Some(Phase::Running { ready }) => ready || !matches!(kind, Kind::Service | Kind::Ray),
        // A part of a cluster that ended is started again.
        Some(Phase::Exited { code }) if kind == Kind::Ray => code == 0,
        Some(Phase::Exited { .. } | Phase::Stopped) => true,
        _ => false,
    }
}

/// Inputs and secrets, offered to every device again, until they have them.
pub async fn upload(context: &Context, client: &Client) -> Result<Leases> {
    if client.folder.job()?.is_none() {
        return Err(CliError::usage(
            "this machine has no inputs of the order: upload from where it was booked",
        ));
    }
    super::status::looked(client).await?;
    client.deliver().await?;
    let mut follow = client.follow().await?;
    let mut teller = Teller::new(context);
    loop {
        let leases = follow.next().await?;
        teller.tell(&leases);
        let mut running = leases
            .leases
            .iter()
            .filter(|lease| lease.stage == Stage::Running)
            .peekable();
        if running.peek().is_none() {
            if let Some(doubt) = leases.doubt.clone() {
                return Err(CliError::Other {
                    text: doubt,
                    code: 4,
                });
            }
            return Err(CliError::Refused("no device of the order serves now: inputs go to them by themselves when they start".into()));
        }
        let all: Vec<&LeaseView> = running.collect();
        if let Some(trouble) = all.iter().find_map(|lease| lease.trouble.as_ref()) {
            return Err(CliError::Other {
                text: trouble.clone(),
                code: 3,
            });
        }
        if all.iter().all(|lease| lease.delivered) {
            return Ok(leases);
        }
    }
}
