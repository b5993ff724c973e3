//! Orders that end before their time.

use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        order::{self, find},
    },
    output::Record,
};
use iog_client::{
    events::Event,
    market::{self, accounts::Order},
};
use iog_math::market::{early_end, EarlyEnd, Span};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// A refund that may have shrunk to nothing by the time the transaction lands is not asked for.
const SAFE_MINUTES: u64 = 2;

pub async fn end(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "an early end")?;
    let signer = context.signer()?;
    let booked = find(context, address).await?;
    let now = context.time().await?.now;
    // An order that does not run is the program's to refuse.
    let early = early(&booked, now);
    let refund = early.map_or(0, |end| end.refund);
    let pay = Pay::of(booked.currency)?;
    confirm::ask(
        context,
        &format!(
            "End order {address} now? About {} come back.",
            pay.amount(refund)
        ),
    )?;
    let minutes = early.map_or(0, |end| end.unused_minutes);
    let pays = booked.refund_due_units > 0 || (refund > 0 && minutes >= SAFE_MINUTES);
    let mut instructions = vec![order::end(*address, &booked, signer.pubkey())];
    if pays {
        instructions.extend(order::refund(*address, &booked, &signer.pubkey())?);
    }
    send(context, address, pay, &instructions, &signer).await
}

pub async fn cancel(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "a cancellation")?;
    let signer = context.signer()?;
    let booked = find(context, address).await?;
    let pay = Pay::of(booked.currency)?;
    if !order::waits(&booked) {
        return Err(CliError::Refused(format!(
            "order {address} is {}: only an order that did not start can be taken back",
            order::state(booked.state)
        )));
    }
    confirm::ask(
        context,
        &format!(
            "Take order {address} back? {} come back.",
            pay.amount(booked.escrowed_units)
        ),
    )?;
    let mut instructions = vec![order::cancel(*address, &booked, signer.pubkey())];
    instructions.extend(order::refund(*address, &booked, &signer.pubkey())?);
    send(context, address, pay, &instructions, &signer).await
}

/// What an end now gives back.
fn early(order: &Order, now: i64) -> Option<EarlyEnd> {
    let spans: Vec<Span> = order
        .rates
        .iter()
        .take(usize::from(order.rate_count))
        .map(|rate| {
            Some(Span {
                from_ts: rate.from_ts,
                rate_per_hour: rate
                    .price_per_gpu_hour_units
                    .checked_mul(u64::from(order.gpus))?,
            })
        })
        .collect::<Option<_>>()?;
    early_end(&spans, order.end_ts, now).ok()
}

/// Sends, and says what was booked and what was paid out.
async fn send(
    context: &Context,
    address: &Pubkey,
    pay: Pay,
    instructions: &[Instruction],
    signer: &Keypair,
) -> Result<()> {
    let (receipt, events) = context.submit_with_events(instructions, signer).await?;
    let (mut refunded, mut paid_out) = (None, None);
    for event in events {
        match event {
            Event::Market(market::Event::OrderEndedEarly(end)) => refunded = Some(end.refunded),
            Event::Market(market::Event::OrderRefunded(refund)) => refunded = Some(refund.refunded),
            Event::Market(market::Event::RefundPaid(paid)) => paid_out = Some(paid.amount),
            _ => {}
        }
    }
    let record = Record::new()
        .put("order", *address)
        .put("refunded", refunded.map(|units| pay.amount(units)))
        .put("paid_out", paid_out.map(|units| pay.amount(units)));
    context.out.one(&record.extend(receipt));
    Ok(())
}
