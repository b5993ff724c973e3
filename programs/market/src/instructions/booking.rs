//! What orders and extensions share, in whatever currency.

use crate::{
    constants::*,
    errors::PriceError,
    events::{OrderCreated, OrderExtended},
    state::*,
    MarketError,
};
use anchor_lang::prelude::*;
use iog_common::price::{self, ORDER_AGE_SECS};
use iog_math::{
    market::{order_cost_of, OrderCost},
    pricing::Booking,
};
use iog_registry::HardwareClass;
use iog_token::PriceSource;

/// Where the price of IO is read, and believed.
#[derive(Clone, Copy)]
pub struct Oracle<'a> {
    pub source: &'a PriceSource,
    pub price: &'a UncheckedAccount,
}

/// The first part's class and price book, and those of the further parts as accounts that follow the named ones.
pub struct Shelf<'a> {
    pub class: &'a HardwareClass,
    pub book: &'a PriceBook,
    pub further: &'a [AccountView],
}

/// The prices of GPU-hours in the currency of the escrow: IO at the oracle's price least favourable to the payer, dollars as they are.
pub fn units_in<const N: usize>(
    escrow: &Escrow,
    usd6: &[u64; N],
    oracle: Option<Oracle>,
    now: i64,
) -> Result<[u64; N]> {
    if !escrow.is(Currency::Io) {
        return Ok(*usd6);
    }
    let oracle = oracle.ok_or(MarketError::WrongCurrency)?;
    let source = oracle.source.source();
    let quote = price::read(oracle.price.account(), &source, ORDER_AGE_SECS, now)
        .map_err(PriceError::from)?;
    let mut units = [0u64; N];
    for (units, usd6) in units.iter_mut().zip(usd6).filter(|(_, usd6)| **usd6 > 0) {
        *units = quote.point.io_for_usd6(*usd6).map_err(MarketError::from)?;
    }
    Ok(units)
}

/// Quotes every part of an order: its dollars and the discounts they were reckoned with. A new order's classes must take orders, and be
/// proved GPU by GPU only where it asks for no machines.
fn quote_parts(
    shelf: &Shelf,
    order: &Order,
    hours: u32,
    is_new: bool,
    now: i64,
) -> Result<([u64; MAX_PARTS], [[u16; 3]; MAX_PARTS])> {
    let booking = Booking {
        hours,
        min_tier: order.min_tier,
        countries: &order.countries,
        now,
    };
    let mut usd6 = [0u64; MAX_PARTS];
    let mut commitments = [[0u16; 3]; MAX_PARTS];
    let mut further = shelf.further.iter();
    for (index, part) in order.parts.iter().enumerate() {
        if part.gpus == 0 {
            continue;
        }
        let mut take = |class: &HardwareClass, book: &PriceBook| -> Result<()> {
            require!(class.id == part.class_id, MarketError::WrongClass);
            require!(!is_new || class.enabled == 1, MarketError::ClassNotOffered);
            let machines = !class.is_proved() || u32::from(part.per_machine) <= class.max_cards;
            require!(!is_new || machines, MarketError::MachineNotProved);
            let quote = book.quote(class, &booking, now)?;
            if let Some((usd6, commitment)) = usd6.get_mut(index).zip(commitments.get_mut(index)) {
                *usd6 = quote;
                *commitment = book.commitment_bps;
            }
            Ok(())
        };
        if index == 0 {
            take(shelf.class, shelf.book)?;
            continue;
        }
        let pair = further.next().zip(further.next());
        let (class, book) = pair.ok_or(MarketError::PartsMissing)?;
        take(
            &*Account::<HardwareClass>::load(*class)?,
            &*Account::<PriceBook>::load(*book)?,
        )?;
    }
    Ok((usd6, commitments))
}

/// Everything that has to be paid for the order's GPUs for `hours` at `rate`, at most `max_total`.
fn cost(rate: &Rate, order: &Order, hours: u32, max_total: u64) -> Result<OrderCost> {
    let cost = order_cost_of(
        rate.hourly(&order.counts())?,
        hours,
        order.renter_fee_bps,
        order.network_fee_bps,
    )
    .map_err(MarketError::from)?;
    require!(cost.total <= max_total, MarketError::TotalAboveLimit);
    Ok(cost)
}

/// The accounts of a new order that do not depend on the currency.
pub struct NewOrder<'a> {
    pub config: &'a Config,
    pub shelf: Shelf<'a>,
    /// None for IOSD, which needs no price.
    pub oracle: Option<Oracle<'a>>,
    pub escrow: &'a mut Escrow,
    pub stats: &'a mut RenterStats,
    pub order: &'a mut Order,
    pub address: Address,
    pub bump: u8,
}

