mod verbs;

use crate::{
    args,
    context::Context,
    error::Result,
    market::{
        currency::Pay,
        lease::{self, state},
    },
    output::{Record, Time},
};
use clap::{Args, Subcommand};
use iog_client::market::accounts::{Lease, Order};
use solana_pubkey::Pubkey;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Devices in orders
    #[command(
        after_help = "Example:\n  iog lease list --order 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    List {
        /// Only of this order
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        order: Option<Pubkey>,
        /// Only of this device (its address)
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        device: Option<Pubkey>,
        /// Only of this supplier
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        owner: Option<Pubkey>,
    },
    /// Settle the hours of a lease that have ended, and release what can no longer be disputed; anyone may
    #[command(
        after_help = "Keepers do it every hour.\n\nExample:\n  iog lease settle 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Settle(Named),
    /// Leave an order that was extended beyond what the supplier agreed to; the hour that runs is not paid
    #[command(
        after_help = "Example:\n  iog lease leave 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Leave(Named),
}

/// A lease on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Named {
    /// Address of the lease
    #[arg(value_parser = args::pubkey)]
    pub lease: Pubkey,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List {
            order,
            device,
            owner,
        } => list(context, [order, device, owner]).await,
        Verb::Settle(named) => verbs::settle(context, &named.lease).await,
        Verb::Leave(named) => verbs::leave(context, &named.lease).await,
    }
}

async fn list(context: &Context, wanted: [Option<Pubkey>; 3]) -> Result<()> {
    let places = [Lease::ORDER_AT, Lease::DEVICE_AT, Lease::OWNER_AT];
    let filters: Vec<(usize, &[u8])> = places
        .into_iter()
        .zip(&wanted)
        .filter_map(|(at, key)| Some((at, key.as_ref()?.as_ref())))
        .collect();
    let leases = context.list::<Lease>(&filters).await?;
    let orders = lease::orders(context, &leases).await?;
    let mut records = Vec::new();
    for ((address, lease), order) in leases.iter().zip(orders) {
        records.push(record(address, lease, Pay::of(order.currency)?));
    }
    context.out.many(&records, "no leases");
    Ok(())
}

pub fn record(address: &Pubkey, lease: &Lease, pay: Pay) -> Record {
    let moment = |seconds: i64| (seconds != 0).then_some(Time(seconds));
    Record::new()
        .put("lease", *address)
        .put("order", lease.order)
        .put("device", lease.device)
        .put("owner", lease.owner)
        .put("gpus", lease.gpus)
        .put("state", state(lease.state))
        .put("paid", pay.amount(lease.paid_units))
        .put("held", pay.amount(lease.held_units))
        .put("refunded", pay.amount(lease.refunded_units))
        .put("settled_until_ts", moment(lease.settled_until_ts))
        .put("matched_ts", Time(lease.matched_ts))
}

/// Until when a supplier has agreed to serve.
pub fn agreed_until(order: &Order, lease: &Lease) -> i64 {
    match lease.agreed_until_ts {
        0 => order.booked_end_ts,
        agreed => agreed,
    }
}
