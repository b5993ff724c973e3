use crate::{
    constants::*,
    events::FeesBurned,
    state::{Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_token::IogToken;

#[derive(Accounts)]
pub struct BurnIoFees {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"fees", config.io_mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
    #[account(mut, seeds = [b"vault", config.io_mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(mut, address = config.io_mint @ TreasuryError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    pub io_token_program: Program<IogToken>,
    pub token_program: Program<Token>,
}

pub fn burn_io_fees(ctx: &mut Context<BurnIoFees>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let burned_before = accounts.fees.burned_units;
    let amount = accounts.fees.burn_all()?;
    let bump = [ctx.bumps.vault_authority];
    let cpi = iog_token::cpi::accounts::BurnIo {
        owner: accounts.vault_authority.cpi_handle(),
        config: accounts.token_config.cpi_handle_mut(),
        io_mint: accounts.io_mint.cpi_handle_mut(),
        from: accounts.vault.cpi_handle_mut(),
        token_program: accounts.token_program.cpi_handle(),
    };
    iog_token::cpi::burn_io(
        CpiContext::new_with_signer(
            accounts.io_token_program.address(),
            cpi,
            &[&[VAULT_AUTHORITY_SEED, &bump]],
        ),
        amount,
    )?;
    emit!(FeesBurned {
        mint: accounts.fees.mint,
        amount,
        burned_before,
        burned_after: accounts.fees.burned_units,
    });
    Ok(())
}
