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
    market::{order_cost, OrderCost},
    oracle::PricePoint,
    pricing::{self, Booking, Location, Terms},
    units::{mul_div_floor, Usd6, BPS},
    MathError,
};

/// What is quoted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub gpus: u32,
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

/// A price and what it adds up to.
#[derive(Clone, Copy, Debug)]
pub struct Quote {
    pub pay: Pay,
    /// US dollars for a GPU-hour.
    pub price: Usd6,
    /// The same in the currency.
    pub price_units: u64,
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

impl Quote {
    /// At a price in dollars; `point` is the price of IO, for what is paid in IO.
    pub fn at(
        price: Usd6,
        pay: Pay,
        point: Option<&PricePoint>,
        wanted: &Wanted,
        fees: Fees,
    ) -> Result<Self> {
        let price_units = match (pay, point) {
            (Pay::Io, Some(point)) => point.io_for_usd6(price.0).map_err(|_| {
                CliError::Refused("the price of IO cannot be used: its uncertainty is as large as itself, or its exponent is odd".into())
            })?,
            (Pay::Io, None) => {
                return Err(CliError::Refused("there is no price of IO: see iog price show".into()))
            }
            (Pay::Usdc | Pay::Iosd, _) => price.0,
        };
        let cost = order_cost(
            price_units,
            wanted.gpus,
            wanted.hours,
            fees.reservation_bps,
            fees.network_bps,
        )?;
        Ok(Self {
            pay,
            price,
            price_units,
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
        format!(
            "{} (rent {}, fees {}) at {} USD for a GPU-hour",
            self.total(),
            self.pay.amount(self.cost.rent),
            self.pay.amount(fees),
            self.price
        )
    }

    pub fn record(&self) -> Record {
        let amount = |units: u64| self.pay.amount(units);
        Record::new()
            .put("currency", self.pay.unit())
            .put("price_usd", self.price)
            .put("price_per_gpu_hour", amount(self.price_units))
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

/// US dollars for one GPU-hour of the class in an order made now.
pub fn price(class: &HardwareClass, book: &PriceBook, wanted: &Wanted, now: i64) -> Result<Usd6> {
    if class.enabled != 1 || class.base_price_usd6 == 0 {
        return Err(CliError::Refused(format!(
            "class {} ({}) is not offered: it is closed or has no price",
            class.id,
            text(&class.name)
        )));
    }
    let booking = Booking {
        hours: wanted.hours,
        min_tier: wanted.min_tier,
        countries: wanted.countries,
        now,
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

    const WANTED: Wanted = Wanted {
        gpus: 2,
        hours: 3,
        min_tier: 0,
        countries: &[],
    };

    fn quote(pay: Pay, reservation_bps: u16) -> Quote {
        let point = oracle::named(Usd6(250_000));
        let fees = Fees {
            reservation_bps,
            network_bps: 0,
        };
        Quote::at(Usd6(760_000), pay, Some(&point), &WANTED, fees).unwrap()
    }

    #[test]
    fn quotes_as_the_program_charges() {
        // 0.76 USD at 0.25 USD for one IO: 3.04 IO; two GPUs for three hours: 18.24 IO; 25 basis points: 0.0456 IO
        let io = quote(Pay::Io, 25);
        assert_eq!(io.price_units, 304_000_000);
        assert_eq!(io.cost.rent, 1_824_000_000);
        assert_eq!(io.cost.total, 1_828_560_000);
        // 4.56 USD and 225 basis points of it
        let usdc = quote(Pay::Usdc, 225);
        assert_eq!(usdc.cost.total, 4_662_600);
        assert_eq!(usdc.total().to_string(), "4.6626 USDC");
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
