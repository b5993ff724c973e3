//! The agent's life: its endpoint, its look at the chain every two seconds, its end.

use super::{
    chain::{self, Seen},
    cluster,
    endpoints::{self, Witness},
    fleet,
    folder::{Folder, OrderFile, DISPLACED, ENGINEER},
    receipts, serve, socket,
    state::Agent,
    wire::link_error,
    work::Pause,
};
use crate::{
    args::Global,
    context::Context,
    error::{CliError, Result},
    output::Format,
};
use iog_job::Key;
use iog_link::{Closed, Link, Network, Settings};
use std::{fs, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{signal, SignalKind},
    time::sleep,
};

/// From look to look at the chain.
const LOOK: Duration = Duration::from_secs(2);
/// Of an endpoint that does not answer.
const SLOWEST: Duration = Duration::from_secs(60);
/// An agent of an order that is over ends when nobody has asked for so long; the next verb starts it again.
const IDLE_SECS: u64 = 600;

/// Looks one after the other at which the endpoints differ, before that is told: one of them is always a little behind.
const DOUBTS: u32 = 3;

/// Runs until the order is over and nobody asks, or it is told to end.
pub async fn run(order: &Key, detached: bool) -> Result<()> {
    let folder = Folder::open(order)?;
    if folder.has(DISPLACED) {
        return Err(displaced(order, 2));
    }
    if detached {
        // A session of its own: the terminal's end is not the agent's.
        let _ = rustix::process::setsid();
    }
    let Some(_lock) = socket::lock(&folder)? else {
        return Err(CliError::Refused(format!(
            "the agent of order {order} runs already"
        )));
    };
    let agent = Arc::new(start(folder).await?);
    let listener = socket::bind(&agent.folder)?;
    agent.note(&format!(
        "agent of order {order}, key {}, process {}",
        agent.link.id(),
        std::process::id()
    ));
    fleet::recall(&agent);
    let ended = tokio::select! {
        result = watch(Arc::clone(&agent)) => result,
        () = serve::listen(Arc::clone(&agent), listener) => Ok(()),
        () = receipts::run(Arc::clone(&agent)) => Ok(()),
        () = super::check::later(Arc::clone(&agent)) => Ok(()),
        () = cluster::keep(&agent) => Ok(()),
        () = agent.stop.notified() => Ok(()),
        () = interrupted() => Ok(()),
        () = agent.link.until_displaced() => Err(displaced(order, 5)),
    };
    if agent.link.displaced() {
        // The next verb must not take the line back unasked: two that do push each other off without end.
        agent.folder.write(DISPLACED, b"")?;
    }
    if let Ok(path) = socket::told(&agent.folder) {
        let _ = fs::remove_file(path);
    }
    agent.link.close().await;
    agent.note("the agent ends");
    ended
}

/// redteam link L1
pub fn displaced(order: &Key, code: u8) -> CliError {
    CliError::Other {
        text: format!("another program connected with this order's engineer key, perhaps on another machine, so this agent ended and is not started by itself: work there, give the other machine a ticket instead of the key (iog order ticket), or take the line back with iog agent start {order} --take-over"),
        code,
    }
}

