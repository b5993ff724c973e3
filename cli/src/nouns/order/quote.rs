use super::{
    booking::Booking,
    job,
    terms::{Terms as Promise, DEFAULT_DISPUTE_SECS},
};
use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    market::{
        currency::{self, Pay},
        offer::Offer,
        order::IO_RATE_HOURS,
        parts,
        quote::{Fees, Priced, Quote},
    },
    oracle,
    output::Record,
    waiting::somebody,
};
use clap::Args;
use iog_math::{
    market::{RESERVATION_FEE_BPS, USDC_EXTRA_BPS},
    units::Usd6,
};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct Terms {
    /// USD per GPU-hour instead of a class's price: off line, with the fees and the dispute window of the economics
    #[arg(long, value_name = "USD", requires = "gpus", conflicts_with_all = ["class", "parts", "price_account", "owner", "one_owner"], value_parser = args::usd)]
    base_price: Option<Usd6>,
    /// USD per IO instead of the oracle's
    #[arg(long, value_name = "USD", conflicts_with = "price_account", value_parser = args::usd)]
    io_price: Option<Usd6>,
    #[command(flatten)]
    booking: Booking,
    /// Also say what is wrong with this job, and how long its inputs travel
    #[arg(long, value_name = "FILE")]
    job: Option<PathBuf>,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let mut asked = Record::new().put("min_tier", terms.booking.min_tier());
    if let Some(job) = &terms.job {
        let warnings = job::warnings_of(context, job)?;
        warnings
            .iter()
            .for_each(|warning| context.note(&format!("warning: {warning}")));
        asked = asked.put("warnings", warnings);
    }
    let quoted = match terms.base_price {
        Some(base) => named(context, terms, base).await?,
        None => asked_of_chain(context, terms).await?,
    };
    context.out.one(&asked.extend(quoted));
    Ok(())
}

fn promised(quote: &Quote, dispute_secs: u32) -> Result<Record> {
    Promise {
        quote,
        dispute_secs,
        deposit: quote.total(),
        deposits_limit: quote.pay == Pay::Io && quote.hours > IO_RATE_HOURS,
    }
    .record()
}

/// At a price that the caller names; the chain is asked for the price of IO at most.
async fn named(context: &Context, terms: &Terms, base: Usd6) -> Result<Record> {
    let pay = terms.booking.payment.pay;
    let point = match (pay, terms.io_price) {
        (Pay::Io, None) => Some(
            oracle::price(context, None, oracle::ORDER_AGE_SECS)
                .await?
                .point,
        ),
        (_, io_price) => io_price.map(oracle::named),
    };
    let extra = match pay {
        Pay::Usdc => USDC_EXTRA_BPS,
        Pay::Io | Pay::Iosd => 0,
    };
    let fees = Fees {
        reservation_bps: RESERVATION_FEE_BPS.saturating_add(extra),
        network_bps: 0,
    };
    let gpus = terms.booking.shape.gpus_only();
    let gpus = gpus.ok_or_else(|| CliError::usage("pass --gpus <GPUS> with --base-price"))?;
    let part = Priced { gpus, price: base };
    let quote = Quote::of(&[part], pay, point.as_ref(), terms.booking.hours, fees)?;
    Ok(Record::new()
        .put("base_price_usd", base)
        .extend(quote.record())
        .extend(promised(&quote, DEFAULT_DISPUTE_SECS)?))
}

async fn asked_of_chain(context: &Context, terms: &Terms) -> Result<Record> {
    let booking = &terms.booking;
    let parts = parts::find(context, &booking.shape.named()?).await?;
    let currency = currency::find(context, &booking.payment).await?;
    let (price, wanted) = (booking.price_account, booking.wanted());
    let offer = Offer::ask(context, &parts, currency, price, &wanted).await?;
    let mut offer = offer.open()?;
    offer.stock().iter().for_each(|line| context.note(line));
    if let Some(io_price) = terms.io_price {
        offer.at(&oracle::named(io_price))?;
    }
    let mut args = booking.args(parts::entries(&parts)?)?;
    booking.choose_owner(context, &offer, &mut args).await?;
    let dispute_secs = u32::try_from(offer.config.dispute_secs.value).unwrap_or(u32::MAX);
    let owner = Record::new().put("owner", somebody(args.owner));
    Ok(owner
        .extend(offer.record())
        .extend(promised(&offer.quote, dispute_secs)?))
}
