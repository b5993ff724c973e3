use crate::{
    constants::*,
    events::IosdRefunded,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;
use iog_common::token::Call;

#[derive(Accounts)]
pub struct RefundIosd {
    #[account(address = minter.authority @ TokenError::NotMinter)]
    pub minter_authority: Signer,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// CHECK: Token-2022 mints from it; the address is in the books.
    #[account(mut, address = config.iosd_mint @ TokenError::WrongIosdMint)]
    pub iosd_mint: UncheckedAccount,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"iosd_authority"], bump)]
    pub iosd_authority: UncheckedAccount,
    /// CHECK: Token-2022 checks its program and mint; the minter's program knows whom it refunds.
    #[account(mut)]
    pub to: UncheckedAccount,
    pub token_2022_program: Program<Token2022>,
}

/// No price is read and nothing pauses it: a refund is an exit.
pub fn refund_iosd(ctx: &mut Context<RefundIosd>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.minter.require_exit()?;
    accounts.minter.close_out_iosd(amount)?;
    let refunded_before = accounts.config.iosd_refunded_units;
    accounts.config.refund_iosd(amount, now)?;
    let bump = [ctx.bumps.iosd_authority];
    Call {
        program: &accounts.token_2022_program,
        authority: &accounts.iosd_authority,
        seeds: &[&[IOSD_AUTHORITY_SEED, &bump]],
        amount,
        decimals: IOSD_DECIMALS,
    }
    .mint(&mut accounts.iosd_mint, &mut accounts.to);
    emit!(IosdRefunded {
        minter: accounts.minter.authority,
        destination: *accounts.to.address(),
        amount,
        refunded_before,
        refunded_after: accounts.config.iosd_refunded_units,
    });
    Ok(())
}
