//! What GPU-hours cost: the program's own arithmetic (`iog_math`) on the program's own accounts.

use super::currency::{Amount, Pay};
use crate::{
    error::{CliError, Result},
    nouns::text,
    output::Record,
};
use iog_client::{
    market::accounts::{Config, PriceBook},
    registry::accounts::HardwareClass,
};
use iog_math::{
    market::{order_cost_of, OrderCost},
    oracle::PricePoint,
    pricing::{self, Booking, Location, Terms},
    units::{mul_div_floor, Usd6, BPS},
    MathError,
};

/// What a price depends on beside the class.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub hours: u32,
    pub min_tier: u8,
    pub countries: &'a [[u8; 2]],
}

/// What a renter pays on top of the rent, in basis points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    pub reservation_bps: u16,
    pub network_bps: u16,
}

/// GPUs at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    pub gpus: u32,
    /// US dollars for a GPU-hour.
    pub price: Usd6,
}

/// Prices of the parts and what they add up to.
#[derive(Clone, Debug)]
pub struct Quote {
    pub pay: Pay,
    pub parts: Vec<Priced>,
    /// For a GPU-hour of each part, in the currency.
    pub price_units: Vec<u64>,
    pub hours: u32,
    /// All GPUs for an hour, in the currency.
    pub hourly: u64,
    pub fees: Fees,
    pub cost: OrderCost,
}

impl Fees {
    /// Those of an order made now.
    pub fn of(config: &Config, pay: Pay) -> Result<Self> {
        let bps = |value: u64| u16::try_from(value).map_err(|_| MathError::OutOfRange);
        let extra = match pay {
            Pay::Usdc => bps(config.usd_extra_fee_bps.value)?,
            Pay::Io | Pay::Iosd => 0,
        };
        Ok(Self {
            reservation_bps: bps(config.reservation_fee_bps.value)?.saturating_add(extra),
            network_bps: bps(config.network_fee_bps.value)?,
        })
    }
}

/// A price in dollars in the currency; `point` is the price of IO, for what is paid in IO.
fn units_in(price: Usd6, pay: Pay, point: Option<&PricePoint>) -> Result<u64> {
    match (pay, point) {
        (Pay::Io, Some(point)) => point.io_for_usd6(price.0).map_err(|_| {
            CliError::Refused(
                "the price of IO cannot be used: its uncertainty is as large as itself, or its exponent is odd"
                    .into(),
            )
        }),
        (Pay::Io, None) => Err(CliError::Refused(
            "there is no price of IO: see iog price show".into(),
        )),
        (Pay::Usdc | Pay::Iosd, _) => Ok(price.0),
    }
}

impl Quote {
    /// The parts for `hours`; `point` is the price of IO, for what is paid in IO.
    pub fn of(
        parts: &[Priced],
        pay: Pay,
        point: Option<&PricePoint>,
        hours: u32,
        fees: Fees,
    ) -> Result<Self> {
        let mut hourly = 0u64;
        let mut price_units = Vec::new();
        for part in parts {
            let units = units_in(part.price, pay, point)?;
            let cost = units.checked_mul(u64::from(part.gpus));
            hourly = cost
                .and_then(|cost| hourly.checked_add(cost))
                .ok_or(MathError::Overflow)?;
            price_units.push(units);
        }
        let cost = order_cost_of(hourly, hours, fees.reservation_bps, fees.network_bps)?;
        Ok(Self {
            pay,
            parts: parts.to_vec(),
            price_units,
            hours,
            hourly,
            fees,
            cost,
        })
    }

    pub fn total(&self) -> Amount {
        self.pay.amount(self.cost.total)
    }

    /// The total and what it is made of, in words.
    pub fn words(&self) -> String {
        let fees = self.cost.total.saturating_sub(self.cost.rent);
        let prices: Vec<String> = self
            .parts
            .iter()
            .map(|part| part.price.to_string())
            .collect();
        format!(
            "{} (rent {}, fees {}) at {} USD for a GPU-hour",
            self.total(),
            self.pay.amount(self.cost.rent),
            self.pay.amount(fees),
            prices.join(" and ")
        )
    }

    /// Prices are those of the first part.
    pub fn record(&self) -> Record {
        let amount = |units: u64| self.pay.amount(units);
        let gpus = self.parts.iter().map(|part| part.gpus);
        Record::new()
            .put("currency", self.pay.unit())
            .put("gpus", gpus.fold(0u32, u32::saturating_add))
            .put("hours", self.hours)
            .put("price_usd", self.parts.first().map(|part| part.price))
            .put(
                "price_per_gpu_hour",
                self.price_units.first().map(|units| amount(*units)),
            )
            .put("per_hour", amount(self.hourly))
            .put("reservation_fee_bps", self.fees.reservation_bps)
            .put("network_fee_bps", self.fees.network_bps)
            .put("rent", amount(self.cost.rent))
            .put("reservation_fee", amount(self.cost.renter_fee))
            .put("network_fee", amount(self.cost.network_fee))
            .put("total", amount(self.cost.total))
    }

