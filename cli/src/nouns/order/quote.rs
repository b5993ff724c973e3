use super::booking::Booking;
use crate::{
    args,
    context::Context,
    error::Result,
    market::{
        self,
        currency::{self, Pay},
        offer::{self, Offer},
        quote::{price, Fees, Quote},
    },
    nouns::text,
    oracle,
    output::Record,
};
use clap::Args;
use iog_client::registry::accounts::HardwareClass;
use iog_math::{
    market::{RESERVATION_FEE_BPS, USDC_EXTRA_BPS},
    units::Usd6,
};

#[derive(Args, Debug)]
pub struct Terms {
    /// Class that is quoted, by number or name, and up to three that will do at its price
    #[arg(long, value_name = "CLASS", num_args = 1.., value_delimiter = ',', required_unless_present = "base_price")]
    class: Vec<String>,
    /// USD per GPU-hour instead of a class's price: off line, with the fees of the economics
    #[arg(long, value_name = "USD", conflicts_with_all = ["class", "price_account"], value_parser = args::usd)]
    base_price: Option<Usd6>,
    /// USD per IO instead of the oracle's
    #[arg(long, value_name = "USD", conflicts_with = "price_account", value_parser = args::usd)]
    io_price: Option<Usd6>,
    #[command(flatten)]
    booking: Booking,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let booking = &terms.booking;
    let asked = Record::new()
        .put("gpus", booking.gpus)
        .put("hours", booking.hours)
        .put("min_tier", booking.min_tier());
    let quoted = match terms.base_price {
        Some(base) => named(context, terms, base).await?,
        None => asked_of_chain(context, terms).await?,
    };
    context.out.one(&asked.extend(quoted));
    Ok(())
}

/// At a price that the caller names; the chain is asked for the price of IO at most.
async fn named(context: &Context, terms: &Terms, base: Usd6) -> Result<Record> {
    let pay = terms.booking.payment.pay;
    let point = match (pay, terms.io_price) {
        (Pay::Io, None) => Some(oracle::price(context, None).await?.point),
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
    let quote = Quote::at(base, pay, point.as_ref(), &terms.booking.wanted(), fees)?;
    Ok(Record::new()
        .put("base_price_usd", base)
        .extend(quote.record()))
}

async fn asked_of_chain(context: &Context, terms: &Terms) -> Result<Record> {
    let booking = &terms.booking;
    let mut classes = market::classes(context, &terms.class).await?.into_iter();
    let Some(first) = classes.next() else {
        return Ok(Record::new());
    };
    let currency = currency::find(context, &booking.payment).await?;
    let mut offer = Offer::ask(
        context,
        first,
        currency,
        booking.price_account,
        &booking.wanted(),
    )
    .await?;
    if let Some(io_price) = terms.io_price {
        let point = oracle::named(io_price);
        offer.quote = Quote::at(
            offer.quote.price,
            currency.pay,
            Some(&point),
            &booking.wanted(),
            offer.quote.fees,
        )?;
    }
    let mut alternatives = Vec::new();
    for class in classes {
        alternatives.push(alternative(context, &offer, &class, booking).await?);
    }
    Ok(offer.record()?.put("alternatives", alternatives))
}

/// Whether a device of another class would be matched at the price of the order.
async fn alternative(
    context: &Context,
    offer: &Offer,
    class: &HardwareClass,
    booking: &Booking,
) -> Result<Record> {
    let book = offer::book(context, class).await?;
    let price = price(class, &book, &booking.wanted(), offer.now)?;
    Ok(Record::new()
        .put("class_id", class.id)
        .put("class_name", text(&class.name))
        .put("price_usd", price)
        .put("will_do_now", price <= offer.quote.price))
}
