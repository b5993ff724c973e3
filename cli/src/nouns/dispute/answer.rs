//! The supplier's answer to a dispute: the renter's own receipt.

use super::verbs::disputed;
use crate::{
    context::Context,
    error::{CliError, Result},
    market::currency::Pay,
    nouns::lease::Named,
    output::Record,
};
use clap::Args;
use iog_client::{events::Event, market, receipt};
use iog_job::{Key, Receipt, Signed};
use solana_pubkey::Pubkey;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    lease: Named,
    /// The receipt, as node and agent keep it: {"message": HEX, "signature": HEX}
    #[arg(long, value_name = "FILE")]
    receipt: PathBuf,
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

fn read(path: &PathBuf) -> Result<Signed> {
    let refuse = |reason: String| CliError::usage(format!("{}: {reason}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refuse(format!("no receipt: {error}")))
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let signed = read(&terms.receipt)?;
    let signer = context.signer()?;
    let disputed = disputed(context, &terms.lease.lease).await?;
    let (leased, order) = (&disputed.leased, &disputed.order);
    let key = order.receipt_key;
    if key == Pubkey::default() {
        let none = "the order has no receipt key: its renter signs no receipts";
        return Err(CliError::Refused(none.into()));
    }
    let read = Receipt::open(&signed, &Key(key.to_bytes()));
    let read =
        read.map_err(|error| CliError::usage(format!("{}: {error}", terms.receipt.display())))?;
    if read.lease.0 != leased.address.to_bytes() || read.matched_ts != leased.lease.matched_ts {
        return Err(CliError::Refused(
            "the receipt is of another lease, or of an older match of it".into(),
        ));
    }
    let parts = bytes::<64>(&signed.signature).zip(bytes(&signed.message));
    let (signature, message) =
        parts.ok_or_else(|| CliError::usage("the receipt is not 203 bytes with a signature"))?;
    let mut instructions = disputed.settling.clone();
    instructions.push(receipt::check(&key, &signature, &message));
    instructions.push(leased.answer(order));
    let (sent, events) = context.submit_with_events(&instructions, &signer).await?;
    let answer = events.into_iter().find_map(|event| match event {
        Event::Market(market::Event::DisputeAnswered(answer)) => Some(answer),
        _ => None,
    });
    let pay = Pay::of(order.currency)?;
    let answer = answer.as_ref();
    let part = |units: Option<u64>| units.map(|units| pay.amount(units));
    let record = Record::new()
        .put("lease", leased.address)
        .put("order", leased.lease.order)
        .put("supplier", leased.lease.owner)
        .put("answered", part(answer.map(|answer| answer.answered)))
        .put("still_disputed", part(answer.map(|answer| answer.left)))
        .put("deposit", part(answer.map(|answer| answer.deposit)))
        .put("paid", part(answer.map(|answer| answer.paid)))
        .put("fees", part(answer.map(|answer| answer.fee)));
    context.out.one(&record.extend(sent));
    Ok(())
}
