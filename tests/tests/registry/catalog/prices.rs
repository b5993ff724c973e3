//! A class's price: once a day, by a fifth at most, at once.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::events::ClassUpdated;
use iog_client::registry::{self, ClassArgs, ClassRates, RegistryError};
use iog_tests::world::{class_args, expect_code, PubkeyOf, CLASS_TEST};
use iog_tests::World;
use solana_keypair::Keypair;

use super::{class, role, update_ix, DAY};

fn price(base_price_usd6: u64) -> ClassRates {
    ClassRates {
        base_price_usd6,
        enabled: true,
    }
}

fn update(world: &mut World, by: &Keypair, to: ClassRates) {
    world.must(update_ix(&by.pubkey_of(), CLASS_TEST, to), &[by]);
}

#[track_caller]
fn refused(world: &mut World, by: &Keypair, to: u64, error: RegistryError) {
    let before = class(world, CLASS_TEST);
    let update = update_ix(&by.pubkey_of(), CLASS_TEST, price(to));
    world.refuses(error, update, &[by]);
    assert_eq!(class(world, CLASS_TEST), before);
}

#[test]
fn an_update_says_what_was_and_what_is() {
    let mut world = World::ready();
    let by = role(&mut world);
    world.advance(DAY);
    let before = class(&world, CLASS_TEST);
    let to = ClassRates {
        enabled: false,
        ..price(1_200_000)
    };
    let meta = world.must(update_ix(&by.pubkey_of(), CLASS_TEST, to), &[&by]);
    let updated = ClassUpdated {
        class: pda::registry::class(CLASS_TEST),
        by: by.pubkey_of(),
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
        base_price_usd6: 1_200_000,
        enabled: 0,
        price_ts: world.now(),
        ..before
    };
    assert_eq!(class(&world, CLASS_TEST), expected);
}

#[test]
fn a_price_moves_by_a_fifth_once_a_day_whoever_signs() {
    let mut world = World::ready();
    let catalog = role(&mut world);
    let authority = world.authority.insecure_clone();
    for by in [&catalog, &authority] {
        let mut world = world.clone();
        world.set_time(world.now() + DAY - 1);
        refused(&mut world, by, 800_000, RegistryError::RateMovesTooSoon);
        // Closing and opening a class is no move.
        for enabled in [false, true] {
            let to = ClassRates {
                enabled,
                ..price(1_000_000)
            };
            update(&mut world, by, to);
        }
        world.set_time(world.now() + 1);
        for to in [1_200_001, 799_999] {
            refused(&mut world, by, to, RegistryError::RateMovesTooFar);
        }
        update(&mut world, by, price(800_003));
        // Not a second one in any 24 hours, not even back.
        world.set_time(world.now() + DAY - 1);
        for to in [800_000, 960_000] {
            refused(&mut world, by, to, RegistryError::RateMovesTooSoon);
        }
        world.set_time(world.now() + 1);
        // A fifth of 800,003, rounded down, is 160,000.
        refused(&mut world, by, 960_004, RegistryError::RateMovesTooFar);
        update(&mut world, by, price(960_003));
        assert_eq!(class(&world, CLASS_TEST).price_ts, world.now());
    }
}

/// The price that orders are made at is a class's own: it moves no multiplier, no terms and nothing that waits.
#[test]
fn a_price_moves_nothing_else() {
    let mut world = World::ready();
    let terms = super::times(&world, 119);
    super::schedule(&mut world, terms);
    world.advance(DAY);
    let before = class(&world, CLASS_TEST);
    assert_eq!(before.pending, terms);
    let by = world.authority.insecure_clone();
    update(&mut world, &by, price(1_000_001));
    let expected = HardwareClass {
        base_price_usd6: 1_000_001,
        price_ts: world.now(),
        ..before
    };
    assert_eq!(class(&world, CLASS_TEST), expected);
}

#[test]
fn only_the_authority_sets_a_first_price_and_nobody_unsets_it() {
    let mut world = World::ready();
    let catalog = role(&mut world);
    let authority = world.authority.insecure_clone();
    let id = 12;
    world.add_class(ClassArgs {
        base_price_usd6: 0,
        ..class_args(id)
    });
    let send = |world: &mut World, by: &Keypair, to: ClassRates| {
        world.send(&[update_ix(&by.pubkey_of(), id, to)], &[by])
    };
    world.advance(DAY);
    expect_code(
        send(&mut world, &catalog, price(400_000)),
        RegistryError::RateNotSet,
    );
    // Closing and opening it needs no number.
    let closed = ClassRates {
        enabled: false,
        ..price(0)
    };
    send(&mut world, &catalog, closed).expect("closed");
    expect_code(
        send(&mut world, &authority, price(999)),
        RegistryError::RateOutOfBounds,
    );
    send(&mut world, &authority, price(400_000)).expect("a first price");
    world.advance(DAY);
    for to in [480_001, 0] {
        expect_code(
            send(&mut world, &authority, price(to)),
            RegistryError::RateMovesTooFar,
        );
    }
}
