use crate::{events::UnstakeRequested, state::DeviceStake, StakingError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct RequestUnstake {
    #[account(address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    /// CHECK: the market's account that says whether the device is hired; `is_hired` checks address, owner and kind.
    pub occupancy: UncheckedAccount,
}

pub fn request_unstake(ctx: &mut Context<RequestUnstake>) -> Result<()> {
    let device = ctx.accounts.stake.device;
    let hired = iog_common::occupancy::is_hired(ctx.accounts.occupancy.account(), &device)
        .ok_or(StakingError::WrongDevice)?;
    require!(!hired, StakingError::DeviceHired);
    let unlock_ts = ctx
        .accounts
        .stake
        .request_unstake(Clock::get()?.unix_timestamp)?;
    emit!(UnstakeRequested {
        device,
        owner: ctx.accounts.stake.owner,
        amount: ctx.accounts.stake.amount_units,
        unlock_ts,
    });
    Ok(())
}
