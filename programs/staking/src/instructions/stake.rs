use crate::{
    constants::*,
    events::Staked,
    state::{Config, DeviceStake},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;
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
    let device = *accounts.device.account().address();
    let caps = accounts.config.caps();
    let now = Clock::get()?.unix_timestamp;
    let stake = &mut accounts.stake;
    stake.open(device, accounts.device.owner, caps, now);
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