    /// The most that may be paid: what is given, else the total and a part of it.
    pub fn limit(&self, given: Option<&str>, slippage_bps: u64) -> Result<Amount> {
        let total = self.cost.total;
        let Some(text) = given else {
            // floor: the limit binds the renter's own money
            let more = mul_div_floor(total, slippage_bps, BPS)?;
            return Ok(self.pay.amount(total.saturating_add(more)));
        };
        let limit = self.pay.amount(self.pay.parse(text)?);
        if limit.units < total {
            return Err(CliError::Refused(format!(
                "the total is {} now, more than --max-total {limit}: raise it or book less",
                self.total()
            )));
        }
        Ok(limit)
    }
}

/// All factors of a book, with a base price.
pub fn terms(book: &PriceBook, base_usd6: u64) -> Terms {
    Terms {
        base_usd6,
        kink_bps: book.kink_bps,
        slope1_bps: book.slope1_bps,
        slope2_bps: book.slope2_bps,
        tier_bps: book.tier_bps,
        peak_bps: book.peak_bps,
        peak_hours: book.peak_hours,
        commitment_bps: book.commitment_bps,
        locations: book.locations.map(|location| Location {
            country: location.country,
            factor_bps: location.factor_bps,
        }),
    }
}

/// What prices are made with now.
pub fn utilisation_bps(book: &PriceBook, now: i64) -> Result<u16> {
    Ok(pricing::utilisation_at(
        book.utilisation_bps,
        book.moved_ts,
        book.hired_gpus,
        book.online_gpus,
        now,
    )?)
}

/// US dollars for one GPU-hour of the class in an order made now. A class that takes no new orders has a price for those that run.
pub fn price(class: &HardwareClass, book: &PriceBook, wanted: &Wanted, now: i64) -> Result<Usd6> {
    price_booked(class, book, wanted, now, now)
}

/// As busy as the class is at `now`, for an order that was made at `booked_ts`: that decides about peak hours.
pub fn price_booked(
    class: &HardwareClass,
    book: &PriceBook,
    wanted: &Wanted,
    booked_ts: i64,
    now: i64,
) -> Result<Usd6> {
    if class.base_price_usd6 == 0 {
        return Err(CliError::Refused(format!(
            "class {} ({}) is not offered: it has no price",
            class.id,
            text(&class.name)
        )));
    }
    let booking = Booking {
        hours: wanted.hours,
        min_tier: wanted.min_tier,
        countries: wanted.countries,
        now: booked_ts,
    };
    let terms = terms(book, class.base_price_usd6);
    Ok(Usd6(pricing::quote(
        &terms,
        utilisation_bps(book, now)?,
        &booking,
    )?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle;

    fn quote(pay: Pay, reservation_bps: u16) -> Quote {
        let point = oracle::named(Usd6(250_000));
        let fees = Fees {
            reservation_bps,
            network_bps: 0,
        };
        let parts = [Priced {
            gpus: 2,
            price: Usd6(760_000),
        }];
        Quote::of(&parts, pay, Some(&point), 3, fees).unwrap()
    }

    #[test]
    fn quotes_as_the_program_charges() {
        // 0.76 USD at 0.25 USD for one IO: 3.04 IO; two GPUs for three hours: 18.24 IO; 25 basis points: 0.0456 IO
        let io = quote(Pay::Io, 25);
        assert_eq!(io.price_units, [304_000_000]);
        assert_eq!(io.cost.rent, 1_824_000_000);
        assert_eq!(io.cost.total, 1_828_560_000);
        // 4.56 USD and 225 basis points of it
        let usdc = quote(Pay::Usdc, 225);
        assert_eq!(usdc.cost.total, 4_662_600);
        assert_eq!(usdc.total().to_string(), "4.6626 USDC");
    }

    #[test]
    fn parts_add_up() {
        // 2 at 0.76 and 3 at 0.10: 1.82 USD an hour, for 10 hours, and 25 basis points rounded up once
        let parts = [(2, 760_000), (3, 100_000)];
        let parts = parts.map(|(gpus, price)| Priced {
            gpus,
            price: Usd6(price),
        });
        let fees = Fees {
            reservation_bps: 25,
            network_bps: 0,
        };
        let quote = Quote::of(&parts, Pay::Iosd, None, 10, fees).unwrap();
        assert_eq!((quote.hourly, quote.cost.total), (1_820_000, 18_245_500));
        let words = quote.words();
        assert!(
            words.ends_with("at 0.76 and 0.1 USD for a GPU-hour"),
            "{words}"
        );
    }

    #[test]
    fn no_more_than_the_limit_is_paid() {
        let usdc = quote(Pay::Usdc, 225);
        assert_eq!(usdc.limit(None, 100).unwrap().units, 4_709_226);
        assert_eq!(usdc.limit(Some("4.6626"), 100).unwrap().units, 4_662_600);
        assert_eq!(usdc.limit(Some("4.66"), 100).unwrap_err().exit_code(), 3);
        assert_eq!(usdc.limit(Some("4,7"), 100).unwrap_err().exit_code(), 2);
    }
}
