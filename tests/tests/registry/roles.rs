//! Attestor and catalogue's authority: named a day ahead, removed at once, dropped by the guardian, not inherited.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::Config;
use iog_client::registry::events::{RoleDropped, RoleSet};
use iog_client::registry::instructions::{
    AcceptAuthority, ApplyRole, DropRole, ProposeAuthority, SetGuardian, SetRole,
};
use iog_client::registry::{self, RegistryError, RegistryRole, Role};
use iog_tests::world::{PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::catalog::{apply_ix, schedule_ix, terms_of, DAY, WEEK};
use super::measuring::{apply_measurer_ix, set_measurer_ix, NOBODY};

const ROLES: [RegistryRole; 2] = [RegistryRole::Attestor, RegistryRole::CatalogAuthority];

pub fn set_role_ix(world: &World, role: RegistryRole, key: Pubkey) -> Instruction {
    SetRole {
        authority: world.authority.pubkey_of(),
        role,
        key,
    }
    .instruction()
}

pub fn apply_role_ix(role: RegistryRole) -> Instruction {
    ApplyRole { role }.instruction()
}

pub fn drop_role_ix(signer: Pubkey, role: RegistryRole) -> Instruction {
    DropRole { signer, role }.instruction()
}

/// The two roles, in the order of their numbers.
fn held(world: &World) -> [Role; 2] {
    let config = world.read::<Config>(&pda::registry::config());
    [config.attestor, config.catalog_authority]
}

fn said(number: usize, [before, after]: [Pubkey; 2], waits: (Pubkey, i64)) -> [Event; 1] {
    let (pending, effective_ts) = waits;
    let set = RoleSet {
        role: u8::try_from(number).unwrap(),
        before,
        after,
        pending,
        effective_ts,
    };
    [Event::Registry(registry::Event::RoleSet(set))]
}

const NO_ONE_WAITS: (Pubkey, i64) = (NOBODY, 0);

/// A network whose setup is over.
fn grown() -> World {
    let mut world = World::ready();
    world.set_time(GENESIS_TS + DAY);
    world
}

#[test]
fn roles_are_given_at_once_in_the_setup() {
    for (number, role) in ROLES.into_iter().enumerate() {
        let mut world = World::ready();
        world.set_time(GENESIS_TS + DAY - 1);
        let (before, key) = (held(&world), world.address());
        let meta = world.govern(set_role_ix(&world, role, key));
        let expected = said(number, [before[number].key, key], NO_ONE_WAITS);
        assert_eq!(meta.events, expected);
        let after = held(&world);
        assert_eq!(after[number].key, key);
        assert_eq!(after[1 - number], before[1 - number]);
    }
}

/// audit: money M4: whoever stole the authority cannot have its own attestor before all have seen it for a day.
#[test]
fn naming_waits_a_day_and_removing_does_not() {
    for (number, role) in ROLES.into_iter().enumerate() {
        let mut world = grown();
        let (before, key) = (held(&world)[number].key, world.address());
        let meta = world.govern(set_role_ix(&world, role.clone(), key));
        let effective_ts = GENESIS_TS + 2 * DAY;
        let waits = (key, effective_ts);
        assert_eq!(meta.events, said(number, [before, before], waits));
        let anyone = world.wallet();
        world.set_time(effective_ts - 1);
        let apply = apply_role_ix(role.clone());
        world.refuses(RegistryError::TooEarly, apply.clone(), &[&anyone]);
        let mut late = world.clone();
        late.set_time(effective_ts + WEEK + 1);
        late.refuses(RegistryError::Lapsed, apply.clone(), &[&anyone]);
        world.set_time(effective_ts);
        let meta = world.must(apply.clone(), &[&anyone]);
        assert_eq!(meta.events, said(number, [before, key], NO_ONE_WAITS));
        let nothing = RegistryError::NothingScheduled;
        world.refuses(nothing, apply.clone(), &[&anyone]);
        // Removed, and who waits with it.
        let other = world.address();
        world.govern(set_role_ix(&world, role.clone(), other));
        let meta = world.govern(set_role_ix(&world, role, NOBODY));
        assert_eq!(meta.events, said(number, [key, NOBODY], NO_ONE_WAITS));
        world.advance(DAY);
        world.refuses(nothing, apply, &[&anyone]);
    }
}

fn with_guardian(world: &mut World) -> Keypair {
    let guardian = world.wallet();
    let set = SetGuardian {
        authority: world.authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(set.instruction());
    guardian
}

/// audit: money L10: the guardian drops a naming. It names and removes nobody.
#[test]
fn the_guardian_drops_a_naming_and_nothing_else() {
    for (number, role) in ROLES.into_iter().enumerate() {
        let mut world = grown();
        let (guardian, stranger) = (with_guardian(&mut world), world.wallet());
        let (before, key) = (held(&world)[number].key, world.address());
        let drop = drop_role_ix(guardian.pubkey_of(), role.clone());
        let nothing = RegistryError::NothingScheduled;
        world.refuses(nothing, drop.clone(), &[&guardian]);
        world.govern(set_role_ix(&world, role.clone(), key));
        let by_stranger = drop_role_ix(stranger.pubkey_of(), role.clone());
        world.refuses(RegistryError::NotGuardian, by_stranger, &[&stranger]);
        let meta = world.must(drop, &[&guardian]);
        let dropped = RoleDropped {
            by: guardian.pubkey_of(),
            role: u8::try_from(number).unwrap(),
            dropped: key,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::RoleDropped(dropped))]
        );
        assert_eq!(held(&world)[number].key, before);
        world.advance(DAY);
        world.refuses(nothing, apply_role_ix(role.clone()), &[&guardian]);
        let mut set = set_role_ix(&world, role, NOBODY);
        set.accounts[0].pubkey = guardian.pubkey_of();
        world.refuses(RegistryError::NotAuthority, set, &[&guardian]);
    }
}

