//! Money and prices of a running order: what is added for later, what is given back, and IO for a dollar anew.

use super::{limit::require_funds, Named};
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::{Currency, Pay},
        order::{self, find, ACTIVE},
    },
    oracle,
    output::{rfc3339, Record, Time},
};
use clap::Args;
use iog_client::{
    events::Event,
    market::{self, accounts::Order},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Addition {
    #[command(flatten)]
    order: Named,
    /// Amount in whole units of the order's currency
    #[arg(value_name = "AMOUNT")]
    amount: String,
}

#[derive(Args, Debug)]
pub struct Reduction {
    #[command(flatten)]
    order: Named,
    /// Number of the part, as iog order show has it
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=3))]
    part: u8,
    /// Vacant GPUs to give back, whole machines
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    gpus: u32,
}

#[derive(Args, Debug)]
pub struct Anew {
    #[command(flatten)]
    order: Named,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
}

pub async fn add(context: &Context, given: &Addition) -> Result<()> {
    confirm::allowed(context, "a deposit")?;
    let signer = context.signer()?;
    let address = given.order.order;
    let booked = find(context, &address).await?;
    let currency = Currency::of(&booked)?;
    let amount = currency.amount(currency.pay.parse(&given.amount)?);
    require_funds(context, &currency, &signer.pubkey(), amount).await?;
    confirm::ask(
        context,
        &format!(
            "Add {amount} to order {address}, for later prices in IO and deposits of disputes? What is not used comes back at the end."
        ),
    )?;
    let add = order::add_funds(address, &booked, signer.pubkey(), amount.units)?;
    let receipt = context.submit(&[add], &signer, &[]).await?;
    let spare = booked.spare_units.saturating_add(amount.units);
    let record = Record::new()
        .put("order", address)
        .put("added", amount)
        .put("spare", currency.amount(spare));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn reduce(context: &Context, given: &Reduction) -> Result<()> {
    confirm::allowed(context, "giving GPUs back")?;
    let signer = context.signer()?;
    let address = given.order.order;
    let booked = find(context, &address).await?;
    let pay = Pay::of(booked.currency)?;
    let part = booked.parts.get(usize::from(given.part));
    let vacant = part.map_or(0, |part| part.gpus.saturating_sub(part.matched));
    if booked.state != ACTIVE || vacant < given.gpus {
        return Err(CliError::Refused(format!(
            "order {address} is {} and part {} has {vacant} vacant GPUs: only those of a running order are given back (iog order show)",
            order::state(booked.state),
            given.part
        )));
    }
    confirm::ask(
        context,
        &format!(
            "Give {} vacant GPUs of part {} back, for good? The money for the time that is left comes back.",
            given.gpus, given.part
        ),
    )?;
    let mut instructions = vec![order::reduce(
        address,
        &booked,
        signer.pubkey(),
        given.part,
        given.gpus,
    )];
    if order::paid_at_once(context, &booked, u64::MAX).await? > 0 {
        instructions.extend(order::refund(address, &booked, &signer.pubkey())?);
    }
    let (receipt, events) = context.submit_with_events(&instructions, &signer).await?;
    let (mut refunded, mut paid_out) = (None, None);
    for event in events {
        match event {
            Event::Market(market::Event::OrderReduced(part)) => refunded = Some(part.refunded),
            Event::Market(market::Event::RefundPaid(paid)) => paid_out = Some(paid.amount),
            _ => {}
        }
    }
    let record = Record::new()
        .put("order", address)
        .put("part", given.part)
        .put("gpus_given_back", given.gpus)
        .put("refunded", refunded.map(|units| pay.amount(units)))
        .put("paid_out", paid_out.map(|units| pay.amount(units)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn price_anew(context: &Context, given: &Anew) -> Result<()> {
    let signer = context.signer()?;
    let address = given.order.order;
    let booked = find(context, &address).await?;
    let now = context.time().await?.now;
    require_step(&address, &booked, now)?;
    let price = oracle::usable_price(context, given.price_account, oracle::ORDER_AGE_SECS).await?;
    let anew = order::price_anew(address, &booked, price.account);
    let (receipt, events) = context.submit_with_events(&[anew], &signer).await?;
    let priced = events.into_iter().find_map(|event| match event {
        Event::Market(market::Event::OrderPriced(priced)) => Some(priced),
        _ => None,
    });
    let amount = |units: u64| Pay::Io.amount(units);
    let priced = priced.as_ref();
    let record = Record::new()
        .put("order", address)
        .put("from_ts", priced.map(|priced| Time(priced.from_ts)))
        .put("end_ts", priced.map(|priced| Time(priced.end_ts)))
        .put(
            "price_per_gpu_hour",
            priced.map(|priced| amount(priced.price_per_gpu_hour[0])),
        )
        .put("taken", priced.map(|priced| amount(priced.taken)))
        .put("freed", priced.map(|priced| amount(priced.freed)))
        // The money did not reach: the order ends with its old price.
        .put("ends", priced.map(|priced| priced.ends));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The program would refuse too, but it does not say from when on.
fn require_step(address: &Pubkey, booked: &Order, now: i64) -> Result<()> {
    if booked.state == ACTIVE && booked.step_ts != 0 && now >= booked.step_ts {
        return Ok(());
    }
    let when = match booked.step_ts {
        0 => "no hours of it wait for another".to_string(),
        step => format!("IO for a dollar is taken anew from {} on", rfc3339(step)),
    };
    Err(CliError::Refused(format!(
        "order {address} keeps its price: {when}"
    )))
}
