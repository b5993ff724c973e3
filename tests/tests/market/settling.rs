//! Settlement: many leases at once, in any order, after any time, and never twice.

use iog_client::market::instructions::{Pause, SetParameter};
use iog_client::market::{MarketError as E, ParameterId};
use iog_tests::world::{
    all_of, order_args, Currency, PubkeyOf, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS,
};
use iog_tests::Supplier;
use solana_instruction::Instruction;

use super::stage::{stage, HOUR, PAID, PRICE, WALLET};

/// An order of a cluster: four machines of 1, 2, 3 and 4 GPUs, settled in one transaction of one keeper.
#[test]
fn a_cluster_is_settled_in_one_transaction() {
    let (mut world, _, renter) = stage();
    let machines: Vec<Supplier> = (1..=4).map(|n| world.cluster(CLASS_UNPROVED, n)).collect();
    let all: Vec<&Supplier> = machines.iter().collect();
    let order = world.running(&renter, 1, 2, &all);
    assert_eq!(all_of(&world.order(&order).parts, |part| part.gpus), 10);
    world.serve_hour(&all, 6);
    let settles: Vec<Instruction> = all
        .iter()
        .rev()
        .map(|supplier| world.settle_lease_ix(&order, supplier).instruction())
        .collect();
    let keeper = world.authority.insecure_clone();
    let meta = world.send(&settles, &[&keeper]).unwrap();
    assert!(meta.units <= 4 * 15_000, "{} compute units", meta.units);
    world.check_order_books(&order);
    for (supplier, gpus) in all.iter().zip(1..) {
        // The fee is rounded up once, on the rent of all its GPUs.
        let rent = PRICE * gpus;
        assert_eq!(world.earned(supplier), rent - rent.div_ceil(400));
    }
    let again = world.send(&settles, &[&keeper]);
    iog_tests::world::expect_code(again, E::NothingToSettle);
    world.serve_hour(&all[1..], 6);
    world.wind_up(&order, &all);
    assert_eq!(world.occupancy(all[0]).slots_missed, 6);
    world.check_escrows();
}

/// Each device is settled for itself, in any order.
#[test]
fn two_devices_are_paid_each_for_its_own_hours() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 2, &[&one, &two]);
    world.serve_hour(&[&one], 6);
    world.serve_hour(&[&one, &two], 6);
    world.settle_lease(&order, &two);
    world.settle_lease(&order, &one);
    // The fee of each hour is rounded up by itself.
    assert_eq!(world.earned(&one), 2 * PAID);
    assert_eq!(world.earned(&two), PAID);
    assert_eq!(world.order(&order).refund_due_units, PRICE);
    world.check_order_books(&order);
    // The renter's fee of the hour that nobody proved, and what roundings left.
    assert_eq!(world.escrow(Currency::Io).escrowed_units, 1_002_005);
    world.wind_up(&order, &[&one, &two]);
    assert_eq!(world.escrow(Currency::Io).escrowed_units, 0);
}

#[test]
fn thirty_hours_are_settled_in_two_bounded_calls() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 30, &[&supplier]);
    for _ in 0..30 {
        world.serve_hour(&[&supplier], 6);
    }
    let meta = world.settle_lease(&order, &supplier);
    assert!(meta.units <= 100_000, "{} compute units", meta.units);
    let settled = world.lease(&order, &supplier).settled_until_ts;
    assert_eq!(settled, GENESIS_TS + 24 * HOUR);
    assert_eq!(world.earned(&supplier), 24 * PAID);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.lease(&order, &supplier).state, 2);
    world.check_order_books(&order);
}

/// The registry keeps 128 hours of heartbeats: an hour that nobody settled for longer is refunded. Anyone may settle.
#[test]
fn an_hour_left_unsettled_for_more_than_128_hours_is_refunded() {
    let (world, supplier, renter) = stage();
    for (hours, served) in [(127, 6), (128, 0)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 1, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        world.set_time(GENESIS_TS + (hours + 1) * HOUR - 1);
        world.heartbeat(&supplier);
        world.settle_lease(&order, &supplier);
        let place = world.occupancy(&supplier);
        assert_eq!(place.slots_served, served, "after {hours} hours");
        world.check_order_books(&order);
    }
}

