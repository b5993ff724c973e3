//! Orders that end before their time.

use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        order::{self, find, ACTIVE},
    },
    output::{rfc3339, Record},
};
use iog_client::{
    events::Event,
    market::{self, accounts::Order},
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// A refund that may have shrunk to nothing by the time the transaction lands is not asked for.
const SAFE_MINUTES: u64 = 2;
/// Of which nothing comes back (`end_early` of the market's order).
const FIRST_HOUR_SECS: i64 = 3_600;

pub async fn end(context: &Context, address: &Pubkey) -> Result<()> {
    context.out.one(&end_order(context, address).await?);
    Ok(())
}

/// As [`end`], with what is to be printed.
pub async fn end_order(context: &Context, address: &Pubkey) -> Result<Record> {
    confirm::allowed(context, "an early end")?;
    let signer = context.signer()?;
    let booked = find(context, address).await?;
    let now = context.time().await?.now;
    // An order that does not run is the program's to refuse.
    let end = match booked.state {
        ACTIVE => order::ended(&booked, now)?,
        _ => order::Ended::default(),
    };
    let pay = Pay::of(booked.currency)?;
    let missed = match end.rerated {
        0 => String::new(),
        kept => format!(
            " {} of what is unused stay for the suppliers: the discount of the booked length is not reached.",
            pay.amount(kept)
        ),
    };
    confirm::ask(
        context,
        &format!(
            "End order {address} now? {}{missed} Its last hour is judged when its slots are over, and held for {} s.",
            back(&booked, now, pay, end.refund),
            booked.dispute_secs
        ),
    )?;
    let pays =
        booked.refund_due_units > 0 || (end.refund > 0 && end.unused_minutes >= SAFE_MINUTES);
    let mut instructions = vec![order::end(*address, &booked, signer.pubkey())];
    if pays && order::paid_at_once(context, &booked, u64::MAX).await? > 0 {
        instructions.extend(order::refund(*address, &booked, &signer.pubkey())?);
    }
    send(context, address, pay, &instructions, &signer).await
}

/// The first hour is paid whatever happens, and may as well be used. field case 28
fn back(order: &Order, now: i64, pay: Pay, refund: u64) -> String {
    let first_until = order.started_ts.saturating_add(FIRST_HOUR_SECS);
    if order.state == ACTIVE && now < first_until {
        let until = rfc3339(first_until.min(order.end_ts));
        return format!(
            "Its first hour is paid in full: of it nothing comes back, of later hours about {}, and jobs may run on until {until} (iog order stop ends one).",
            pay.amount(refund)
        );
    }
    format!("About {} come back.", pay.amount(refund))
}

pub async fn cancel(context: &Context, address: &Pubkey) -> Result<()> {
    context.out.one(&cancel_order(context, address).await?);
    Ok(())
}

/// As [`cancel`], with what is to be printed.
pub async fn cancel_order(context: &Context, address: &Pubkey) -> Result<Record> {
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
    let now = context.time().await?.now;
    let back = order::cancelled(&booked, now)?;
    let held = match back.held {
        0 => "No device that has accepted was held.".to_string(),
        held => format!(
            "{} at most are kept for the time for which devices that had accepted were held.",
            pay.amount(held)
        ),
    };
    confirm::ask(
        context,
        &format!(
            "Take order {address} back? About {} come back. {held}",
            pay.amount(back.refund)
        ),
    )?;
    let mut instructions = vec![order::cancel(*address, &booked, signer.pubkey())];
    if order::paid_at_once(context, &booked, u64::MAX).await? > 0 {
        instructions.extend(order::refund(*address, &booked, &signer.pubkey())?);
    }
    send(context, address, pay, &instructions, &signer).await
}

/// Sends, and says what was booked and what was paid out.
async fn send(
    context: &Context,
    address: &Pubkey,
    pay: Pay,
    instructions: &[Instruction],
    signer: &Keypair,
) -> Result<Record> {
    let (receipt, events) = context.submit_with_events(instructions, signer).await?;
    let (mut refunded, mut rerated, mut paid_out) = (None, None, None);
    for event in events {
        match event {
            Event::Market(market::Event::OrderEndedEarly(end)) => {
                refunded = Some(end.refunded);
                rerated = Some(end.rerated);
            }
            Event::Market(market::Event::OrderRefunded(refund)) => refunded = Some(refund.refunded),
            Event::Market(market::Event::RefundPaid(paid)) => paid_out = Some(paid.amount),
            _ => {}
        }
    }
    let amount = |units: Option<u64>| units.map(|units| pay.amount(units));
    // The order is gone where there was nothing to keep it for.
    let after: Option<Order> = context.find(address).await?;
    let left = after.map(|order| order.refund_due_units);
    let record = Record::new()
        .put("order", *address)
        .put("refunded", amount(refunded))
        .put("rerated", amount(rerated))
        .put("paid_out", amount(paid_out))
        // Of IOSD a large refund comes in parts: iog order refund.
        .put("due", amount(left));
    Ok(record.extend(receipt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    /// field case 28
    #[test]
    fn what_the_first_hour_costs_is_told_before_it_asks() {
        let mut order: Order = blank();
        (order.state, order.started_ts, order.end_ts) = (ACTIVE, 1_000_000, 1_010_800);
        let pay = Pay::Usdc;
        let first = back(&order, 1_003_599, pay, 2_500_000);
        assert_eq!(first, "Its first hour is paid in full: of it nothing comes back, of later hours about 2.5 USDC, and jobs may run on until 1970-01-12T14:46:40Z (iog order stop ends one).");
        let later = back(&order, 1_003_600, pay, 2_500_000);
        assert_eq!(later, "About 2.5 USDC come back.");
        // One that is shorter than an hour is paid until its end.
        order.end_ts = 1_001_800;
        assert!(back(&order, 1_000_001, pay, 0).contains("1970-01-12T14:16:40Z"));
    }
}
