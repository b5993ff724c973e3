use crate::{
    constants::*,
    events::MinterRegistered,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct RegisterMinter {
    #[account(mut, address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [CONFIG_SEED], bump = config.bump)]
    pub config: Account<Config>,
    /// CHECK: any address; it must sign each mint, and only its own program can make a PDA sign.
    pub minter_authority: UncheckedAccount,
    #[account(init, payer = authority, seeds = [MINTER_SEED, minter_authority.address().as_ref()], bump)]
    pub minter: Account<Minter>,
    pub system_program: Program<System>,
}

pub fn register_minter(ctx: &mut Context<RegisterMinter>, cap_per_hour: u64) -> Result<()> {
    require!(cap_per_hour > 0, TokenError::ZeroAmount);
    let authority = *ctx.accounts.minter_authority.address();
    let minter = &mut ctx.accounts.minter;
    minter.authority = authority;
    minter.cap_per_hour_units = cap_per_hour;
    minter.version = 1;
    minter.bump = ctx.bumps.minter;
    emit!(MinterRegistered {
        minter: authority,
        cap_per_hour,
    });
    Ok(())
}
