//! Who moves a class's numbers, how far, and when.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::{Config, HardwareClass};
use iog_client::registry::events::{
    ClassProofChanged, ClassProofScheduled, ClassUpdated, RolesChanged,
};
use iog_client::registry::instructions::{ApplyClass, ScheduleClass, SetRoles, UpdateClass};
use iog_client::registry::{self, ClassArgs, ClassRates, ProofTerms, RegistryError};
use iog_tests::world::{class_args, PubkeyOf, CLASS_TEST};
use iog_tests::{Code, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

const DAY: i64 = 86_400;

fn class(world: &World, id: u16) -> HardwareClass {
    world.read(&pda::registry::class(id))
}

pub fn rates_of(world: &World, id: u16) -> ClassRates {
    let class = class(world, id);
    ClassRates {
        multiplier_x100: class.multiplier_x100,
        base_price_usd6: class.base_price_usd6,
        enabled: class.enabled == 1,
    }
}

pub fn proof_of(world: &World, id: u16) -> ProofTerms {
    let class = class(world, id);
    ProofTerms {
        rows: class.rows,
        lanes: class.lanes,
        waves: class.waves,
        commit_slots: class.commit_slots,
        reveal_slots: class.reveal_slots,
        audit_modulus: class.audit_modulus,
    }
}

pub fn update_ix(authority: &Pubkey, id: u16, rates: ClassRates) -> Instruction {
    UpdateClass {
        authority: *authority,
        class: pda::registry::class(id),
        rates,
    }
    .instruction()
}

pub fn schedule_ix(authority: &Pubkey, id: u16, proof: ProofTerms) -> Instruction {
    ScheduleClass {
        authority: *authority,
        class: pda::registry::class(id),
        proof,
    }
    .instruction()
}

/// Gives the catalogue's role to a new wallet.
pub fn role(world: &mut World) -> Keypair {
    let role = world.wallet();
    let set = SetRoles {
        authority: world.authority.pubkey_of(),
        attestor: world.attestor.pubkey_of(),
        catalog_authority: role.pubkey_of(),
    };
    world.govern(set.instruction());
    role
}

fn rates(multiplier_x100: u32, base_price_usd6: u64) -> ClassRates {
    ClassRates {
        multiplier_x100,
        base_price_usd6,
        enabled: true,
    }
}

fn update(world: &mut World, by: &Keypair, to: ClassRates) {
    world.must(update_ix(&by.pubkey_of(), CLASS_TEST, to), &[by]);
}

#[track_caller]
fn refused(world: &mut World, by: &Keypair, to: ClassRates, error: RegistryError) {
    let before = class(world, CLASS_TEST);
    world.refuses(error, update_ix(&by.pubkey_of(), CLASS_TEST, to), &[by]);
    assert_eq!(class(world, CLASS_TEST), before);
}

#[test]
fn the_authority_names_attestor_and_catalogue() {
    let mut world = World::ready();
    let (attestor, catalog) = (world.address(), world.address());
    let before = world.read::<Config>(&pda::registry::config());
    let set = SetRoles {
        authority: world.authority.pubkey_of(),
        attestor,
        catalog_authority: catalog,
    };
    let meta = world.govern(set.instruction());
    let changed = RolesChanged {
        attestor_before: world.attestor.pubkey_of(),
        attestor_after: attestor,
        catalog_authority_before: Pubkey::default(),
        catalog_authority_after: catalog,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::RolesChanged(changed))]
    );
    let expected = Config {
        attestor,
        catalog_authority: catalog,
        ..before
    };
    assert_eq!(world.read::<Config>(&pda::registry::config()), expected);
}

#[test]
fn an_update_says_what_was_and_what_is() {
    let mut world = World::ready();
    let by = role(&mut world);
    world.advance(DAY);
    let before = class(&world, CLASS_TEST);
    let to = ClassRates {
        enabled: false,
        ..rates(80, 1_200_000)
    };
    let meta = world.must(update_ix(&by.pubkey_of(), CLASS_TEST, to), &[&by]);
    let updated = ClassUpdated {
        class: pda::registry::class(CLASS_TEST),
        by: by.pubkey_of(),
        multiplier_x100_before: 100,
        multiplier_x100_after: 80,
        base_price_usd6_before: 1_000_000,
        base_price_usd6_after: 1_200_000,
        enabled_before: true,
        enabled_after: false,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassUpdated(updated))]
    );
    let expected = HardwareClass {
        multiplier_x100: 80,
        base_price_usd6: 1_200_000,
        enabled: 0,
        rates_ts: world.now(),
        ..before
    };
    assert_eq!(class(&world, CLASS_TEST), expected);
}

#[test]
fn numbers_move_by_a_fifth_once_a_day_whoever_signs() {
    let mut world = World::ready();
    let catalog = role(&mut world);
    let authority = world.authority.insecure_clone();
    for by in [&catalog, &authority] {
        let mut world = world.clone();
        let first = rates(119, 800_000);
        world.set_time(world.now() + DAY - 1);
        refused(&mut world, by, first, RegistryError::RateMovesTooSoon);
        // Closing and opening a class is no move.
        for enabled in [false, true] {
            let to = ClassRates {
                enabled,
                ..rates(100, 1_000_000)
            };
            update(&mut world, by, to);
        }
        world.set_time(world.now() + 1);
        for to in [
            rates(121, 1_000_000),
            rates(79, 1_000_000),
            rates(119, 1_200_001),
            rates(119, 799_999),
        ] {
            refused(&mut world, by, to, RegistryError::RateMovesTooFar);
        }
        update(&mut world, by, first);
        // Not a second one in any 24 hours, not even back.
        world.set_time(world.now() + DAY - 1);
        for to in [rates(100, 800_000), rates(119, 960_000)] {
            refused(&mut world, by, to, RegistryError::RateMovesTooSoon);
        }
        world.set_time(world.now() + 1);
        // A fifth of 119, rounded down, is 23.
        refused(
            &mut world,
            by,
            rates(143, 800_000),
            RegistryError::RateMovesTooFar,
        );
        update(&mut world, by, rates(142, 960_000));
        assert_eq!(class(&world, CLASS_TEST).rates_ts, world.now());
    }
}

