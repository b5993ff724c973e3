//! The streak of passes: what breaks it, and what keeping it up costs.

use iog_client::registry::accounts::Device;
use iog_client::registry::instructions::Heartbeat;
use iog_client::registry::ClassArgs;
use iog_tests::world::{class_args, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

const HOUR: i64 = 3_600;

/// Passes, failures and streak.
fn counted(world: &World, supplier: &Supplier) -> (u64, u64, u32) {
    let device = world.read::<Device>(&supplier.device);
    (
        device.proofs_passed,
        device.proofs_failed,
        device.pass_streak,
    )
}

/// Proves in hour `hour`, 1 for the first.
fn prove_in(world: &mut World, supplier: &Supplier, hour: i64) {
    world.warp_to(GENESIS_TS + (hour - 1) * HOUR);
    world.prove(supplier);
}

/// redteam 2b: passes counted since the last failure, built with a card of one day and kept alive by one pass a day for a year. A gap of
/// more than `proof_valid_hours` begins the streak anew.
#[test]
fn a_gap_of_more_than_three_hours_begins_anew() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let passes = [(1, 1), (2, 2), (4, 3), (7, 4), (11, 1), (14, 2), (18, 1)];
    for (count, (hour, streak)) in (1..).zip(passes) {
        prove_in(&mut world, &supplier, hour);
        assert_eq!(
            counted(&world, &supplier),
            (count, 0, streak),
            "hour {hour}"
        );
    }
}

/// redteam 2b: the class says how long a pass counts.
#[test]
fn the_gap_is_the_classs_own() {
    let mut world = World::ready();
    let class_id = 7;
    world.add_class(ClassArgs {
        proof_valid_hours: 24,
        ..class_args(class_id)
    });
    let supplier = world.registered(class_id, 1);
    for (hour, streak) in [(1, 1), (25, 2), (50, 1), (74, 2)] {
        prove_in(&mut world, &supplier, hour);
        assert_eq!(counted(&world, &supplier).2, streak, "hour {hour}");
    }
}

/// A failure ends it; hours without a commit do by the gap alone, and count nothing.
#[test]
fn every_proof_is_counted_once_and_a_failure_ends_the_streak() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    for passed in 1..=2 {
        world.prove(&supplier);
        assert_eq!(counted(&world, &supplier), (u64::from(passed), 0, passed));
        world.next_hour();
    }
    // Left open: the next commit counts the failure.
    world.commit(&supplier);
    world.next_hour();
    world.prove(&supplier);
    assert_eq!(counted(&world, &supplier), (3, 1, 1));
    for _ in 0..3 {
        world.next_hour();
    }
    world.prove(&supplier);
    assert_eq!(counted(&world, &supplier), (4, 1, 2));
}

/// redteam 2b: hours of served leases are no gap, and heartbeats stand for them, six to an hour: a day off, 3 hours of it allowed, takes
/// 126. Who feigns service pays 30,000 lamports an hour, 0.0045 USD at 150 USD a SOL, about what it costs to rent from oneself (0.0076 USD
/// of fees on an H100 at 1.52 USD), and the streak only ranks.
#[test]
fn served_hours_are_no_gap_and_feigning_them_costs_six_signatures_an_hour() {
    let mut fresh = World::ready();
    let supplier = fresh.registered(CLASS_TEST, 1);
    let key = supplier.device_key.pubkey_of();
    fresh.fund(&key, 10_000_000);
    fresh.prove(&supplier);
    // The commit of hour 25 is a sign of life itself.
    for (sent, streak) in [(125, 2), (124, 1)] {
        let mut world = fresh.clone();
        let lamports = world.lamports(&key);
        for interval in 1..=sent {
            world.set_time(GENESIS_TS + interval * 600);
            // A second one in an interval buys nothing.
            for _ in 0..=i64::from(interval == 1) {
                let beat = Heartbeat {
                    device_key: key,
                    device: supplier.device,
                };
                world.must(beat.instruction(), &[&supplier.device_key]);
            }
        }
        let paid = lamports - world.lamports(&key);
        assert_eq!(paid, (sent.unsigned_abs() + 1) * 5_000);
        prove_in(&mut world, &supplier, 25);
        assert_eq!(counted(&world, &supplier), (2, 0, streak), "{sent} beats");
        // What was served before a pass fills no later gap.
        prove_in(&mut world, &supplier, 29);
        assert_eq!(counted(&world, &supplier).2, 1);
    }
    let (signatures, fee, sol_usd) = (6, 5_000, 150);
    let lamports = signatures * fee;
    assert_eq!(lamports, 30_000);
    // Millionths of a dollar: lamports * 150 USD / 10^9 * 10^6.
    assert_eq!(lamports * sol_usd / 1_000, 4_500);
}
