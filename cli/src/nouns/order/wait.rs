//! Following an order until its devices run.

use super::{progress, show};
use crate::{
    agent::client::Client,
    context::Context,
    error::{CliError, Result},
    market::{
        lease, matching,
        order::{self, state, ACCEPT_SECS, ACTIVE, MATCHED, RENTER_MATCH_SECS},
    },
    output::{rfc3339, Record},
};
use clap::Args;
use iog_client::{
    market::accounts::{Lease, Order},
    registry::accounts::Device,
};
use iog_job::Kind;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use std::{
    future::Future,
    time::{Duration, Instant},
};

const POLL: Duration = Duration::from_secs(1);
/// A device's clock of heartbeats (`BEAT_SECS` of the registry's constants.rs).
const BEAT_SECS: i64 = 600;
/// Answers of the node that may be missing one after the other.
const FAILURES: u32 = 10;

#[derive(Args, Debug)]
pub struct Patience {
    /// Wait until the job runs on every device, and show what happens on standard error
    #[arg(long)]
    pub wait: bool,
    /// Leave the choice of devices to keepers, which begin 30 seconds after the order is made
    #[arg(long, requires = "wait")]
    pub no_match: bool,
    /// Longest wait; the order stands when it is over
    #[arg(long, value_name = "SECS", default_value_t = 2_400, requires = "wait")]
    pub wait_secs: u64,
}

/// The order once its job runs on every device; of an order whose engineer key is elsewhere, once every device has given a sign of life
/// since the start. However the wait ends, the order stays as it is. In the first 30 seconds its `renter` chooses the devices.
pub async fn run(
    context: &Context,
    address: &Pubkey,
    patience: &Patience,
    renter: Option<&Keypair>,
    work: Option<(&Client, Kind)>,
) -> Result<Record> {
    let interrupted = tokio::signal::ctrl_c();
    let chooser = Chooser {
        renter: renter.filter(|_| !patience.no_match),
        told: String::new(),
    };
    let work = async {
        let started = follow(context, address, chooser, work.is_some()).await?;
        if let Some((client, kind)) = work {
            progress::until_running(context, client, kind).await?;
        }
        Ok(started)
    };
    until(
        work,
        interrupted,
        Duration::from_secs(patience.wait_secs),
        address,
    )
    .await
}

async fn until<T, I>(
    work: impl Future<Output = Result<T>>,
    interrupted: impl Future<Output = I>,
    patience: Duration,
    address: &Pubkey,
) -> Result<T> {
    let stands = |why: &str| {
        CliError::Other {
        text: format!(
            "{why}: order {address} stands; follow it with iog order show, or take it back with iog order cancel"
        ),
        code: 5,
    }
    };
    tokio::select! {
        done = work => done,
        _ = interrupted => Err(stands("interrupted")),
        () = tokio::time::sleep(patience) => Err(stands("the wait is over")),
    }
}

/// What was told last: a line is written when it changes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    state: u8,
    matched: u32,
    accepted: u32,
    serving: u32,
}

/// The renter that matches while only it may.
struct Chooser<'a> {
    renter: Option<&'a Keypair>,
    /// What was told last.
    told: String,
}

impl Chooser<'_> {
    /// Gives devices to an order that lacks some.
    async fn look(
        &mut self,
        context: &Context,
        address: &Pubkey,
        order: &Order,
        now: i64,
    ) -> Result<()> {
        let first = now.saturating_sub(order.created_ts) < RENTER_MATCH_SECS;
        let lacks = order::gpus(order) > order::matched_gpus(order);
        let Some(renter) = self
            .renter
            .filter(|_| order::waits(order) && first && lacks)
        else {
            return Ok(());
        };
        let outcome = matching::run(context, renter, address).await?;
        let told = outcome.words();
        if told != self.told {
            context.note(&told);
            self.told = told;
        }
        Ok(())
    }
}