/// audit: money L10: whoever takes over from a key that leaked starts with nothing scheduled: no role, no measurer, no class's terms, not the first
/// ones of a new class either. What it schedules itself waits its time.
#[test]
fn a_successor_inherits_nothing_that_waits() {
    let mut world = grown();
    let key = world.address();
    let schedule = |world: &mut World| {
        let by = world.authority.pubkey_of();
        let terms = registry::ClassTerms {
            multiplier_x100: 110,
            ..terms_of(world, CLASS_TEST)
        };
        let [attestor, catalog] = ROLES.map(|role| set_role_ix(world, role, key));
        for instruction in [
            attestor,
            catalog,
            set_measurer_ix(world, 0, key),
            schedule_ix(&by, CLASS_TEST, terms),
        ] {
            world.govern(instruction);
        }
    };
    schedule(&mut world);
    // Before the hand-over and in its very second.
    let successor = world.wallet();
    let propose = ProposeAuthority {
        authority: world.authority.pubkey_of(),
        successor: successor.pubkey_of(),
    };
    world.govern(propose.instruction());
    let accept = AcceptAuthority {
        signer: successor.pubkey_of(),
    };
    world.must(accept.instruction(), &[&successor]);
    let taken_ts = world.now();
    let config = world.read::<Config>(&pda::registry::config());
    assert_eq!(config.authority_since_ts, taken_ts);
    let applies = || {
        let [attestor, catalog] = ROLES.map(apply_role_ix);
        [
            attestor,
            catalog,
            apply_measurer_ix(0),
            apply_ix(CLASS_TEST),
        ]
    };
    let anyone = world.wallet();
    let mut old = world.clone();
    for (wait, instruction) in [DAY, DAY, DAY, WEEK].into_iter().zip(applies()) {
        for secs in [wait, wait + 1] {
            old.set_time(taken_ts + secs);
            let nothing = RegistryError::NothingScheduled;
            old.refuses(nothing, instruction.clone(), &[&anyone]);
        }
    }
    world.authority = successor;
    schedule(&mut world);
    for (wait, instruction) in [DAY, DAY, DAY, WEEK].into_iter().zip(applies()) {
        // From the second after the hand-over.
        world.set_time(taken_ts + wait);
        world.refuses(RegistryError::TooEarly, instruction.clone(), &[&anyone]);
        world.set_time(taken_ts + wait + 1);
        world.must(instruction, &[&anyone]);
    }
    assert_eq!(held(&world).map(|role| role.key), [key, key]);
}
