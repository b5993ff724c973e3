//! Clusters: a root order and those that joined it, as one thing. Thin over the verbs of orders.

mod book;
mod connect;
mod create;
mod end;
mod head;
mod ray;
mod scale;
mod shell;
mod status;

use crate::{context::Context, error::Result};
use clap::{Args, Subcommand};
use iog_client::market::accounts::Order;
use iog_math::cluster::{rank_span, Machines};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Book a Ray cluster, and wait until head and workers are there
    #[command(
        after_help = "The device at place 0 runs the head, every other one a worker; they reach each other by the order's mesh, with a token that this machine makes. An order is as trustworthy as its worst device: every member can run code in every other's container and read all data. What is agreed to is told before it asks, as by iog order create.\n\nExamples:\n  iog cluster create --class \"RTX 4090\" --gpus 16 --hours 3 --ray --image docker.io/rayproject/ray@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --witness-url https://rpc.example.com\n  iog cluster create --class 1 --gpus 4 --hours 2 --job ray.yaml --name train --one-owner --pay usdc"
    )]
    Create(Box<create::Terms>),
    /// Lead this machine's ports to the cluster's dashboard, Jobs API and Ray Client, until Ctrl-C
    #[command(
        after_help = "Loopback only, where every user of this machine reaches them, with the token. ray job submit, status, logs and stop work unmodified with the printed lines. ray.init(\"ray://...\") from here reads pickles, which any member of the cluster may have written and which run as you: iog cluster shell gives a sandbox for it.\n\nExamples:\n  iog cluster connect train\n  iog cluster connect train --dashboard-port 0 --client-port 0 -o json-compact"
    )]
    Connect(connect::Terms),
    /// Grow or shrink to so many GPUs: a further order with its own escrow joins the cluster, or the newest ones are ended
    #[command(
        after_help = "A further order asks for what the first one does: class, kind, tier, reputation, countries, owner. The first order is never ended by this. What is taken away loses its tasks and objects; Ray runs again what may be retried.\n\nExamples:\n  iog cluster scale train 24 --max-total 30\n  iog cluster scale train 16 --yes"
    )]
    Scale(scale::Terms),
    /// A cluster's orders, members, Ray nodes, jobs and cost
    #[command(after_help = "Example:\n  iog cluster status train -o json")]
    Status {
        #[command(flatten)]
        named: Named,
        /// Print the token, too; else only where it lies
        #[arg(long)]
        show_token: bool,
    },
    /// A shell in a sandbox without keys, from which only the cluster is reached: for drivers, and for reading what they return
    #[command(
        after_help = "Objects of Ray are pickles: reading one runs code that any member of the cluster may have written. Inside there is no file of yours but the folder that you name, no network but Ray's two ports, and no key. Needs bubblewrap.\n\nExamples:\n  iog cluster shell train --dir work --show ~/venv\n  iog cluster shell train --dir work --show ~/venv -- ~/venv/bin/python driver.py"
    )]
    Shell(shell::Terms),
    /// End all orders of a cluster
    #[command(after_help = "Example:\n  iog cluster end train --yes")]
    End(Named),
    /// The clusters of this machine
    #[command(after_help = "Example:\n  iog cluster list -o json")]
    List,
    /// Inside of the sandbox of `shell`: leads its ports to the sockets that were put there
    #[command(hide = true)]
    Inside(shell::Inside),
}

/// A cluster on the command line.
#[derive(Args, Clone, Debug)]
pub struct Named {
    /// Name of the cluster
    #[arg(value_parser = book::name)]
    pub name: String,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Create(terms) => create::run(context, *terms).await,
        Verb::Connect(terms) => connect::run(context, &terms).await,
        Verb::Scale(terms) => scale::run(context, &terms).await,
        Verb::Status { named, show_token } => status::run(context, &named, show_token).await,
        Verb::Shell(terms) => shell::run(context, &terms).await,
        Verb::End(named) => end::run(context, &named).await,
        Verb::List => status::list(context).await,
        Verb::Inside(terms) => shell::inside(&terms).await,
    }
}

/// Ranks that an order may ever have.
fn span(order: &Order) -> u16 {
    let parts = order.parts.map(|part| Machines {
        gpus: part.gpus,
        matched: part.matched,
        per_machine: part.per_machine.into(),
    });
    u16::try_from(rank_span(&order.places, &parts)).unwrap_or(u16::MAX)
}

/// Not over, or not known to be.
async fn lives(context: &Context, order: &solana_pubkey::Pubkey) -> Result<Option<Order>> {
    let found: Option<Order> = context.find(order).await?;
    let Some(found) = found else { return Ok(None) };
    let now = context.time().await?.now;
    let over = crate::agent::chain::is_over(&found, now);
    Ok((!over).then_some(found))
}
