//! What a GPU-hour of each class costs, and what the price is made of.

use crate::{
    context::Context,
    error::Result,
    market::{
        self,
        quote::{price, utilisation_bps, Wanted},
    },
    nouns::text,
    output::{Record, Time},
};
use iog_client::{market::accounts::PriceBook, pda, registry::accounts::HardwareClass};
use iog_math::{
    oracle::PricePoint,
    units::{Io, Usd6},
};
use solana_pubkey::Pubkey;

/// A GPU for an hour, whatever device.
const ONE: Wanted = Wanted {
    hours: 1,
    min_tier: 0,
    countries: &[],
};

/// The named classes, else all that have a price book.
pub async fn records(
    context: &Context,
    named: &[String],
    point: Option<&PricePoint>,
    now: i64,
) -> Result<Vec<Record>> {
    let mut pairs = Vec::new();
    if named.is_empty() {
        let books = context.list::<PriceBook>(&[]).await?;
        let classes: Vec<Pubkey> = books
            .iter()
            .map(|(_, book)| pda::registry::class(book.class_id))
            .collect();
        let classes = context.find_all::<HardwareClass>(&classes).await?;
        let known = books.into_iter().zip(classes);
        pairs.extend(known.filter_map(|((_, book), class)| Some((class?, book))));
    } else {
        for class in market::classes(context, named).await? {
            let book = market::offer::book(context, &class).await?;
            pairs.push((class, book));
        }
    }
    pairs.sort_by_key(|(class, _)| class.id);
    pairs
        .iter()
        .map(|(class, book)| record(class, book, point, now))
        .collect()
}

fn record(
    class: &HardwareClass,
    book: &PriceBook,
    point: Option<&PricePoint>,
    now: i64,
) -> Result<Record> {
    // A class that takes no new orders has no price for one.
    let open = class.enabled == 1;
    let quote = price(class, book, &ONE, now).ok().filter(|_| open);
    let io = quote
        .zip(point)
        .and_then(|(quote, point)| point.io_for_usd6(quote.0).ok());
    Ok(Record::new()
        .put("class_id", class.id)
        .put("class_name", text(&class.name))
        .put("price_usd", quote)
        .put("price_io", io.map(Io))
        .put("base_price_usd", Usd6(class.base_price_usd6))
        .put("utilisation_bps", utilisation_bps(book, now)?)
        .put("online_gpus", book.online_gpus)
        .put("hired_gpus", book.hired_gpus)
        .extend(factors(book)))
}

pub fn factors(book: &PriceBook) -> Record {
    let list = |factors: &[u16]| factors.iter().map(u16::to_string).collect::<Vec<_>>();
    let hours = (0..24u32).filter(|hour| book.peak_hours >> hour & 1 == 1);
    let locations = book
        .locations
        .iter()
        .filter(|location| location.country != [0; 2])
        .map(|location| format!("{}={}", text(&location.country), location.factor_bps));
    Record::new()
        .put("kink_bps", book.kink_bps)
        .put("slope1_bps", book.slope1_bps)
        .put("slope2_bps", book.slope2_bps)
        .put("tier_bps", list(&book.tier_bps))
        .put("peak_bps", book.peak_bps)
        .put(
            "peak_hours",
            hours.map(|hour| hour.to_string()).collect::<Vec<_>>(),
        )
        .put("commitment_bps", list(&book.commitment_bps))
        .put("locations", locations.collect::<Vec<_>>())
        .put("changed_ts", Time(book.changed_ts))
}
