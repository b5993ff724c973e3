use crate::{
    constants::*,
    events::SlashFinalized,
    state::{Config, DeviceStake, Outcome, SlashCase},
    StakingError,
};
use anchor_lang::{cpi::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed};
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
    let outcome = accounts.case.outcome(Clock::get()?.unix_timestamp)?;
    let burn = outcome == Outcome::Take;
    if burn {
        accounts.config.require_running(pause::TAKING)?;
    }
    let (owner_units, co_units) = (accounts.case.owner_units, accounts.case.co_units);
    accounts.stake.end(&accounts.case, outcome)?;
    let amount = owner_units
        .checked_add(co_units)
        .ok_or(StakingError::MathOverflow)?;
    let staked_before = accounts.config.staked_units;
    if burn {
        accounts.config.slash(amount)?;
        burn_from_vault(accounts, amount, ctx.bumps.vault_authority);
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

/// Burned through the token program, which keeps the books of the supply. Called by its wire format: a `CpiContext` copies accounts and data
/// to the heap.
fn burn_from_vault(accounts: &mut FinalizeSlash, amount: u64, bump: u8) {
    let config = *accounts.token_config.account().address();
    let mint = *accounts.io_mint.account().address();
    let vault = *accounts.vault.account().address();
    let mut data = [0; 16];
    let (discriminator, argument) = data.split_at_mut(8);
    discriminator.copy_from_slice(iog_token::instruction::BurnIo::DISCRIMINATOR);
    argument.copy_from_slice(&amount.to_le_bytes());
    unchecked_invoke_signed_fixed(
        accounts.io_token_program.address(),
        &data,
        &[
            InstructionAccount::readonly_signer(accounts.vault_authority.address()),
            InstructionAccount::writable(&config),
            InstructionAccount::writable(&mint),
            InstructionAccount::writable(&vault),
            InstructionAccount::readonly(accounts.token_program.address()),
        ],
        &[
            accounts.vault_authority.cpi_handle(),
            accounts.token_config.cpi_handle_mut().into(),
            accounts.io_mint.cpi_handle_mut().into(),
            accounts.vault.cpi_handle_mut().into(),
            accounts.token_program.cpi_handle(),
        ],
        &[&[VAULT_AUTHORITY_SEED, &[bump]]],
    );
}
