use crate::{constants::*, events::DeviceStateSet, state::Device, RegistryError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetDeviceState {
    #[account(address = device.owner @ RegistryError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
}

pub fn set_device_state(ctx: &mut Context<SetDeviceState>, state: u8) -> Result<()> {
    let address = *ctx.accounts.device.account().address();
    let device = &mut ctx.accounts.device;
    let state_before = device.state;
    device.set_state(state)?;
    emit!(DeviceStateSet {
        device: address,
        state_before,
        state_after: state,
    });
    Ok(())
}
