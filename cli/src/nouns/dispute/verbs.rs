use super::{resolver_until, Decision};
use crate::{
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Pay,
        lease::{self, find, Leased, DISPUTED},
    },
    output::{rfc3339, Record},
};
use iog_client::{
    events::Event,
    market::{
        self,
        accounts::{Config, Order},
    },
    pda,
};
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

pub async fn resolve(context: &Context, decision: &Decision) -> Result<()> {
    confirm::allowed(context, "a decision")?;
    let (leased, order) = find(context, &decision.lease.lease).await?;
    require_disputed(&leased)?;
    let pay = Pay::of(order.currency)?;
    let disputed = leased.lease.held_units;
    let to_supplier = match decision.to_supplier.as_str() {
        "all" => disputed,
        "none" => 0,
        amount => pay.parse(amount)?,
    };
    let back = disputed.checked_sub(to_supplier).ok_or_else(|| {
        CliError::usage(format!(
            "{} is more than the {} that are in dispute",
            pay.amount(to_supplier),
            pay.amount(disputed)
        ))
    })?;
    confirm::ask(
        context,
        &format!(
            "Give {} to supplier {} and {} back to renter {}?",
            pay.amount(to_supplier),
            leased.lease.owner,
            pay.amount(back),
            order.renter
        ),
    )?;
    split(context, &leased, &order, Some(to_supplier)).await
}

pub async fn by_rule(context: &Context, address: &Pubkey) -> Result<()> {
    confirm::allowed(context, "the end of a dispute")?;
    let (leased, order) = find(context, address).await?;
    require_disputed(&leased)?;
    let config: Config = context.config(&pda::market::config()).await?;
    let until = resolver_until(&leased.lease);
    let now = context.time().await?.now;
    if config.resolver != Pubkey::default() && now < until {
        return Err(CliError::Refused(format!(
            "the resolver {} may decide until {}: the rule applies then",
            config.resolver,
            rfc3339(until)
        )));
    }
    let pay = Pay::of(order.currency)?;
    confirm::ask(
        context,
        &format!(
            "Give {} of {} to supplier {} and the rest back to renter {}?",
            pay.amount(leased.lease.rule_units),
            pay.amount(leased.lease.held_units),
            leased.lease.owner,
            order.renter
        ),
    )?;
    split(context, &leased, &order, None).await
}

async fn split(
    context: &Context,
    leased: &Leased,
    order: &Order,
    to_supplier: Option<u64>,
) -> Result<()> {
    let signer = context.signer()?;
    let resolve = leased.resolve(order, signer.pubkey(), to_supplier);
    let (receipt, events) = context.submit_with_events(&[resolve], &signer).await?;
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
        .put("by_resolver", to_supplier.is_some())
        .put("paid", part(split.map(|split| split.paid)))
        .put("refunded", part(split.map(|split| split.refunded)))
        .put("fees", part(split.map(|split| split.fee)));
    context.out.one(&record.extend(receipt));
    Ok(())
}
