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
    let before = core::mem::replace(&mut ctx.accounts.config.resolver, resolver);
    emit!(ResolverChanged {
        before,
        after: resolver,
    });
    Ok(())
}
