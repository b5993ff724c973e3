use crate::{
    constants::*,
    events::Withdrawn,
    state::{Config, DeviceStake},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct Withdraw {
    /// Paid the stake account's rent and gets it back.
    #[account(mut, address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [STAKE_SEED, stake.device.as_ref()], bump = stake.bump, close = owner)]
    pub stake: Account<DeviceStake>,
    #[account(mut)]
    pub owner_token: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn withdraw(ctx: &mut Context<Withdraw>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let amount = accounts.stake.withdrawable(Clock::get()?.unix_timestamp)?;
    let staked_before = accounts.config.staked_units;
    accounts.config.remove(amount)?;
    let bump = [accounts.config.vault_authority_bump];
    accounts.token_program.transfer_checked(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.owner_token,
        &accounts.vault_authority,
        &[&[VAULT_AUTHORITY_SEED, &bump]],
        amount,
        IO_DECIMALS,
    )?;
    emit!(Withdrawn {
        device: accounts.stake.device,
        owner: accounts.stake.owner,
        amount,
        staked_before,
        staked_after: accounts.config.staked_units,
    });
    Ok(())
}
