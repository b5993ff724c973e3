use crate::{constants::*, events::IoBurned, state::Config, TokenError};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

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
    let accounts = &mut ctx.accounts;
    Call {
        program: &accounts.token_program,
        authority: &accounts.owner,
        seeds: &[],
        amount,
        decimals: IO_DECIMALS,
    }
    .burn(&mut accounts.from, &mut accounts.io_mint);
    let burned_before = accounts.config.burned_units;
    accounts.config.burn_units(amount)?;
    let burned_after = accounts.config.burned_units;
    emit!(IoBurned {
        owner: *accounts.owner.address(),
        amount,
        burned_before,
        burned_after,
    });
    Ok(())
}
