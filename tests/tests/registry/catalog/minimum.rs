//! The multiplier that minimum stakes follow: it falls with the announcement and rises only with the terms.

use iog_client::emission::accounts::DeviceRewards;
use iog_client::emission::EmissionError;
use iog_client::registry::accounts::Device;
use iog_client::registry::RegistryError;
use iog_client::staking::StakingError;
use iog_tests::world::{PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

use super::{apply, apply_ix, class, role, schedule, schedule_ix, terms_of, times, WEEK};

const IO: u64 = 100_000_000;

/// A device old enough to earn, with this stake.
fn staked(world: &mut World, amount: u64) -> Supplier {
    let supplier = world.registered(CLASS_TEST, 1);
    world.stake(&supplier, amount);
    world.open_rewards(&supplier);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    supplier
}

fn earns(world: &World, supplier: &Supplier) -> bool {
    let mut world = world.clone();
    world.mark_passed(supplier);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(supplier).instruction();
    match world.send(&[check_in], &[&anyone]) {
        Ok(_) => true,
        Err(failure) => {
            assert_eq!(failure.code(), EmissionError::NotStaked.into());
            false
        }
    }
}

/// What the owner may take out at once tells the minimum to the unit.
#[track_caller]
fn minimum_is(world: &World, supplier: &Supplier, minimum: u64) {
    let staked = world.device_stake(supplier).amount_units;
    let mut world = world.clone();
    let more = world.overflow_ix(supplier, staked - minimum + 1);
    world.refuses(
        StakingError::NotOverflow,
        more.instruction(),
        &[&supplier.owner],
    );
    let all = world.overflow_ix(supplier, staked - minimum).instruction();
    world.must(all, &[&supplier.owner]);
}

/// audit: proof M-5: a multiplier raised by 1 % made nine of nine devices at the minimum earn nothing from that slot on, and the tenth,
/// which knew, took the hour alone. Announced, nobody is out for a week; who tops up by then stays in.
#[test]
fn a_rise_shuts_nobody_out_for_a_week() {
    let mut world = World::ready();
    let by = role(&mut world);
    let nine: Vec<_> = (0..9).map(|_| staked(&mut world, 200 * IO)).collect();
    let tenth = staked(&mut world, 202 * IO);
    let rise = schedule_ix(&by.pubkey_of(), CLASS_TEST, times(&world, 101));
    world.must(rise, &[&by]);
    let announced = world.now();
    world.open_page(1);
    for at in [announced, announced + WEEK - 1, announced + WEEK] {
        world.set_time(at);
        assert!(nine.iter().all(|one| earns(&world, one)), "at {at}");
    }
    // Applied, the stake is due: 202 IO. Eight heard of it.
    for one in &nine[..8] {
        let add = world.increase_ix(one, 2 * IO).instruction();
        world.must(add, &[&one.owner]);
    }
    apply(&mut world);
    assert!(nine[..8].iter().all(|one| earns(&world, one)));
    assert!(earns(&world, &tenth));
    assert!(!earns(&world, &nine[8]));
    // The tenth is one of nine, where it was one of one.
    for one in nine[..8].iter().chain([&tenth]) {
        world.check_in(one);
    }
    let rewards = world.read::<DeviceRewards>(&tenth.rewards);
    assert_eq!(rewards.pending[0].score, 20_250);
}

/// redteam 12a: only the minimum falls at once.
#[test]
fn a_fall_lowers_the_minimum_at_once_and_the_score_in_a_week() {
    let mut world = World::ready();
    world.update_class(iog_client::registry::ClassArgs {
        multiplier_x100: 1_000,
        ..iog_tests::world::class_args(CLASS_TEST)
    });
    let one = staked(&mut world, 2_001 * IO);
    minimum_is(&world, &one, 2_000 * IO);
    let fall = times(&world, 800);
    schedule(&mut world, fall);
    minimum_is(&world, &one, 1_600 * IO);
    assert_eq!(class(&world, CLASS_TEST).multiplier_x100, 1_000);
    let score = |world: &World| {
        let mut world = world.clone();
        world.check_in(&one);
        world.read::<DeviceRewards>(&one.rewards).pending[0].score
    };
    assert_eq!(score(&world), 200_050);
    world.open_page(1);
    world.advance(WEEK);
    assert_eq!(score(&world), 200_050);
    apply(&mut world);
    assert_eq!(score(&world), 160_050);
    minimum_is(&world, &one, 1_600 * IO);
}

/// Taken back, a fall would be a rise of the minimum from one slot to the next: it waits like a rise.
#[test]
fn a_fall_that_is_taken_back_waits_a_week() {
    let mut world = World::ready();
    world.update_class(iog_client::registry::ClassArgs {
        multiplier_x100: 1_000,
        ..iog_tests::world::class_args(CLASS_TEST)
    });
    let one = staked(&mut world, 2_001 * IO);
    let (now, fall) = (terms_of(&world, CLASS_TEST), times(&world, 800));
    schedule(&mut world, fall);
    world.advance(86_400);
    schedule(&mut world, now);
    let content = class(&world, CLASS_TEST);
    assert_eq!(content.stake_multiplier_x100, 800);
    assert_eq!(content.pending_ts, world.now() + WEEK);
    minimum_is(&world, &one, 1_600 * IO);
    world.advance(WEEK - 1);
    minimum_is(&world, &one, 1_600 * IO);
    let anyone = world.wallet();
    world.refuses(RegistryError::TooEarly, apply_ix(CLASS_TEST), &[&anyone]);
    world.advance(1);
    apply(&mut world);
    minimum_is(&world, &one, 2_000 * IO);
    assert_eq!(class(&world, CLASS_TEST).multiplier_x100, 1_000);
}

/// A fall that nobody applied leaves the minimum a fifth below the score, and no series of them does more.
#[test]
fn lapsed_falls_add_up_to_a_fifth() {
    let mut world = World::ready();
    world.update_class(iog_client::registry::ClassArgs {
        multiplier_x100: 1_000,
        ..iog_tests::world::class_args(CLASS_TEST)
    });
    let one = staked(&mut world, 2_001 * IO);
    for _ in 0..3 {
        let fall = times(&world, 800);
        schedule(&mut world, fall);
        world.advance(2 * WEEK + 1);
        let anyone = world.wallet();
        world.refuses(RegistryError::Lapsed, apply_ix(CLASS_TEST), &[&anyone]);
        minimum_is(&world, &one, 1_600 * IO);
    }
    assert_eq!(class(&world, CLASS_TEST).multiplier_x100, 1_000);
    // The present terms, announced and applied, set it right.
    let now = terms_of(&world, CLASS_TEST);
    schedule(&mut world, now);
    world.advance(WEEK);
    apply(&mut world);
    minimum_is(&world, &one, 2_000 * IO);
}
