//! Boundaries and races: early ends, expiry, late settlements, the smallest and the largest order.

use iog_client::market::accounts::{Lease, Occupancy, Order};
use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_client::registry::ClassArgs;
use iog_localnet::pyth::PriceAccount;
use iog_tests::world::{class_args, order_args, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

const WALLET: u64 = 2_000_000_000_000;
const PRICE: u64 = 400_801_604;
const PAID: u64 = 399_799_599;

fn stage() -> (World, Supplier, Renter) {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    (world, supplier, renter)
}

fn books(world: &World, order: &Pubkey) -> Order {
    world.check_order_books(order);
    world.read::<Order>(order)
}

fn finish(world: &mut World, order: &Pubkey, supplier: &Supplier) {
    world.settle_lease(order, supplier);
    world.close_lease(order, supplier);
    world.close_order(order);
}

/// The hour is settled up to the very second at which the renter then ends the order.
#[test]
fn an_end_on_a_settled_hour_leaves_only_the_lease_to_finish() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    assert_eq!(books(&world, &order).refunded_units, 2 * PRICE);
    let before = world.balance(&supplier.owner_token);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.balance(&supplier.owner_token), before);
    assert_eq!(books(&world, &order).unsettled_leases, 0);
    let again = world.settle_lease_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, again, &[&keeper]);
    world.close_lease(&order, &supplier);
    world.close_order(&order);
    assert_eq!(world.balance(&pda::market::vault(&world.io)), 0);
}

/// Seconds after the start, minutes refunded of a booking of two hours.
#[test]
fn the_first_hour_is_never_refunded_and_a_minute_begun_is_used() {
    let (world, supplier, renter) = stage();
    for (secs, minutes) in [
        (0, 60),
        (1, 60),
        (3_599, 60),
        (3_600, 60),
        (3_601, 59),
        (3_660, 59),
        (3_661, 58),
        (7_139, 1),
        (7_140, 1),
        (7_141, 0),
        (7_199, 0),
        (7_200, 0),
        (9_000, 0),
    ] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.set_time(GENESIS_TS + secs);
        world.end_early(&order, &renter);
        let ended = books(&world, &order);
        assert_eq!(ended.refunded_units, PRICE * minutes / 60, "{secs}");
        let left = i64::try_from(minutes).unwrap() * 60;
        assert_eq!(ended.end_ts, GENESIS_TS + 7_200 - left, "{secs}");
    }
}

/// Weak spot of minute-wise refunds: ends that split an hour over and over. Nobody gains a unit.
#[test]
fn splitting_hours_into_minutes_pays_nobody_more() {
    let (mut world, supplier, renter) = stage();
    let mut id = 0;
    for secs in [3_601, 3_660, 3_725, 4_799, 5_555, 6_599, 7_138] {
        id += 1;
        let order = world.running(&renter, id, 2, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        let rest = secs - 3_600;
        let start = world.now();
        for beat in 0..=rest / 600 {
            world.set_time(start + beat * 600);
            world.heartbeat(&supplier);
        }
        world.set_time(start + rest);
        world.end_early(&order, &renter);
        world.set_time(start + 3_600);
        world.settle_lease(&order, &supplier);
        let done = books(&world, &order);
        let earned = done.paid_units + done.fee_units - 2_004_009;
        let minutes = u64::try_from((rest + 59) / 60).unwrap();
        assert!(u128::from(earned) * 60 <= u128::from(PRICE) * u128::from(60 + minutes));
        assert!(done.escrowed_units <= 1, "dust of {}", done.escrowed_units);
        world.close_lease(&order, &supplier);
        world.close_order(&order);
        assert_eq!(world.balance(&pda::market::vault(&world.io)), 0);
    }
}

/// A device that is late by one second has lost the order; one in time keeps it from expiring.
#[test]
fn acceptance_and_expiry_never_both_succeed() {
    let (world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for (secs, accepts) in [(1_199, true), (1_200, false)] {
        let mut world = world.clone();
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.match_device(&order, &supplier);
        world.set_time(GENESIS_TS + secs);
        let accept = world.accept_ix(&order, &supplier).instruction();
        let expire = world.expire_ix(&order).instruction();
        if accepts {
            world.refuses(E::OrderNotExpired, expire.clone(), &[&keeper]);
            world.must(accept, &[&keeper, &supplier.device_key]);
            world.set_time(GENESIS_TS + 1_200);
            world.refuses(E::OrderNotOpen, expire, &[&keeper]);
        } else {
            world.refuses(
                E::OrderExpired,
                accept.clone(),
                &[&keeper, &supplier.device_key],
            );
            world.must(expire, &[&keeper]);
            world.refuses(E::OrderNotOpen, accept, &[&keeper, &supplier.device_key]);
        }
    }
}

#[test]
fn thirty_hours_are_settled_in_two_bounded_calls() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 30, &[&supplier]);
    for _ in 0..30 {
        world.serve_hour(&[&supplier], 6);
    }
    let before = world.balance(&supplier.owner_token);
    let lease = pda::market::lease(&order, &supplier.device);
    world.settle_lease(&order, &supplier);
    let settled = world.read::<Lease>(&lease).settled_until_ts;
    assert_eq!(settled, GENESIS_TS + 24 * 3_600);
    assert_eq!(world.balance(&supplier.owner_token), before + 24 * PAID);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.balance(&supplier.owner_token), before + 30 * PAID);
    assert_eq!(books(&world, &order).state, 3);
}

