use crate::{constants::*, state::DeviceRewards};
use anchor_lang::prelude::*;
use iog_registry::Device;

#[derive(Accounts)]
pub struct OpenRewards {
    #[account(mut)]
    pub payer: Signer,
    pub device: Account<Device>,
    #[account(init, payer = payer, seeds = [REWARDS_SEED, device.account().address().as_ref()], bump)]
    pub rewards: Account<DeviceRewards>,
    pub system_program: Program<System>,
}

pub fn open_rewards(ctx: &mut Context<OpenRewards>) -> Result<()> {
    let device = *ctx.accounts.device.account().address();
    let owner = ctx.accounts.device.owner;
    let rewards = &mut ctx.accounts.rewards;
    rewards.device = device;
    rewards.owner = owner;
    rewards.version = 1;
    rewards.bump = ctx.bumps.rewards;
    Ok(())
}
