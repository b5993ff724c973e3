//! Within what a class's terms may be set, to the edge. What lies beyond is in the table of errors.

use iog_client::pda;
use iog_client::registry::instructions::AddClass;
use iog_client::registry::{ClassArgs, ClassTerms, RegistryError};
use iog_tests::world::{class_args, expect_code, PubkeyOf, CLASS_TEST};
use iog_tests::{Outcome, World};

use super::{apply, class, schedule_ix, terms_of, WEEK};

fn try_schedule(world: &mut World, terms: ClassTerms) -> Outcome {
    let by = world.authority.insecure_clone();
    world.send(&[schedule_ix(&by.pubkey_of(), CLASS_TEST, terms)], &[&by])
}

fn try_add(world: &mut World, args: ClassArgs) -> Outcome {
    let by = world.authority.insecure_clone();
    let add = AddClass {
        authority: by.pubkey_of(),
        class: pda::registry::class(args.id),
        args,
    };
    world.send(&[add.instruction()], &[&by])
}

/// redteam 2d: an hour shuts out whoever missed one window, and none lets in whoever proves nothing: 3 to 168, a week ahead.
#[test]
fn a_pass_counts_for_3_to_168_hours() {
    let mut world = World::ready();
    let now = terms_of(&world, CLASS_TEST);
    assert_eq!(now.proof_valid_hours, 3);
    for (proof_valid_hours, fits) in [(1, false), (2, false), (3, true), (168, true), (169, false)]
    {
        let terms = ClassTerms {
            proof_valid_hours,
            ..now
        };
        let outcome = try_schedule(&mut world, terms);
        match fits {
            true => drop(outcome.unwrap()),
            false => expect_code(outcome, RegistryError::InvalidClass),
        }
    }
    let longer = ClassTerms {
        proof_valid_hours: 4,
        ..now
    };
    try_schedule(&mut world, longer).unwrap();
    world.advance(WEEK - 1);
    assert_eq!(class(&world, CLASS_TEST).proof_valid_hours, 3);
    world.advance(1);
    apply(&mut world);
    assert_eq!(class(&world, CLASS_TEST).proof_valid_hours, 4);
}

/// redteam 2d: 0 is for classes without a multiplier, and for good: neither becomes the other, whoever signs.
#[test]
fn a_class_never_changes_between_proved_and_not() {
    let mut world = World::ready();
    let now = terms_of(&world, CLASS_TEST);
    for multiplier_x100 in [100, 80] {
        let never = ClassTerms {
            proof_valid_hours: 0,
            multiplier_x100,
            ..now
        };
        expect_code(try_schedule(&mut world, never), RegistryError::InvalidClass);
    }
    // Not from the side of the multiplier either: what is proved and earns nothing yet is proved all the same.
    for (id, from, to) in [(21, 0, 3), (22, 3, 0)] {
        let quiet = ClassArgs {
            multiplier_x100: 0,
            proof_valid_hours: from,
            ..class_args(id)
        };
        try_add(&mut world, quiet).unwrap();
        let by = world.authority.insecure_clone();
        let other = ClassTerms {
            proof_valid_hours: to,
            ..terms_of(&world, id)
        };
        let change = schedule_ix(&by.pubkey_of(), id, other);
        world.refuses(RegistryError::InvalidClass, change, &[&by]);
    }
    let earns = ClassTerms {
        multiplier_x100: 5,
        ..terms_of(&world, 21)
    };
    let by = world.authority.insecure_clone();
    let change = schedule_ix(&by.pubkey_of(), 21, earns);
    world.refuses(RegistryError::InvalidClass, change, &[&by]);
    let born = ClassArgs {
        multiplier_x100: 5,
        proof_valid_hours: 0,
        ..class_args(23)
    };
    expect_code(try_add(&mut world, born), RegistryError::InvalidClass);
}

/// audit: proof L-2: over few tiles a change of one root and a new draw spare a cheat: 2^15 at least, but for tables of tests.
/// audit: proof H-3: a wave that draws more than a quarter of the panels is sorted, and its panels are made anew in turn.
#[test]
fn a_wave_has_many_tiles_and_draws_a_quarter_of_the_panels_at_most() {
    let mut world = World::ready();
    let shapes = [
        (1_024, 4, true),
        (1_024, 8, false),
        (256, 1, true),
        (224, 1, false),
        (65_504, 128, true),
        (65_504, 256, false),
        (65_536, 256, false),
        (65_536, 32_768, false),
        (8_388_608, 16_384, false),
        (8_388_608, 32_768, true),
        (8_388_576, 32_768, false),
        (157_286_400, 524_288, true),
        (157_286_400, 1_048_576, false),
        (330_301_440, 1_048_576, true),
        (2_147_483_648, 2_097_152, false),
    ];
    for (id, (rows, tiles, fits)) in (30..).zip(shapes) {
        let args = ClassArgs {
            rows,
            tiles,
            ..class_args(id)
        };
        let terms = ClassTerms {
            rows,
            tiles,
            ..terms_of(&world, CLASS_TEST)
        };
        let outcomes = [try_add(&mut world, args), try_schedule(&mut world, terms)];
        for outcome in outcomes {
            match fits {
                true => drop(outcome.unwrap()),
                false => expect_code(outcome, RegistryError::InvalidClass),
            }
        }
    }
    // What is never proved may have any shape there is.
    let smallest = ClassArgs {
        multiplier_x100: 0,
        proof_valid_hours: 0,
        rows: 32,
        tiles: 1,
        waves: 1,
        max_cards: 1,
        ..class_args(60)
    };
    try_add(&mut world, smallest).unwrap();
    let none = ClassArgs {
        id: 61,
        waves: 0,
        ..smallest
    };
    expect_code(try_add(&mut world, none), RegistryError::InvalidClass);
}

/// audit: proof H-1: one to eight cards walk together, and their openings fit one transaction.
#[test]
fn one_to_eight_cards_walk_together() {
    let mut world = World::ready();
    for (max_cards, fits) in [(0, false), (1, true), (8, true), (9, false)] {
        let terms = ClassTerms {
            max_cards,
            ..terms_of(&world, CLASS_TEST)
        };
        let outcome = try_schedule(&mut world, terms);
        match fits {
            true => drop(outcome.unwrap()),
            false => expect_code(outcome, RegistryError::InvalidClass),
        }
    }
}

/// The smallest multiplier is one of which a fifth is whole, so that it can still move.
#[test]
fn the_smallest_multiplier_can_still_move() {
    let mut world = World::ready();
    world.update_class(ClassArgs {
        multiplier_x100: 5,
        ..class_args(CLASS_TEST)
    });
    let to = |world: &World, multiplier_x100| super::times(world, multiplier_x100);
    let lower = to(&world, 4);
    expect_code(
        try_schedule(&mut world, lower),
        RegistryError::RateOutOfBounds,
    );
    let higher = to(&world, 6);
    try_schedule(&mut world, higher).unwrap();
    world.advance(WEEK);
    apply(&mut world);
    assert_eq!(class(&world, CLASS_TEST).multiplier_x100, 6);
    // A fifth of 6, rounded down, is 1.
    let higher = to(&world, 8);
    expect_code(
        try_schedule(&mut world, higher),
        RegistryError::RateMovesTooFar,
    );
    // And none is taken away whole.
    let none = to(&world, 0);
    expect_code(
        try_schedule(&mut world, none),
        RegistryError::RateMovesTooFar,
    );
}
