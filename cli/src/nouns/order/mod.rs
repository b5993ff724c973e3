mod close;
mod create;
mod files;
mod job;
mod quote;

use crate::{
    args,
    chain::token_account,
    confirm,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{
    market::{
        accounts::{Lease, Order},
        instructions::EndEarly,
    },
    pda,
};
use iog_math::{market::early_end, units::Io};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::path::PathBuf;

const STATES: [&str; 6] = ["open", "matched", "active", "completed", "ended", "expired"];
const HINT: &str = "see iog order list";

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Book GPU-hours and escrow their total in IO
    #[command(
        after_help = "Example:\n  iog order create --class 1 --gpus 2 --hours 3 --max-total 50 --job job.json --jobs-dir jobs --wait"
    )]
    Create(create::Terms),
    /// What a booking would cost, by the program's own arithmetic
    #[command(
        after_help = "Examples:\n  iog order quote --class 1 --gpus 2 --hours 3\n  iog order quote --base-price 0.76 --io-price 0.25 --gpus 2 --hours 3   (off line)"
    )]
    Quote(quote::Terms),
    /// Orders, all or one renter's
    #[command(
        after_help = "Example:\n  iog order list --renter 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q --state active"
    )]
    List {
        /// Only this wallet's
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        renter: Option<Pubkey>,
        /// Only in this state
        #[arg(long, value_parser = STATES)]
        state: Option<String>,
    },
    /// One order with its leases
    #[command(
        after_help = "Example:\n  iog order show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Show(Named),
    /// End a running order early; whole unused minutes after the first hour come back
    #[command(
        after_help = "Example:\n  iog order end 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    End(Named),
    /// Close a finished order and its leases, or refund one that never started; anyone may
    #[command(
        after_help = "Example:\n  iog order close 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Close(Named),
    /// What a keeper kept of the order's jobs: files with their hashes, exit codes; works off line
    #[command(
        after_help = "Example:\n  iog order output 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --dir keeper/outputs"
    )]
    Output {
        #[command(flatten)]
        order: Named,
        /// The keeper's folder of outputs
        #[arg(long)]
        dir: PathBuf,
        /// Print what the jobs wrote to their streams, too
        #[arg(long)]
        logs: bool,
    },
}

/// An order on the command line.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Named {
    /// Address of the order
    #[arg(value_parser = args::pubkey)]
    pub order: Pubkey,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Create(terms) => create::run(context, terms).await,
        Verb::Quote(terms) => quote::run(context, &terms).await,
        Verb::List { renter, state } => list(context, renter, state).await,
        Verb::Show(named) => show(context, &named.order).await,
        Verb::End(named) => end(context, &named.order).await,
        Verb::Close(named) => close::run(context, &named.order).await,
        Verb::Output { order, dir, logs } => files::run(context, &order.order, &dir, logs),
    }
}

pub async fn find(context: &Context, address: &Pubkey) -> Result<Order> {
    context.get(address, HINT).await
}

/// The leases of an order whose accounts exist.
pub async fn leases(context: &Context, order: &Pubkey) -> Result<Vec<(Pubkey, Lease)>> {
    context.list(&[(Lease::ORDER_AT, order.as_ref())]).await
}

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

async fn list(context: &Context, renter: Option<Pubkey>, wanted: Option<String>) -> Result<()> {
    let renter = renter.map(|renter| renter.to_bytes());
    let filters: Vec<(usize, &[u8])> = renter
        .iter()
        .map(|renter| (Order::RENTER_AT, renter.as_slice()))
        .collect();
    let mut orders = context.list::<Order>(&filters).await?;
    orders.retain(|(_, order)| {
        wanted
            .as_deref()
            .is_none_or(|wanted| state(order.state) == wanted)
    });
    orders.sort_by_key(|(_, order)| order.created_ts);
    let records: Vec<Record> = orders
        .iter()
        .map(|(address, order)| summary(address, order))
        .collect();
    context.out.many(&records, "no orders");
    Ok(())
}

fn summary(address: &Pubkey, order: &Order) -> Record {
    Record::new()
        .put("order", *address)
        .put("renter", order.renter)
        .put("state", state(order.state))
        .put("gpus", order.gpus)
        .put("hours", order.hours)
        .put("price_per_gpu_hour", Io(order.price_per_gpu_hour_units))
        .put("deposited", Io(order.deposited_units))
        .put("escrowed", Io(order.escrowed_units))
        .put("created_ts", Time(order.created_ts))
}

pub fn details(address: &Pubkey, order: &Order, leases: &[(Pubkey, Lease)]) -> Record {
    let moment = |seconds: i64| (seconds != 0).then_some(Time(seconds));
    let hash = |bytes: &[u8; 32]| (*bytes != [0; 32]).then(|| hex::encode(bytes));
    let countries: Vec<String> = order
        .countries
        .iter()
        .filter(|country| **country != [0; 2])
        .map(|country| crate::nouns::text(country))
        .collect();
    let out = order
        .paid_units
        .checked_add(order.refunded_units)
        .and_then(|sum| sum.checked_add(order.fee_units))
        .and_then(|sum| sum.checked_add(order.escrowed_units));
    summary(address, order)
        .put("id", order.id.to_string())
        .put("class", order.class)
        .put("paid", Io(order.paid_units))
        .put("refunded", Io(order.refunded_units))
        .put("fees", Io(order.fee_units))
        .put("law", out == Some(order.deposited_units))
        .put("matched_gpus", order.matched_gpus)
        .put("accepted_gpus", order.accepted_gpus)
        .put("unsettled_leases", order.unsettled_leases)
        .put("min_tier", order.min_tier)
        .put("countries", countries)
        .put("job_hash", hash(&order.command_hash))
        .put("expires_ts", Time(order.expires_ts))
        .put("started_ts", moment(order.started_ts))
        .put("end_ts", moment(order.end_ts))
        .put(
            "leases",
            leases
                .iter()
                .map(|(address, lease)| crate::nouns::lease::record(address, lease))
                .collect::<Vec<_>>(),
        )
}

async fn show(context: &Context, address: &Pubkey) -> Result<()> {
    let order = find(context, address).await?;
    let leases = leases(context, address).await?;
    context.out.one(&details(address, &order, &leases));
    Ok(())
}

async fn end(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "an early end")?;
    let signer = context.signer()?;
    let order = find(context, address).await?;
    let now = context.time().await?.now;
    let rate = order
        .price_per_gpu_hour_units
        .saturating_mul(order.gpus.into());
    // An order that does not run is the program's to refuse.
    let refund = early_end(rate, order.started_ts, order.end_ts, now).map_or(0, |end| end.refund);
    confirm::ask(
        context,
        &format!(
            "End order {address} now? About {} IO come back.",
            Io(refund)
        ),
    )?;
    let end = EndEarly {
        renter: signer.pubkey(),
        order: *address,
        escrow: pda::market::escrow(&order.mint),
        vault: pda::market::vault(&order.mint),
        mint: order.mint,
        renter_token: token_account(&order.renter, &order.mint),
    };
    let receipt = context.submit(&[end.instruction()], &signer, &[]).await?;
    let record = Record::new()
        .put("order", *address)
        .put("refund_estimate", Io(refund));
    context.out.one(&record.extend(receipt));
    Ok(())
}
