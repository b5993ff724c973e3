use super::{
    limit::{require_funds, Limit},
    Named,
};
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::Currency,
        offer::Offer,
        order::{self, ACTIVE},
        parts::Part,
        quote::Wanted,
    },
    output::{rfc3339, Record, Time},
};
use clap::Args;
use iog_client::{
    market::{accounts::Order, types::ExtendArgs},
    pda,
};
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    order: Named,
    /// Hours to add, 1 to 87600
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    hours: u32,
    #[command(flatten)]
    limit: Limit,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
}

/// The order's parts; a class that takes no new orders has a price all the same.
async fn parts(context: &Context, booked: &Order) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for (_, part) in order::entries(booked).filter(|(_, part)| part.gpus > 0) {
        parts.push(Part {
            class: context.class(&pda::registry::class(part.class_id)).await?,
            alternatives: Vec::new(),
            gpus: part.gpus,
            per_machine: part.per_machine,
        });
    }
    Ok(parts)
}

/// The program would refuse too, but it does not know what to do about it.
fn require_extendable(address: &Pubkey, booked: &Order, now: i64) -> Result<()> {
    if booked.state != ACTIVE || now >= booked.end_ts {
        return Err(CliError::Refused(format!(
            "order {address} does not run: only a running order can be extended"
        )));
    }
    if booked.step_ts != 0 {
        return Err(CliError::Refused(format!(
            "hours of order {address} wait for their price in IO: it is taken anew from {} on with iog order price-anew",
            rfc3339(booked.step_ts)
        )));
    }
    Ok(())
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    confirm::allowed(context, "an extension")?;
    let signer = context.signer()?;
    let address = terms.order.order;
    let booked = order::find(context, &address).await?;
    let currency = Currency::of(&booked)?;
    terms.limit.check(currency.pay)?;
    let wanted = Wanted {
        hours: terms.hours,
        min_tier: booked.min_tier,
        countries: &booked.countries,
    };
    let parts = parts(context, &booked).await?;
    let offer = Offer::ask(context, &parts, currency, terms.price_account, &wanted).await?;
    let offer = offer.usable()?;
    require_extendable(&address, &booked, offer.now)?;
    let limit = terms.limit.of(&offer)?;
    let deposit = match offer.deposits_limit() {
        true => limit,
        false => offer.quote.total(),
    };
    require_funds(context, &currency, &signer.pubkey(), deposit).await?;
    confirm::ask(
        context,
        &format!(
            "Escrow {}, at most {limit}, for {} hours more on order {address}? {deposit} are deposited; hours booked before keep their price.",
            offer.quote.words(),
            terms.hours
        ),
    )?;
    let args = ExtendArgs {
        hours: terms.hours,
        max_total: limit.units,
    };
    let extend = order::extend(&offer, address, signer.pubkey(), args);
    let receipt = context.submit(&[extend], &signer, &[]).await?;
    let more = i64::from(terms.hours).saturating_mul(HOUR);
    let until = booked.funded_until_ts.saturating_add(more);
    let after = order::find(context, &address).await?;
    let record = Record::new()
        .put("order", address)
        .put("hours_added", terms.hours)
        .put("end_ts", (!context.dry_run).then_some(Time(after.end_ts)))
        .put("funded_until_ts", Time(until))
        .extend(offer.record())
        .put("max_total", limit)
        .put("deposit", deposit);
    context.out.one(&record.extend(receipt));
    Ok(())
}