#[test]
fn only_the_authority_sets_what_is_not_set_and_nobody_unsets_it() {
    let mut world = World::ready();
    let catalog = role(&mut world);
    let authority = world.authority.insecure_clone();
    let id = 12;
    world.add_class(ClassArgs {
        multiplier_x100: 0,
        base_price_usd6: 0,
        ..class_args(id)
    });
    let send = |world: &mut World, by: &Keypair, to: ClassRates| {
        world.send(&[update_ix(&by.pubkey_of(), id, to)], &[by])
    };
    let expect = iog_tests::world::expect_code;
    world.advance(DAY);
    for to in [rates(75, 0), rates(0, 400_000)] {
        expect(send(&mut world, &catalog, to), RegistryError::RateNotSet);
    }
    // Closing and opening it needs no number.
    let closed = ClassRates {
        enabled: false,
        ..rates(0, 0)
    };
    send(&mut world, &catalog, closed).expect("closed");
    send(&mut world, &authority, rates(75, 0)).expect("a first multiplier");
    world.advance(DAY);
    expect(
        send(&mut world, &authority, rates(75, 999)),
        RegistryError::RateOutOfBounds,
    );
    send(&mut world, &authority, rates(90, 400_000)).expect("a fifth, and a first price");
    world.advance(DAY);
    for to in [
        rates(109, 400_000),
        rates(90, 480_001),
        rates(0, 400_000),
        rates(90, 0),
    ] {
        expect(
            send(&mut world, &authority, to),
            RegistryError::RateMovesTooFar,
        );
    }
}

#[test]
fn the_smallest_multiplier_can_still_move() {
    let mut world = World::ready();
    let by = world.authority.insecure_clone();
    world.update_class(ClassArgs {
        multiplier_x100: 5,
        ..class_args(CLASS_TEST)
    });
    world.advance(DAY);
    update(&mut world, &by, rates(6, 1_000_000));
    refused(
        &mut world,
        &by,
        rates(4, 1_000_000),
        RegistryError::RateOutOfBounds,
    );
}

#[test]
fn a_proofs_terms_wait_a_day_and_then_anyone_applies_them() {
    let mut world = World::ready();
    let by = role(&mut world);
    let (address, before) = (
        pda::registry::class(CLASS_TEST),
        proof_of(&world, CLASS_TEST),
    );
    let pending = ProofTerms {
        rows: 4_096,
        lanes: 32,
        waves: 2,
        commit_slots: 500,
        reveal_slots: 200,
        audit_modulus: 4,
    };
    let schedule = schedule_ix(&by.pubkey_of(), CLASS_TEST, pending);
    let meta = world.must(schedule, &[&by]);
    let effective_ts = world.now() + DAY;
    let scheduled = ClassProofScheduled {
        class: address,
        by: by.pubkey_of(),
        proof: before,
        pending,
        effective_ts,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassProofScheduled(
            scheduled
        ))]
    );
    assert_eq!(proof_of(&world, CLASS_TEST), before);
    let apply = ApplyClass { class: address }.instruction();
    let anyone = world.wallet();
    world.refuses(RegistryError::TooEarly, apply.clone(), &[&anyone]);
    world.set_time(effective_ts - 1);
    world.refuses(RegistryError::TooEarly, apply.clone(), &[&anyone]);
    world.set_time(effective_ts);
    let meta = world.must(apply.clone(), &[&anyone]);
    let changed = ClassProofChanged {
        class: address,
        before,
        after: pending,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassProofChanged(changed))]
    );
    assert_eq!(proof_of(&world, CLASS_TEST), pending);
    world.refuses(RegistryError::NothingScheduled, apply, &[&anyone]);
}

#[test]
fn a_second_change_replaces_the_first_and_waits_its_own_day() {
    let mut world = World::ready();
    let by = world.authority.insecure_clone();
    let first = ProofTerms {
        waves: 2,
        ..proof_of(&world, CLASS_TEST)
    };
    let second = ProofTerms { waves: 1, ..first };
    world.govern(schedule_ix(&by.pubkey_of(), CLASS_TEST, first));
    world.advance(DAY - 1);
    world.govern(schedule_ix(&by.pubkey_of(), CLASS_TEST, second));
    world.advance(1);
    let class = pda::registry::class(CLASS_TEST);
    let apply = ApplyClass { class }.instruction();
    world.refuses(RegistryError::TooEarly, apply.clone(), &[&by]);
    world.advance(DAY - 1);
    world.govern(apply);
    assert_eq!(proof_of(&world, CLASS_TEST).waves, 1);
}

/// Bounds may have been narrowed by an upgrade since the change was announced.
#[test]
fn bounds_are_checked_again_when_terms_are_applied() {
    let mut world = World::ready();
    let address = pda::registry::class(CLASS_TEST);
    let now = world.now();
    world.edit::<HardwareClass>(&address, |class| {
        class.pending = ProofTerms {
            rows: 2_048,
            lanes: 1 << 23,
            waves: 1,
            commit_slots: 1,
            reveal_slots: 1,
            audit_modulus: 1,
        };
        class.pending_ts = now;
    });
    let anyone = world.wallet();
    let apply = ApplyClass { class: address }.instruction();
    world.refuses(Code::from(RegistryError::InvalidClass), apply, &[&anyone]);
}
