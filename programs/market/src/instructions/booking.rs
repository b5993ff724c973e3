//! What orders and extensions share, in whatever currency.

use crate::{
    constants::pause,
    errors::PriceError,
    events::{OrderCreated, OrderExtended},
    state::*,
    MarketError,
};
use anchor_lang::prelude::*;
use iog_common::pyth;
use iog_math::market::{order_cost, OrderCost};
use iog_registry::HardwareClass;
use iog_token::PriceSource;

/// Where the price of IO is read, and believed.
#[derive(Clone, Copy)]
pub struct Oracle<'a> {
    pub source: &'a PriceSource,
    pub price: &'a UncheckedAccount,
}

/// The price of a GPU-hour in the currency of the escrow: IO at the oracle's price least favourable to the payer, dollars as
/// they are.
pub fn rate_in(escrow: &Escrow, price_usd6: u64, oracle: Option<Oracle>, now: i64) -> Result<Rate> {
    let units = if escrow.is(Currency::Io) {
        let oracle = oracle.ok_or(MarketError::WrongCurrency)?;
        let source = oracle.source.source();
        let price = pyth::read(oracle.price.account(), &source, now).map_err(PriceError::from)?;
        price.io_for_usd6(price_usd6).map_err(MarketError::from)?
    } else {
        price_usd6
    };
    Ok(Rate {
        from_ts: 0,
        price_per_gpu_hour_units: units,
        price_usd6,
    })
}

/// Everything that has to be paid for `gpus` for `hours`, at most `max_total`.
pub fn cost(
    rate: &Rate,
    gpus: u32,
    hours: u32,
    terms: &Terms,
    max_total: u64,
) -> Result<OrderCost> {
    let cost = order_cost(
        rate.price_per_gpu_hour_units,
        gpus,
        hours,
        terms.renter_fee_bps,
        terms.network_fee_bps,
    )
    .map_err(MarketError::from)?;
    require!(cost.total <= max_total, MarketError::TotalAboveLimit);
    Ok(cost)
}

/// The accounts of a new order that do not depend on the currency.
pub struct NewOrder<'a> {
    pub config: &'a Config,
    pub class: &'a HardwareClass,
    pub book: &'a PriceBook,
    /// None for IOSD, which needs no price.
    pub oracle: Option<Oracle<'a>>,
    pub escrow: &'a mut Escrow,
    pub stats: &'a mut RenterStats,
    pub order: &'a mut Order,
    pub address: Address,
    pub bump: u8,
}

/// Books a new order; the caller moves the total it returns.
pub fn open_order(new: NewOrder, args: &OrderArgs, now: i64) -> Result<u64> {
    args.validate()?;
    new.config.require_running(pause::ORDERS)?;
    let [first, ..] = args.class_ids;
    require!(first == new.class.id, MarketError::WrongClass);
    let price_usd6 = new
        .book
        .quote(new.class, args.hours, args.min_tier, &args.countries, now)?;
    let rate = rate_in(new.escrow, price_usd6, new.oracle, now)?;
    let terms = new.config.terms(new.escrow.currency);
    let cost = cost(&rate, args.gpus, args.hours, &terms, args.max_total)?;

    let escrowed_before = new.escrow.escrowed_units;
    new.escrow.deposit(cost.total)?;
    new.stats.orders = new.stats.orders.saturating_add(1);
    let order = new.order;
    order.renter = new.stats.renter;
    order.mint = new.escrow.mint;
    order.currency = new.escrow.currency;
    order.version = 1;
    order.bump = new.bump;
    order.open(args, rate, &cost, &terms, now)?;
    emit!(OrderCreated {
        order: new.address,
        renter: order.renter,
        class_id: first,
        gpus: args.gpus,
        hours: args.hours,
        price_usd6,
        price_per_gpu_hour: rate.price_per_gpu_hour_units,
        total: cost.total,
        escrowed_before,
        escrowed_after: new.escrow.escrowed_units,
    });
    Ok(cost.total)
}

/// How much longer an order runs.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ExtendArgs {
    pub hours: u32,
    /// Refuse a total above this, fees included.
    pub max_total: u64,
}

/// The accounts of an extension that do not depend on the currency.
pub struct Extension<'a> {
    pub config: &'a Config,
    pub class: &'a HardwareClass,
    pub book: &'a PriceBook,
    /// None for IOSD, which needs no price.
    pub oracle: Option<Oracle<'a>>,
    pub escrow: &'a mut Escrow,
    pub order: &'a mut Order,
    pub address: Address,
}

/// Books further hours at the price of now; those booked before keep theirs. The caller moves the total it returns.
pub fn extend_order(extension: Extension, args: &ExtendArgs, now: i64) -> Result<u64> {
    validate_hours(args.hours)?;
    extension.config.require_running(pause::ORDERS)?;
    let order = extension.order;
    let [first, ..] = order.class_ids;
    require!(first == extension.class.id, MarketError::WrongClass);
    let price_usd6 = extension.book.quote(
        extension.class,
        args.hours,
        order.min_tier,
        &order.countries,
        now,
    )?;
    let rate = rate_in(extension.escrow, price_usd6, extension.oracle, now)?;
    let terms = extension.config.terms(extension.escrow.currency);
    let cost = cost(&rate, order.gpus, args.hours, &terms, args.max_total)?;

    let escrowed_before = extension.escrow.escrowed_units;
    extension.escrow.deposit(cost.total)?;
    order.extend(args.hours, rate, now)?;
    order.deposit(&cost)?;
    emit!(OrderExtended {
        order: extension.address,
        hours: args.hours,
        price_usd6,
        price_per_gpu_hour: rate.price_per_gpu_hour_units,
        total: cost.total,
        end_ts: order.end_ts,
        escrowed_before,
        escrowed_after: extension.escrow.escrowed_units,
    });
    Ok(cost.total)
}
