use crate::{constants::*, events::TunnelKeySet, state::Device, RegistryError};
use anchor_lang::prelude::*;

/// What a device's owner says of it.
#[derive(Accounts)]
pub struct OwnDevice {
    #[account(address = device.owner @ RegistryError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
}

pub fn set_tunnel_key(ctx: &mut Context<OwnDevice>, tunnel_key: Address) -> Result<()> {
    let address = *ctx.accounts.device.account().address();
    let device = &mut ctx.accounts.device;
    let before = device.tunnel_key;
    device.tunnel_key = tunnel_key;
    device.require_different_keys()?;
    require!(
        device.state != crate::DeviceState::Terminated as u8,
        RegistryError::DeviceTerminated
    );
    emit!(TunnelKeySet {
        device: address,
        before,
        after: tunnel_key,
    });
    Ok(())
}
