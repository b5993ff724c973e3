mod show;
mod verbs;

pub use show::record;

use crate::{args, context::Context, error::Result, market::lease};
use clap::{Args, Subcommand};
use iog_client::market::accounts::Lease;
use solana_pubkey::Pubkey;
use std::path::PathBuf;

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
    /// One lease with its hours: which slots have a heartbeat, what is held, and until when
    #[command(
        after_help = "Each hour is judged by the ten-minute slots that begin in it, when the last of them is over; one missing slot is forgiven where all others are proved, 4 in a day of the lease.\n\nExample:\n  iog lease show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Show(Named),
    /// Judge the hours of a lease whose slots are over, and release what can no longer be disputed; anyone may
    #[command(
        after_help = "Keepers and nodes do it every hour.\n\nExample:\n  iog lease settle 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Settle(Named),
    /// Leave an order: after the agreed end for nothing, before it for everything that is held; device key or owner
    #[command(
        after_help = "Before the agreed end only the owner may, everything held goes to the renter, and until that end no lease pays the device more; before an hour is judged it counts as a timeout and the device rests an hour. An order that has not started can be left 90 seconds after the acceptance.\n\nExample:\n  iog lease leave 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    Leave(Named),
    /// Refuse a match; the device's key signs. Free until 30 seconds after the device was asked
    #[command(
        after_help = "Later it counts as no answer, and so does a third whole order in an hour: the device rests an hour. The order does not take it again.\n\nExample:\n  iog lease decline 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --device-key device.json"
    )]
    Decline {
        #[command(flatten)]
        lease: Named,
        #[command(flatten)]
        key: DeviceKey,
    },
}

/// A lease on the command line.
#[derive(Args, Clone, Copy, Debug)]
pub struct Named {
    /// Address of the lease
    #[arg(value_parser = args::pubkey)]
    pub lease: Pubkey,
}

/// The key of a machine, which signs.
#[derive(Args, Debug)]
pub struct DeviceKey {
    /// File of the machine's key, which signs; the signer pays [default: the signer's own]
    #[arg(long, value_name = "FILE")]
    pub device_key: Option<PathBuf>,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List {
            order,
            device,
            owner,
        } => list(context, [order, device, owner]).await,
        Verb::Show(named) => show::run(context, &named.lease).await,
        Verb::Settle(named) => verbs::settle(context, &named.lease).await,
        Verb::Leave(named) => verbs::leave(context, &named.lease).await,
        Verb::Decline { lease, key } => verbs::decline(context, &lease.lease, &key).await,
    }
}

pub use verbs::decline;

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
    for ((address, lease), order) in leases.iter().zip(&orders) {
        records.push(record(address, lease, order)?);
    }
    context.out.many(&records, "no leases");
    Ok(())
}
