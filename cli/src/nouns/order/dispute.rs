use super::Named;
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        lease::{self, Leased},
        order,
    },
    nouns::dispute::record,
    output::Record,
};
use clap::Args;
use iog_client::market::accounts::{Lease, Order};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    order: Named,
    /// Address of the device, or its key [default: the order's only one]
    #[arg(long, value_name = "DEVICE", value_parser = args::pubkey)]
    device: Option<Pubkey>,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    confirm::allowed(context, "a dispute")?;
    let signer = context.signer()?;
    let address = terms.order.order;
    let booked = order::find(context, &address).await?;
    let leased = choose(context, &address, terms.device).await?;
    let pay = Pay::of(booked.currency)?;
    confirm::ask(
        context,
        &format!(
            "Dispute {} and what has run since, of device {}? {}",
            pay.amount(leased.lease.held_units),
            leased.lease.device,
            consequence(&leased.lease)
        ),
    )?;
    let now = context.time().await?.now;
    // Hours that have ended are settled first: the program asks for it.
    let mut instructions = leased.settle_all(&booked, now);
    instructions.push(leased.dispute(signer.pubkey()));
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let shown = match context.dry_run {
        true => Record::new().put("lease", leased.address),
        false => after(context, &leased.address, &booked).await?,
    };
    context.out.one(&shown.extend(receipt));
    Ok(())
}

fn consequence(held: &Lease) -> &'static str {
    match held.state {
        lease::SETTLED => "Its lease is over already.",
        _ => "Its lease ends now.",
    }
}

async fn after(context: &Context, lease: &Pubkey, booked: &Order) -> Result<Record> {
    let held: Lease = context.get(lease, "see iog lease list").await?;
    record(lease, &held, booked)
}

/// The lease of the device, or the only one.
async fn choose(context: &Context, address: &Pubkey, device: Option<Pubkey>) -> Result<Leased> {
    let mut leases = order::leases(context, address).await?;
    if let Some(given) = device {
        let (device, _) = context.device(&given).await?;
        leases.retain(|(_, lease)| lease.device == device);
    }
    if leases.len() > 1 {
        return Err(CliError::usage(format!(
            "order {address} has {} devices: name one with --device (iog lease list --order)",
            leases.len()
        )));
    }
    let mut leases = lease::with_classes(context, leases).await?;
    leases.pop().ok_or_else(|| {
        CliError::usage(format!(
            "order {address} has no such lease: see iog lease list --order {address}"
        ))
    })
}
