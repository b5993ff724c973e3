use crate::{constants::*, state::Device, RegistryError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Heartbeat {
    #[account(address = device.device_key @ RegistryError::NotDeviceKey)]
    pub device_key: Signer,
    #[account(
        mut,
        seeds = [DEVICE_SEED, device.device_key.as_ref()],
        bump = device.bump,
        constraint = device.is_active() @ RegistryError::DeviceNotActive
    )]
    pub device: Account<Device>,
}

pub fn heartbeat(ctx: &mut Context<Heartbeat>) -> Result<()> {
    let clock = Clock::get()?;
    ctx.accounts.device.beat(clock.unix_timestamp, clock.slot)
}
