use crate::{
    events::OpeningProved,
    state::{Attestation, AttestationState},
    RegistryError,
};
use anchor_lang::prelude::*;

/// The proof alone: everything that an opening is checked against was kept with the commit.
#[derive(Accounts)]
pub struct Reveal {
    #[account(mut)]
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
    // Nobody pays twice for checking the same.
    require!(
        !attestation.is_revealed(n),
        RegistryError::OpeningProvedAlready
    );
    let due = attestation.due_slot(attestation.challenge_slot)?;
    require!(Clock::get()?.slot <= due, RegistryError::LateReveal);

    let shape = attestation.shape()?;
    let pick = iog_pow::pick(&attestation.challenge, u32::from(n), &shape);
    iog_pow::verify(
        &attestation.seed,
        &shape,
        &attestation.commit,
        &pick,
        opening,
    )
    .map_err(RegistryError::from)?;
    attestation.mark_revealed(n);
    emit!(OpeningProved {
        device: attestation.device,
        epoch: attestation.epoch,
        n,
        revealed: attestation.revealed,
    });
    Ok(())
}
