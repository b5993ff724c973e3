use super::{
    create::{require_funds, Limit},
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
        quote::Wanted,
    },
    output::{Record, Time},
};
use clap::Args;
use iog_client::{market::types::ExtendArgs, pda};
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

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    confirm::allowed(context, "an extension")?;
    let signer = context.signer()?;
    let address = terms.order.order;
    let booked = order::find(context, &address).await?;
    let [first, ..] = booked.class_ids;
    let class = context.class(&pda::registry::class(first)).await?;
    let currency = Currency::of(&booked)?;
    let wanted = Wanted {
        gpus: booked.gpus,
        hours: terms.hours,
        min_tier: booked.min_tier,
        countries: &booked.countries,
    };
    let offer = Offer::ask(context, class, currency, terms.price_account, &wanted);
    let offer = offer.await?.usable()?;
    if booked.state != ACTIVE || offer.now >= booked.end_ts {
        return Err(CliError::Refused(format!(
            "order {address} does not run: only a running order can be extended"
        )));
    }
    let limit = terms.limit.of(&offer)?;
    require_funds(context, &currency, &signer.pubkey(), offer.quote.total()).await?;
    confirm::ask(
        context,
        &format!(
            "Escrow {}, at most {limit}, for {} hours more on order {address}?",
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
    let record = Record::new()
        .put("order", address)
        .put("hours_added", terms.hours)
        .put("end_ts", Time(booked.end_ts.saturating_add(more)))
        .extend(offer.record()?)
        .put("max_total", limit);
    context.out.one(&record.extend(receipt));
    Ok(())
}
