//! Disputes: leases whose last hours a renter does not want to pay.

mod answer;
mod verbs;
pub mod verdict;

use super::lease::Named;
use crate::{
    args,
    context::Context,
    error::Result,
    market::{
        currency::Pay,
        lease::{self, answered, in_dispute, is_judged, DISPUTED},
    },
    output::{Record, Time},
    waiting::somebody,
};
use clap::{Args, Subcommand};
use iog_client::{
    market::accounts::{Config, Lease, Order},
    pda,
};
use solana_pubkey::Pubkey;

/// How long the resolver may decide (`RESOLVE_SECS` of the program's constants.rs): 72 hours.
const RESOLVE_SECS: i64 = 259_200;
/// Answers come first: 20 minutes until all is judged, and 6 hours (`JUDGED_SECS`, `ANSWER_SECS`).
const ANSWERS_SECS: i64 = 22_800;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Leases in dispute: what is disputed, and until when the resolver may decide
    #[command(after_help = "Example:\n  iog dispute list -o json")]
    List,
    /// One dispute
    #[command(
        after_help = "Example:\n  iog dispute show 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    Show(Named),
    /// Split what is disputed; the resolver signs that the dispute was opened before, who is neither renter nor supplier
    #[command(
        after_help = "Answers come first: from 6 hours and 20 minutes after the opening on, and before 72 hours are over. What is in dispute is shown before anything is signed, and the decision is about that amount: where an answer changes it meanwhile, nothing is decided. What the supplier does not get goes back to the renter, with the deposit; where it gets all, and that is more than nothing, the deposit is its, too. Less than all leaves a verdict, for 180 days, that a slash case may name.\n\nExamples:\n  iog dispute resolve 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --to-supplier 1.5 -k resolver.json\n  iog dispute resolve 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --to-supplier none -k resolver.json --yes"
    )]
    Resolve(Decision),
    /// Answer with the renter's receipt: slots that it acknowledges, with a heartbeat, are the supplier's at once; anyone may
    #[command(
        after_help = "They leave the dispute with their part of the deposit, and nobody decides about them again; the rest stays disputed. Node and agent keep a receipt for each day of a lease, of UTC: a dispute over midnight takes two answers; a node sends them by itself. iog order evidence copies the renter's.\n\nExample:\n  iog dispute answer 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --receipt receipt-2945376.json"
    )]
    Answer(answer::Terms),
    /// Split by the rule when the resolver has not decided in 72 hours: proved slots are the supplier's, and the deposit; anyone may
    #[command(
        after_help = "Example:\n  iog dispute by-rule 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk --yes"
    )]
    ByRule(Named),
    /// What the resolver decided about a lease, kept when the lease is gone
    #[command(
        after_help = "Example:\n  iog dispute verdict 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk -o json"
    )]
    Verdict(Named),
    /// All verdicts that are kept, or one device's or renter's
    #[command(
        after_help = "Example:\n  iog dispute verdicts --renter 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q"
    )]
    Verdicts {
        /// Only of this device (its address)
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        device: Option<Pubkey>,
        /// Only of this renter
        #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
        renter: Option<Pubkey>,
    },
    /// Give the rent of a verdict back to its resolver when no slash case can name it any more; anyone may
    #[command(
        after_help = "After 180 days; at once where the supplier got everything.\n\nExample:\n  iog dispute close-verdict 4Nd1mYQzvgV8Vr3Z3nYb7pD6T8K2jzv5bRkXr1Y6QdLk"
    )]
    CloseVerdict(Named),
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
        Verb::Show(named) => show(context, &named.lease).await,
        Verb::Resolve(decision) => verbs::resolve(context, &decision).await,
        Verb::Answer(terms) => answer::run(context, &terms).await,
        Verb::ByRule(named) => verbs::by_rule(context, &named.lease).await,
        Verb::Verdict(named) => verdict::show(context, &named.lease).await,
        Verb::Verdicts { device, renter } => verdict::list(context, device, renter).await,
        Verb::CloseVerdict(named) => verdict::close(context, &named.lease).await,
    }
}

async fn show(context: &Context, address: &Pubkey) -> Result<()> {
    let (leased, order) = lease::find(context, address).await?;
    verbs::require_disputed(&leased)?;
    let shown = record(&leased.address, &leased.lease, &order)?;
    let config: Config = context.config(&pda::market::config()).await?;
    let named = resolver_of(&config) == Some(leased.lease.resolver);
    context.out.one(
        &shown
            // A resolver that was removed decides nothing: the rule does, when its time is over.
            .put("resolver_is_named", named)
            .put("resolver_now", resolver_of(&config)),
    );
    Ok(())
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

/// What the rule gives the supplier is all that is held and not answered: only proved slots are held.
pub fn record(address: &Pubkey, lease: &Lease, order: &Order) -> Result<Record> {
    let pay = Pay::of(order.currency)?;
    let units = in_dispute(order, lease)?;
    Ok(Record::new()
        .put("lease", *address)
        .put("order", lease.order)
        .put("device", lease.device)
        .put("renter", order.renter)
        .put("supplier", lease.owner)
        .put("state", lease::state(lease.state))
        .put("disputed", pay.amount(units))
        .put("by_rule_to_supplier", pay.amount(units))
        // What receipts have answered is paid, and no longer disputed.
        .put("answered", pay.amount(answered(order, lease)?))
        .put("deposit", pay.amount(lease.deposit_units))
        // Slots that are not over are judged first: then the dispute can end.
        .put("judged", is_judged(order, lease))
        .put("resolver", lease.resolver)
        .put("opened_ts", Time(lease.disputed_ts))
        .put("resolver_from_ts", Time(resolver_from(lease)))
        .put("resolver_until_ts", Time(resolver_until(lease))))
}

/// From when on the resolver may decide.
pub fn resolver_from(lease: &Lease) -> i64 {
    lease.disputed_ts.saturating_add(ANSWERS_SECS)
}

/// Until when the resolver may decide.
pub fn resolver_until(lease: &Lease) -> i64 {
    lease.disputed_ts.saturating_add(RESOLVE_SECS)
}

/// Who decides disputes.
pub fn resolver_of(config: &Config) -> Option<Pubkey> {
    somebody(config.resolver.key)
}
