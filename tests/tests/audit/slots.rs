//! What a lease is paid by: ten-minute slots, of orders that start beside their boundaries, as nearly all do.

mod judged;

use iog_client::market::MarketError as E;
use iog_tests::world::{Renter, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{earned, run, stage, DAY, HOUR, HOURLY, PAID};

/// Three seconds before a slot, and three seconds after it began.
pub const BEFORE: i64 = 597;
pub const AFTER: i64 = 603;
/// How late in its slot a node's heartbeat lands.
const LATE: i64 = 8;
/// Time to decide a dispute: 72 hours.
pub const RESOLVE: i64 = 259_200;

/// What rent leaves the supplier: 225 basis points off, rounded up.
pub fn net(rent: u64) -> u64 {
    rent - (rent * 225).div_ceil(10_000)
}

/// What earned rent costs the renter: 225 basis points on top, rounded down.
pub fn cost(rent: u64) -> u64 {
    rent + rent * 225 / 10_000
}

/// An order in US dollars that starts so many seconds after the network did.
pub fn begin(at: i64, hours: u32, dispute_secs: u32) -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage(dispute_secs);
    world.warp_to(GENESIS_TS + at);
    let order = run(&mut world, &renter, 1, hours, &[&supplier]);
    (world, supplier, renter, order)
}

/// Moves to so many seconds after the network's start.
pub fn to(world: &mut World, at: i64) {
    world.warp_to(GENESIS_TS + at);
}

/// Beats a little late in these slots, counted from the network's start.
pub fn beat(world: &mut World, supplier: &Supplier, slots: &[i64]) {
    for slot in slots {
        to(world, slot * 600 + LATE);
        world.heartbeat(supplier);
    }
}

/// An order of which so many hours are served and settled; the clock stands 3 s after the last of them.
pub fn served(hours: u32, of: u32) -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter, order) = begin(BEFORE, of, DAY);
    serve(&mut world, &order, &supplier, hours);
    (world, supplier, renter, order)
}

/// Serves and settles the first hours of an order that starts 3 s before a slot.
pub fn serve(world: &mut World, order: &Pubkey, supplier: &Supplier, hours: u32) {
    for _ in 0..hours {
        world.serve_hour(&[supplier], 6);
    }
    world.advance(3);
    while world.lease(order, supplier).settled_count < hours {
        world.settle_lease(order, supplier);
    }
}

/// What a renter has spent of its 20,000 US dollars, where nothing is left in an order.
pub fn spent(world: &World, renter: &Renter) -> u64 {
    20_000_000_000 - world.balance(&renter.usd)
}

/// Disputes a lease now and lets the rule decide.
pub fn by_rule(world: &mut World, order: &Pubkey, renter: &Renter, supplier: &Supplier) {
    world.dispute(order, renter, supplier);
    world.judge_rest(order, supplier);
    world.advance(RESOLVE);
    world.resolve_by_rule(order, supplier);
}

/// audit: market H5. An order that starts 3 s before a slot, of a node that beats 8 s late, ended or disputed between its minutes 10 and 20:
/// the slot that it began in is not asked for, and the supplier gets its hour (and the deposit of a twentieth).
#[test]
fn an_order_that_starts_before_a_slot_is_paid() {
    for (after, slots) in [(599, vec![1]), (1_199, vec![1, 2])] {
        let (mut world, supplier, renter, order) = begin(BEFORE, 1, DAY);
        beat(&mut world, &supplier, &slots);
        to(&mut world, BEFORE + after);
        let mut disputed = world.clone();
        by_rule(&mut disputed, &order, &renter, &supplier);
        assert_eq!(earned(&disputed, &supplier), PAID + 50_000, "at {after}");
        world.end_early(&order, &renter);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), PAID, "at {after}");
        world.check_escrows();
    }
}

/// audit: market L3. Silence runs on over the end of an hour and its settlement: the last beat at 11:30, reported at 12:10, not an hour after
/// 11:40.
#[test]
fn silence_does_not_begin_anew_with_an_hour() {
    let (mut world, supplier, _, order) = begin(2_403, 5, DAY);
    beat(&mut world, &supplier, &[5, 6, 7, 8, 9]);
    to(&mut world, 6_600);
    world.settle_lease(&order, &supplier);
    to(&mut world, 7_799);
    let report = world.timeout_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::DeviceServes, report.clone(), &[&keeper]);
    world.advance(1);
    world.must(report, &[&keeper]);
}

