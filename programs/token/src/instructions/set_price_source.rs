use crate::{
    events::{PriceSourceChanged, PriceSourceScheduled},
    state::{Config, PriceSource, PriceSourceArgs},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetPriceSource {
    #[account(address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
}

#[derive(Accounts)]
pub struct ApplyPriceSource {
    #[account(mut, seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
}

pub fn set_price_source(ctx: &mut Context<SetPriceSource>, source: PriceSourceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let effective_ts = ctx.accounts.price_source.schedule(&source, now)?;
    emit!(PriceSourceScheduled {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
        effective_ts,
    });
    Ok(())
}

pub fn apply_price_source(ctx: &mut Context<ApplyPriceSource>) -> Result<()> {
    let source = &mut ctx.accounts.price_source;
    source.apply(Clock::get()?.unix_timestamp)?;
    emit!(PriceSourceChanged {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
    });
    Ok(())
}
