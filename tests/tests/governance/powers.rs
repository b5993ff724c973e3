//! What the authority of a program may do besides governing, nobody else may.

use super::granted::{powers, stage, Stage};
use super::programs::{programs, Program};
use super::table::{name_of, sent_by};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::World;
use solana_keypair::Keypair;
use std::collections::BTreeSet;

fn named(name: &str) -> Program {
    let mut all = programs().into_iter();
    all.find(|program| program.name == name).expect("a program")
}

/// Each of `key`'s powers succeeds, on a copy of the world of its own.
fn may_all(stage: &Stage, key: &Keypair) {
    for (program, instruction) in powers(stage, key.pubkey_of()) {
        let outcome = stage.world.clone().send(&[instruction], &[key]);
        assert!(outcome.is_ok(), "{program}: {outcome:?}");
    }
}

/// Each is refused, and the accounts that it names stay as they were.
fn may_nothing(stage: &mut Stage, key: &Keypair) {
    let address = key.pubkey_of();
    for (program, instruction) in powers(stage, address) {
        let accounts = |world: &World| -> Vec<_> {
            let metas = instruction.accounts.iter();
            metas
                .filter(|meta| meta.pubkey != address)
                .map(|meta| world.find(&meta.pubkey))
                .collect()
        };
        let before = accounts(&stage.world);
        let outcome = stage.world.send(std::slice::from_ref(&instruction), &[key]);
        expect_code(outcome, named(program).refusals.not_authority);
        assert!(accounts(&stage.world) == before, "{program} changed");
    }
}

/// Nothing that the table of powers gives the authority is left untried, but what creates an account that a network has once: see the token's
/// own tests.
#[test]
fn every_power_of_the_table_is_tried() {
    let stage = stage();
    let authority = stage.world.authority.pubkey_of();
    for program in programs() {
        let mut tried: BTreeSet<String> = powers(&stage, authority)
            .into_iter()
            .filter(|(of, _)| *of == program.name)
            .map(|(of, instruction)| name_of(of, &instruction))
            .collect();
        tried.remove("set_parameter");
        let mut expected = sent_by(program.name, "authority");
        expected.remove("create_iosd");
        expected.remove("create_price_feed");
        assert_eq!(tried, expected, "{}", program.name);
    }
}

#[test]
fn the_authority_may_all_of_it_and_others_nothing() {
    let mut stage = stage();
    let authority = stage.world.authority.insecure_clone();
    let [stranger, guardian, pending] = [(); 3].map(|()| stage.world.wallet());
    for program in programs() {
        let by = authority.pubkey_of();
        let world = &mut stage.world;
        world.govern((program.set_guardian)(by, guardian.pubkey_of()));
        world.govern((program.propose)(by, pending.pubkey_of()));
    }
    may_all(&stage, &authority);
    for key in [&stranger, &guardian, &pending] {
        may_nothing(&mut stage, key);
    }
}

#[test]
fn with_the_role_go_all_its_powers() {
    let mut stage = stage();
    let (old, new) = (stage.world.authority.insecure_clone(), stage.world.wallet());
    for program in programs() {
        let world = &mut stage.world;
        world.govern((program.propose)(old.pubkey_of(), new.pubkey_of()));
        world.must((program.accept)(new.pubkey_of()), &[&new]);
    }
    may_nothing(&mut stage, &old);
    may_all(&stage, &new);
}

/// Who may upgrade a program is not thereby its authority: the roles are the config's.
#[test]
fn the_upgrade_authority_is_not_the_authority() {
    let mut stage = stage();
    let upgrader = stage.world.wallet();
    for program in programs() {
        let key = upgrader.pubkey_of();
        stage.world.set_upgrade_authority(&program.id, Some(&key));
    }
    may_nothing(&mut stage, &upgrader);
    let authority = stage.world.authority.insecure_clone();
    may_all(&stage, &authority);
}