/// Books a new order; the caller moves the total it returns, and the lamports for matching.
pub fn open_order(new: NewOrder, args: &OrderArgs, now: i64) -> Result<u64> {
    new.config.require_running(pause::ORDERS)?;
    let terms = new.config.terms(new.escrow.currency);
    let order = new.order;
    order.open(args, &terms, now)?;
    let (price_usd6, commitment_bps) = quote_parts(&new.shelf, order, args.hours, true, now)?;
    let rate = Rate {
        from_ts: 0,
        price_per_gpu_hour_units: units_in(new.escrow, &price_usd6, new.oracle, now)?,
        price_usd6,
        commitment_bps,
        booked_hours: args.hours,
        booking: 0,
    };
    order.push_rate(rate)?;
    let in_io = new.escrow.is(Currency::Io);
    order.require_io_hours(in_io)?;
    let cost = cost(&rate, order, args.hours, args.max_total)?;
    // Only a deposit can pay a higher price later.
    let total = if in_io && i64::from(args.hours).saturating_mul(3_600) > IO_RATE_SECS {
        order.spare_units = args.max_total.saturating_sub(cost.total);
        args.max_total
    } else {
        cost.total
    };

    let escrowed_before = new.escrow.escrowed_units;
    new.escrow.deposit(total)?;
    order.deposit(total)?;
    new.stats.orders = new.stats.orders.saturating_add(1);
    add(&mut new.stats.open_orders, 1)?;
    order.renter = new.stats.renter;
    order.mint = new.escrow.mint;
    order.currency = new.escrow.currency;
    order.version = 1;
    order.bump = new.bump;
    order.require_different_keys()?;
    emit!(OrderCreated {
        order: new.address,
        renter: order.renter,
        class_ids: order.parts.map(|part| part.class_id),
        gpus: order.counts(),
        hours: args.hours,
        price_usd6,
        price_per_gpu_hour: rate.price_per_gpu_hour_units,
        total,
        escrowed_before,
        escrowed_after: new.escrow.escrowed_units,
    });
    Ok(total)
}

/// Lamports that a renter deposits for whoever matches an order.
pub fn match_lamports(gpus: u32) -> u64 {
    MATCH_LAMPORTS.saturating_mul(u64::from(gpus))
}

/// How much longer an order runs.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ExtendArgs {
    pub hours: u32,
    /// Refuse a total above this, fees included. In IO, hours behind the first 168 deposit all of it, for later prices.
    pub max_total: u64,
}

/// The accounts of an extension that do not depend on the currency.
pub struct Extension<'a> {
    pub config: &'a Config,
    pub shelf: Shelf<'a>,
    /// None for IOSD, which needs no price.
    pub oracle: Option<Oracle<'a>>,
    pub escrow: &'a mut Escrow,
    pub order: &'a mut Order,
    pub address: Address,
}

/// Books further hours at the price of now; those booked before keep theirs. A class that takes no new orders stops no running one. The
/// caller moves the total it returns.
pub fn extend_order(extension: Extension, args: &ExtendArgs, now: i64) -> Result<u64> {
    validate_hours(args.hours)?;
    extension.config.require_running(pause::ORDERS)?;
    let order = extension.order;
    let (price_usd6, commitment_bps) =
        quote_parts(&extension.shelf, order, args.hours, false, now)?;
    let rate = Rate {
        from_ts: 0,
        price_per_gpu_hour_units: units_in(extension.escrow, &price_usd6, extension.oracle, now)?,
        price_usd6,
        commitment_bps,
        booked_hours: args.hours,
        booking: 0,
    };
    let cost = cost(&rate, order, args.hours, args.max_total)?;
    let in_io = extension.escrow.is(Currency::Io);
    let mut total = cost.total;
    if in_io && i64::from(args.hours).saturating_mul(3_600) > IO_RATE_SECS {
        let spare = args.max_total.saturating_sub(cost.total);
        add(&mut order.spare_units, spare)?;
        total = args.max_total;
    }

    let escrowed_before = extension.escrow.escrowed_units;
    extension.escrow.deposit(total)?;
    order.extend(args.hours, rate, in_io, now)?;
    order.deposit(total)?;
    emit!(OrderExtended {
        order: extension.address,
        hours: args.hours,
        price_usd6,
        price_per_gpu_hour: rate.price_per_gpu_hour_units,
        total,
        end_ts: order.end_ts,
        escrowed_before,
        escrowed_after: extension.escrow.escrowed_units,
    });
    Ok(total)
}