async fn follow(
    context: &Context,
    address: &Pubkey,
    mut chooser: Chooser<'_>,
    until_started: bool,
) -> Result<Record> {
    let started = Instant::now();
    let (mut seen, mut failures) = (None, 0);
    loop {
        match look(context, address).await {
            Ok((order, leases, now_seen, now)) => {
                failures = 0;
                if seen != Some(now_seen) {
                    seen = Some(now_seen);
                    context.note(&line(&order, &now_seen, started.elapsed()));
                }
                if runs(&order, &now_seen, until_started) {
                    return show::details(address, &order, &leases);
                }
                refuse_over(&order, address, now)?;
                // What others match meanwhile is no reason to stop following.
                if let Err(error) = chooser.look(context, address, &order, now).await {
                    context.note(&format!("matching: {}", error.line()));
                }
            }
            // A node may be slow or gone for a moment; the order does not mind.
            Err(error @ CliError::Rpc { .. }) if failures < FAILURES => {
                failures += 1;
                context.note(&format!("still waiting: {}", error.line()));
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn look(
    context: &Context,
    address: &Pubkey,
) -> Result<(Order, Vec<(Pubkey, Lease)>, Seen, i64)> {
    let order = order::find(context, address).await?;
    let leases = order::leases(context, address).await?;
    let serving = match order.state {
        ACTIVE => serving(context, &order, &leases).await?,
        _ => 0,
    };
    let seen = Seen {
        state: order.state,
        matched: order::matched_gpus(&order),
        accepted: order::accepted_gpus(&order),
        serving,
    };
    Ok((order, leases, seen, context.time().await?.now))
}

/// GPUs of devices that gave a sign of life since the start: the chain knows heartbeats, not jobs.
async fn serving(context: &Context, order: &Order, leases: &[(Pubkey, Lease)]) -> Result<u32> {
    let first = order.started_ts.div_euclid(BEAT_SECS);
    let accepted: Vec<&Lease> = leases
        .iter()
        .map(|(_, lease)| lease)
        .filter(|lease| lease.state == lease::ACCEPTED)
        .collect();
    let devices: Vec<Pubkey> = accepted.iter().map(|lease| lease.device).collect();
    let devices = context.find_all::<Device>(&devices).await?;
    let serving = accepted.iter().zip(devices).filter(|(_, device)| {
        device
            .as_ref()
            .is_some_and(|device| device.beat_head >= first)
    });
    Ok(serving.map(|(lease, _)| lease.gpus).sum())
}

fn runs(order: &Order, seen: &Seen, until_started: bool) -> bool {
    let gpus = order::gpus(order);
    order.state == ACTIVE && seen.accepted == gpus && (until_started || seen.serving == gpus)
}

fn line(order: &Order, seen: &Seen, elapsed: Duration) -> String {
    let told = match order.state {
        ACTIVE => format!(
            "started at {}, ends at {}: {} of {} GPUs serve",
            rfc3339(order.started_ts),
            rfc3339(order.end_ts),
            seen.serving,
            order::gpus(order)
        ),
        state_now => format!(
            "{}: {} of {} GPUs matched, {} accepted{}",
            state(state_now),
            seen.matched,
            order::gpus(order),
            seen.accepted,
            match state_now {
                MATCHED => format!(
                    "; devices are asked until {}",
                    rfc3339(order.whole_since_ts.saturating_add(ACCEPT_SECS))
                ),
                _ => String::new(),
            }
        ),
    };
    format!("[{:>4} s] {told}", elapsed.as_secs())
}

/// An order that cannot run any more.
fn refuse_over(order: &Order, address: &Pubkey, now: i64) -> Result<()> {
    if order::waits(order) && now < order.expires_ts {
        return Ok(());
    }
    if order.state == ACTIVE && now < order.end_ts {
        return Ok(());
    }
    let text = match order.state {
        ACTIVE => format!("order {address} ended and not every device has served"),
        state_now if order::waits(order) => format!(
            "order {address} is {} and did not start in time: get everything back with iog order close {address}",
            state(state_now)
        ),
        state_now => format!("order {address} is {}", state(state_now)),
    };
    Err(CliError::Refused(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    async fn ended(patience: u64, interrupted: bool) -> CliError {
        let address = Pubkey::new_from_array([1; 32]);
        let work = pending::<Result<()>>();
        let patience = Duration::from_secs(patience);
        match interrupted {
            true => until(work, ready(()), patience, &address).await,
            false => until(work, pending::<()>(), patience, &address).await,
        }
        .unwrap_err()
    }

    #[tokio::test]
    async fn a_wait_ends_without_touching_the_order() {
        for (error, why) in [
            (ended(600, true).await, "interrupted"),
            (ended(0, false).await, "the wait is over"),
        ] {
            assert_eq!(error.exit_code(), 5);
            assert!(error.line().starts_with(why), "{error}");
            assert!(error.line().contains("stands"), "{error}");
        }
    }
}
