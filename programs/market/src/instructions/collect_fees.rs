//! Fees on their way to the treasury, and IOSD that is earned to the token's books. Anyone.

use super::calls::Call;
use crate::{
    events::FeesCollected,
    state::{Config, Currency, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_token::{instruction::SettleIosd, IogToken};
use iog_treasury::{instruction::Collect, IogTreasury};

fn take_due(escrow: &mut Escrow) -> Result<u64> {
    require!(escrow.fees_due_units > 0, MarketError::NothingDue);
    let amount = core::mem::take(&mut escrow.fees_due_units);
    emit!(FeesCollected {
        mint: escrow.mint,
        amount,
        due_before: amount,
        due_after: 0,
    });
    Ok(amount)
}

#[derive(Accounts)]
pub struct CollectFees {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub escrow: Account<Escrow>,
    #[account(mut, address = escrow.vault @ MarketError::WrongCurrency)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = escrow.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    pub treasury_config: Account<iog_treasury::Config>,
    #[account(mut)]
    pub fees: Account<iog_treasury::FeeVault>,
    #[account(mut)]
    pub fee_vault: Account<TokenAccount>,
    pub treasury_program: Program<IogTreasury>,
    pub token_program: Program<Token>,
}

pub fn collect_fees(ctx: &mut Context<CollectFees>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = take_due(&mut accounts.escrow)?;
    Call {
        program: accounts.treasury_program.address(),
        bump: accounts.config.escrow_authority_bump,
    }
    .move_amount::<Collect, 7>(
        amount,
        &[
            accounts.escrow_authority.cpi_handle().as_signer(),
            accounts.treasury_config.cpi_handle(),
            accounts.fees.cpi_handle_mut().into(),
            accounts.vault.cpi_handle_mut().into(),
            accounts.fee_vault.cpi_handle_mut().into(),
            accounts.mint.cpi_handle(),
            accounts.token_program.cpi_handle(),
        ],
    );
    Ok(())
}

#[derive(Accounts)]
pub struct SettleCredit {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency)]
    pub escrow: Account<Escrow>,
    /// CHECK: only signs, and is the token's minter; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(mut)]
    pub minter: Account<iog_token::Minter>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    pub io_token_program: Program<IogToken>,
}

/// IOSD was burned when it was spent: what is earned of it is only no longer refundable.
pub fn settle_credit(ctx: &mut Context<SettleCredit>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = take_due(&mut accounts.escrow)?;
    Call {
        program: accounts.io_token_program.address(),
        bump: accounts.config.escrow_authority_bump,
    }
    .move_amount::<SettleIosd, 3>(
        amount,
        &[
            accounts.escrow_authority.cpi_handle().as_signer(),
            accounts.minter.cpi_handle_mut().into(),
            accounts.token_config.cpi_handle_mut().into(),
        ],
    );
    Ok(())
}
