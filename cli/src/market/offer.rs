//! What the chain asks for a booking now.

use super::{
    currency::{Currency, Pay},
    quote::{price, utilisation_bps, Fees, Quote, Wanted},
};
use crate::{
    chain::missing,
    context::Context,
    error::Result,
    nouns::text,
    oracle::{self, Price},
    output::{Record, Time},
};
use iog_client::{
    market::accounts::{Config, PriceBook},
    pda,
    registry::accounts::HardwareClass,
};
use iog_math::units::Usd6;
use solana_pubkey::Pubkey;

pub async fn book(context: &Context, class: &HardwareClass) -> Result<PriceBook> {
    let address = pda::market::price_book(class.id);
    let found = context.find(&address).await?;
    found.ok_or_else(|| {
        missing(
            "PriceBook",
            &address,
            "the class is not for hire yet; iog price show lists those that are",
        )
    })
}

/// What the chain asks for a booking now.
pub struct Offer {
    pub class: HardwareClass,
    pub book: PriceBook,
    pub currency: Currency,
    pub quote: Quote,
    pub now: i64,
    /// The price of IO, where it is needed.
    pub oracle: Option<Price>,
}

impl Offer {
    /// Quotes the class. The price of IO is read only for orders in IO.
    pub async fn ask(
        context: &Context,
        class: HardwareClass,
        currency: Currency,
        price_account: Option<Pubkey>,
        wanted: &Wanted<'_>,
    ) -> Result<Self> {
        let config: Config = context.config(&pda::market::config()).await?;
        let book = book(context, &class).await?;
        let oracle = match currency.pay {
            Pay::Io => Some(oracle::price(context, price_account).await?),
            Pay::Usdc | Pay::Iosd => None,
        };
        let now = context.time().await?.now;
        let price = price(&class, &book, wanted, now)?;
        let point = oracle.as_ref().map(|price| &price.point);
        let fees = Fees::of(&config, currency.pay)?;
        Ok(Self {
            quote: Quote::at(price, currency.pay, point, wanted, fees)?,
            class,
            book,
            currency,
            now,
            oracle,
        })
    }

    /// Refuses a price of IO that the program would refuse.
    pub fn usable(self) -> Result<Self> {
        if let Some(oracle) = &self.oracle {
            oracle.require_usable(self.now)?;
        }
        Ok(self)
    }

    /// The account that the price of IO is read from; none is read for other currencies.
    pub fn price_account(&self) -> Pubkey {
        let oracle = self.oracle.as_ref();
        oracle.map_or_else(pda::token::price_source, |price| price.account)
    }

    pub fn record(&self) -> Result<Record> {
        let record = Record::new()
            .put("class_id", self.class.id)
            .put("class_name", text(&self.class.name))
            .put("base_price_usd", Usd6(self.class.base_price_usd6))
            .put("utilisation_bps", utilisation_bps(&self.book, self.now)?)
            .extend(self.quote.record());
        Ok(match &self.oracle {
            Some(oracle) => record
                .put("price_account", oracle.account)
                .put("price_publish_ts", Time(oracle.publish_ts))
                .put("price_usable", oracle.check(self.now).is_ok()),
            None => record,
        })
    }
}
