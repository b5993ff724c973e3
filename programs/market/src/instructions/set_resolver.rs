use crate::{events::ResolverChanged, state::Config, MarketError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetResolver {
    #[account(address = config.authority @ MarketError::NotAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
}

pub fn set_resolver(ctx: &mut Context<SetResolver>, resolver: Address) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let config = &mut ctx.accounts.config;
    let before = config.set_resolver(resolver, now)?;
    emit!(ResolverChanged {
        before,
        after: resolver,
        from_ts: config.next_resolver_ts.max(now),
    });
    Ok(())
}
