use crate::{
    events::IosdSettled,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SettleIosd {
    #[account(address = minter.authority @ TokenError::NotMinter)]
    pub minter_authority: Signer,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
}

/// What was earned can no longer be refunded: without this, IOSD spent years ago could be minted again.
pub fn settle_iosd(ctx: &mut Context<SettleIosd>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let minter = &mut ctx.accounts.minter;
    minter.require_exit()?;
    let outstanding_before = minter.outstanding_iosd_units;
    minter.close_out_iosd(amount)?;
    ctx.accounts.config.settle_iosd(amount)?;
    let minter = &ctx.accounts.minter;
    emit!(IosdSettled {
        minter: minter.authority,
        amount,
        outstanding_before,
        outstanding_after: minter.outstanding_iosd_units,
    });
    Ok(())
}