/// audit: market L4. A beat from before the lease is none of it, and the last slot is asked for like every other: who beats for 50 minutes
/// from a second before a slot on is paid four sixths.
#[test]
fn an_hour_is_paid_by_the_slots_that_begin_in_it() {
    let (mut world, supplier, renter) = stage(0);
    beat(&mut world, &supplier, &[0]);
    to(&mut world, 599);
    let order = run(&mut world, &renter, 1, 1, &[&supplier]);
    beat(&mut world, &supplier, &[1, 2, 3, 4]);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), 666_666 - 15_000);
    assert_eq!(world.occupancy(&supplier).slots_served, 4);
    world.check_escrows();
}

/// audit: market L5. Heartbeats are kept for 128 hours: an hour that nobody settles until then is the renter's, though it was served.
#[test]
fn an_hour_that_nobody_settles_for_128_hours_is_not_paid() {
    for (slot, expected) in [(768, PAID), (774, 0)] {
        let (mut world, supplier, renter, order) = begin(BEFORE, 1, 0);
        beat(&mut world, &supplier, &[1, 2, 3, 4, 5, 6, slot]);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), expected, "settled in {slot}");
        let of_the_renter = if expected == 0 { 0 } else { cost(HOURLY) };
        assert_eq!(spent(&world, &renter), of_the_renter);
    }
}

/// audit: market M9. A dispute in the first ten minutes pays an absent supplier nothing: all comes back, the deposit too.
#[test]
fn a_dispute_too_soon_pays_nobody_who_was_not_there() {
    for start in [0, 3, BEFORE, AFTER] {
        for after in [1, 300, 599] {
            let (mut world, supplier, renter, order) = begin(start, 1, DAY);
            world.advance(after);
            by_rule(&mut world, &order, &renter, &supplier);
            world.wind_up(&order, &[&supplier]);
            assert_eq!(earned(&world, &supplier), 0, "{start} {after}");
            assert_eq!(spent(&world, &renter), 0, "{start} {after}");
        }
    }
}

/// redteam 5a. One missing slot is forgiven where all others of the hour are proved, and one at least: who is dead is paid nothing.
#[test]
fn nobody_is_forgiven_for_being_dead() {
    for (beats, paid) in [(0, 0), (1, 1), (3, 3), (4, 4), (5, 6), (6, 6)] {
        let (mut world, supplier, _, order) = begin(BEFORE, 1, 0);
        beat(&mut world, &supplier, &[1, 2, 3, 4, 5, 6][..beats]);
        world.wind_up(&order, &[&supplier]);
        let expected = net(HOURLY * paid / 6);
        assert_eq!(earned(&world, &supplier), expected, "{beats} beats");
        world.check_escrows();
    }
}

/// redteam 5a. In a part of an hour with a single slot nothing is forgiven: 12 minutes without a beat are 12 minutes for nothing.
#[test]
fn a_single_slot_is_not_forgiven() {
    for (slots, rent) in [(6, 0), (7, 200_000)] {
        let (mut world, supplier, renter, order) = begin(BEFORE, 2, 0);
        beat(&mut world, &supplier, &[1, 2, 3, 4, 5, 6, 7][..slots]);
        to(&mut world, BEFORE + HOUR + 700);
        world.end_early(&order, &renter);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), PAID + net(rent));
    }
}

/// redteam 5b. Four slots are forgiven in each day of a lease, and all five of six of the other hours are paid as they are; the record counts
/// every one of them as missed.
#[test]
fn four_slots_a_day_are_forgiven() {
    let (mut world, supplier, _, order) = begin(BEFORE, 25, 0);
    for _ in 0..25 {
        world.serve_hour(&[&supplier], 5);
    }
    world.wind_up(&order, &[&supplier]);
    assert_eq!(net(833_333), 814_583);
    assert_eq!(earned(&world, &supplier), 5 * PAID + 20 * 814_583);
    let record = world.occupancy(&supplier);
    assert_eq!((record.slots_served, record.slots_missed), (125, 25));
    world.check_escrows();
}
