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
    let accounts = &mut ctx.accounts;
    accounts.minter.authority = authority;
    accounts.minter.version = 1;
    accounts.minter.bump = ctx.bumps.minter;
    accounts
        .minter
        .register(rights, cap_per_hour, &accounts.config, now)?;
    tell(&accounts.minter);
    Ok(())
}

pub(super) fn tell(minter: &Minter) {
    emit!(MinterRegistered {
        minter: minter.authority,
        rights: minter.rights,
        cap_per_hour: minter.cap_per_hour_units.value,
        active_ts: minter.active_ts,
    });
}
