//! A device that serves an order needs no proof of the hour, for some hours after its last one; and it must be there.

use iog_client::emission::accounts::Config;
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_tests::world::{try_commit, Currency, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::*;

/// Slots of an hour.
const SLOTS: i64 = 6;

/// A device that passed many proofs in a row, the last in hour 1, and serves an order of its owner's second wallet from that hour on, in dollars.
fn hired(hours: u32) -> (World, Supplier, Renter, Pubkey) {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.mark_passed(&supplier);
    world.edit::<Device>(&supplier.device, |device| device.pass_streak = 84);
    let renter = world.renter();
    let order = world.running_in(Currency::Usd, &renter, 1, hours, &[&supplier]);
    (world, supplier, renter, order)
}

/// Heartbeats in these slots of an hour.
fn beat(world: &mut World, supplier: &Supplier, hour: u32, slots: impl IntoIterator<Item = i64>) {
    for slot in slots {
        world.set_time(start(hour) + slot * 600 + 30);
        world.heartbeat(supplier);
    }
}

/// Beats all through the hour before and goes to the first second of `hour`.
fn serve_to(world: &mut World, supplier: &Supplier, hour: u32) {
    beat(world, supplier, hour - 1, 0..SLOTS);
    world.set_time(start(hour));
    open_missing(world, hour);
}

#[track_caller]
fn taken(world: &World, supplier: &Supplier) {
    let mut world = world.clone();
    let meta = world.govern(world.check_in_ix(supplier).instruction());
    let [iog_client::emission::Event::CheckedIn(event)] = &emission_events(&meta)[..] else {
        panic!("{:?}", meta.events);
    };
    assert_eq!(event.score, SCORE + 5, "hired");
}

#[track_caller]
fn refused(world: &World, supplier: &Supplier, code: E) {
    let mut world = world.clone();
    let check_in = world.check_in_ix(supplier).instruction();
    let anyone = world.authority.insecure_clone();
    world.refuses(code, check_in, &[&anyone]);
}

/// audit: market H4, audit: proof M-2, redteam 10a: one proof freed a device for as long as its owner rented from itself, ten years.
#[test]
fn one_proof_carries_72_hours_of_renting_from_oneself() {
    let (mut world, supplier, ..) = hired(2_000);
    for hour in [2, 72, 73] {
        serve_to(&mut world, &supplier, hour);
        taken(&world, &supplier);
    }
    for hour in [74, 75, 721, 722, 800] {
        serve_to(&mut world, &supplier, hour);
        refused(&world, &supplier, E::NoProofOfWork);
    }
}

/// audit: market H4: an extension leaves the lease as it is; it renews no proof.
#[test]
fn extending_day_by_day_renews_no_proof() {
    let (mut world, supplier, renter, order) = hired(24);
    for day in 1..=3 {
        let last = 24 * day + 1;
        serve_to(&mut world, &supplier, last - 1);
        taken(&world, &supplier);
        world.extend(&order, &renter, 24);
    }
    serve_to(&mut world, &supplier, 73);
    taken(&world, &supplier);
    serve_to(&mut world, &supplier, 74);
    refused(&world, &supplier, E::NoProofOfWork);
}

/// audit: proof M-1, redteam 10b: what counts is the clock's hour, whatever is closed. Where hours were closed to date the match counted as
/// of the running hour, and a lag stretched or cut the exemption.
#[test]
fn closing_neither_stretches_nor_cuts_the_exemption() {
    let (world, supplier, ..) = hired(1_440);
    for close in [false, true] {
        let mut world = world.clone();
        for (hour, exempt) in [(73, true), (74, false), (730, false)] {
            serve_to(&mut world, &supplier, hour);
            if close {
                catch_up(&mut world);
            }
            if exempt {
                taken(&world, &supplier);
            } else {
                refused(&world, &supplier, E::NoProofOfWork);
            }
        }
    }
}

/// redteam 10b: hours count forwards only, and the exemption by the clock: where it steps back over the end of an hour that is closed, the
/// check-in is one of the next hour and still free of its proof.
#[test]
fn a_clock_that_steps_back_ends_no_exemption() {
    let (mut world, supplier, ..) = hired(200);
    beat(&mut world, &supplier, 72, 0..SLOTS);
    serve_to(&mut world, &supplier, 74);
    catch_up(&mut world);
    refused(&world, &supplier, E::NoProofOfWork);
    world.set_time(start(74) - 1);
    taken(&world, &supplier);
}

/// audit: proof M-1: a lease of 60 days lost the emission of its second month for good. A proof made during it counts as any other.
#[test]
fn a_proof_in_the_lease_frees_for_72_hours_more() {
    let (mut world, supplier, ..) = hired(1_440);
    serve_to(&mut world, &supplier, 730);
    refused(&world, &supplier, E::NoProofOfWork);
    world.mark_passed(&supplier);
    catch_up(&mut world);
    for hour in [730, 731, 802] {
        serve_to(&mut world, &supplier, hour);
        taken(&world, &supplier);
    }
    serve_to(&mut world, &supplier, 803);
    refused(&world, &supplier, E::NoProofOfWork);
}

/// audit: proof M-2: who passes by luck, 8 cards proved with 7 or a tenth of the table missing, lived on one pass for 72 hours. Each pass in a
/// row frees for two hours, and a failure of all.
#[test]
fn a_pass_by_luck_frees_for_two_hours() {
    let (world, supplier, ..) = hired(200);
    for (streak, last) in [(1, 3), (2, 5), (3, 7), (35, 71), (36, 73), (37, 73)] {
        let mut world = world.clone();
        world.edit::<Device>(&supplier.device, |device| device.pass_streak = streak);
        serve_to(&mut world, &supplier, last);
        taken(&world, &supplier);
        serve_to(&mut world, &supplier, last + 1);
        refused(&world, &supplier, E::NoProofOfWork);
    }
    // A commit in hour 2 that nothing follows is a failure as soon as it can be ended.
    let (mut world, supplier, ..) = hired(200);
    serve_to(&mut world, &supplier, 2);
    taken(&world, &supplier);
    world.open_window();
    try_commit(&mut world, &supplier, [7; 16]).unwrap();
    world.advance_slots(512 + 301);
    world.finalize(&supplier);
    refused(&world, &supplier, E::NoProofOfWork);
}

/// A proof of never is none, and the parameter is what decides.
#[test]
fn the_exemption_is_the_parameters_and_needs_a_proof() {
    let (mut world, supplier, ..) = hired(200);
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.exempt_hours.value = 24;
    });
    serve_to(&mut world, &supplier, 25);
    taken(&world, &supplier);
    serve_to(&mut world, &supplier, 26);
    refused(&world, &supplier, E::NoProofOfWork);
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.exempt_hours.value = 168;
    });
    taken(&world, &supplier);
    world.edit::<Device>(&supplier.device, |device| device.last_pass_epoch = 0);
    refused(&world, &supplier, E::NoProofOfWork);
}

