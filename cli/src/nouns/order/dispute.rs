use super::{limit::require_funds, Named};
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::{Currency, Pay},
        lease::{self, Leased},
        order,
    },
    nouns::{
        dispute::{record, resolver_of},
        evidence_hash,
    },
    output::{rfc3339, Record},
};
use clap::Args;
use iog_client::{
    market::accounts::{Config, Lease, Order},
    pda,
};
use iog_math::units::{bps_ceil, HOUR};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Time for which what is disputed may grow between the question and the block.
const GROWTH_SECS: i64 = 300;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    order: Named,
    /// Address of the device, or its key [default: the order's only one]
    #[arg(long, value_name = "DEVICE", value_parser = args::pubkey)]
    device: Option<Pubkey>,
    /// File of the evidence for the resolver, or its SHA-256 in 64 hexadecimal digits
    #[arg(long, value_name = "FILE_OR_HEX")]
    evidence: String,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    confirm::allowed(context, "a dispute")?;
    let hash = evidence_hash(&terms.evidence)?;
    let signer = context.signer()?;
    let address = terms.order.order;
    let booked = order::find(context, &address).await?;
    let leased = choose(context, &address, terms.device).await?;
    let now = context.time().await?.now;
    require_resolver(context).await?;
    let pay = Pay::of(booked.currency)?;
    // Hours that have ended are settled first: the program asks for it.
    let mut instructions = leased.settle_all(&booked, now);
    let (disputed, deposit) = at_most(&booked, &leased.lease, now)?;
    let deposited = deposit_of(context, &address, &booked, signer.pubkey(), deposit).await?;
    confirm::ask(
        context,
        &format!(
            "Dispute up to {} of device {}, for a deposit of up to {} ({} of it now out of your wallet)? The deposit comes back unless the supplier gets all. {}",
            pay.amount(disputed),
            leased.lease.device,
            pay.amount(deposit),
            pay.amount(deposited.added),
            consequence(&leased.lease)
        ),
    )?;
    instructions.extend(deposited.instruction);
    instructions.push(leased.dispute(&booked, signer.pubkey(), hash));
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    let shown = match context.dry_run {
        true => Record::new().put("lease", leased.address),
        false => after(context, &leased.address, &address).await?,
    };
    let shown = shown
        .put("evidence_sha256", hex::encode(hash))
        .put("added_funds", pay.amount(deposited.added));
    context.out.one(&shown.extend(receipt));
    Ok(())
}

/// Without a resolver slots alone decide, which settlement does by itself.
async fn require_resolver(context: &Context) -> Result<()> {
    let config: Config = context.config(&pda::market::config()).await?;
    if resolver_of(&config).is_some() {
        return Ok(());
    }
    let when = match config.resolver.pending_ts {
        0 => "none is named".to_string(),
        from => format!("one can be given the role from {} on", rfc3339(from)),
    };
    Err(CliError::Refused(format!(
        "no resolver decides disputes now ({when}): proved slots are paid, others come back by themselves"
    )))
}

/// What is disputed a little later, and the deposit for it: a twentieth, of an hour at least, and what an early end would bill for the discount that was not
/// reached. What is due to be judged by then is counted whole.
fn at_most(order: &Order, held: &Lease, now: i64) -> Result<(u64, u64)> {
    let (units, until) = lease::held(order, held)?;
    let ends = now.saturating_add(GROWTH_SECS);
    // The order's first hour is billed whole, so all of it is disputed.
    let ends = ends
        .max(order.started_ts.saturating_add(HOUR))
        .min(lease::end(order, held));
    let (mut sum, mut from) = (units, until);
    while from < ends {
        let next = lease::hour(order, held, from)?;
        if next.until <= from {
            break;
        }
        sum = sum.saturating_add(next.units);
        from = next.until;
    }
    // At least of an hour: where everything is forfeited a dispute still asks somebody to look.
    let least = lease::hourly(order, held, now)?;
    let share = bps_ceil(sum.max(least), super::terms::DISPUTE_DEPOSIT_BPS)?;
    let mut missed = 0;
    if held.state == lease::ACCEPTED {
        let mut counts = [0u32; 4];
        if let Some(count) = counts.get_mut(usize::from(held.part)) {
            *count = held.gpus;
        }
        missed = order::missed_discount(order, &counts, lease::started(order, held), ends)?;
    }
    Ok((sum, share.saturating_add(missed)))
}

struct Deposit {
    added: u64,
    instruction: Option<Instruction>,
}

/// What of the deposit neither spare money nor refunds that are due cover: it is added.
async fn deposit_of(
    context: &Context,
    address: &Pubkey,
    order: &Order,
    renter: Pubkey,
    deposit: u64,
) -> Result<Deposit> {
    let there = order.spare_units.saturating_add(order.refund_due_units);
    let added = deposit.saturating_sub(there);
    if added == 0 {
        return Ok(Deposit {
            added,
            instruction: None,
        });
    }
    let currency = Currency::of(order)?;
    require_funds(context, &currency, &renter, currency.amount(added)).await?;
    Ok(Deposit {
        added,
        instruction: Some(order::add_funds(*address, order, renter, added)?),
    })
}

fn consequence(held: &Lease) -> &'static str {
    match held.state {
        lease::SETTLED => "Its lease is over already.",
        _ => "Its lease ends now, and another device may take its place.",
    }
}

async fn after(context: &Context, lease: &Pubkey, order: &Pubkey) -> Result<Record> {
    let held: Lease = context.get(lease, "see iog lease list").await?;
    record(lease, &held, &order::find(context, order).await?)
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
    let mut leases = lease::with_places(context, leases).await?;
    leases.pop().ok_or_else(|| {
        CliError::usage(format!(
            "order {address} has no such lease: see iog lease list --order {address}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{blank, lease::ACCEPTED};

    #[test]
    fn what_is_disputed_grows_a_little_until_the_block() {
        let (mut order, mut held): (Order, Lease) = (blank(), blank());
        (order.state, order.rate_count, order.started_ts) = (2, 1, 100 * HOUR);
        order.end_ts = 124 * HOUR;
        order.rates[0].from_ts = order.started_ts;
        order.rates[0].price_per_gpu_hour_units[0] = 6_000;
        order.rates[0].price_usd6[0] = 1_000_000;
        (held.state, held.gpus, held.cap_usd6) = (ACCEPTED, 1, u64::MAX);
        // In the first hour all of it is disputed: 6,000 and a twentieth
        let first = at_most(&order, &held, 100 * HOUR + 60).unwrap();
        assert_eq!(first, (6_000, 300));
        // Two hours are held, five slots of one, and the third runs
        (held.settled_count, held.settled_until_ts) = (2, 102 * HOUR);
        (held.paid_slots[0], held.paid_slots[1]) = (6, 5);
        let later = at_most(&order, &held, 102 * HOUR + 60).unwrap();
        assert_eq!(later, (17_000, 850));
        // Over, and nothing is held: a twentieth of an hour all the same
        let mut over = held.clone();
        (over.ends_ts, over.released_count, over.state) = (102 * HOUR, 2, lease::SETTLED);
        over.released_until_ts = 102 * HOUR;
        assert_eq!(at_most(&order, &over, 103 * HOUR).unwrap(), (0, 300));
        // Booked for a day with 2 % off, of which two hours and 360 s are over: 122 an hour more
        order.rates[0].booked_hours = 24;
        order.rates[0].commitment_bps[0] = [9_800, 9_500, 9_000];
        let missed = at_most(&order, &held, 102 * HOUR + 60).unwrap();
        assert_eq!(missed, (17_000, 850 + 256));
    }
}
