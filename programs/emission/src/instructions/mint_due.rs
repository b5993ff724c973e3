use crate::{constants::*, events::DueMinted, state::Config, EmissionError};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_token::IogToken;

#[derive(Accounts)]
pub struct MintDue {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"minter_authority"], bump)]
    pub minter_authority: UncheckedAccount,
    /// Read here; that it is this authority's, the token program checks.
    #[account(mut)]
    pub minter: Account<iog_token::Minter>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    #[account(mut, address = config.io_mint @ EmissionError::WrongMint)]
    pub io_mint: Account<Mint>,
    /// CHECK: the token program checks it.
    pub mint_authority: UncheckedAccount,
    pub io_token_program: Program<IogToken>,
    pub token_program: Program<Token>,
}

/// Mints the least of what is due and of what the token program would let pass now: an amount above its cap or its breaker
/// would be refused for ever.
pub fn mint_due(ctx: &mut Context<MintDue>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let amount = accounts
        .config
        .due()?
        .min(accounts.minter.cap_rest_at(now)?)
        .min(accounts.token_config.emission_rest_at(now)?);
    require!(amount > 0, EmissionError::NothingDue);
    let minted_before = accounts.config.minted_units;
    accounts.config.mint(amount)?;
    let bump = [accounts.config.minter_authority_bump];
    let cpi = iog_token::cpi::accounts::MintEmission {
        minter_authority: accounts.minter_authority.cpi_handle(),
        minter: accounts.minter.cpi_handle_mut(),
        config: accounts.token_config.cpi_handle_mut(),
        io_mint: accounts.io_mint.cpi_handle_mut(),
        mint_authority: accounts.mint_authority.cpi_handle(),
        destination: accounts.vault.cpi_handle_mut(),
        token_program: accounts.token_program.cpi_handle(),
    };
    iog_token::cpi::mint_emission(
        CpiContext::new_with_signer(
            accounts.io_token_program.address(),
            cpi,
            &[&[MINTER_AUTHORITY_SEED, &bump]],
        ),
        amount,
    )?;
    emit!(DueMinted {
        amount,
        minted_before,
        minted_after: accounts.config.minted_units,
        due_after: accounts.config.due()?,
    });
    Ok(())
}
