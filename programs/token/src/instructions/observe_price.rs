use crate::{
    errors::PriceError,
    events::PriceObserved,
    state::{NetEmission, PriceSource},
    TokenError,
};
use anchor_lang::prelude::*;
use iog_common::price::{self, ORDER_AGE_SECS};

#[derive(Accounts)]
pub struct ObservePrice {
    #[account(mut, seeds = [b"net_emission"], bump)]
    pub net_emission: Account<NetEmission>,
    #[account(seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks owner, address, age and ranges.
    pub price: UncheckedAccount,
}

/// IOSD is made at no more than 1.2 times the lowest price of a day that the program has seen itself: somebody must show it one.
pub fn observe_price(ctx: &mut Context<ObservePrice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let source = accounts.price_source.source();
    let quote = price::read(accounts.price.account(), &source, ORDER_AGE_SECS, now)
        .map_err(PriceError::from)?;
    let average = quote.point.average_usd12().map_err(TokenError::from)?;
    let lowest = accounts.net_emission.see(average, now)?;
    emit!(PriceObserved { average, lowest });
    Ok(())
}
