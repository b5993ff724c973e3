use super::booking::Work;
use crate::{
    context::Context,
    error::Result,
    market::{
        currency::{Amount, Pay},
        order::{self, state},
    },
    nouns::{device::platform, lease, text},
    output::{Record, Time},
    waiting::somebody,
};
use iog_client::market::accounts::{Lease, Order};
use iog_math::units::Usd6;
use solana_pubkey::Pubkey;

pub async fn list(context: &Context, renter: Option<Pubkey>, wanted: Option<String>) -> Result<()> {
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
    let records = orders
        .iter()
        .map(|(address, order)| summary(address, order))
        .collect::<Result<Vec<_>>>()?;
    context.out.many(&records, "no orders");
    Ok(())
}

pub async fn show(context: &Context, address: &Pubkey) -> Result<()> {
    let order = order::find(context, address).await?;
    let leases = order::leases(context, address).await?;
    context.out.one(&details(address, &order, &leases)?);
    Ok(())
}

/// The price of a GPU-hour is the first part's.
fn summary(address: &Pubkey, order: &Order) -> Result<Record> {
    let pay = Pay::of(order.currency)?;
    let [first, ..] = order.rates;
    let [price, ..] = first.price_per_gpu_hour_units;
    Ok(Record::new()
        .put("order", *address)
        .put("renter", order.renter)
        .put("state", state(order.state))
        .put("gpus", order::gpus(order))
        .put("hours", order.hours)
        .put("currency", pay.unit())
        .put("price_per_gpu_hour", pay.amount(price))
        .put("deposited", pay.amount(order.deposited_units))
        .put("escrowed", pay.amount(order.escrowed_units))
        .put("created_ts", Time(order.created_ts)))
}

pub fn details(address: &Pubkey, order: &Order, leases: &[(Pubkey, Lease)]) -> Result<Record> {
    let pay = Pay::of(order.currency)?;
    let leases = leases
        .iter()
        .map(|(address, held)| lease::record(address, held, order))
        .collect::<Result<Vec<_>>>()?;
    Ok(books(summary(address, order)?, order, pay)
        .extend(asked(order))
        .extend(times(order))
        .put("parts", parts(order, pay))
        .put("prices", prices(order, pay))
        .put("leases", leases))
}

/// What was deposited is paid, refunded, fees or still escrowed: the law of every order.
fn books(record: Record, order: &Order, pay: Pay) -> Record {
    let amount = |units: u64| -> Amount { pay.amount(units) };
    let parts = [
        order.paid_units,
        order.refunded_units,
        order.fee_units,
        order.escrowed_units,
    ];
    let out = parts
        .iter()
        .try_fold(0u64, |sum, part| sum.checked_add(*part));
    record
        .put("id", order.id.to_string())
        .put("paid", amount(order.paid_units))
        .put("refunded", amount(order.refunded_units))
        .put("refund_due", amount(order.refund_due_units))
        .put("fees", amount(order.fee_units))
        // For later prices in IO and deposits of disputes; comes back at the end.
        .put("spare", amount(order.spare_units))
        // The discount that an early end did not reach, for the leases that ran to it.
        .put("rerated", amount(order.rerate_units))
        .put("law", out == Some(order.deposited_units))
        .put("renter_fee_bps", order.renter_fee_bps)
        .put("network_fee_bps", order.network_fee_bps)
        .put("supplier_fee_bps", order.supplier_fee_bps)
        .put("dispute_secs", order.dispute_secs)
}

fn asked(order: &Order) -> Record {
    let hash = |bytes: &[u8; 32]| (*bytes != [0; 32]).then(|| hex::encode(bytes));
    let countries: Vec<String> = order
        .countries
        .iter()
        .filter(|country| **country != [0; 2])
        .map(|country| text(country))
        .collect();
    let classes = order::entries(order).map(|(_, part)| part.class_id.to_string());
    Record::new()
        .put("class_ids", classes.collect::<Vec<_>>())
        .put("kind", Work::name(order.kind))
        .put("min_tier", order.min_tier)
        .put("min_reputation_bps", order.min_reputation_bps)
        .put("secure_only", order.secure_only == 1)
        .put("countries", countries)
        .put("owner", somebody(order.owner))
        .put("platform", platform::name(order.platform))
        .put("engineer_key", somebody(order.engineer_key))
        .put("receipt_key", somebody(order.receipt_key))
        .put("image_hash", hash(&order.image_hash))
        .put("job_hash", hash(&order.command_hash))
        .put("matched_gpus", order::matched_gpus(order))
        .put("accepted_gpus", order::accepted_gpus(order))
}

fn times(order: &Order) -> Record {
    let moment = |seconds: i64| (seconds != 0).then_some(Time(seconds));
    Record::new()
        .put("expires_ts", Time(order.expires_ts))
        .put("whole_since_ts", moment(order.whole_since_ts))
        .put("started_ts", moment(order.started_ts))
        .put("end_ts", moment(order.end_ts))
        .put("booked_end_ts", moment(order.booked_end_ts))
        // Beyond `end_ts` where IO for a dollar must be taken anew first.
        .put("funded_until_ts", moment(order.funded_until_ts))
        .put("price_anew_from_ts", moment(order.step_ts))
        .put("stopped_ts", moment(order.stopped_ts))
        .put("vacant_from_ts", moment(order.vacant_from_ts))
}

fn parts(order: &Order, pay: Pay) -> Vec<Record> {
    let [booked, ..] = order.rates;
    let priced = order::entries(order).map(|(number, part)| {
        let alternative = order::is_alternative(part);
        let price = booked.price_usd6.get(usize::from(number));
        let price = price.copied().map(Usd6).filter(|_| !alternative);
        let units = (!alternative).then(|| pay.amount(order::units(&booked, number)));
        Record::new()
            .put("part", number)
            .put("class_id", part.class_id)
            .put("alternative", alternative)
            .put("gpus", part.gpus)
            .put(
                "per_machine",
                (part.per_machine > 0).then_some(part.per_machine),
            )
            .put("matched_gpus", part.matched)
            .put("accepted_gpus", part.accepted)
            .put("vacant_gpus", part.gpus.saturating_sub(part.matched))
            .put("price_usd", price)
            .put("price_per_gpu_hour", units)
    });
    priced.collect()
}

/// The order's own prices, and those of its extensions and, in IO, of each 168 hours; one for each part.
fn prices(order: &Order, pay: Pay) -> Vec<Record> {
    let rates = order.rates.iter().take(usize::from(order.rate_count));
    let parts = || order::entries(order).filter(|(_, part)| !order::is_alternative(part));
    rates
        .flat_map(|rate| {
            parts().map(move |(number, _)| {
                let price = rate.price_usd6.get(usize::from(number));
                Record::new()
                    .put("from_ts", (rate.from_ts != 0).then_some(Time(rate.from_ts)))
                    .put("part", number)
                    .put("price_per_gpu_hour", pay.amount(order::units(rate, number)))
                    .put("price_usd", price.copied().map(Usd6))
                    .put("booked_hours", rate.booked_hours)
            })
        })
        .collect()
}
