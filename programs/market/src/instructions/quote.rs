use super::booking::{match_lamports, units_in, Oracle};
use crate::{
    constants::FULL_COVER_BPS,
    state::{
        validate_gpus, validate_hours, Config, CreditLine, Currency, Escrow, PriceBook, Quote,
        QuoteArgs,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_math::{market::order_cost, pricing::Booking};
use iog_registry::HardwareClass;
use iog_token::PriceSource;

/// Reads only: for programs and wallets that want the price before they order.
#[derive(Accounts)]
pub struct GetQuote {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    pub book: Account<PriceBook>,
    pub price_source: Account<PriceSource>,
    /// CHECK: read for IO only, then `price::read` checks it against the source.
    pub price: UncheckedAccount,
    /// Of the currency to pay in.
    pub escrow: Account<Escrow>,
    /// Of IOSD only: says what a dollar of it is worth to suppliers.
    pub line: Option<Account<CreditLine>>,
}

pub fn quote(ctx: &mut Context<GetQuote>, args: QuoteArgs) -> Result<Quote> {
    validate_gpus(args.gpus)?;
    validate_hours(args.hours)?;
    let now = Clock::get()?.unix_timestamp;
    let accounts = &ctx.accounts;
    require!(accounts.class.enabled == 1, MarketError::ClassNotOffered);
    let booking = Booking {
        hours: args.hours,
        min_tier: args.min_tier,
        countries: &args.countries,
        now,
    };
    let price_usd6 = accounts.book.quote(&accounts.class, &booking, now)?;
    let oracle = Oracle {
        source: &accounts.price_source,
        price: &accounts.price,
    };
    let [units] = units_in(&accounts.escrow, &[price_usd6], Some(oracle), now)?;
    let (cover_bps, cover_ts) = cover(accounts)?;
    let terms = accounts.config.terms(accounts.escrow.currency);
    let cost = order_cost(
        units,
        args.gpus,
        args.hours,
        terms.renter_fee_bps,
        terms.network_fee_bps,
    )
    .map_err(MarketError::from)?;
    Ok(Quote {
        price_usd6,
        price_per_gpu_hour_units: units,
        rent_units: cost.rent,
        renter_fee_units: cost.renter_fee,
        network_fee_units: cost.network_fee,
        total_units: cost.total,
        match_lamports: match_lamports(args.gpus),
        cover_bps,
        cover_ts,
    })
}

/// What a dollar is worth to suppliers, and since when that is known: in IO and US dollar tokens all of it.
fn cover(accounts: &GetQuote) -> Result<(u16, i64)> {
    if !accounts.escrow.is(Currency::Credit) {
        return Ok((FULL_COVER_BPS, 0));
    }
    let line = accounts.line.as_ref();
    let line = line.ok_or(MarketError::CreditLineMissing)?;
    Ok((line.cover_bps, line.cover_ts))
}
