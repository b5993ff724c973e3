use crate::{
    events::MinterRegistered,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct RegisterMinter {
    #[account(mut, address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// CHECK: any address; it must sign each mint, and only its own program can make a PDA sign.
    pub minter_authority: UncheckedAccount,
    #[account(init, payer = authority, seeds = [b"minter", minter_authority.address().as_ref()], bump)]
    pub minter: Account<Minter>,
    pub system_program: Program<System>,
}

pub fn register_minter(
    ctx: &mut Context<RegisterMinter>,
    rights: u8,
    cap_per_hour: u64,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let authority = *ctx.accounts.minter_authority.address();
    let minter = &mut ctx.accounts.minter;
    minter.authority = authority;
    minter.version = 1;
    minter.bump = ctx.bumps.minter;
    minter.register(
        rights,
        cap_per_hour,
        ctx.accounts.config.setup_until_ts,
        now,
    )?;
    emit!(MinterRegistered {
        minter: authority,
        rights,
        cap_per_hour,
        active_ts: minter.active_ts,
    });
    Ok(())
}
