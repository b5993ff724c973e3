use crate::{events::CoStakerLeaves, state::DeviceStake, StakingError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Leave {
    #[account(address = stake.co_staker @ StakingError::NotCoStaker)]
    pub co_staker: Signer,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
}

/// Allowed while the device is hired: were it not, an owner who hires the own device could keep a co-staker for ever.
pub fn leave(ctx: &mut Context<Leave>) -> Result<()> {
    let stake = &mut ctx.accounts.stake;
    stake.leave(Clock::get()?.unix_timestamp)?;
    let unlock_ts = stake.co_unlock_ts()?.ok_or(StakingError::MathOverflow)?;
    emit!(CoStakerLeaves {
        device: stake.device,
        co_staker: stake.co_staker,
        amount: stake.co_amount_units,
        counts_until_ts: stake.co_leave_ts,
        unlock_ts,
    });
    Ok(())
}