/// Slots of the first hour, and what the supplier gets and the renter pays for them.
#[test]
fn a_device_that_stops_is_paid_what_it_proved() {
    let (world, supplier, renter) = stage();
    for (beats, earned, spent) in [
        (0, 0, 0),
        (1, 66_633_266, 66_800_267 + 167_000),
        (4, 266_533_066, 267_201_069 + 668_002),
        (5, PAID, PRICE + 1_002_004),
    ] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 1, &[&supplier]);
        world.serve_hour(&[&supplier], beats);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(world.earned(&supplier), earned, "{beats} beats");
        assert_eq!(world.balance(&renter.token), WALLET - spent, "{beats}");
        world.check_escrows();
    }
}

/// Four slots are forgiven in a day of the lease, each where all others of its hour are proved.
#[test]
fn four_missing_slots_are_forgiven_in_a_day() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 26, &[&supplier]);
    let mut earned = 0;
    for hour in 0..26 {
        world.serve_hour(&[&supplier], 5);
        world.settle_lease(&order, &supplier);
        let forgiven = !(4..24).contains(&hour);
        let paid = world.earned(&supplier) - earned;
        // Five sixths of 400,801,604, less 25 basis points.
        assert_eq!(paid, if forgiven { PAID } else { 333_166_332 }, "{hour}");
        earned += paid;
    }
    assert_eq!(world.occupancy(&supplier).slots_missed, 26);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// An hour that begins within a slot is judged by the six that begin in it, when the last of them is over.
#[test]
fn an_hour_is_judged_when_its_last_slot_is_over() {
    let (mut world, supplier, renter) = stage();
    world.warp_to(GENESIS_TS + 100);
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    assert_eq!(world.now(), GENESIS_TS + 3_700);
    let keeper = world.authority.insecure_clone();
    // The device is free at once, by the first settlement after its end; the slot that begins at 3,600 s runs until 4,200 s.
    world.settle_lease(&order, &supplier);
    assert_eq!(world.lease(&order, &supplier).settled_count, 0);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    world.set_time(GENESIS_TS + 4_199);
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    world.set_time(GENESIS_TS + 4_200);
    world.must(settle, &[&keeper]);
    assert_eq!(world.earned(&supplier), PAID);
    assert_eq!(world.occupancy(&supplier).slots_served, 6);
}

/// A clock that steps back within an hour settles nothing twice and nothing early.
#[test]
fn a_clock_that_steps_back_settles_nothing_twice() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let keeper = world.authority.insecure_clone();
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    for secs in [HOUR - 5, 2 * HOUR - 1] {
        world.set_time(GENESIS_TS + secs);
        world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    }
    assert_eq!(world.earned(&supplier), PAID);
}

/// New orders stop; whatever runs is served, settled, ended, refunded and paid.
#[test]
fn a_pause_stops_no_exit() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let waiting = world.book(&renter, CLASS_TEST, order_args(2, 1, 2));
    let order = world.running(&renter, 1, 3, &[&one]);
    let signer = world.authority.pubkey_of();
    world.govern(Pause { signer, actions: 1 }.instruction());
    let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
    world.refuses(E::Paused, extend, &[&renter.wallet]);
    world.match_device(&waiting, &two);
    world.accept(&waiting, &two);
    world.serve_hour(&[&one, &two], 6);
    world.settle_lease(&order, &one);
    world.withdraw(&one, Currency::Io);
    world.end_early(&order, &renter);
    world.wind_up(&order, &[&one]);
    world.end_early(&waiting, &renter);
    world.wind_up(&waiting, &[&two]);
    world.collect_fees(Currency::Io);
    world.delist_device(&one);
    world.check_escrows();
}

/// Fees and the dispute window are those of the day when the order was made.
#[test]
fn an_order_keeps_the_terms_it_was_made_with() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let authority = world.authority.pubkey_of();
    for (id, value) in [
        (ParameterId::SupplierFeeBps, 0),
        (ParameterId::ReservationFeeBps, 0),
    ] {
        let set = SetParameter {
            authority,
            id,
            value,
        };
        world.govern(set.instruction());
    }
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), PAID);
    let next = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    let books = world.order(&next);
    assert_eq!((books.supplier_fee_bps, books.renter_fee_bps), (0, 0));
    assert_eq!(books.deposited_units, PRICE);
}
