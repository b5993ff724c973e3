use crate::{
    constants::*,
    events::DeviceStateSet,
    state::{Config, Device, DeviceState, HardwareClass, Operator},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetDeviceState {
    #[account(address = device.owner @ RegistryError::NotOwner)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [OPERATOR_SEED, device.owner.as_ref()], bump = operator.bump)]
    pub operator: Account<Operator>,
    #[account(mut, address = device.class @ RegistryError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
}

pub fn set_device_state(ctx: &mut Context<SetDeviceState>, state: u8) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let address = *accounts.device.account().address();
    let (state_before, active_before) = (accounts.device.state, accounts.device.is_active());
    accounts.device.set_state(state)?;
    let class_gpus_active_before = accounts.class.gpus_active;
    accounts.class.count_gpus(
        accounts.device.cards(),
        active_before,
        accounts.device.is_active(),
    )?;
    if state == DeviceState::Terminated as u8 {
        // It was counted once, when it was registered, and nothing leaves this state.
        accounts.config.devices = accounts
            .config
            .devices
            .checked_sub(1)
            .ok_or(RegistryError::MathOverflow)?;
        for counter in [&mut accounts.operator.devices, &mut accounts.class.devices] {
            *counter = counter.checked_sub(1).ok_or(RegistryError::MathOverflow)?;
        }
    }
    emit!(DeviceStateSet {
        device: address,
        state_before,
        state_after: state,
        class_gpus_active_before,
        class_gpus_active_after: accounts.class.gpus_active,
    });
    Ok(())
}
