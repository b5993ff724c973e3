//! Which of an order's leases a verb speaks to.

use super::progress::Teller;
use crate::{
    agent::{
        chain,
        client::{short, Client},
        wire::{LeaseView, Leases, Line, Stage},
    },
    args,
    context::Context,
    error::{CliError, Result},
};
use clap::Args;
use iog_job::Phase;
use solana_pubkey::Pubkey;

/// An order that was booked on this machine, and one lease of it.
#[derive(Args, Clone, Debug)]
pub struct One {
    /// Address of the order
    #[arg(value_parser = args::pubkey)]
    pub order: Pubkey,
    /// The lease: its address, the first letters of it, or its place (0, 1, ...; who serves there now, before who did) [default: the only one]
    #[arg(long, value_name = "LEASE")]
    pub lease: Option<String>,
}

/// An order, and one or all leases of it.
#[derive(Args, Clone, Debug)]
pub struct Chosen {
    #[command(flatten)]
    pub one: One,
    /// Every lease of the order
    #[arg(long, conflicts_with = "lease")]
    pub all: bool,
}

impl One {
    pub fn client(&self) -> Result<Client> {
        Client::open(&chain::key(&self.order))
    }

    pub fn find(&self, leases: &Leases) -> Result<LeaseView> {
        let named = |lease: &&LeaseView| match &self.lease {
            Some(name) => is_called(lease, name),
            None => true,
        };
        // A place may have had others before: what is over is asked for by its address, unless nothing else is there.
        let now = |lease: &&LeaseView| named(lease) && lease.stage != Stage::Kept;
        let mut found: Vec<&LeaseView> = leases.leases.iter().filter(now).collect();
        if found.is_empty() {
            found = leases.leases.iter().filter(named).collect();
        }
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(self.none(leases)),
            more => {
                let names: Vec<String> = more
                    .iter()
                    .map(|lease| format!("{} (place {})", short(&lease.binding.lease), lease.place))
                    .collect();
                Err(CliError::usage(format!(
                    "which lease? pass --lease with one of {}",
                    names.join(", ")
                )))
            }
        }
    }

    fn none(&self, leases: &Leases) -> CliError {
        if let Some(doubt) = &leases.doubt {
            return CliError::Other {
                text: doubt.clone(),
                code: 4,
            };
        }
        match (&self.lease, leases.leases.is_empty()) {
            (Some(name), false) => CliError::usage(format!(
                "order {} has no lease {name}: see iog order status",
                self.order
            )),
            _ => CliError::Refused(format!(
                "order {} has no device{}: see iog order show",
                self.order,
                leases
                    .order
                    .as_ref()
                    .map_or(String::new(), |state| format!(", it is {state}"))
            )),
        }
    }

    /// The lease once its device serves, or what it kept. To `wait` is to wait for a start that is still to come, and for the job's.
    pub async fn ready(&self, context: &Context, client: &Client, wait: bool) -> Result<LeaseView> {
        let mut follow = client.follow().await?;
        let mut teller = Teller::new(context);
        // Whoever has a ticket may not be allowed to know.
        let knows = client.folder.ticket().is_none();
        loop {
            let leases = follow.next().await?;
            let lease = self.find(&leases);
            lease.iter().for_each(|found| teller.warn(found));
            match &lease {
                Ok(found) if found.stage == Stage::Kept => return lease,
                Ok(found) if found.stage == Stage::Running && (!wait || !knows || begun(found)) => {
                    return lease
                }
                _ if !leases.looked => continue,
                _ => refuse_silent(&leases)?,
            }
            match lease {
                Ok(_) if wait => teller.tell(&leases),
                Ok(_) => {
                    return Err(CliError::Refused(format!(
                        "order {} has not started: see iog order status",
                        self.order
                    )))
                }
                Err(_) if wait && may_start(&leases) && leases.leases.is_empty() => {
                    let doubt = leases.trouble.clone();
                    let waits = doubt.unwrap_or_else(|| "waits for devices".into());
                    teller.say(self.order.to_string(), waits);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// The job runs, or ran.
fn begun(lease: &LeaseView) -> bool {
    let over = lease.phase.as_ref().is_some_and(Phase::is_over);
    over || matches!(lease.phase, Some(Phase::Running { .. }))
}

/// Whether devices may still come.
fn may_start(leases: &Leases) -> bool {
    matches!(leases.order.as_deref(), Some("open" | "matched" | "active"))
}

/// An endpoint that does not answer is told at once.
fn refuse_silent(leases: &Leases) -> Result<()> {
    match (&leases.trouble, leases.order.is_none()) {
        (Some(text), true) => Err(CliError::Other {
            text: text.clone(),
            code: 4,
        }),
        _ => Ok(()),
    }
}

impl Chosen {
    /// Those that are asked for, as soon as one has started.
    pub async fn ready(
        &self,
        context: &Context,
        client: &Client,
        wait: bool,
    ) -> Result<Vec<LeaseView>> {
        if !self.all {
            return Ok(vec![self.one.ready(context, client, wait).await?]);
        }
        let mut follow = client.follow().await?;
        loop {
            let leases = follow.next().await?;
            let mut started = leases.leases.clone();
            started.retain(|lease| lease.stage != Stage::Before);
            if !started.is_empty() {
                return Ok(started);
            }
            if leases.looked {
                refuse_silent(&leases)?;
                if !wait || !may_start(&leases) {
                    return Err(self.one.none(&leases));
                }
            }
        }
    }
}

fn is_called(lease: &LeaseView, name: &str) -> bool {
    name.parse::<u16>().map_or_else(
        |_| name.len() >= 4 && lease.binding.lease.to_string().starts_with(name),
        |place| lease.place == place,
    )
}

/// Says with which device and by which path a verb speaks.
pub fn say(context: &Context, line: &Line) {
    let millis = line.rtt_micros / 1_000;
    context.note(&format!(
        "device {} (lease {}), {}, {millis} ms",
        line.device,
        short(&line.lease),
        line.path
    ));
}

/// What a lost line calls for: the same again, or the end.
pub fn may_resume(error: &CliError) -> bool {
    matches!(error.exit_code(), 4 | 5)
}
