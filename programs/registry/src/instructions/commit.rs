use crate::{
    constants::*,
    events::WalkCommitted,
    state::{Attestation, Config, Device, HardwareClass, Windows},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Commit {
    #[account(address = device.device_key @ RegistryError::NotDeviceKey)]
    pub device_key: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(seeds = [b"windows"], bump)]
    pub windows: Account<Windows>,
    #[account(
        address = device.class @ RegistryError::WrongClass,
        constraint = class.is_proved() @ RegistryError::ClassNotProved
    )]
    pub class: Account<HardwareClass>,
    #[account(
        mut,
        seeds = [DEVICE_SEED, device.device_key.as_ref()],
        bump = device.bump,
        constraint = device.is_active() @ RegistryError::DeviceNotActive
    )]
    pub device: Account<Device>,
    #[account(mut, seeds = [ATTESTATION_SEED, device.account().address().as_ref()], bump = attestation.bump)]
    pub attestation: Account<Attestation>,
}

pub fn commit(ctx: &mut Context<Commit>, root: [u8; 16]) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = &mut ctx.accounts;
    let epoch = accounts.config.epoch(clock.unix_timestamp)?;
    let window = accounts.windows.get(epoch)?;
    let deadline = window
        .slot
        .checked_add(u64::from(accounts.class.commit_slots))
        .ok_or(RegistryError::MathOverflow)?;
    require!(clock.slot <= deadline, RegistryError::LateCommit);
    // The class may take fewer cards by now than when the device was registered.
    let cards = accounts.device.cards();
    require!(
        cards <= accounts.class.max_cards,
        RegistryError::InvalidQuantity
    );
    let seed = iog_pow::seed(
        &window.slot_hash,
        &accounts.device.device_key.to_bytes(),
        epoch,
        accounts.class.id,
        u16::try_from(cards).map_err(|_| RegistryError::MathOverflow)?,
    );
    // A commit that nobody saw through is a failure of its own hour, whoever forgot to finalise it; one whose openings
    // were all proved has passed.
    let attestation = &mut accounts.attestation;
    let open = attestation
        .is_open()
        .then_some((attestation.epoch, attestation.is_proved()));
    attestation.begin(epoch, clock.slot, seed, cards, &accounts.class)?;
    attestation.commit = root;
    let address = accounts.attestation.device;
    if let Some((epoch, passed)) = open {
        let class = &accounts.class;
        emit!(accounts.device.record(address, class, epoch, passed));
    }
    // The device's key signed this: it is up.
    accounts.device.beat(clock.unix_timestamp, clock.slot)?;
    emit!(WalkCommitted {
        device: address,
        epoch,
        slot: clock.slot,
        cards,
        commit: root,
    });
    Ok(())
}
