use crate::{
    args,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::market::accounts::Lease;
use iog_math::units::Io;
use solana_pubkey::Pubkey;

const STATES: [&str; 3] = ["matched", "accepted", "settled"];

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
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    let Verb::List {
        order,
        device,
        owner,
    } = verb;
    let wanted = [
        (Lease::ORDER_AT, order),
        (Lease::DEVICE_AT, device),
        (Lease::OWNER_AT, owner),
    ];
    let filters: Vec<(usize, &[u8])> = wanted
        .iter()
        .filter_map(|(at, key)| Some((*at, key.as_ref()?.as_ref())))
        .collect();
    let leases = context.list::<Lease>(&filters).await?;
    let records: Vec<Record> = leases
        .iter()
        .map(|(address, lease)| record(address, lease))
        .collect();
    context.out.many(&records, "no leases");
    Ok(())
}

pub fn record(address: &Pubkey, lease: &Lease) -> Record {
    let settled = (lease.settled_until_ts != 0).then_some(Time(lease.settled_until_ts));
    Record::new()
        .put("lease", *address)
        .put("order", lease.order)
        .put("device", lease.device)
        .put("owner", lease.owner)
        .put("gpus", lease.gpus)
        .put("state", STATES.get(usize::from(lease.state)).copied())
        .put("paid", Io(lease.paid_units))
        .put("refunded", Io(lease.refunded_units))
        .put("settled_until_ts", settled)
        .put("matched_ts", Time(lease.matched_ts))
}
