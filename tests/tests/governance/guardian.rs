//! The guardian may pause, and drop what waits; nothing else.

use super::programs::{cases, Roles, Said};
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

#[test]
fn the_authority_names_replaces_and_removes_the_guardian() {
    for mut case in cases() {
        let authority = case.authority.insecure_clone();
        let by = authority.pubkey_of();
        let [first, second] = [(); 2].map(|()| case.world.wallet());
        let mut before = NOBODY;
        for after in [
            first.pubkey_of(),
            second.pubkey_of(),
            NOBODY,
            first.pubkey_of(),
        ] {
            let said = case.does((case.program.set_guardian)(by, after), &authority);
            assert_eq!(said, Said::Guardian { before, after });
            assert_eq!(case.roles().guardian, after);
            before = after;
        }
        // Who was replaced pauses no more.
        let refused = case.program.refusals.not_guardian.clone();
        let pause = (case.program.pause)(second.pubkey_of(), 1);
        case.refuses(&refused, pause, &second);
    }
}

#[test]
fn the_guardian_is_neither_the_authority_nor_its_successor() {
    for mut case in cases() {
        let authority = case.authority.insecure_clone();
        let by = authority.pubkey_of();
        let successor = case.world.wallet();
        let propose = (case.program.propose)(by, successor.pubkey_of());
        case.does(propose, &authority);
        let invalid = case.program.refusals.invalid_role.clone();
        for guardian in [by, successor.pubkey_of()] {
            let set = (case.program.set_guardian)(by, guardian);
            case.refuses(&invalid, set, &authority);
        }
        // The old authority is nobody special once it has given its role away.
        case.does((case.program.accept)(successor.pubkey_of()), &successor);
        case.does(
            (case.program.set_guardian)(successor.pubkey_of(), by),
            &successor,
        );
        case.does((case.program.pause)(by, 1), &authority);
    }
}

#[test]
fn the_guardian_pauses_and_may_nothing_else() {
    for mut case in cases() {
        let guardian = case.guardian();
        let address = guardian.pubkey_of();
        let all = case.program.all;
        let said = case.does((case.program.pause)(address, all), &guardian);
        let (before, after) = (0, all);
        assert_eq!(
            said,
            Said::Paused {
                by: address,
                before,
                after
            }
        );
        let refused = case.program.refusals.not_authority.clone();
        let other = case.world.address();
        for instruction in [
            (case.program.resume)(address, all),
            (case.program.set_guardian)(address, other),
            (case.program.set_guardian)(address, NOBODY),
            (case.program.propose)(address, other),
            (case.program.propose)(address, address),
            (case.program.cancel)(address),
        ] {
            case.refuses(&refused, instruction, &guardian);
        }
        let nothing = case.program.refusals.nothing_proposed.clone();
        case.refuses(&nothing, (case.program.accept)(address), &guardian);
        let expected = Roles {
            authority: case.authority.pubkey_of(),
            pending: NOBODY,
            guardian: address,
            paused: all,
            since_ts: 0,
        };
        assert_eq!(case.roles(), expected);
    }
}

#[test]
fn strangers_pause_and_resume_nothing() {
    for mut case in cases() {
        case.guardian();
        let [stranger, pending] = [(); 2].map(|()| case.world.wallet());
        let authority = case.authority.insecure_clone();
        let propose = (case.program.propose)(authority.pubkey_of(), pending.pubkey_of());
        case.does(propose, &authority);
        let refusals = &case.program.refusals;
        let codes = [
            refusals.not_guardian.clone(),
            refusals.not_authority.clone(),
        ];
        for key in [&stranger, &pending] {
            let address = key.pubkey_of();
            case.refuses(&codes[0], (case.program.pause)(address, 1), key);
            case.refuses(&codes[1], (case.program.resume)(address, 1), key);
        }
    }
}

#[test]
fn each_bit_is_paused_and_resumed_by_itself() {
    for mut case in cases() {
        let authority = case.authority.insecure_clone();
        let by = authority.pubkey_of();
        let bits: Vec<u8> = (0..8)
            .map(|bit| 1 << bit)
            .filter(|bit| case.program.all & bit != 0)
            .collect();
        let mut before = 0;
        for bit in &bits {
            let said = case.does((case.program.pause)(by, *bit), &authority);
            let after = before | bit;
            assert_eq!(said, Said::Paused { by, before, after });
            assert_eq!(case.roles().paused, after);
            before = after;
        }
        // What is paused already stays so.
        let said = case.does((case.program.pause)(by, bits[0]), &authority);
        let after = before;
        assert_eq!(said, Said::Paused { by, before, after });
        for bit in &bits {
            let said = case.does((case.program.resume)(by, *bit), &authority);
            let after = before & !bit;
            assert_eq!(said, Said::Paused { by, before, after });
            assert_eq!(case.roles().paused, after);
            before = after;
        }
        assert_eq!(before, 0);
    }
}

#[test]
fn bits_that_name_no_action_are_refused() {
    for mut case in cases() {
        let authority = case.authority.insecure_clone();
        let by = authority.pubkey_of();
        let unknown = case.program.refusals.unknown_action.clone();
        let all = case.program.all;
        for actions in [0, all + 1, 0x80, 0x81, 0xff] {
            case.refuses(&unknown, (case.program.pause)(by, actions), &authority);
            case.refuses(&unknown, (case.program.resume)(by, actions), &authority);
        }
        // One unknown bit among known ones is refused with them.
        case.refuses(&unknown, (case.program.pause)(by, all | 0x40), &authority);
    }
}
