use crate::{
    args,
    context::Context,
    error::{CliError, Result},
    oracle,
    output::{Record, Time},
};
use clap::Args;
use iog_client::{market::accounts::Config, pda};
use iog_math::{
    market::{order_cost, OrderCost, RESERVATION_FEE_BPS},
    oracle::PricePoint,
    units::{Io, Usd6},
    MathError,
};
use solana_pubkey::Pubkey;

#[derive(Args, Debug)]
pub struct Terms {
    /// Number of the hardware class
    #[arg(long, value_name = "ID", required_unless_present = "base_price")]
    class: Option<u16>,
    /// USD per GPU-hour instead of a class's
    #[arg(long, value_name = "USD", conflicts_with = "class", value_parser = args::usd)]
    base_price: Option<Usd6>,
    /// GPUs, 1 to 4096
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    gpus: u32,
    /// Hours, 1 to 87600
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    hours: u32,
    /// Pyth price account of IO/USD [default: the newest found]
    #[arg(long, value_name = "PUBKEY", conflicts_with = "io_price", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
    /// USD per IO instead of the oracle's
    #[arg(long, value_name = "USD", value_parser = args::usd)]
    io_price: Option<Usd6>,
}

/// A cost with what it was computed from.
pub struct Quote {
    pub price_per_gpu_hour: u64,
    pub cost: OrderCost,
}

/// What a renter pays on top of the rent, in basis points: reservation and network fee.
pub fn fees(config: &Config) -> Result<(u16, u16)> {
    let bps = |value: u64| u16::try_from(value).map_err(|_| MathError::OutOfRange);
    Ok((
        bps(config.reservation_fee_bps.value)?,
        bps(config.network_fee_bps.value)?,
    ))
}

/// The program's own arithmetic.
pub fn quote(
    point: &PricePoint,
    base: Usd6,
    (gpus, hours): (u32, u32),
    (renter_bps, network_bps): (u16, u16),
) -> Result<Quote> {
    let price_per_gpu_hour = point.io_for_usd6(base.0).map_err(|_| {
        CliError::Refused("the price of IO cannot be used: its uncertainty is as large as itself, or its exponent is odd".into())
    })?;
    let cost = order_cost(price_per_gpu_hour, gpus, hours, renter_bps, network_bps)?;
    Ok(Quote {
        price_per_gpu_hour,
        cost,
    })
}

impl Quote {
    pub fn record(&self) -> Record {
        Record::new()
            .put("price_per_gpu_hour", Io(self.price_per_gpu_hour))
            .put("rent", Io(self.cost.rent))
            .put("reservation_fee", Io(self.cost.renter_fee))
            .put("network_fee", Io(self.cost.network_fee))
            .put("total", Io(self.cost.total))
    }
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let base = match (terms.base_price, terms.class) {
        (Some(base), _) => base,
        (None, class) => {
            let class = context
                .class(&pda::registry::class(class.unwrap_or_default()))
                .await?;
            Usd6(class.base_price_usd6)
        }
    };
    // Nothing is asked of the chain when the caller names both prices.
    let on_line = terms.base_price.is_none() || terms.io_price.is_none();
    let paid = if on_line {
        let config: Config = context.config(&pda::market::config()).await?;
        fees(&config)?
    } else {
        (RESERVATION_FEE_BPS, 0)
    };
    let (point, source) = match terms.io_price {
        Some(price) => (oracle::named(price), Record::new()),
        None => {
            let price = oracle::price(context, terms.price_account).await?;
            let now = context.time().await?.now;
            let source = Record::new()
                .put("price_account", price.account)
                .put("price_publish_ts", Time(price.publish_ts))
                .put("price_usable", price.check(now).is_ok());
            (price.point, source)
        }
    };
    let quote = quote(&point, base, (terms.gpus, terms.hours), paid)?;
    context.out.one(
        &Record::new()
            .put("gpus", terms.gpus)
            .put("hours", terms.hours)
            .put("base_price_usd", base)
            .put("reservation_fee_bps", paid.0)
            .put("network_fee_bps", paid.1)
            .extend(quote.record())
            .extend(source),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_the_program_charges() {
        // 0.76 USD at 0.25 USD for one IO: 3.04 IO; two GPUs for three hours: 18.24 IO; 25 basis points: 0.0456 IO
        let quote = quote(
            &oracle::named(Usd6(250_000)),
            Usd6(760_000),
            (2, 3),
            (25, 0),
        )
        .unwrap();
        assert_eq!(quote.price_per_gpu_hour, 304_000_000);
        assert_eq!(quote.cost.rent, 1_824_000_000);
        assert_eq!(quote.cost.total, 1_828_560_000);
    }
}