/// The registry keeps 128 hours of heartbeats: an hour that nobody settled for longer is refunded. Anyone may settle.
#[test]
fn an_hour_left_unsettled_for_more_than_128_hours_is_refunded() {
    let (world, supplier, renter) = stage();
    for (hours, served) in [(127, 1), (128, 0)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 1, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        world.set_time(GENESIS_TS + (hours + 1) * 3_600 - 1);
        world.heartbeat(&supplier);
        world.settle_lease(&order, &supplier);
        let occupancy = world.read::<Occupancy>(&supplier.occupancy);
        assert_eq!(occupancy.hours_served, served, "after {hours} hours");
        books(&world, &order);
    }
}

/// One heartbeat too few: a supplier that stops in the first hour is not paid for any of it.
#[test]
fn a_device_that_stops_in_the_first_hour_gets_nothing() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    let before = world.balance(&supplier.owner_token);
    world.serve_hour(&[&supplier], 4);
    finish(&mut world, &order, &supplier);
    assert_eq!(world.balance(&supplier.owner_token), before);
    // The renter has everything back but the reservation fee.
    assert_eq!(world.balance(&renter.token), WALLET - 1_002_005);
}

/// Every amount rounds against who receives it, even where that is all of it.
#[test]
fn an_order_of_one_unit_an_hour_adds_up() {
    let (mut world, supplier, renter) = stage();
    world.update_class(ClassArgs {
        base_price_usd6: 1,
        ..class_args(CLASS_TEST)
    });
    // 10^12 * 10^-4 USD for one IO: a millionth of a dollar is less than a unit, and costs one.
    let mut price = PriceAccount::io_usd(1_000_000_000_000, 0, world.now(), world.slot());
    price.exponent = -4;
    world.set_price(&price);
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 2));
    world.must(create.instruction(), &[&renter.wallet]);
    let order = create.order;
    assert_eq!(books(&world, &order).deposited_units, 3);
    world.match_device(&order, &supplier);
    world.accept(&order, &supplier);
    let before = world.balance(&supplier.owner_token);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    // The fee of one unit, rounded up, is the unit.
    assert_eq!(world.balance(&supplier.owner_token), before);
    world.set_time(world.now() + 1_800);
    world.end_early(&order, &renter);
    finish(&mut world, &order, &supplier);
    // Half a unit is refunded to neither side at once; the whole comes back with the order.
    assert_eq!(world.balance(&renter.token), WALLET - 2);
    world.check_escrow();
}

/// 4,096 GPUs for ten years at the highest price whose total fits 64 bits; one cent more is refused cleanly.
#[test]
fn the_largest_order_is_escrowed_settled_and_ended() {
    let (mut world, _, _) = stage();
    let supplier = world.registered(CLASS_TEST, 4_096);
    world.give_io(&supplier.owner.pubkey_of(), 100_000_000_000_000);
    world.stake(&supplier, 4_096 * 20_000_000_000);
    let renter = world.renter();
    let hours = 4_096 * 87_600;
    let highest = 51_000_000_000;
    world.update_class(ClassArgs {
        base_price_usd6: 510_000_000,
        ..class_args(CLASS_TEST)
    });
    world.set_price(&PriceAccount::io_usd(
        100_000_000,
        0,
        world.now(),
        world.slot(),
    ));
    // More IO than there is: the vault's balance is written, the programs' arithmetic is real.
    let mut wallet = world.account(&renter.token);
    wallet.data[64..72].copy_from_slice(&u64::MAX.to_le_bytes());
    world.set_account(&renter.token, wallet);
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 4_096, 87_600));
    world.must(create.instruction(), &[&renter.wallet]);
    let order = create.order;
    let opened = books(&world, &order);
    assert_eq!(opened.price_per_gpu_hour_units, highest);
    let rent = highest * hours;
    assert_eq!(opened.deposited_units, rent + rent / 400);
    world.match_device(&order, &supplier);
    world.accept(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(
        books(&world, &order).paid_units,
        highest * 4_096 / 400 * 399
    );
    world.end_early(&order, &renter);
    assert_eq!(books(&world, &order).refunded_units, rent - highest * 4_096);

    world.update_class(ClassArgs {
        base_price_usd6: 520_000_000,
        ..class_args(CLASS_TEST)
    });
    world.set_price(&PriceAccount::io_usd(
        100_000_000,
        0,
        world.now(),
        world.slot(),
    ));
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(2, 4_096, 87_600));
    world.refuses(E::MathOverflow, create.instruction(), &[&renter.wallet]);
}
