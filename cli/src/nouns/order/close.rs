//! Getting everything out of an order, and the order out of the way.

use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        lease::{self, Leased},
        order::{self, find, ACTIVE, EXPIRED},
    },
    output::{rfc3339, Record},
    pack::pack,
};
use iog_client::{
    events::Event,
    market::{self, accounts::Order},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Pays what is due.
pub async fn refund(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "a refund")?;
    let signer = context.signer()?;
    let booked = find(context, address).await?;
    let pay = Pay::of(booked.currency)?;
    let now = context.time().await?.now;
    let due = order::refundable(&booked, now);
    if due == 0 {
        return Err(CliError::Refused(format!(
            "nothing is due to the renter of order {address}: it is {} with {} leases open; see iog order show",
            order::state(booked.state),
            booked.leases
        )));
    }
    let part = order::paid_at_once(context, &booked, due).await?;
    if part == 0 {
        return Err(CliError::Refused(format!(
            "{} are due to the renter of order {address}, but others have had all IOSD that can come back for now (RefundsWait): try again in an hour",
            pay.amount(due)
        )));
    }
    let amount = pay.amount(part);
    let rest = match due.saturating_sub(part) {
        0 => String::new(),
        rest => format!(" {} of it stay due, for the next call.", pay.amount(rest)),
    };
    confirm::ask(
        context,
        &format!(
            "Pay {amount} of order {address} to {}?{rest}",
            booked.renter
        ),
    )?;
    let instructions = order::refund(*address, &booked, &signer.pubkey())?;
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let record = Record::new()
        .put("order", *address)
        .put("renter", booked.renter)
        .put("paid_out", amount)
        .put("due", pay.amount(due.saturating_sub(part)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn close(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "closing an order")?;
    let signer = context.signer()?;
    let mut booked = find(context, address).await?;
    let pay = Pay::of(booked.currency)?;
    let leases = order::leases(context, address).await?;
    let leases = lease::with_places(context, leases).await?;
    let now = context.time().await?.now;
    let overdue = order::waits(&booked) && now >= booked.expires_ts;
    if overdue {
        // What `expire_order` makes of it.
        booked.state = EXPIRED;
    }
    refuse_unfinished(&booked, &leases, now)?;
    booked.leases = 0;
    let due = order::refundable(&booked, now);
    if order::paid_at_once(context, &booked, due).await? < due {
        return Err(CliError::Refused(format!(
            "{} are due to the renter, more than comes back at once: pay them in parts with iog order refund first",
            pay.amount(due)
        )));
    }
    confirm::ask(
        context,
        &format!(
            "Close order {address}? Up to {} go back to {}.",
            pay.amount(due),
            booked.renter
        ),
    )?;
    let mut all = Vec::new();
    all.extend(overdue.then(|| order::expire(*address, &booked)));
    all.extend(leases.iter().map(|leased| leased.close(&booked)));
    if due > 0 {
        all.extend(order::refund(*address, &booked, &signer.pubkey())?);
    }
    all.push(order::close(*address, &booked));
    let sent = send(context, &signer, all).await?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let record = Record::new()
        .put("order", *address)
        .put("closed_by", signer.pubkey())
        .put("returned", pay.amount(sent.returned))
        .put("leases_closed", count(leases.len()))
        .put("transactions", sent.transactions);
    context.out.one(&record.extend(sent.receipt));
    Ok(())
}

struct Sent {
    receipt: Record,
    /// Paid out to the renter.
    returned: u64,
    transactions: u32,
}

/// As few transactions as hold everything. Each builds on the one before, so that only the first can be simulated.
async fn send(
    context: &Context,
    signer: &solana_keypair::Keypair,
    all: Vec<Instruction>,
) -> Result<Sent> {
    let batches = pack(all, &signer.pubkey());
    let mut sent = Sent {
        receipt: Record::new(),
        returned: 0,
        transactions: u32::try_from(batches.len()).unwrap_or(u32::MAX),
    };
    for batch in &batches {
        let (receipt, events) = context.submit_with_events(batch, signer).await?;
        sent.receipt = receipt;
        for event in events {
            if let Event::Market(market::Event::RefundPaid(paid)) = event {
                sent.returned = sent.returned.saturating_add(paid.amount);
            }
        }
        if context.dry_run {
            break;
        }
    }
    Ok(sent)
}

/// The program would refuse too, but it does not know what to wait for.
fn refuse_unfinished(order: &Order, leases: &[Leased], now: i64) -> Result<()> {
    if order::waits(order) {
        return Err(CliError::Refused(format!(
            "the order is {} and may still start: it can be closed from {} on, or taken back by its renter with iog order cancel",
            order::state(order.state),
            rfc3339(order.expires_ts)
        )));
    }
    if order.state == ACTIVE && now < order.end_ts {
        return Err(CliError::Refused(format!(
            "the order runs until {}: end it early with iog order end",
            rfc3339(order.end_ts)
        )));
    }
    let open: Vec<&Leased> = leases
        .iter()
        .filter(|leased| !order::closable(order, leased))
        .collect();
    let disputed = open
        .iter()
        .filter(|leased| leased.lease.state == lease::DISPUTED)
        .count();
    if open.is_empty() {
        return Ok(());
    }
    let why = if disputed > 0 {
        format!("{disputed} are in dispute (iog dispute list)")
    } else {
        format!(
            "their last hours are not judged, or can still be disputed for up to {} s: keepers settle them, or iog lease settle",
            order.dispute_secs
        )
    };
    Err(CliError::Refused(format!(
        "the order is {} and {} of its leases cannot be closed: {why}",
        order::state(order.state),
        open.len()
    )))
}
