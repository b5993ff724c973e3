use crate::{
    events::ChallengeRecorded,
    state::{Attestation, AttestationState},
    RegistryError,
};
use anchor_lang::prelude::*;
use iog_common::slot_hashes::{self, first_after, SlotHash};

#[derive(Accounts)]
pub struct RecordChallenge {
    #[account(mut)]
    pub attestation: Account<Attestation>,
    /// CHECK: the sysvar's address.
    #[account(address = slot_hashes::ID)]
    pub slot_hashes: UncheckedAccount,
}

/// The challenge's two slots, for a commit in slot `commit_slot`: the first recorded one after it, and the first recorded one from the
/// distance on that the first one's hash draws. One leader who chose the first hash would not know the second; skipped slots are passed over.
fn slots(data: &[u8], commit_slot: u64) -> Result<(SlotHash, SlotHash)> {
    let first = first_after(data, commit_slot).map_err(RegistryError::from)?;
    let from = commit_slot
        .checked_add(iog_pow::challenge_distance(&first.hash))
        .and_then(|slot| slot.checked_sub(1))
        .ok_or(RegistryError::MathOverflow)?;
    let second = first_after(data, from.max(first.slot)).map_err(RegistryError::from)?;
    Ok((first, second))
}

pub fn record_challenge(ctx: &mut Context<RecordChallenge>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let attestation = &mut accounts.attestation;
    require!(
        attestation.is(AttestationState::Committed),
        RegistryError::NoCommit
    );
    let (first, second) = {
        let data = accounts.slot_hashes.account().try_borrow()?;
        slots(&data, attestation.commit_slot)?
    };
    // Nobody could open anything by then: the proof has failed, and a challenge would only cost fees.
    let due = attestation.due_slot(second.slot)?;
    require!(Clock::get()?.slot <= due, RegistryError::ChallengeForgotten);
    let address = attestation.account().address().to_bytes();
    attestation.challenge = iog_pow::challenge(&first.hash, &second.hash, &address);
    attestation.challenge_slot = second.slot;
    attestation.state = AttestationState::Challenged as u8;
    emit!(ChallengeRecorded {
        device: attestation.device,
        epoch: attestation.epoch,
        challenge: attestation.challenge,
        slot: second.slot,
    });
    Ok(())
}
