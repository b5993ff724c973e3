//! `order status` and `order top`: how the jobs stand, and what the machines say of themselves.

use super::which::{say, Chosen, One};
use crate::{
    agent::{
        client::{cut, short, Client},
        wire::{LeaseView, Leases, Stage},
    },
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Args;
use iog_job::{
    frame,
    wire::{Facts, Verb},
    Phase, Waiting, Why,
};
use solana_pubkey::Pubkey;

const MAX_FACTS_BYTES: usize = 1 << 20;

/// A phase in a few words.
pub fn words(phase: &Phase) -> String {
    let waits = |what: Waiting| match what {
        Waiting::Specification => "waits for the specification",
        Waiting::Inputs => "waits for inputs",
        Waiting::Image => "waits for the image",
        Waiting::Secrets => "waits for secrets",
        Waiting::Card => "waits until the card is free",
    };
    match phase {
        Phase::Waiting { r#for } => waits(*r#for).to_string(),
        Phase::Preparing { step, done, total } => {
            let step = format!("{step:?}").to_lowercase();
            match percent(*done, *total) {
                Some(percent) => format!("prepares: {step} {percent} %"),
                None => format!("prepares: {step}"),
            }
        }
        Phase::Running { ready: true } => "running".into(),
        Phase::Running { ready: false } => "running, not ready".into(),
        Phase::Exited { code } => format!("exited {code}"),
        Phase::Failed { why } => format!("failed: {}", reason(why)),
        Phase::Refused { why } => format!("refused: {why}"),
        Phase::Stopped => "stopped".into(),
    }
}

fn reason(why: &Why) -> String {
    match why {
        Why::Host(what) => format!("the machine ({what})"),
        Why::TimeLimit => "its time limit".into(),
        Why::Lost => "lost with the machine".into(),
        Why::NotReady => "not ready in time".into(),
        Why::OutOfMemory => "out of memory".into(),
        Why::Fetch(what) => format!("fetching {what}"),
    }
}

pub fn percent(done: u64, total: u64) -> Option<u64> {
    done.saturating_mul(100)
        .checked_div(total)
        .map(|percent| percent.min(100))
}

/// How a lease stands, in one line.
pub fn line(lease: &LeaseView) -> String {
    if lease.stage == Stage::Running && !lease.delivered && lease.wanted > 0 {
        if let Some(percent) = percent(lease.sent, lease.wanted).filter(|percent| *percent < 100) {
            return format!("inputs {percent} %");
        }
    }
    match (&lease.phase, lease.stage) {
        (Some(phase), _) => words(phase),
        (None, Stage::Before) => "matched".into(),
        (None, Stage::Running) => "started".into(),
        (None, Stage::Kept) => "over".into(),
    }
}

fn record(lease: &LeaseView) -> Record {
    let said = lease.phase.as_ref().map(words);
    let code = match lease.phase {
        Some(Phase::Exited { code }) => Some(code.to_string()),
        _ => None,
    };
    Record::new()
        .put("lease", lease.binding.lease.to_string())
        .put("device", lease.binding.device.to_string())
        .put("matched_ts", Time(lease.binding.matched_ts))
        .put("place", lease.place)
        .put("gpus", lease.gpus)
        .put("stage", lease.stage.name())
        .put("job", said)
        .put("exit_code", code)
        .put("attempt", lease.attempt)
        .put(
            "status_ts",
            (lease.status_ts != 0).then_some(Time(lease.status_ts)),
        )
        .put("delivered", lease.delivered)
        .put("receipts", lease.receipts)
        .put("check", lease.check.clone())
        .put("path", lease.path.clone())
        .put("events", lease.events.clone())
        .put("trouble", lease.trouble.clone())
        .put("wrong_statuses", lease.wrong)
        .put("wrong_status", lease.wrong_last.clone())
}

pub async fn status(context: &Context, one: &One) -> Result<()> {
    let client = one.client()?;
    let mut leases = looked(&client).await?;
    let mut shown = leases.leases.clone();
    if one.lease.is_some() {
        shown = vec![one.find(&leases)?];
    }
    leases.leases = shown;
    context.out.one(&summary(&leases, &one.order));
    Ok(())
}

/// An order and its leases as the agent knows them.
pub fn summary(leases: &Leases, order: &Pubkey) -> Record {
    let [gpus, matched, accepted] = leases.gpus;
    let trouble = leases.trouble.clone().or_else(|| leases.doubt.clone());
    Record::new()
        .put("order", *order)
        .put("state", leases.order.clone())
        .put("gpus", gpus)
        .put("matched_gpus", matched)
        .put("accepted_gpus", accepted)
        .put("endpoint_trouble", trouble)
        .put(
            "leases",
            leases.leases.iter().map(record).collect::<Vec<_>>(),
        )
}

/// What an agent says that has looked at the chain.
pub async fn looked(client: &Client) -> Result<Leases> {
    let mut follow = client.follow().await?;
    loop {
        let leases = follow.next().await?;
        if leases.looked {
            return Ok(leases);
        }
    }
}

#[derive(Args, Debug)]
pub struct Top {
    #[command(flatten)]
    which: Chosen,
    /// Ask again every so many seconds, until Ctrl-C
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    every: Option<u32>,
}

/// What the node says: nobody has checked it. redteam S5
pub async fn top(context: &Context, terms: Top) -> Result<()> {
    let client = terms.which.one.client()?;
    let leases = terms.which.ready(context, &client, false).await?;
    context.note("what the suppliers' machines say of themselves");
    let all = leases
        .iter()
        .map(|lease| facts(context, &client, lease, terms.every));
    let shown = futures_util::future::try_join_all(all);
    tokio::select! {
        shown = shown => shown.map(|_| ()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

async fn facts(
    context: &Context,
    client: &Client,
    lease: &LeaseView,
    every_secs: Option<u32>,
) -> Result<()> {
    let mut stream = client
        .stream(&lease.binding.lease, Verb::Facts { every_secs })
        .await?;
    say(context, &stream.line);
    while let Some(facts) = frame::read::<Facts, _>(&mut stream.from, MAX_FACTS_BYTES)
        .await
        .map_err(cut)?
    {
        context.out.one(&machine(lease, &facts));
        if every_secs.is_none() {
            break;
        }
    }
    Ok(())
}

fn machine(lease: &LeaseView, facts: &Facts) -> Record {
    let card = |card: &iog_job::wire::CardFacts| {
        Record::new()
            .put("card", card.uuid.as_str())
            .put("name", card.name.as_str())
            .put("load_percent", card.load)
            .put("memory_used_bytes", card.memory_used_bytes)
            .put("memory_bytes", card.memory_bytes)
            .put("celsius", card.celsius)
            .put("milliwatts", card.milliwatts)
            .put("megahertz", card.megahertz)
            .put("uncorrected_errors", card.uncorrected_errors)
            .put("last_xid", card.last_xid)
            .put("driver", card.driver.as_str())
    };
    Record::new()
        .put("lease", short(&lease.binding.lease))
        .put("device", lease.binding.device.to_string())
        .put("platform", facts.platform.as_str())
        .put("cpus", facts.cpus)
        .put("memory_bytes", facts.memory_bytes)
        .put("disk_free_bytes", facts.disk_free_bytes)
        .put("cards", facts.cards.iter().map(card).collect::<Vec<_>>())
}
