use crate::{
    constants::*,
    events::SlashFinalized,
    state::{Config, DeviceStake, Outcome, SlashCase},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_token::IogToken;

#[derive(Accounts)]
pub struct FinalizeSlash {
    /// CHECK: paid the case's rent and gets it back.
    // Twice in the list when the slasher slashes an own device: `dup` is safe, lamports are only added.
    #[account(mut, unsafe(dup), address = case.proposer @ StakingError::WrongCase)]
    pub proposer: UncheckedAccount,
    /// CHECK: gets the stake account's rent when nothing is left in it.
    #[account(mut, unsafe(dup), address = stake.owner @ StakingError::NotOwner)]
    pub owner: UncheckedAccount,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = stake.device == case.device @ StakingError::WrongCase)]
    pub stake: Account<DeviceStake>,
    #[account(mut, close = proposer, constraint = !case.pays_renter() @ StakingError::PaysRenter)]
    pub case: Account<SlashCase>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(mut, address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    pub io_token_program: Program<IogToken>,
    pub token_program: Program<Token>,
}

pub fn finalize_slash(ctx: &mut Context<FinalizeSlash>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let burn = accounts.case.outcome(Clock::get()?.unix_timestamp)? == Outcome::Take;
    let (owner_units, co_units) = (accounts.case.owner_units, accounts.case.co_units);
    accounts.stake.release(owner_units, co_units, burn)?;
    let amount = owner_units
        .checked_add(co_units)
        .ok_or(StakingError::MathOverflow)?;
    let staked_before = accounts.config.staked_units;
    if burn {
        accounts.config.slash(amount)?;
        burn_from_vault(accounts, amount, ctx.bumps.vault_authority)?;
    }
    let burned = |units: u64| if burn { units } else { 0 };
    emit!(SlashFinalized {
        case: *accounts.case.account().address(),
        device: accounts.stake.device,
        owner_burned: burned(owner_units),
        co_burned: burned(co_units),
        staked_before,
        staked_after: accounts.config.staked_units,
    });
    if accounts.stake.is_empty() {
        let owner = *accounts.owner.account();
        accounts.stake.close(owner)?;
    }
    Ok(())
}

fn burn_from_vault(accounts: &mut FinalizeSlash, amount: u64, bump: u8) -> Result<()> {
    let cpi = iog_token::cpi::accounts::BurnIo {
        owner: accounts.vault_authority.cpi_handle(),
        config: accounts.token_config.cpi_handle_mut(),
        io_mint: accounts.io_mint.cpi_handle_mut(),
        from: accounts.vault.cpi_handle_mut(),
        token_program: accounts.token_program.cpi_handle(),
    };
    let program = accounts.io_token_program.address();
    let seeds: &[&[&[u8]]] = &[&[VAULT_AUTHORITY_SEED, &[bump]]];
    iog_token::cpi::burn_io(CpiContext::new_with_signer(program, cpi, seeds), amount)?;
    Ok(())
}
