//! Another's accounts in the places of what ends a proof, and the code that each ends in.

use iog_client::pda;
use iog_client::registry::instructions::{Finalize, RecordChallenge, Reveal};
use iog_client::registry::{RegistryError, ID};
use iog_tests::world::{finalize_ix, reveal_ix, try_commit, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{swaps, Code, World};
use solana_instruction::error::InstructionError as E;

fn plain(code: E) -> Code {
    Code::plain(ID, code)
}

/// Record, reveal and end take the attestation that they are given: another's is worked on as itself, and nothing else is one.
#[test]
fn anothers_proofs_end_in_their_own_codes() {
    let mut world = World::ready();
    let (one, two) = (world.supplier(CLASS_TEST), world.supplier(CLASS_TEST));
    let other_class = pda::registry::class(CLASS_COMMUNITY);
    let payer = world.wallet();
    world.open_window();
    try_commit(&mut world, &one, [1; 16]).unwrap();
    world.advance_slots(66);
    let record = world.record_challenge_ix(&one);
    let clock =
        solana_pubkey::Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
    swaps::refused(
        &world,
        &record,
        &[&payer],
        &[
            (
                "another sysvar",
                RecordChallenge::SLOT_HASHES,
                clock,
                Code::anchor(ID, 2012),
            ),
            (
                "another's proof, which has no commit",
                RecordChallenge::ATTESTATION,
                two.attestation,
                RegistryError::NoCommit.into(),
            ),
            (
                "a device for a proof",
                RecordChallenge::ATTESTATION,
                one.device,
                plain(E::InvalidAccountData),
            ),
            (
                "an operator for a proof",
                RecordChallenge::ATTESTATION,
                one.operator,
                plain(E::AccountDataTooSmall),
            ),
            (
                "rewards for a proof",
                RecordChallenge::ATTESTATION,
                one.rewards,
                plain(E::IllegalOwner),
            ),
        ],
    );
    world.govern(record);
    let opening = world.forge(&one, 0, 0);
    swaps::refused(
        &world,
        &reveal_ix(&one, 0, opening),
        &[&payer],
        &[
            (
                "another's proof, which has no challenge",
                Reveal::ATTESTATION,
                two.attestation,
                RegistryError::NoChallenge.into(),
            ),
            (
                "a device for a proof",
                Reveal::ATTESTATION,
                one.device,
                plain(E::InvalidAccountData),
            ),
            (
                "the emission's config for a proof",
                Reveal::ATTESTATION,
                pda::emission::config(),
                plain(E::IllegalOwner),
            ),
        ],
    );
    world.advance_slots(400);
    swaps::refused(
        &world,
        &finalize_ix(&one),
        &[&payer],
        &[
            (
                "another class's deadline",
                Finalize::CLASS,
                other_class,
                RegistryError::WrongClass.into(),
            ),
            (
                "another's proof",
                Finalize::ATTESTATION,
                two.attestation,
                plain(E::InvalidSeeds),
            ),
            (
                "another's failure",
                Finalize::DEVICE,
                two.device,
                plain(E::InvalidSeeds),
            ),
        ],
    );
}
