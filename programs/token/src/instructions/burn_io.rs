use crate::{constants::*, events::IoBurned, state::Config, TokenError};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct BurnIo {
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, constraint = *from.mint() == config.io_mint @ TokenError::WrongMint)]
    pub from: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

pub fn burn_io(ctx: &mut Context<BurnIo>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    ctx.accounts.token_program.burn_checked(
        &mut ctx.accounts.from,
        &mut ctx.accounts.io_mint,
        &ctx.accounts.owner,
        &[],
        amount,
        IO_DECIMALS,
    )?;
    let burned_before = ctx.accounts.config.burned_units;
    ctx.accounts.config.burn_units(amount)?;
    let burned_after = ctx.accounts.config.burned_units;
    emit!(IoBurned {
        owner: *ctx.accounts.owner.address(),
        amount,
        burned_before,
        burned_after,
    });
    Ok(())
}
