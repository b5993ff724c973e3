use super::{record, DeviceKey};
use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        lease::{
            self, agreed_until, find, held, is_judged, judged_ts, release_due, settled_until,
            Leased, ACCEPTED, DISPUTED, MATCHED,
        },
        order,
    },
    output::{rfc3339, Record},
};
use iog_client::market::accounts::{Lease, Occupancy, Order};
use iog_math::units::HOUR;
use iog_tx::{read_keypair_file, AnySigner};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// For this long from the moment when it is asked a device declines for nothing (`DECLINE_SECS` of the program's constants.rs).
const DECLINE_SECS: i64 = 30;
/// Whole orders that a device declines for nothing in an hour (`FREE_DECLINES`).
const FREE_DECLINES: u8 = 2;
/// So long after its acceptance a device may leave an order that has not started (`ACCEPT_SECS`).
const WALK_AWAY_SECS: i64 = 90;

pub async fn settle(context: &Context, address: &Pubkey) -> Result<()> {
    let signer = context.signer()?;
    let (leased, order) = find(context, address).await?;
    let now = context.time().await?.now;
    let instructions = leased.settle_all(&order, now);
    if instructions.is_empty() {
        return Err(nothing_to_settle(&leased, &order)?);
    }
    send(context, &leased, &instructions, &signer, &[]).await
}

/// The program would refuse too, but it does not know what to wait for.
fn nothing_to_settle(leased: &Leased, order: &Order) -> Result<CliError> {
    let held = &leased.lease;
    let judged = match is_judged(order, held) || order.started_ts == 0 {
        true => None,
        false => Some(judged_ts(order, held, settled_until(order, held))?),
    };
    let mut waits = Vec::new();
    waits.extend(judged.map(|ts| {
        let slots = rfc3339(ts);
        format!("its next hour is judged when its last slot is over, at {slots}")
    }));
    waits.extend(
        release_due(order, held)?
            .map(|ts| format!("what it holds can be disputed until {}", rfc3339(ts))),
    );
    if held.state == DISPUTED {
        waits.push("it is in dispute: see iog dispute show".to_string());
    }
    let why = match waits.is_empty() {
        true => "every hour of it is judged and released".to_string(),
        false => waits.join(", and "),
    };
    Ok(CliError::Refused(format!(
        "lease {} has nothing to settle: {why}",
        leased.address
    )))
}

pub async fn leave(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "leaving an order")?;
    let signer = context.signer()?;
    let (leased, order) = find(context, address).await?;
    let now = context.time().await?.now;
    let price = price_of_leaving(&leased, &order, signer.pubkey(), now)?;
    confirm::ask(
        context,
        &format!("Leave order {} now? {price}", leased.lease.order),
    )?;
    let mut instructions = leased.settle_all(&order, now);
    instructions.push(leased.leave(&order, signer.pubkey()));
    send(context, &leased, &instructions, &signer, &[]).await
}

/// What leaving costs, in words; refused where nobody may.
fn price_of_leaving(leased: &Leased, order: &Order, signer: Pubkey, now: i64) -> Result<String> {
    let lease = &leased.lease;
    if lease.state != ACCEPTED {
        return Err(CliError::Refused(format!(
            "lease {} is {}: only a device that has accepted leaves; a match is refused with iog lease decline",
            leased.address,
            lease::state(lease.state)
        )));
    }
    if order::waits(order) {
        let from = lease.accepted_ts.saturating_add(WALK_AWAY_SECS);
        if now <= from {
            return Err(CliError::Refused(format!(
                "order {} may still start: a device that has accepted can leave it after {}",
                lease.order,
                rfc3339(from)
            )));
        }
        return Ok("The order has not started: this order does not take the device again, and where every place is matched now the device rests an hour.".into());
    }
    let agreed = agreed_until(order, lease);
    if now >= agreed {
        return Ok("The agreed end is over: it costs nothing. The hour that runs is judged by its slots until now.".into());
    }
    if signer != lease.owner {
        return Err(CliError::Refused(format!(
            "the supplier has agreed to serve until {}: before that only the owner {} can leave, for everything that is held",
            rfc3339(agreed),
            lease.owner
        )));
    }
    if lease.settled_count == 0 {
        return Ok(format!(
            "The agreed end is {}, and no hour of it is judged: the record counts a timeout, the device rests an hour, and until the agreed end no lease pays it more than this one.",
            rfc3339(agreed)
        ));
    }
    let (units, _) = held(order, lease)?;
    let amount = Pay::of(order.currency)?.amount(units);
    Ok(format!(
        "The agreed end is {}: up to {amount}, everything that is held, goes to the renter, and until then no lease pays the device more than this one.",
        rfc3339(agreed)
    ))
}

/// The key of the lease's device: from a file, or the signer itself.
fn key_of(key: &DeviceKey) -> Result<Option<Keypair>> {
    let read = key.device_key.as_deref().map(read_keypair_file);
    Ok(read.transpose()?)
}

/// Whether a whole order is declined for nothing in the hour of unix time that `now` lies in.
fn may_decline(place: &Occupancy, now: i64) -> bool {
    let hour = u32::try_from(now.div_euclid(HOUR)).unwrap_or(u32::MAX);
    hour != place.decline_hour || place.declines < FREE_DECLINES
}

pub async fn decline(context: &Context, address: &Pubkey, key: &DeviceKey) -> Result<()> {
    let signer = context.signer()?;
    let device_key = key_of(key)?;
    let (leased, order) = find(context, address).await?;
    if leased.lease.state != MATCHED {
        return Err(CliError::Refused(format!(
            "lease {address} is {}: only a match that was not accepted can be declined",
            lease::state(leased.lease.state)
        )));
    }
    let now = context.time().await?.now;
    let asked = order::asked_since(&order, leased.lease.matched_ts);
    let late = asked.is_some_and(|asked| now.saturating_sub(asked) > DECLINE_SECS)
        || order.unanswered == 1
        || (order.state == order::MATCHED && !may_decline(&leased.place, now));
    let signing = device_key.as_ref().unwrap_or(&signer).pubkey();
    let others: Vec<&AnySigner> = device_key.iter().map(|key| -> &AnySigner { key }).collect();
    let decline = leased.decline(signing);
    let receipt = context.submit(&[decline], &signer, &others).await?;
    let record = Record::new()
        .put("lease", *address)
        .put("order", leased.lease.order)
        .put("device", leased.lease.device)
        // Later than 30 s after it was asked, or a third whole order in the hour: the device rests an hour.
        .put("late", late);
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// Sends, and shows the lease as it is afterwards.
async fn send(
    context: &Context,
    leased: &Leased,
    instructions: &[Instruction],
    signer: &Keypair,
    others: &[&AnySigner],
) -> Result<()> {
    let receipt = context.submit(instructions, signer, others).await?;
    let after: Lease = context.get(&leased.address, "see iog lease list").await?;
    let order = order::find(context, &after.order).await?;
    let shown: Record = record(&leased.address, &after, &order)?;
    context.out.one(&shown.extend(receipt));
    Ok(())
}
