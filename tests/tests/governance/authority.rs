//! The authority changes hands in two steps.

use super::programs::{cases, Case, Roles, Said};
use iog_tests::world::{PubkeyOf, GENESIS_TS};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

/// Everything that the authority alone may do, tried by another.
#[track_caller]
fn may_nothing(case: &mut Case, key: &Keypair) {
    let (address, other) = (key.pubkey_of(), case.world.address());
    let tries = [
        (case.program.propose)(address, other),
        (case.program.cancel)(address),
        (case.program.set_guardian)(address, other),
        (case.program.resume)(address, case.program.all),
    ];
    let code = case.program.refusals.not_authority.clone();
    for instruction in tries {
        case.refuses(&code, instruction, key);
    }
}

#[test]
fn an_authority_is_proposed_and_accepts() {
    for mut case in cases() {
        let (old, new) = (case.authority.insecure_clone(), case.world.wallet());
        let (from, to) = (old.pubkey_of(), new.pubkey_of());
        let said = case.does((case.program.propose)(from, to), &old);
        let (authority, pending) = (from, to);
        assert_eq!(said, Said::Proposed { authority, pending });
        let roles = Roles {
            authority: from,
            pending: to,
            guardian: NOBODY,
            paused: 0,
            since_ts: 0,
        };
        assert_eq!(case.roles(), roles);
        // Until it is accepted the old one rules, and the new one does not.
        may_nothing(&mut case, &new);
        let guardian = case.guardian();

        let said = case.does((case.program.accept)(to), &new);
        assert_eq!(
            said,
            Said::Authority {
                before: from,
                after: to
            }
        );
        let roles = Roles {
            authority: to,
            pending: NOBODY,
            guardian: guardian.pubkey_of(),
            paused: 0,
            since_ts: GENESIS_TS,
        };
        assert_eq!(case.roles(), roles);
        may_nothing(&mut case, &old);
        // Nor does the old one pause, and nothing is accepted twice.
        let refusals = &case.program.refusals;
        let (not_guardian, nothing) = (
            refusals.not_guardian.clone(),
            refusals.nothing_proposed.clone(),
        );
        case.refuses(&not_guardian, (case.program.pause)(from, 1), &old);
        case.refuses(&nothing, (case.program.accept)(to), &new);
        // The new one does all of it.
        let next = case.world.address();
        case.does((case.program.propose)(to, next), &new);
        case.does((case.program.cancel)(to), &new);
        case.does((case.program.pause)(to, 1), &new);
        case.does((case.program.resume)(to, 1), &new);
    }
}

#[test]
fn only_the_proposed_one_accepts_and_the_last_proposal_counts() {
    for mut case in cases() {
        let old = case.authority.insecure_clone();
        let from = old.pubkey_of();
        let [first, second, stranger] = [(); 3].map(|()| case.world.wallet());
        let nothing = case.program.refusals.nothing_proposed.clone();
        let other = case.program.refusals.not_pending_authority.clone();
        // Nobody is proposed: nobody accepts, nothing is cancelled.
        for key in [&first, &old] {
            case.refuses(&nothing, (case.program.accept)(key.pubkey_of()), key);
        }
        case.refuses(&nothing, (case.program.cancel)(from), &old);
        for proposed in [&first, &second] {
            case.does((case.program.propose)(from, proposed.pubkey_of()), &old);
        }
        for key in [&first, &stranger, &old] {
            case.refuses(&other, (case.program.accept)(key.pubkey_of()), key);
        }
        case.does((case.program.accept)(second.pubkey_of()), &second);
        assert_eq!(case.roles().authority, second.pubkey_of());
    }
}

#[test]
fn a_proposal_that_is_taken_back_is_not_accepted() {
    for mut case in cases() {
        let (old, new) = (case.authority.insecure_clone(), case.world.wallet());
        let (authority, pending) = (old.pubkey_of(), new.pubkey_of());
        case.does((case.program.propose)(authority, pending), &old);
        let said = case.does((case.program.cancel)(authority), &old);
        assert_eq!(said, Said::Cancelled { authority, pending });
        assert_eq!(case.roles().pending, NOBODY);
        let nothing = case.program.refusals.nothing_proposed.clone();
        case.refuses(&nothing, (case.program.accept)(pending), &new);
        case.refuses(&nothing, (case.program.cancel)(authority), &old);
    }
}

#[test]
fn nobody_the_guardian_and_the_authority_itself_are_no_successors() {
    for mut case in cases() {
        let old = case.authority.insecure_clone();
        let authority = old.pubkey_of();
        let guardian = case.guardian().pubkey_of();
        let invalid = case.program.refusals.invalid_role.clone();
        for successor in [NOBODY, authority, guardian] {
            let propose = (case.program.propose)(authority, successor);
            case.refuses(&invalid, propose, &old);
        }
        // A proposal that stands is not replaced by one that is refused.
        let pending = case.world.address();
        case.does((case.program.propose)(authority, pending), &old);
        case.refuses(&invalid, (case.program.propose)(authority, NOBODY), &old);
        assert_eq!(case.roles().pending, pending);
    }
}

#[test]
fn without_its_signature_the_authority_does_nothing() {
    use solana_instruction::error::InstructionError::MissingRequiredSignature;
    for mut case in cases() {
        let payer = case.world.wallet();
        let authority = case.authority.pubkey_of();
        let other = case.world.address();
        let missing = iog_tests::Code::plain(case.program.id, MissingRequiredSignature);
        for mut instruction in [
            (case.program.propose)(authority, other),
            (case.program.cancel)(authority),
            (case.program.accept)(authority),
            (case.program.set_guardian)(authority, other),
            (case.program.pause)(authority, 1),
            (case.program.resume)(authority, 1),
        ] {
            instruction.accounts[0].is_signer = false;
            case.refuses(&missing, instruction, &payer);
        }
    }
}
