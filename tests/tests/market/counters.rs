//! The counters behind prices, which only the programs move.

use iog_tests::world::{order_args, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS};
use iog_tests::World;
use solana_pubkey::Pubkey;

use super::stage::{stage, HOUR};

/// GPUs of a class that are online, and hired.
pub fn counters(world: &World, class_id: u16) -> (u64, u64) {
    let book = world.price_book(class_id);
    (book.online_gpus, book.hired_gpus)
}

/// Online and hired after every step of a lease, in a class of their own: a device is hired from the start of its order, the last to accept
/// at once and the others with their first settlement.
#[test]
fn counters_follow_every_step() {
    let (mut world, other, renter) = stage();
    let one = world.cluster(CLASS_UNPROVED, 1);
    let two = world.cluster(CLASS_UNPROVED, 4);
    let all = [&one, &two, &other];
    let look = |world: &World, online: u64, hired: u64| {
        assert_eq!(counters(world, CLASS_UNPROVED), (online, hired));
        world.check_price_book(CLASS_UNPROVED, &all);
        world.check_price_book(CLASS_TEST, &all);
        assert_eq!(counters(world, CLASS_TEST), (1, 0));
    };
    look(&world, 5, 0);
    let order = world.book(&renter, CLASS_UNPROVED, order_args(1, 5, 2));
    world.match_device(&order, &one);
    world.match_device(&order, &two);
    look(&world, 5, 0);
    world.accept(&order, &two);
    look(&world, 5, 0);
    world.accept(&order, &one);
    look(&world, 5, 1);
    world.settle_lease(&order, &two);
    look(&world, 5, 5);
    // It takes no more orders, and goes on with this one, out of both counters.
    world.delist_device(&two);
    look(&world, 1, 1);
    world.serve_hour(&[&one, &two], 6);
    world.settle_lease(&order, &two);
    look(&world, 1, 1);
    world.serve_hour(&[&one, &two], 6);
    world.settle_lease(&order, &two);
    look(&world, 1, 1);
    world.settle_lease(&order, &one);
    look(&world, 1, 0);
    assert_eq!(world.occupancy(&one).idle_since_ts, world.now());
    world.close_lease(&order, &one);
    world.close_lease(&order, &two);
    look(&world, 1, 0);
}

/// What asks for more than the base price is not online while it is idle: it cannot be hired at the price that it would lower.
#[test]
fn a_floor_above_the_base_price_counts_only_at_work() {
    let (mut world, supplier, renter) = stage();
    world.list_device(&supplier, 1_000_001);
    assert_eq!(counters(&world, CLASS_TEST), (0, 0));
    world.list_device(&supplier, 1_000_000);
    assert_eq!(counters(&world, CLASS_TEST), (1, 0));
    world.list_device(&supplier, 1_000_001);
    let mut class = iog_tests::world::class_args(CLASS_TEST);
    class.base_price_usd6 = 2_000_000;
    world.update_class(class);
    let order = world.running(&renter, 1, 1, &[&supplier]);
    assert_eq!(counters(&world, CLASS_TEST), (1, 1));
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(counters(&world, CLASS_TEST), (0, 0));
}

/// A matched device that never accepts is not hired; an accepted one of an order that expires is freed when its lease closes.
#[test]
fn expired_orders_give_their_devices_back() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 2));
    world.match_device(&order, &one);
    world.match_device(&order, &two);
    world.accept(&order, &one);
    world.set_time(GENESIS_TS + 1_200);
    world.expire_order(&order);
    assert_eq!(counters(&world, CLASS_TEST), (2, 0));
    world.close_lease(&order, &one);
    world.close_lease(&order, &two);
    assert_eq!(counters(&world, CLASS_TEST), (2, 0));
    let (one, two) = (world.occupancy(&one), world.occupancy(&two));
    assert_eq!((one.skipped, two.skipped), (0, 1));
    assert_eq!((one.leases, two.leases), (1, 0));
    assert_eq!((one.open_leases, one.lease), (0, Pubkey::default()));
    assert_eq!(two.resting_until_ts, GENESIS_TS + 1_200 + HOUR);
}
