use crate::{
    constants::*,
    events::AttestationClosed,
    state::{Attestation, Device, DeviceState},
    RegistryError,
};
use anchor_lang::prelude::*;

/// Gives the proof account's rent back. The device's account stays for good: its key can never be registered again, and so
/// never without its failures.
#[derive(Accounts)]
pub struct CloseAttestation {
    #[account(mut, address = device.owner @ RegistryError::NotOwner)]
    pub owner: Signer,
    #[account(seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(
        mut,
        close = owner,
        seeds = [ATTESTATION_SEED, device.account().address().as_ref()],
        bump = attestation.bump
    )]
    pub attestation: Account<Attestation>,
}

pub fn close_attestation(ctx: &mut Context<CloseAttestation>) -> Result<()> {
    let accounts = &ctx.accounts;
    require!(
        accounts.device.state == DeviceState::Terminated as u8,
        RegistryError::DeviceNotTerminated
    );
    require!(!accounts.attestation.is_open(), RegistryError::ProofOpen);
    emit!(AttestationClosed {
        device: accounts.attestation.device,
        owner: accounts.device.owner,
        lamports: accounts.attestation.account().lamports(),
    });
    Ok(())
}
