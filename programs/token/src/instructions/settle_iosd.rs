use crate::{
    constants::right,
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
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
}

/// What was earned can no longer be refunded: without this, IOSD spent years ago could be minted again.
pub fn settle_iosd(ctx: &mut Context<SettleIosd>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let minter = &mut ctx.accounts.minter;
    minter.require_right(right::IOSD | right::REFUND, now)?;
    let outstanding_before = minter.outstanding_iosd_units;
    minter.close_out_iosd(amount)?;
    emit!(IosdSettled {
        minter: minter.authority,
        amount,
        outstanding_before,
        outstanding_after: minter.outstanding_iosd_units,
    });
    Ok(())
}
