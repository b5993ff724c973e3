use crate::{
    constants::*,
    events::EarningsWithdrawn,
    state::{sub, Config, Earnings, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::{payee::Payee, token::Call};

/// Pays a supplier. Anyone may call it, to the supplier's associated token account; the supplier itself to any of its own.
#[derive(Accounts)]
pub struct WithdrawEarnings {
    /// The supplier, or anyone.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub earnings: Account<Earnings>,
    #[account(mut, constraint = escrow.mint == earnings.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
    #[account(mut, address = escrow.vault @ MarketError::WrongCurrency)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = escrow.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    #[account(mut, unsafe(dup), constraint = *destination.owner() == earnings.owner @ MarketError::WrongRecipient)]
    pub destination: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn withdraw_earnings(ctx: &mut Context<WithdrawEarnings>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let payee = Payee {
        recipient: &accounts.earnings.owner,
        mint: &accounts.earnings.mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.destination.account().address(),
        signed: *accounts.signer.address() == accounts.earnings.owner,
    };
    require!(payee.is_allowed(), MarketError::NotAssociated);
    let amount = accounts.earnings.withdraw()?;
    let due_before = accounts.escrow.earnings_due_units;
    sub(&mut accounts.escrow.earnings_due_units, amount)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.escrow_authority,
        seeds: &[&[
            ESCROW_AUTHORITY_SEED,
            &[accounts.config.escrow_authority_bump],
        ]],
        amount,
        decimals: accounts.escrow.decimals,
    }
    .transfer(
        &mut accounts.vault,
        &accounts.mint,
        &mut accounts.destination,
    );
    emit!(EarningsWithdrawn {
        owner: accounts.earnings.owner,
        mint: accounts.earnings.mint,
        amount,
        due_before,
        due_after: accounts.escrow.earnings_due_units,
    });
    Ok(())
}
