//! What the chain asks for a booking now.

use super::{
    currency::{Currency, Pay},
    order::IO_RATE_HOURS,
    parts::Part,
    quote::{price, utilisation_bps, Fees, Priced, Quote, Wanted},
};
use crate::{
    chain::missing,
    context::Context,
    error::{CliError, Result},
    nouns::text,
    oracle::{self, Price, ORDER_AGE_SECS},
    output::{Record, Time},
};
use iog_client::{
    market::accounts::{Config, PriceBook},
    pda,
    registry::accounts::HardwareClass,
};
use iog_math::{oracle::PricePoint, units::Usd6};
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

/// A part with the price of now.
pub struct Offered {
    pub class: HardwareClass,
    pub gpus: u32,
    pub per_machine: u16,
    pub price: Usd6,
    utilisation_bps: u16,
    /// GPUs of its own class and of those that will do now.
    online_gpus: u64,
    idle_gpus: u64,
    /// Classes that will do for it, with their prices.
    alternatives: Vec<(HardwareClass, Usd6)>,
}

/// What the chain asks for a booking now.
pub struct Offer {
    pub parts: Vec<Offered>,
    pub currency: Currency,
    pub quote: Quote,
    /// Fees and windows of orders made now.
    pub config: Config,
    pub now: i64,
    /// The price of IO, where it is needed.
    pub oracle: Option<Price>,
}

impl Offered {
    async fn ask(context: &Context, part: &Part, wanted: &Wanted<'_>, now: i64) -> Result<Self> {
        let own = book(context, &part.class).await?;
        let ours = price(&part.class, &own, wanted, now)?;
        let (mut online_gpus, mut hired_gpus) = (own.online_gpus, own.hired_gpus);
        let mut alternatives = Vec::new();
        for class in &part.alternatives {
            let book = book(context, class).await?;
            let price = price(class, &book, wanted, now)?;
            if price <= ours {
                online_gpus = online_gpus.saturating_add(book.online_gpus);
                hired_gpus = hired_gpus.saturating_add(book.hired_gpus);
            }
            alternatives.push((class.clone(), price));
        }
        Ok(Self {
            price: ours,
            online_gpus,
            idle_gpus: online_gpus.saturating_sub(hired_gpus),
            utilisation_bps: utilisation_bps(&own, now)?,
            class: part.class.clone(),
            gpus: part.gpus,
            per_machine: part.per_machine,
            alternatives,
        })
    }

    /// What is on line, and a warning where it does not do. field case 24
    fn stock(&self) -> String {
        let (wanted, online, idle) = (u64::from(self.gpus), self.online_gpus, self.idle_gpus);
        let found = format!(
            "{}: {online} GPUs are on line, {idle} of them idle",
            text(&self.class.name)
        );
        match wanted > idle {
            true => format!("warning: {found}; {wanted} are wanted, and the order does not start before they are there"),
            false => found,
        }
    }

    fn priced(&self) -> Priced {
        Priced {
            gpus: self.gpus,
            price: self.price,
        }
    }

    fn record(&self, per_gpu_hour: u64, pay: Pay) -> Record {
        let others = self.alternatives.iter().map(|(class, price)| {
            Record::new()
                .put("class_id", class.id)
                .put("class_name", text(&class.name))
                .put("price_usd", *price)
                // At its own price, which the supplier is paid; dearer ones are not matched.
                .put("will_do_now", *price <= self.price)
        });
        Record::new()
            .put("class_id", self.class.id)
            .put("class_name", text(&self.class.name))
            .put("gpus", self.gpus)
            .put(
                "per_machine",
                (self.per_machine > 0).then_some(self.per_machine),
            )
            .put("price_usd", self.price)
            .put("price_per_gpu_hour", pay.amount(per_gpu_hour))
            .put("base_price_usd", Usd6(self.class.base_price_usd6))
            .put("utilisation_bps", self.utilisation_bps)
            .put("online_gpus", self.online_gpus)
            .put("idle_gpus", self.idle_gpus)
            .put("alternatives", others.collect::<Vec<_>>())
    }
}

impl Offer {
    /// Quotes the parts. The price of IO is read only for orders in IO.
    pub async fn ask(
        context: &Context,
        parts: &[Part],
        currency: Currency,
        price_account: Option<Pubkey>,
        wanted: &Wanted<'_>,
    ) -> Result<Self> {
        let config: Config = context.config(&pda::market::config()).await?;
        let oracle = match currency.pay {
            Pay::Io => Some(oracle::price(context, price_account, ORDER_AGE_SECS).await?),
            Pay::Usdc | Pay::Iosd => None,
        };
        let now = context.time().await?.now;
        let mut offered = Vec::new();
        for part in parts {
            offered.push(Offered::ask(context, part, wanted, now).await?);
        }
        let priced: Vec<Priced> = offered.iter().map(Offered::priced).collect();
        let point = oracle.as_ref().map(|price| &price.point);
        let fees = Fees::of(&config, currency.pay)?;
        Ok(Self {
            quote: Quote::of(&priced, currency.pay, point, wanted.hours, fees)?,
            parts: offered,
            currency,
            config,
            now,
            oracle,
        })
    }

    /// For each part what there is to be had, countries and reputation aside.
    pub fn stock(&self) -> Vec<String> {
        self.parts.iter().map(Offered::stock).collect()
    }

    /// The same at another price of IO.
    pub fn at(&mut self, point: &PricePoint) -> Result<()> {
        let priced: Vec<Priced> = self.parts.iter().map(Offered::priced).collect();
        let (hours, fees) = (self.quote.hours, self.quote.fees);
        self.quote = Quote::of(&priced, self.currency.pay, Some(point), hours, fees)?;
        Ok(())
    }

    /// Refuses classes that take no new orders.
    pub fn open(self) -> Result<Self> {
        let closed = self.parts.iter().find(|part| part.class.enabled != 1);
        match closed {
            None => Ok(self),
            Some(part) => Err(CliError::Refused(format!(
                "class {} ({}) is not offered: it is closed",
                part.class.id,
                text(&part.class.name)
            ))),
        }
    }

    /// Refuses a price of IO that the program would refuse.
    pub fn usable(self) -> Result<Self> {
        if let Some(oracle) = &self.oracle {
            oracle.require_usable(self.now)?;
        }
        Ok(self)
    }

    /// Whether all of the limit is deposited: only a deposit can pay a higher price in IO later.
    pub fn deposits_limit(&self) -> bool {
        self.currency.pay == Pay::Io && self.quote.hours > IO_RATE_HOURS
    }

    /// The account that the price of IO is read from; none is read for other currencies.
    pub fn price_account(&self) -> Pubkey {
        let oracle = self.oracle.as_ref();
        oracle.map_or_else(pda::token::price_source, |price| price.account)
    }

    /// The first part's keys are those of an order of one part.
    pub fn record(&self) -> Record {
        let pay = self.currency.pay;
        let units = self.quote.price_units.iter();
        let parts = self.parts.iter().zip(units);
        let parts: Vec<Record> = parts
            .map(|(part, units)| part.record(*units, pay))
            .collect();
        let first = self.parts.first();
        let record = Record::new()
            .put("class_id", first.map(|part| part.class.id))
            .put("class_name", first.map(|part| text(&part.class.name)))
            .extend(self.quote.record())
            .put("parts", parts);
        match &self.oracle {
            Some(oracle) => record
                .put("price_account", oracle.account)
                .put("price_publish_ts", Time(oracle.publish_ts))
                .put("price_usable", oracle.check(self.now).is_ok()),
            None => record,
        }
    }
}
