use super::book::factors;
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market,
    nouns::text,
    output::Record,
};
use clap::Args;
use iog_client::{
    market::{
        accounts::PriceBook,
        instructions::{AddPriceBook, SetPriceBook},
        types::{Location, PriceBookArgs},
    },
    pda,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const ONE_BPS: u16 = 10_000;
const NOWHERE: Location = Location {
    country: [0; 2],
    factor_bps: 0,
};
/// A class that is offered for the first time costs its base price.
const NEUTRAL: PriceBookArgs = PriceBookArgs {
    kink_bps: ONE_BPS,
    slope1_bps: 0,
    slope2_bps: 0,
    tier_bps: [ONE_BPS; 5],
    peak_bps: ONE_BPS,
    peak_hours: 0,
    commitment_bps: [ONE_BPS; 3],
    locations: [NOWHERE; 8],
};

#[derive(Args, Debug)]
pub struct Change {
    /// Class, by number or name
    class: String,
    /// Utilisation at which the curve bends
    #[arg(long, value_name = "BPS")]
    kink_bps: Option<u16>,
    /// Added for a whole of utilisation below the kink
    #[arg(long, value_name = "BPS")]
    slope1_bps: Option<u16>,
    /// Added for a whole of utilisation above the kink
    #[arg(long, value_name = "BPS")]
    slope2_bps: Option<u16>,
    /// Factors of the minimum tiers 0 to 4
    #[arg(long, value_name = "BPS", value_parser = factors_of::<5>)]
    tier_bps: Option<Factors<5>>,
    /// Factor of the peak hours
    #[arg(long, value_name = "BPS")]
    peak_bps: Option<u16>,
    /// Peak hours of the day in UTC, 0 to 23, or none
    #[arg(long, value_name = "HOURS", value_parser = hours)]
    peak_hours: Option<u32>,
    /// Factors of bookings of at least 24, 168 and 720 hours
    #[arg(long, value_name = "BPS", value_parser = factors_of::<3>)]
    commitment_bps: Option<Factors<3>>,
    /// Factors of up to 8 countries, such as DE=10500,IS=9500, or none; the others have 10000
    #[arg(long, value_name = "CC=BPS", value_parser = locations)]
    location: Option<Locations>,
}

/// A fixed number of factors in one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Factors<const N: usize>([u16; N]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Locations([Location; 8]);

fn factors_of<const N: usize>(text: &str) -> std::result::Result<Factors<N>, String> {
    let parsed: Option<Vec<u16>> = text.split(',').map(|part| part.parse().ok()).collect();
    parsed
        .and_then(|list| list.try_into().ok())
        .map(Factors)
        .ok_or_else(|| format!("{N} numbers of basis points are needed, with commas between them"))
}

fn hours(text: &str) -> std::result::Result<u32, String> {
    if text == "none" {
        return Ok(0);
    }
    let mut bits = 0u32;
    for part in text.split(',') {
        let hour: Option<u32> = part.parse().ok().filter(|hour| *hour < 24);
        let hour =
            hour.ok_or("hours are numbers from 0 to 23 with commas between them, or none")?;
        bits |= 1 << hour;
    }
    Ok(bits)
}

fn locations(text: &str) -> std::result::Result<Locations, String> {
    let mut list = [NOWHERE; 8];
    if text == "none" {
        return Ok(Locations(list));
    }
    for (place, part) in text.split(',').enumerate() {
        let (country, factor) = part.split_once('=').ok_or("use CC=BPS, such as DE=10500")?;
        let location = Location {
            country: args::country(country)?,
            factor_bps: factor
                .parse()
                .map_err(|_| "use CC=BPS, such as DE=10500".to_string())?,
        };
        let slot = list.get_mut(place);
        *slot.ok_or("a price book has room for 8 countries")? = location;
    }
    Ok(Locations(list))
}

impl Change {
    /// The factors with what is named changed.
    fn of(&self, before: &PriceBookArgs) -> PriceBookArgs {
        PriceBookArgs {
            kink_bps: self.kink_bps.unwrap_or(before.kink_bps),
            slope1_bps: self.slope1_bps.unwrap_or(before.slope1_bps),
            slope2_bps: self.slope2_bps.unwrap_or(before.slope2_bps),
            tier_bps: self.tier_bps.map_or(before.tier_bps, |list| list.0),
            peak_bps: self.peak_bps.unwrap_or(before.peak_bps),
            peak_hours: self.peak_hours.unwrap_or(before.peak_hours),
            commitment_bps: self
                .commitment_bps
                .map_or(before.commitment_bps, |list| list.0),
            locations: self.location.map_or(before.locations, |list| list.0),
        }
    }
}

fn held(book: &PriceBook) -> PriceBookArgs {
    PriceBookArgs {
        kink_bps: book.kink_bps,
        slope1_bps: book.slope1_bps,
        slope2_bps: book.slope2_bps,
        tier_bps: book.tier_bps,
        peak_bps: book.peak_bps,
        peak_hours: book.peak_hours,
        commitment_bps: book.commitment_bps,
        locations: book.locations,
    }
}

pub async fn run(context: &Context, change: &Change) -> Result<()> {
    confirm::allowed(context, "a change of prices")?;
    let signer = context.signer()?;
    let class = market::class(context, &change.class).await?;
    let address: Pubkey = pda::market::price_book(class.id);
    let before: Option<PriceBook> = context.find(&address).await?;
    let before = before.as_ref().map(held);
    let args = change.of(before.as_ref().unwrap_or(&NEUTRAL));
    if before == Some(args) {
        return Err(CliError::usage("that changes nothing: name a factor"));
    }
    let what = match before {
        Some(_) => "Move the price factors",
        None => "Offer GPUs for hire",
    };
    let named = format!("class {} ({})", class.id, text(&class.name));
    confirm::ask(context, &format!("{what} of {named}?"))?;
    let authority = signer.pubkey();
    let set = match before {
        Some(_) => SetPriceBook {
            authority,
            book: address,
            args,
        }
        .instruction(),
        None => AddPriceBook {
            authority,
            class: pda::registry::class(class.id),
            book: address,
            args,
        }
        .instruction(),
    };
    let receipt = context.submit(&[set], &signer, &[]).await?;
    let after: Option<PriceBook> = context.find(&address).await?;
    let shown = after.as_ref().map(factors).unwrap_or_default();
    let record = Record::new()
        .put("class_id", class.id)
        .put("class_name", text(&class.name))
        .put("book", address);
    context.out.one(&record.extend(shown).extend(receipt));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_come_in_lists() {
        assert_eq!(
            factors_of::<3>("9800,9500,9000"),
            Ok(Factors([9_800, 9_500, 9_000]))
        );
        assert!(factors_of::<3>("9800,9500").is_err());
        assert_eq!(hours("0,23"), Ok(1 | 1 << 23));
        assert_eq!(hours("none"), Ok(0));
        assert!(hours("24").is_err());
        let Locations(places) = locations("de=10500,IS=9500").unwrap();
        assert_eq!((places[0].country, places[0].factor_bps), (*b"DE", 10_500));
        assert_eq!((places[1].country, places[2].country), (*b"IS", [0; 2]));
        assert!(locations("DE").is_err());
        assert!(locations(&["DE=1"; 9].join(",")).is_err());
    }
}
