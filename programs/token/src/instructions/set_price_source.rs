use crate::{
    events::{PriceSourceChanged, PriceSourceDropped, PriceSourceScheduled},
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
pub struct DropPriceSource {
    /// The guardian or the authority.
    pub signer: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
}

#[derive(Accounts)]
pub struct ApplyPriceSource {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
}

pub fn set_price_source(ctx: &mut Context<SetPriceSource>, source: PriceSourceArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    let effective_ts = ctx.accounts.price_source.schedule(&source, since, now)?;
    emit!(PriceSourceScheduled {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
        effective_ts,
    });
    Ok(())
}

pub fn apply_price_source(ctx: &mut Context<ApplyPriceSource>) -> Result<()> {
    let since = ctx.accounts.config.authority_since_ts;
    let source = &mut ctx.accounts.price_source;
    source.apply(since, Clock::get()?.unix_timestamp)?;
    emit!(PriceSourceChanged {
        receiver: source.receiver,
        feed: source.feed,
        account: source.account,
    });
    Ok(())
}

pub fn drop_price_source(ctx: &mut Context<DropPriceSource>) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    ctx.accounts.config.require_guard(&by)?;
    ctx.accounts.price_source.drop_pending()?;
    emit!(PriceSourceDropped { by });
    Ok(())
}
