//! A device earns when it was up: one heartbeat or one commit in each of the hours before, by the hours of unix time.

use iog_client::emission::instructions::{ApplyParameter, SetParameter};
use iog_client::emission::{EmissionError as E, ParameterId};
use iog_client::registry::accounts::Device;
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;

use super::stage::*;

/// The hour of the check-in.
const NOW: u32 = 40;
/// Seconds that a rise waits.
const DELAY: i64 = 86_400;

fn set(world: &World, hours: u64) -> Instruction {
    let set = SetParameter {
        authority: world.authority.pubkey_of(),
        id: ParameterId::MinUptimeHours,
        value: hours,
    };
    set.instruction()
}

fn apply() -> Instruction {
    let apply = ApplyParameter {
        id: ParameterId::MinUptimeHours,
    };
    apply.instruction()
}

/// A network that asks for `hours` of uptime, set by governance on its first day, and a device without any sign of life.
fn asking(hours: u64) -> (World, Supplier) {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.govern(set(&world, hours));
    world.advance(DELAY);
    if hours > 0 {
        world.govern(apply());
    }
    assert_eq!(config(&world).min_uptime_hours.value, hours);
    (world, supplier)
}

/// Heartbeats at these times.
fn beat(world: &mut World, supplier: &Supplier, times: impl IntoIterator<Item = i64>) {
    for time in times {
        world.set_time(time);
        world.heartbeat(supplier);
    }
}

/// The first seconds of the `count` hours before the check-in's, but for one.
fn hours_before(count: u32, missing: Option<u32>) -> impl Iterator<Item = i64> {
    let hours = (1..=count).rev().filter(move |ago| Some(*ago) != missing);
    hours.map(|ago| start(NOW - ago))
}

#[track_caller]
fn refused(world: &mut World, supplier: &Supplier, time: i64) {
    world.set_time(time);
    world.mark_passed(supplier);
    let before = (rewards(world, supplier), page(world, NOW), config(world));
    let check_in = world.check_in_ix(supplier).instruction();
    let anyone = world.authority.insecure_clone();
    world.refuses(E::NotUp, check_in, &[&anyone]);
    let after = (rewards(world, supplier), page(world, NOW), config(world));
    assert_eq!(after, before);
}

fn accepted(world: &mut World, supplier: &Supplier, time: i64) -> u64 {
    world.set_time(time);
    world.check_in(supplier).units
}

#[test]
fn each_of_the_five_hours_counts_and_one_heartbeat_is_enough() {
    let (world, supplier) = asking(5);
    for missing in 1..=5 {
        let mut world = world.clone();
        beat(&mut world, &supplier, hours_before(5, Some(missing)));
        refused(&mut world, &supplier, start(NOW));
        // The hour that is missing stays missing, whatever the device does in the running one.
        beat(&mut world, &supplier, [start(NOW), start(NOW) + 1_200]);
        refused(&mut world, &supplier, start(NOW) + 3_599);
    }
    let mut world = world;
    beat(&mut world, &supplier, hours_before(5, None));
    accepted(&mut world, &supplier, start(NOW));
    // With five hours to look at and one to settle, a check-in keeps its target.
    beat(&mut world, &supplier, [start(NOW) + 600]);
    world.set_time(start(NOW + 1));
    world.close_hours(48);
    let units = accepted(&mut world, &supplier, start(NOW + 1));
    assert_eq!(rewards(&world, &supplier).pending_count, 1);
    assert!(units <= 6_000, "{units} compute units");
}

#[test]
fn a_device_that_was_never_up_is_refused() {
    let (mut world, supplier) = asking(5);
    refused(&mut world, &supplier, start(NOW));
}

#[test]
fn neither_the_running_hour_nor_an_older_one_stands_in() {
    let (mut world, supplier) = asking(5);
    beat(&mut world, &supplier, [start(NOW - 7), start(NOW - 6)]);
    beat(&mut world, &supplier, hours_before(4, None));
    beat(&mut world, &supplier, [start(NOW), start(NOW) + 600]);
    refused(&mut world, &supplier, start(NOW) + 600);
    // An hour later the same signs of life are the five that count.
    accepted(&mut world, &supplier, start(NOW + 1));
}