async fn interrupted() {
    let heard = |kind| signal(kind).ok();
    let (Some(mut term), Some(mut int)) = (
        heard(SignalKind::terminate()),
        heard(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    // A terminal that closes ends no agent.
    let _hangup = heard(SignalKind::hangup());
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// What reads the chain at an endpoint, as the order was booked.
pub fn context(order: &OrderFile, url: &str) -> Result<Context> {
    Context::new(&Global {
        url: Some(url.to_string()),
        keypair: order
            .ends_with
            .as_ref()
            .map(|path| path.display().to_string()),
        config: None,
        network: None,
        commitment: order.commitment.parse().ok(),
        output: Format::Json,
        dry_run: false,
        yes: true,
        verbose: false,
        no_color: true,
    })
}

async fn start(folder: Folder) -> Result<Agent> {
    let order = folder.order()?;
    let context = context(&order, &order.rpc_url)?;
    let urls = endpoints::witnesses(&order.rpc_url, &order.witness_urls, &[])?;
    let witnesses = urls.iter().map(|url| self::context(&order, url));
    let witnesses = witnesses
        .map(|context| context.map(Witness::new))
        .collect::<Result<Vec<_>>>()?;
    let job = folder.job()?;
    let secret = job.as_ref().is_some_and(|job| !job.secrets.is_empty());
    if secret && !endpoints::believed(&order.rpc_url, &urls, order.trust_endpoint) {
        return Err(endpoints::alone());
    }
    let ticket = folder.ticket();
    let ticket = ticket
        .map(|text| {
            text.parse()
                .map_err(|error| CliError::usage(format!("the ticket: {error}")))
        })
        .transpose()?;
    let key = match &ticket {
        Some(_) => super::machine_key()?,
        None => folder.key(ENGINEER)?.ok_or_else(|| {
            CliError::usage(format!(
                "this machine has no engineer key of order {}: it was booked with a key that is elsewhere; take a ticket of who has it",
                order.order
            ))
        })?,
    };
    let settings = settings(&order)?;
    let link = Link::bind(&key.to_bytes(), &settings, Arc::new(Closed))
        .await
        .map_err(link_error)?;
    Ok(Agent::new(
        folder,
        order,
        (context, witnesses),
        link,
        ticket,
        job,
    ))
}

/// The network's relays, or those that the order was booked with.
pub fn settings(order: &OrderFile) -> Result<Settings> {
    let mut settings = match (&order.network, order.relays.is_empty()) {
        (Some(name), true) => {
            let updates = super::folder::root()?
                .parent()
                .map(|data| data.join("networks"));
            let found = Network::find(name, updates.as_deref(), |error| {
                eprintln!("network {name}: {error}")
            });
            found
                .map_err(|error| CliError::usage(error.to_string()))?
                .settings()
        }
        _ => Settings::default(),
    };
    settings.relays.extend(order.relays.iter().cloned());
    settings.relay_only = order.relay_only;
    Ok(settings)
}

/// Looks at the chain until nothing is left to do.
async fn watch(agent: Arc<Agent>) -> Result<()> {
    let mut pause = Pause::new(LOOK, SLOWEST);
    let mut checked = false;
    let mut there = false;
    let mut doubts = 0u32;
    // Whoever removed the folder wants no agent.
    while agent.folder.path().exists() {
        let seen = match look(&agent, &mut checked).await {
            Ok(seen) => seen,
            Err(error @ CliError::Rpc { .. }) => {
                agent.silent(error.line());
                sleep(pause.grow()).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        pause.reset();
        let agreed = endpoints::agreed(&agent.witnesses, &agent.order, &seen, &agent.known()).await;
        doubts = match &agreed.doubt {
            Some(_) => doubts.saturating_add(1),
            None => 0,
        };
        if let Some(doubt) = agreed.doubt.as_ref().filter(|_| doubts == DOUBTS) {
            agent.note(doubt);
        }
        agent.saw(&seen, &agreed, doubts >= DOUBTS);
        there |= seen.order.is_some();
        fleet::take(&agent, &seen, &agreed)?;
        let over = match &seen.order {
            Some(order) => chain::is_over(order, seen.now),
            // Not made yet is not over.
            None => there || agent.order.created_ts.is_some(),
        };
        if over && agreed.order {
            super::end::done(&agent);
            if agent.idle_secs() >= IDLE_SECS {
                return Ok(());
            }
        }
        if agreed.doubt.is_none() {
            super::end::when_done(&agent, &seen).await;
        }
        agent.set_now(seen.now, agreed.clock);
        sleep(LOOK).await;
    }
    Ok(())
}

async fn look(agent: &Agent, checked: &mut bool) -> Result<Seen> {
    if !*checked {
        chain::same_genesis(&agent.context, &agent.order.genesis).await?;
        *checked = true;
    }
    chain::look(&agent.context, &agent.order.order).await
}

/// Where the agent writes what it does.
pub fn log_file(folder: &Folder) -> PathBuf {
    folder.path().join("agent.log")
}
