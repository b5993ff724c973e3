use crate::{
    constants::*,
    events::Staked,
    state::{Config, DeviceStake},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};
use iog_registry::{Device, DeviceState, HardwareClass};

#[derive(Accounts)]
pub struct Stake {
    #[account(mut, address = device.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(constraint = device.state != DeviceState::Terminated as u8 @ StakingError::DeviceTerminated)]
    pub device: Account<Device>,
    #[account(address = device.class @ StakingError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(init, payer = owner, seeds = [b"stake", device.account().address().as_ref()], bump)]
    pub stake: Account<DeviceStake>,
    #[account(mut)]
    pub owner_token: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn stake(ctx: &mut Context<Stake>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::STAKING)?;
    let minimum = iog_math::stake::minimum(
        accounts.class.stake_multiplier_x100(),
        accounts.device.cards(),
    )
    .map_err(StakingError::from)?;
    // A co-staker may bring the other half.
    require!(amount >= minimum.div_ceil(2), StakingError::BelowMinimum);
    accounts.token_program.transfer_checked(
        &mut accounts.owner_token,
        &accounts.io_mint,
        &mut accounts.vault,
        &accounts.owner,
        &[],
        amount,
        IO_DECIMALS,
    )?;
    let device = *accounts.device.account().address();
    let stake = &mut accounts.stake;
    stake.device = device;
    stake.owner = accounts.device.owner;
    stake.version = 1;
    stake.bump = ctx.bumps.stake;
    stake.add(amount)?;
    accounts.config.add(amount)?;
    emit!(Staked {
        device,
        owner: accounts.device.owner,
        amount,
        stake_before: 0,
        stake_after: amount,
    });
    Ok(())
}