#[test]
fn hours_begin_and_end_to_the_second() {
    let (world, supplier) = asking(5);
    // The last second of the sixth hour before is too early by one.
    let mut early = world.clone();
    beat(&mut early, &supplier, [start(NOW - 5) - 1]);
    beat(&mut early, &supplier, hours_before(4, None));
    refused(&mut early, &supplier, start(NOW));
    // The hour before runs to its last second; the next second is the check-in's own hour.
    let mut late = world.clone();
    beat(&mut late, &supplier, hours_before(5, Some(1)));
    let mut own = late.clone();
    beat(&mut own, &supplier, [start(NOW)]);
    refused(&mut own, &supplier, start(NOW));
    beat(&mut late, &supplier, [start(NOW) - 1]);
    accepted(&mut late, &supplier, start(NOW));
    // The first and the last second of each hour count alike, for check-ins too.
    for (offset, at) in [(0, 3_599), (3_599, 0), (3_599, 3_599)] {
        let mut world = world.clone();
        let times: Vec<_> = hours_before(5, None).map(|time| time + offset).collect();
        beat(&mut world, &supplier, times);
        let mut later = world.clone();
        accepted(&mut world, &supplier, start(NOW) + at);
        refused(&mut later, &supplier, start(NOW + 1));
    }
}

/// What is proved for the reward is a sign of life as well: a device that commits each hour need not beat.
#[test]
fn a_commit_counts_like_a_heartbeat() {
    let (mut world, supplier) = asking(5);
    for ago in [5, 4, 2] {
        world.warp_to(start(NOW - ago) + 5);
        world.prove(&supplier);
    }
    let mut gap = world.clone();
    for (world, hours) in [(&mut gap, vec![1]), (&mut world, vec![3, 1])] {
        // A heartbeat late in time: the clock may step back a little, and an hour between commits can be told later.
        for ago in hours {
            beat(world, &supplier, [start(NOW - ago) + 3_599]);
        }
    }
    refused(&mut gap, &supplier, start(NOW));
    world.set_time(start(NOW));
    world.warp_to(start(NOW) + 5);
    world.prove(&supplier);
    world.govern(world.check_in_ix(&supplier).instruction());
    assert_eq!(rewards(&world, &supplier).pending[0].hour, NOW);
}

/// A commit alone is a sign of life, even when nothing of it is revealed.
#[test]
fn a_commit_that_is_not_seen_through_shows_that_the_device_is_up() {
    let (mut world, supplier) = asking(1);
    world.warp_to(start(NOW - 1) + 5);
    world.commit(&supplier);
    accepted(&mut world, &supplier, start(NOW));
}

#[test]
fn a_device_at_work_must_have_been_up_too() {
    let (mut world, supplier) = asking(1);
    let renter = world.renter();
    world.edit::<Device>(&supplier.device, |device| {
        device.last_pass_epoch = u64::from(NOW) - 1;
        device.pass_streak = 1;
    });
    world.set_time(start(NOW));
    world.running(&renter, 1, 2, &[&supplier]);
    let check_in = world.check_in_ix(&supplier).instruction();
    let anyone = world.authority.insecure_clone();
    world.refuses(E::NotUp, check_in, &[&anyone]);
    beat(
        &mut world,
        &supplier,
        (0..6).map(|slot| start(NOW) + slot * 600),
    );
    world.set_time(start(NOW + 1));
    world.govern(world.check_in_ix(&supplier).instruction());
}

#[test]
fn zero_asks_for_nothing_and_twenty_four_for_a_whole_day() {
    let (mut world, supplier) = asking(0);
    accepted(&mut world, &supplier, start(NOW));

    let (world, supplier) = asking(24);
    for missing in [1, 12, 24] {
        let mut world = world.clone();
        beat(&mut world, &supplier, hours_before(24, Some(missing)));
        refused(&mut world, &supplier, start(NOW));
    }
    let mut day = world.clone();
    beat(&mut day, &supplier, hours_before(24, None));
    let units = accepted(&mut day, &supplier, start(NOW));
    assert!(units <= 12_000, "{units} compute units");
    let authority = world.authority.insecure_clone();
    let mut world = world;
    let more = set(&world, 25);
    world.refuses(E::OutOfBounds, more, &[&authority]);
}

/// Who is about to check in is not shut out at once; what is asked for less holds at once.
#[test]
fn a_rise_waits_a_day_and_a_fall_does_not() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    let authority = world.authority.insecure_clone();
    world.govern(set(&world, 5));
    let set_at = world.now();
    accepted(&mut world, &supplier, set_at);
    world.set_time(set_at + DELAY - 1);
    world.refuses(E::TooEarly, apply(), &[&authority]);
    accepted(&mut world, &supplier, set_at + DELAY - 1);
    world.set_time(set_at + DELAY);
    world.govern(apply());
    let first = world.hour();
    assert_eq!(first, 25);
    let check_in = |world: &mut World| {
        world.mark_passed(&supplier);
        let check_in = world.check_in_ix(&supplier).instruction();
        world.send(&[check_in], &[&authority])
    };
    let refusal = check_in(&mut world).unwrap_err();
    assert_eq!(refusal.code(), E::NotUp.into());
    world.govern(set(&world, 0));
    assert_eq!(config(&world).min_uptime_hours.value, 0);
    check_in(&mut world).unwrap();
}
