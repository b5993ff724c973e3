use crate::{
    constants::*,
    events::HourClosed,
    state::{Config, LedgerPage},
    EmissionError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_token::IogToken;

#[derive(Accounts)]
pub struct CloseHour {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// The page of the first hour that is not closed.
    #[account(mut)]
    pub page: Account<LedgerPage>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"minter_authority"], bump)]
    pub minter_authority: UncheckedAccount,
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

/// Closes hours that are over, on this page, at most `max_hours`; returns what must be minted.
fn close(accounts: &mut CloseHour, max_hours: u8, now: i64) -> Result<u64> {
    let running = accounts.config.hour(now)?;
    require!(
        accounts.config.next_hour < running,
        EmissionError::NothingToClose
    );
    let mut amount = 0u64;
    for count in 0..max_hours.min(MAX_CLOSE_HOURS) {
        let hour = accounts.config.next_hour;
        let on_page = accounts.page.hour(hour).is_some();
        require!(on_page || count > 0, EmissionError::WrongPage);
        if hour >= running || !on_page {
            break;
        }
        let minted_before = accounts.config.minted_units;
        let ledger = accounts.page.hour_mut(hour)?;
        let emitted = accounts.config.close_next(ledger)?;
        amount = amount
            .checked_add(emitted)
            .ok_or(EmissionError::MathOverflow)?;
        emit!(HourClosed {
            hour,
            emitted,
            enterprise_amount: ledger.enterprise.amount_units,
            enterprise_score: ledger.enterprise.total_score,
            enterprise_carry: accounts.config.enterprise_carry_units,
            community_amount: ledger.community.amount_units,
            community_score: ledger.community.total_score,
            community_carry: accounts.config.community_carry_units,
            minted_before,
            minted_after: accounts.config.minted_units,
        });
    }
    Ok(amount)
}

pub fn close_hour(ctx: &mut Context<CloseHour>, max_hours: u8) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let amount = close(accounts, max_hours, now)?;
    if amount == 0 {
        return Ok(());
    }
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
    )
}
