//! `order check`: whether the machines have the cards that are paid, by the proof's walk for seeds of the renter's own. redteam S5

use super::which::{say, One};
use crate::{
    agent::{
        chain::pubkey,
        check::{converse, keep, Check, Extent, Outcome, Plan, Verdict},
        client::{AgentStream, Client},
        wire::{LeaseView, Stage},
    },
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use futures_util::future::{join_all, try_join_all};
use iog_job::wire::Verb;
use std::time::Duration;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    one: One,
    /// class: the class's whole table, where no job has the cards; 1GiB: less memory and an eighth of the walk, also beside a job
    #[arg(long, value_enum, default_value = "1GiB")]
    size: Extent,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let client = terms.one.client()?;
    let leases = super::status::looked(&client).await?;
    let mut chosen = leases.leases.clone();
    if terms.one.lease.is_some() {
        chosen = vec![terms.one.find(&leases)?];
    }
    chosen.retain(|lease| lease.stage == Stage::Running);
    if chosen.is_empty() {
        return Err(CliError::Refused(format!(
            "no device of order {} serves now: see iog order status",
            terms.one.order
        )));
    }
    // The class is read where the order was booked, as its agent does.
    let order = client.folder.order()?;
    let chain = crate::agent::run::context(&order, &order.rpc_url)?;
    let plans = chosen.iter().map(|lease| plan(&chain, lease, terms.size));
    let plans = try_join_all(plans).await?;
    let asked = chosen.iter().zip(&plans);
    let ready = join_all(asked.map(|(lease, plan)| ready(context, &client, lease, plan))).await;
    // From here on all walk at once: no card can walk for two of them.
    let walks = ready.into_iter().zip(&plans);
    let outcomes = join_all(walks.map(|(ready, plan)| walk(ready, plan.as_ref()))).await;
    let ts = chain.time().await?.now;
    let mut records = Vec::new();
    let mut checks = Vec::new();
    for ((lease, plan), (round_trip, outcome)) in chosen.iter().zip(&plans).zip(outcomes) {
        let check = Check::of(ts, terms.size, plan.as_ref(), round_trip, outcome);
        keep(&client.folder, &lease.binding, &check).map_err(|error| {
            CliError::usage(format!("the check's result cannot be kept: {error}"))
        })?;
        records.push(record(lease, &check));
        checks.push(check);
    }
    context.out.many(&records, "no device serves");
    verdict(&terms, &checks)
}

async fn plan(chain: &Context, lease: &LeaseView, extent: Extent) -> Result<Option<Plan>> {
    let (_, device) = chain.device(&pubkey(&lease.binding.device)).await?;
    let class = chain.class(&device.class).await?;
    Ok(Plan::of(&class, lease.gpus, extent))
}

async fn ready(
    context: &Context,
    client: &Client,
    lease: &LeaseView,
    plan: &Option<Plan>,
) -> std::result::Result<AgentStream, Outcome> {
    let plan = plan.as_ref().ok_or_else(|| {
        let why = "the class is never proved: there is no time to compare with";
        Outcome::without_walk(Verdict::NotProved, why)
    })?;
    let stream = client
        .stream(&lease.binding.lease, Verb::Check(plan.size()))
        .await;
    let stream = stream.map_err(|error| {
        let verdict = match error.exit_code() {
            3 => Verdict::Refused,
            _ => Verdict::Silent,
        };
        Outcome::without_walk(verdict, error.line())
    })?;
    say(context, &stream.line);
    Ok(stream)
}

async fn walk(
    ready: std::result::Result<AgentStream, Outcome>,
    plan: Option<&Plan>,
) -> (Duration, Outcome) {
    match (ready, plan) {
        (Ok(mut stream), Some(plan)) => {
            let round_trip = Duration::from_micros(stream.line.rtt_micros);
            let outcome = converse(&mut stream.from, &mut stream.to, plan, round_trip).await;
            (round_trip, outcome)
        }
        (Err(outcome), _) => (Duration::ZERO, outcome),
        (Ok(_), None) => {
            let outcome = Outcome::without_walk(Verdict::NotProved, "the class is never proved");
            (Duration::ZERO, outcome)
        }
    }
}

fn record(lease: &LeaseView, check: &Check) -> Record {
    Record::new()
        .put("lease", lease.binding.lease.to_string())
        .put("device", lease.binding.device.to_string())
        .put("verdict", check.verdict.name())
        .put("cards", check.cards)
        .put("table_bytes", check.table_bytes)
        .put("walk_ms", check.walk_ms)
        .put("round_trip_ms", check.round_trip_ms)
        .put("limit_ms", check.limit_ms)
        .put("reason", check.reason.clone())
}

/// 3 where a device failed, 4 where one could not be asked.
fn verdict(terms: &Terms, checks: &[Check]) -> Result<()> {
    let order = terms.one.order;
    let bad = checks.iter().filter(|check| check.is_bad()).count();
    if bad > 0 {
        return Err(CliError::Refused(format!(
            "{bad} of {} leases failed the check; no receipt is signed for them until they pass one. End the order with iog order end {order}, or dispute with iog order dispute {order} --device DEVICE",
            checks.len()
        )));
    }
    let silent = checks
        .iter()
        .find(|check| check.verdict == Verdict::Silent)
        .and_then(|check| check.reason.clone());
    match silent {
        Some(text) => Err(CliError::Other { text, code: 4 }),
        None => Ok(()),
    }
}
