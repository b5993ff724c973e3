use crate::{
    constants::*,
    events::DeviceRegistered,
    state::{Attestation, Config, Device, DeviceArgs, HardwareClass, Operator},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct RegisterDevice {
    #[account(mut, address = operator.authority @ RegistryError::NotOwner)]
    pub authority: Signer,
    pub device_key: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [OPERATOR_SEED, operator.authority.as_ref()], bump = operator.bump)]
    pub operator: Account<Operator>,
    #[account(
        mut,
        seeds = [CLASS_SEED, &class.id.to_le_bytes()],
        bump = class.bump,
        constraint = class.enabled == 1 @ RegistryError::ClassDisabled
    )]
    pub class: Account<HardwareClass>,
    #[account(init, payer = authority, seeds = [DEVICE_SEED, device_key.address().as_ref()], bump)]
    pub device: Account<Device>,
    #[account(init, payer = authority, seeds = [ATTESTATION_SEED, device.account().address().as_ref()], bump)]
    pub attestation: Account<Attestation>,
    pub system_program: Program<System>,
}

pub fn register_device(ctx: &mut Context<RegisterDevice>, args: DeviceArgs) -> Result<()> {
    let accounts = &mut ctx.accounts;
    args.validate(&accounts.class)?;
    accounts.config.require_running(pause::REGISTRATION)?;
    accounts.config.devices = accounts
        .config
        .devices
        .checked_add(1)
        .ok_or(RegistryError::MathOverflow)?;
    for counter in [&mut accounts.operator.devices, &mut accounts.class.devices] {
        *counter = counter.checked_add(1).ok_or(RegistryError::MathOverflow)?;
    }

    let address = *accounts.device.account().address();
    let device = &mut accounts.device;
    device.owner = *accounts.authority.address();
    device.device_key = *accounts.device_key.address();
    device.tunnel_key = args.tunnel_key;
    device.class = *accounts.class.account().address();
    device.class_id = accounts.class.id;
    device.quantity = args.quantity;
    device.tier = 1;
    device.country = args.country;
    device.platform = args.platform;
    device.registered_ts = Clock::get()?.unix_timestamp;
    device.version = 1;
    device.bump = ctx.bumps.device;
    device.require_different_keys()?;
    accounts.class.count_gpus(device.cards(), false, true)?;

    let attestation = &mut accounts.attestation;
    attestation.device = address;
    attestation.version = 1;
    attestation.bump = ctx.bumps.attestation;
    emit!(DeviceRegistered {
        device: address,
        owner: device.owner,
        device_key: device.device_key,
        class_id: device.class_id,
        quantity: device.quantity,
        class_gpus_active: accounts.class.gpus_active,
    });
    Ok(())
}
