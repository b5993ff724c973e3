use crate::{
    constants::*,
    events::ChallengeRecorded,
    state::{Attestation, AttestationState, Device, HardwareClass},
    RegistryError,
};
use anchor_lang::prelude::*;
use iog_common::slot_hashes;

#[derive(Accounts)]
pub struct RecordChallenge {
    #[account(address = device.class @ RegistryError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(mut, seeds = [ATTESTATION_SEED, device.account().address().as_ref()], bump = attestation.bump)]
    pub attestation: Account<Attestation>,
    /// CHECK: the sysvar's address.
    #[account(address = slot_hashes::ID)]
    pub slot_hashes: UncheckedAccount,
}

pub fn record_challenge(ctx: &mut Context<RecordChallenge>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(
        accounts.attestation.is(AttestationState::Committed),
        RegistryError::NoCommit
    );
    let first = {
        let data = accounts.slot_hashes.account().try_borrow()?;
        slot_hashes::first_after(&data, accounts.attestation.commit_slot)
            .map_err(RegistryError::from)?
    };
    // Nobody could open anything by then: the proof has failed, and a challenge would only cost fees.
    let due = first
        .slot
        .checked_add(u64::from(accounts.attestation.reveal_slots))
        .ok_or(RegistryError::MathOverflow)?;
    require!(Clock::get()?.slot <= due, RegistryError::ChallengeForgotten);
    let address = accounts.attestation.account().address().to_bytes();
    let challenge = iog_pow::challenge(&first.hash, &address);
    let draw = challenge
        .first_chunk::<8>()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .ok_or(RegistryError::MathOverflow)?;
    let audited = draw.checked_rem(u64::from(accounts.attestation.audit_modulus)) == Some(0);

    let attestation = &mut accounts.attestation;
    attestation.challenge = challenge;
    attestation.challenge_slot = first.slot;
    let epoch = attestation.epoch;
    attestation.state = if audited {
        AttestationState::Challenged as u8
    } else {
        AttestationState::Passed as u8
    };
    let device = attestation.device;
    emit!(ChallengeRecorded {
        device,
        epoch,
        challenge,
        audited,
    });
    if !audited {
        emit!(accounts.device.record(device, &accounts.class, epoch, true));
    }
    Ok(())
}
