use crate::{
    constants::*,
    events::Staked,
    state::{Config, DeviceStake},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

#[derive(Accounts)]
pub struct IncreaseStake {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    #[account(mut)]
    pub owner_token: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn increase_stake(ctx: &mut Context<IncreaseStake>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::STAKING)?;
    let stake_before = accounts.stake.amount_units;
    accounts.stake.add(amount)?;
    accounts.config.add(amount)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.owner,
        seeds: &[],
        amount,
        decimals: IO_DECIMALS,
    }
    .transfer(
        &mut accounts.owner_token,
        &accounts.io_mint,
        &mut accounts.vault,
    );
    emit!(Staked {
        device: accounts.stake.device,
        owner: accounts.stake.owner,
        amount,
        stake_before,
        stake_after: accounts.stake.amount_units,
    });
    Ok(())
}
