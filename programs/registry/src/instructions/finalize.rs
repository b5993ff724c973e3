use crate::{
    constants::*,
    state::{Attestation, AttestationState, Device, HardwareClass},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Finalize {
    #[account(address = device.class @ RegistryError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(mut, seeds = [ATTESTATION_SEED, device.account().address().as_ref()], bump = attestation.bump)]
    pub attestation: Account<Attestation>,
}

pub fn finalize(ctx: &mut Context<Finalize>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let attestation = &mut accounts.attestation;
    require!(attestation.is_open(), RegistryError::NoChallenge);
    let passed = attestation.is_proved();
    if !passed {
        // Without a challenge the count runs from the commit, and gives the challenge as many slots as SlotHashes keeps.
        let from = if attestation.is(AttestationState::Challenged) {
            attestation.challenge_slot
        } else {
            attestation.commit_slot.saturating_add(512)
        };
        let due = attestation.due_slot(from)?;
        require!(Clock::get()?.slot > due, RegistryError::NotFinal);
    }
    attestation.state = if passed {
        AttestationState::Passed as u8
    } else {
        AttestationState::Failed as u8
    };
    let (device, epoch) = (attestation.device, attestation.epoch);
    emit!(accounts
        .device
        .record(device, &accounts.class, epoch, passed));
    Ok(())
}