/// redteam 5f: a machine that is there a quarter of the time earned like one that is there always.
#[test]
fn a_hired_device_shows_five_heartbeats_of_six() {
    let (world, supplier, ..) = hired(100);
    for missing in 0..SLOTS {
        let mut five = world.clone();
        beat(
            &mut five,
            &supplier,
            3,
            (0..SLOTS).filter(|slot| *slot != missing),
        );
        let mut four = five.clone();
        five.set_time(start(4));
        taken(&five, &supplier);
        // Those of the running hour stand in for none.
        beat(&mut five, &supplier, 4, 0..2);
        five.set_time(start(5));
        refused(&five, &supplier, E::NotUp);
        four.edit::<Device>(&supplier.device, |device| {
            let slot = (start(3) / 600 + (missing + 1) % SLOTS) % 768;
            let (word, bit) = (usize::try_from(slot / 64).unwrap(), slot % 64);
            assert_ne!(device.beats[word] & 1 << bit, 0);
            device.beats[word] &= !(1 << bit);
        });
        four.set_time(start(4));
        refused(&four, &supplier, E::NotUp);
        // A proof of the hour frees of nothing else.
        four.mark_passed(&supplier);
        refused(&four, &supplier, E::NotUp);
    }
}

/// redteam 5f: an hour that the lease did not run through asks for nothing; one that it began with asks for all.
#[test]
fn heartbeats_are_asked_for_hours_that_the_lease_ran_through() {
    for (starts, asked) in [
        (GENESIS_TS, true),
        (GENESIS_TS + 1, false),
        (GENESIS_TS + 3_599, false),
    ] {
        let mut world = planned();
        let supplier = aged(&mut world, CLASS_TEST);
        world.mark_passed(&supplier);
        world.set_time(starts);
        let renter = world.renter();
        world.running_in(Currency::Usd, &renter, 1, 10, &[&supplier]);
        // The beats of its own equipment are none of the lease's.
        world.edit::<Device>(&supplier.device, |device| device.beats = [0; 12]);
        world.set_time(start(2));
        if asked {
            refused(&world, &supplier, E::NotUp);
        } else {
            taken(&world, &supplier);
        }
        world.set_time(start(3));
        refused(&world, &supplier, E::NotUp);
    }
}

/// Who serves nobody is asked for no heartbeats, and a lease that is over frees nobody.
#[test]
fn idle_devices_prove_and_need_not_beat() {
    let (mut world, supplier, ..) = hired(1);
    world.edit::<Device>(&supplier.device, |device| device.beats = [0; 12]);
    world.set_time(start(2));
    refused(&world, &supplier, E::NoProofOfWork);
    world.mark_passed(&supplier);
    let mut idle = world.clone();
    let meta = idle.govern(idle.check_in_ix(&supplier).instruction());
    let events = emission_events(&meta);
    assert!(
        matches!(&events[..], [iog_client::emission::Event::CheckedIn(event)] if event.score == SCORE)
    );
}
