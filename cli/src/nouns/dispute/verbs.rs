use super::{resolver_from, resolver_until, Decision};
use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        lease::{self, find, in_dispute, is_judged, Leased, DISPUTED},
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

pub fn require_disputed(leased: &Leased) -> Result<()> {
    if leased.lease.state == DISPUTED {
        return Ok(());
    }
    Err(CliError::Refused(format!(
        "lease {} is {} and not in dispute: see iog dispute list",
        leased.address,
        lease::state(leased.lease.state)
    )))
}

/// What is disputed is known when every slot of the lease is judged; those that are over are judged with the decision.
pub struct Disputed {
    pub leased: Leased,
    pub order: Order,
    pub settling: Vec<Instruction>,
    /// Held now and not answered; what is judged with the decision comes on top.
    held: u64,
}

pub async fn disputed(context: &Context, address: &Pubkey) -> Result<Disputed> {
    let (leased, order) = find(context, address).await?;
    require_disputed(&leased)?;
    let now = context.time().await?.now;
    let settling = leased.settle_all(&order, now);
    if !is_judged(&order, &leased.lease) && settling.is_empty() {
        let from = lease::settled_until(&order, &leased.lease);
        let judged = lease::judged_ts(&order, &leased.lease, from)?;
        return Err(CliError::Refused(format!(
            "the last hour of lease {address} is judged when its slots are over, at {}: then the dispute can end",
            rfc3339(judged)
        )));
    }
    let held = in_dispute(&order, &leased.lease)?;
    Ok(Disputed {
        leased,
        order,
        settling,
        held,
    })
}

pub async fn resolve(context: &Context, decision: &Decision) -> Result<()> {
    confirm::allowed(context, "a decision")?;
    let signer = context.signer()?;
    let mut disputed = disputed(context, &decision.lease.lease).await?;
    let from = resolver_from(&disputed.leased.lease);
    if context.time().await?.now < from {
        return Err(CliError::Refused(format!(
            "answers come first: the resolver may decide from {} on",
            rfc3339(from)
        )));
    }
    if !disputed.settling.is_empty() && !context.dry_run {
        // A share of what is held can only be named when all of it is known. Anyone may settle: no money of the signer's moves.
        context.note("the last slots are judged first");
        let settling = std::mem::take(&mut disputed.settling);
        context.submit(&settling, &signer, &[]).await?;
        (disputed.leased, disputed.order) = find(context, &decision.lease.lease).await?;
        disputed.held = in_dispute(&disputed.order, &disputed.leased.lease)?;
    }
    let pay = Pay::of(disputed.order.currency)?;
    let to_supplier = match decision.to_supplier.as_str() {
        "all" => disputed.held,
        "none" => 0,
        amount => pay.parse(amount)?,
    };
    let back = disputed.held.checked_sub(to_supplier).ok_or_else(|| {
        CliError::usage(format!(
            "{} is more than the {} that are in dispute",
            pay.amount(to_supplier),
            pay.amount(disputed.held)
        ))
    })?;
    let deposit = pay.amount(disputed.leased.lease.deposit_units);
    let won = back == 0 && disputed.held > 0;
    let whose = if won { "supplier" } else { "renter" };
    context.note(&format!("{} are in dispute", pay.amount(disputed.held)));
    confirm::ask(
        context,
        &format!(
            "Give {} to supplier {} and {} back to renter {}? The deposit of {deposit} goes to the {whose}.",
            pay.amount(to_supplier),
            disputed.leased.lease.owner,
            pay.amount(back),
            disputed.order.renter
        ),
    )?;
    let (leased, order) = (&disputed.leased, &disputed.order);
    let resolve = leased.resolve(order, signer.pubkey(), to_supplier, disputed.held);
    let mut instructions = disputed.settling.clone();
    instructions.push(resolve);
    split(context, &signer, &disputed, &instructions, true).await
}

pub async fn by_rule(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "the end of a dispute")?;
    let signer = context.signer()?;
    let disputed = disputed(context, address).await?;
    let until = resolver_until(&disputed.leased.lease);
    let now = context.time().await?.now;
    if now < until {
        return Err(CliError::Refused(format!(
            "the resolver {} may decide until {}: the rule applies then",
            disputed.leased.lease.resolver,
            rfc3339(until)
        )));
    }
    let pay = Pay::of(disputed.order.currency)?;
    confirm::ask(
        context,
        &format!(
            "Give {} to supplier {}? All that is held was proved. The deposit of {} is the supplier's where something is held, else renter {}'s.",
            pay.amount(disputed.held),
            disputed.leased.lease.owner,
            pay.amount(disputed.leased.lease.deposit_units),
            disputed.order.renter
        ),
    )?;
    let mut instructions = disputed.settling.clone();
    instructions.push(disputed.leased.resolve_by_rule(&disputed.order));
    split(context, &signer, &disputed, &instructions, false).await
}

async fn split(
    context: &Context,
    signer: &Keypair,
    disputed: &Disputed,
    instructions: &[Instruction],
    by_resolver: bool,
) -> Result<()> {
    let (leased, order) = (&disputed.leased, &disputed.order);
    let (receipt, events) = context.submit_with_events(instructions, signer).await?;
    let split = events.into_iter().find_map(|event| match event {
        Event::Market(market::Event::DisputeResolved(split)) => Some(split),
        _ => None,
    });
    let pay = Pay::of(order.currency)?;
    let part = |units: Option<u64>| units.map(|units| pay.amount(units));
    let split = split.as_ref();
    let record = Record::new()
        .put("lease", leased.address)
        .put("order", leased.lease.order)
        .put("supplier", leased.lease.owner)
        .put("renter", order.renter)
        .put("by_resolver", by_resolver)
        .put("deposit", pay.amount(leased.lease.deposit_units))
        .put("paid", part(split.map(|split| split.paid)))
        .put("refunded", part(split.map(|split| split.refunded)))
        .put("fees", part(split.map(|split| split.fee)));
    context.out.one(&record.extend(receipt));
    Ok(())
}
