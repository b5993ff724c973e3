//! A lease, and its hours slot by slot.

use crate::{
    context::Context,
    error::Result,
    market::{
        currency::Pay,
        lease::{
            agreed_until, device, end, find, held, hour, hours, is_judged, pay_usd6_at,
            release_due, serves, settled_until, started, state, Hour,
        },
        order::rate_at,
    },
    nouns::device::life::beats_in,
    output::{Record, Time},
    waiting::somebody,
};
use iog_client::{
    market::accounts::{Lease, Order},
    registry::accounts::Device,
};
use iog_math::{slots::FORGIVEN_PER_DAY, units::Usd6};
use solana_pubkey::Pubkey;

/// `NO_PLACE` of the program's constants.rs.
const NO_PLACE: u16 = u16::MAX;

fn moment(seconds: i64) -> Option<Time> {
    (seconds != 0).then_some(Time(seconds))
}

pub fn record(address: &Pubkey, lease: &Lease, order: &Order) -> Result<Record> {
    let pay = Pay::of(order.currency)?;
    let (held, _) = held(order, lease)?;
    Ok(Record::new()
        .put("lease", *address)
        .put("order", lease.order)
        .put("device", lease.device)
        .put("owner", lease.owner)
        .put("part", lease.part)
        .put("gpus", lease.gpus)
        // Its rank in a cluster; none any more once it has left, or beyond the 256th.
        .put("place", (lease.place != NO_PLACE).then_some(lease.place))
        .put("tunnel_key", somebody(lease.tunnel_key))
        .put("state", state(lease.state))
        .put("paid", pay.amount(lease.paid_units))
        .put("held", pay.amount(held))
        .put("refunded", pay.amount(lease.refunded_units))
        .put("settled_until_ts", moment(lease.settled_until_ts))
        .put("matched_ts", Time(lease.matched_ts)))
}

pub async fn run(context: &Context, address: &Pubkey) -> Result<()> {
    let (leased, order) = find(context, address).await?;
    let device = device(context, &leased.lease).await?;
    let now = context.time().await?.now;
    let shown = record(address, &leased.lease, &order)?
        .extend(details(&leased.lease, &order, now)?)
        .put("hours", slots(&order, &leased.lease, &device, now)?);
    context.out.one(&shown);
    Ok(())
}

fn details(lease: &Lease, order: &Order, now: i64) -> Result<Record> {
    let pay = Pay::of(order.currency)?;
    let began = started(order, lease);
    let runs = began != 0;
    let days = now.saturating_sub(began).max(0).div_euclid(86_400);
    let today = runs && i64::from(lease.forgiven_day) == days;
    let disputed = lease.resolver != Pubkey::default();
    let (rate, _) = rate_at(order, now);
    let part = rate.price_usd6.get(usize::from(lease.part)).copied();
    let capped = lease.cap_usd6 != u64::MAX;
    Ok(Record::new()
        .put("serves_now", serves(order, lease, now))
        // What it is paid for a GPU-hour now: an alternative its own class's quote, where that is lower.
        .put("price_usd", Usd6(pay_usd6_at(lease, &rate)?))
        .put("part_price_usd", part.map(Usd6))
        // Of a device that left another lease before its agreed end.
        .put("pay_cap_usd", capped.then_some(Usd6(lease.cap_usd6)))
        .put("paid_usd", Usd6(lease.paid_usd6))
        .put("accepted_ts", moment(lease.accepted_ts))
        .put("started_ts", moment(began))
        .put("ends_ts", runs.then(|| Time(end(order, lease))))
        .put("stopped_ts", moment(lease.stopped_ts))
        .put(
            "agreed_until_ts",
            runs.then(|| Time(agreed_until(order, lease))),
        )
        .put("released_until_ts", moment(lease.released_until_ts))
        .put("next_release_ts", release_due(order, lease)?.map(Time))
        .put("hours_judged", lease.settled_count)
        .put("hours_released", lease.released_count)
        .put("forgiven_today", if today { lease.forgiven } else { 0 })
        .put("forgiven_per_day", FORGIVEN_PER_DAY)
        // Less than half of the last hour was proved: anyone may take the device out.
        .put("poor", lease.poor == 1)
        .put("disputed_ts", moment(lease.disputed_ts))
        .put("resolver", disputed.then_some(lease.resolver))
        .put("deposit", pay.amount(lease.deposit_units))
        .put("payer", lease.payer))
}

/// Those that are held, and the one that is judged next.
fn slots(order: &Order, lease: &Lease, device: &Device, now: i64) -> Result<Vec<Record>> {
    let pay = Pay::of(order.currency)?;
    let mut found = hours(order, lease)?;
    if started(order, lease) != 0 && !is_judged(order, lease) {
        found.push(hour(order, lease, settled_until(order, lease))?);
    }
    let records = found.iter().map(|hour| {
        let window = hour.until.saturating_add(i64::from(order.dispute_secs));
        Ok(Record::new()
            .put("from_ts", Time(hour.from))
            .put("until_ts", Time(hour.until))
            .put("rent", pay.amount(hour.units))
            .put("slots", hour.slots.parts())
            .put("slots_proved", proved(hour, device))
            .put("slots_paid", hour.paid)
            .put(
                "worth",
                hour.paid
                    .map(|_| hour.worth())
                    .transpose()?
                    .map(|units| pay.amount(units)),
            )
            .put("judged_from_ts", Time(hour.slots.judged_ts()?))
            .put("held_until_ts", hour.paid.map(|_| Time(window)))
            .put("running", now < hour.until))
    });
    records.collect()
}

/// Heartbeats in the slots that are looked at, as far as the device remembers them.
fn proved(hour: &Hour, device: &Device) -> u32 {
    beats_in(device, hour.slots.first, hour.slots.looked_at()).min(hour.slots.parts())
}
