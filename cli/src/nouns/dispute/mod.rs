//! Disputes: leases whose last hours a renter does not want to pay.

mod verbs;

use super::lease::Named;
use crate::{
    context::Context,
    error::Result,
    market::{
        currency::Pay,
        lease::{self, DISPUTED},
    },
    output::{Record, Time},
};
use clap::{Args, Subcommand};
use iog_client::{
    market::accounts::{Config, Lease, Order},
    pda,
};
use solana_pubkey::Pubkey;

/// How long the resolver may decide (`RESOLVE_SECS` of the program's constants.rs): 72 hours.
const RESOLVE_SECS: i64 = 259_200;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Leases in dispute: what is disputed, what the rule would give, and until when the resolver may decide
    #[command(after_help = "Example:\n  iog dispute list -o json")]
    List,
    /// One dispute
    #[command(
        after_help = "Example:\n  iog dispute show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Show(Named),
    /// Split what is disputed; the resolver signs, who is neither renter nor supplier
    #[command(
        after_help = "What the supplier does not get goes back to the renter.\n\nExamples:\n  iog dispute resolve 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --to-supplier 1.5 -k resolver.json\n  iog dispute resolve 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --to-supplier none -k resolver.json --yes"
    )]
    Resolve(Decision),
    /// Split by the rule when nobody has decided in 72 hours, or nobody may: proved time is paid, the rest refunded; anyone may
    #[command(
        after_help = "Example:\n  iog dispute by-rule 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    ByRule(Named),
}

#[derive(Args, Debug)]
pub struct Decision {
    #[command(flatten)]
    lease: Named,
    /// What of the disputed amount the supplier earns, before its fee: an amount, all or none
    #[arg(long, value_name = "AMOUNT")]
    to_supplier: String,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List => list(context).await,
        Verb::Show(named) => {
            let (leased, order) = lease::find(context, &named.lease).await?;
            verbs::require_disputed(&leased)?;
            let shown = record(&leased.address, &leased.lease, &order)?;
            let config: Config = context.config(&pda::market::config()).await?;
            let resolver = (config.resolver != Pubkey::default()).then_some(config.resolver);
            context.out.one(&shown.put("resolver", resolver));
            Ok(())
        }
        Verb::Resolve(decision) => verbs::resolve(context, &decision).await,
        Verb::ByRule(named) => verbs::by_rule(context, &named.lease).await,
    }
}

async fn list(context: &Context) -> Result<()> {
    let disputed = [DISPUTED];
    let leases = context
        .list::<Lease>(&[(Lease::STATE_AT, &disputed)])
        .await?;
    let orders = lease::orders(context, &leases).await?;
    let mut records = Vec::new();
    for ((address, held), order) in leases.iter().zip(&orders) {
        records.push(record(address, held, order)?);
    }
    context.out.many(&records, "no disputes");
    Ok(())
}

pub fn record(address: &Pubkey, held: &Lease, order: &Order) -> Result<Record> {
    let pay = Pay::of(order.currency)?;
    Ok(Record::new()
        .put("lease", *address)
        .put("order", held.order)
        .put("device", held.device)
        .put("renter", order.renter)
        .put("supplier", held.owner)
        .put("state", lease::state(held.state))
        .put("disputed", pay.amount(held.held_units))
        .put("by_rule_to_supplier", pay.amount(held.rule_units))
        .put("opened_ts", Time(held.held_ts))
        .put("resolver_until_ts", Time(resolver_until(held))))
}

/// Until when the resolver may decide.
pub fn resolver_until(held: &Lease) -> i64 {
    held.held_ts.saturating_add(RESOLVE_SECS)
}
