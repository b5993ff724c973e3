use super::vault::Vault;
use crate::{
    events::OverflowWithdrawn,
    state::{Config, DeviceStake},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_registry::{Device, HardwareClass};

#[derive(Accounts)]
pub struct WithdrawOverflow {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(address = stake.device @ StakingError::WrongDevice)]
    pub device: Account<Device>,
    #[account(address = device.class @ StakingError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
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

pub fn withdraw_overflow(ctx: &mut Context<WithdrawOverflow>, amount: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let minimum = iog_math::stake::minimum(
        accounts.class.stake_multiplier_x100(),
        accounts.device.cards(),
    )
    .map_err(StakingError::from)?;
    let stake_before = accounts.stake.amount_units;
    accounts.stake.withdraw_overflow(amount, minimum, now)?;
    accounts.config.remove(amount)?;
    Vault {
        vault: &mut accounts.vault,
        vault_authority: &accounts.vault_authority,
        io_mint: &accounts.io_mint,
        token_program: &accounts.token_program,
        bump: ctx.bumps.vault_authority,
    }
    .pay(&mut accounts.owner_token, amount);
    emit!(OverflowWithdrawn {
        device: accounts.stake.device,
        owner: accounts.stake.owner,
        amount,
        stake_before,
        stake_after: accounts.stake.amount_units,
    });
    Ok(())
}
