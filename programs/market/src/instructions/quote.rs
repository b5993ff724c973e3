use super::booking::{cost, rate_in, Oracle};
use crate::state::{validate_gpus, validate_hours, Config, Escrow, PriceBook, Quote, QuoteArgs};
use anchor_lang::prelude::*;
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
    /// CHECK: read for IO only, then `pyth::read` checks owner, address, feed, verification, age and ranges.
    pub price: UncheckedAccount,
    /// Of the currency to pay in.
    pub escrow: Account<Escrow>,
}

pub fn quote(ctx: &mut Context<GetQuote>, args: QuoteArgs) -> Result<Quote> {
    validate_gpus(args.gpus)?;
    validate_hours(args.hours)?;
    let now = Clock::get()?.unix_timestamp;
    let accounts = &ctx.accounts;
    let price_usd6 = accounts.book.quote(
        &accounts.class,
        args.hours,
        args.min_tier,
        &args.countries,
        now,
    )?;
    let rate = rate_in(
        &accounts.escrow,
        price_usd6,
        Some(Oracle {
            source: &accounts.price_source,
            price: &accounts.price,
        }),
        now,
    )?;
    let terms = accounts.config.terms(accounts.escrow.currency);
    let cost = cost(&rate, args.gpus, args.hours, &terms, u64::MAX)?;
    Ok(Quote {
        price_usd6,
        price_per_gpu_hour_units: rate.price_per_gpu_hour_units,
        rent_units: cost.rent,
        renter_fee_units: cost.renter_fee,
        network_fee_units: cost.network_fee,
        total_units: cost.total,
    })
}
