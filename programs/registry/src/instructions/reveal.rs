use crate::{
    constants::*,
    events::OpeningProved,
    state::{Attestation, AttestationState, Device, HardwareClass},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct Reveal {
    #[account(address = device.class @ RegistryError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(mut, seeds = [ATTESTATION_SEED, device.account().address().as_ref()], bump = attestation.bump)]
    pub attestation: Account<Attestation>,
}

pub fn reveal(ctx: &mut Context<Reveal>, n: u8, opening: &[u8]) -> Result<()> {
    require!(
        u32::from(n) < iog_pow::K_OPENINGS,
        RegistryError::OpeningIndex
    );
    let attestation = &mut ctx.accounts.attestation;
    require!(
        attestation.is(AttestationState::Challenged),
        RegistryError::NoChallenge
    );
    let deadline = attestation
        .challenge_slot
        .checked_add(u64::from(attestation.reveal_slots))
        .ok_or(RegistryError::MathOverflow)?;
    require!(Clock::get()?.slot <= deadline, RegistryError::LateReveal);

    let shape = attestation.shape()?;
    let pick = iog_pow::pick(&attestation.challenge, u32::from(n), &shape);
    iog_pow::verify(
        &attestation.seed,
        &shape,
        attestation.committed_roots()?,
        &pick,
        opening,
    )
    .map_err(RegistryError::from)?;
    attestation.revealed |= 1u8.checked_shl(u32::from(n)).unwrap_or(0);
    emit!(OpeningProved {
        device: attestation.device,
        epoch: attestation.epoch,
        n,
        revealed: attestation.revealed,
    });
    Ok(())
}
