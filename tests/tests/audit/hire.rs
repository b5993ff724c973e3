//! Who is hired has proved what it is, and lately.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_client::registry::accounts::{Device, HardwareClass};
use iog_tests::world::{order_args, Currency, CLASS_TEST};
use iog_tests::{Supplier, World};

use super::stage::{book, run, stage, suppliers};

/// Sets the hour of a device's last pass, and a sign of life a second ago.
fn passed_at(world: &mut World, supplier: &Supplier, epoch: u64) {
    let (now, slot) = (world.now(), world.slot());
    world.edit::<Device>(&supplier.device, |device| {
        device.last_pass_epoch = epoch;
        (device.last_sign_ts, device.last_sign_slot) = (now - 1, slot);
    });
}

/// Tries to match as whoever may.
fn expect_match(
    world: &World,
    order: &solana_pubkey::Pubkey,
    supplier: &Supplier,
    code: Option<E>,
) {
    let mut world = world.clone();
    let matched = world.match_ix(order, supplier);
    let signer = world.key_of(&matched.keeper);
    match code {
        None => {
            world.must(matched.instruction(), &[&signer]);
        }
        Some(code) => world.refuses(code, matched.instruction(), &[&signer]),
    }
}

/// audit: market H2. A device that never proved anything is not matched; with a pass it is; a day later it is not.
#[test]
fn who_never_proved_is_not_hired() {
    let (mut world, supplier, renter) = stage(0);
    world.advance(40 * 3_600);
    let order = book(&mut world, &renter, 1, 1, 1);
    passed_at(&mut world, &supplier, 0);
    expect_match(&world, &order, &supplier, Some(E::NotProved));
    let hour = u64::from(world.hour());
    passed_at(&mut world, &supplier, hour);
    expect_match(&world, &order, &supplier, None);
    passed_at(&mut world, &supplier, hour - 25);
    expect_match(&world, &order, &supplier, Some(E::NotProved));
}

/// redteam 2a. A pass is good for 3 hours: one card, one key an hour, keeps 3 keys hireable and not 24.
#[test]
fn one_card_vouches_for_three_keys() {
    let (mut world, _, renter) = stage(0);
    world.advance(40 * 3_600);
    let keys = suppliers(&mut world, 5);
    let hour = u64::from(world.hour());
    for (age, key) in (0..).zip(&keys) {
        passed_at(&mut world, key, hour - age);
    }
    let order = book(&mut world, &renter, 1, 1, 1);
    let codes = [None, None, None, None, Some(E::NotProved)];
    for (key, code) in keys.iter().zip(codes) {
        expect_match(&world, &order, key, code);
    }
    // Ages 0 to 3: at the end of its hour the fourth is 4 hours old. Three fresh passes an hour apart are all that are ever good at once.
}

/// redteam 2a, 2c. For two hours after a lease that it served an older pass will do, a day's at most; then the next window must have been
/// passed.
#[test]
fn two_hours_after_a_lease_an_older_pass_will_do() {
    let (mut world, supplier, renter) = stage(0);
    let order = run(&mut world, &renter, 1, 20, &[&supplier]);
    let passed = world.device(&supplier).last_pass_epoch;
    for _ in 0..20 {
        world.serve_hour(&[&supplier], 6);
    }
    world.judge_rest(&order, &supplier);
    let end = world.order(&order).end_ts;
    assert_eq!(world.occupancy(&supplier).served_until_ts, end);
    for (secs, pass, code) in [
        (600, passed, None),
        (7_199, passed, None),
        (7_200, passed, Some(E::NotProved)),
        (600, 0, Some(E::NotProved)),
    ] {
        let mut world = world.clone();
        world.warp_to((end + secs).max(world.now()));
        passed_at(&mut world, &supplier, pass);
        let next = book(&mut world, &renter, 2, 1, 1);
        expect_match(&world, &next, &supplier, code);
    }
}

/// redteam 2a. Renting from oneself and leaving at once serves nothing: the older pass is not good for it.
#[test]
fn leaving_at_once_gives_no_grace() {
    let (mut world, supplier, renter) = stage(0);
    world.advance(40 * 3_600);
    let hour = u64::from(world.hour());
    passed_at(&mut world, &supplier, hour - 2);
    let order = run(&mut world, &renter, 1, 20, &[&supplier]);
    passed_at(&mut world, &supplier, hour - 10);
    world.leave_lease(&order, &supplier);
    assert_eq!(world.occupancy(&supplier).served_until_ts, 0);
    world.advance(3_601);
    passed_at(&mut world, &supplier, hour - 10);
    let next = book(&mut world, &renter, 2, 1, 1);
    expect_match(&world, &next, &supplier, Some(E::NotProved));
}

/// Four failures in twelve hours shut a device out of the market as out of the emission.
#[test]
fn four_failures_shut_out() {
    let (mut world, supplier, renter) = stage(0);
    world.advance(40 * 3_600);
    let hour = u64::from(world.hour());
    passed_at(&mut world, &supplier, hour);
    let order = book(&mut world, &renter, 1, 1, 1);
    for (bits, code) in [(0b0111, None), (0b1111, Some(E::TooManyFailures))] {
        world.edit::<Device>(&supplier.device, |device| {
            device.last_fail_epoch = hour - 1;
            device.fail_bits = bits;
        });
        expect_match(&world, &order, &supplier, code);
    }
}

/// redteam 2d. If nobody of a class can prove, its devices cannot be hired; the order ends by itself and all of it comes back.
#[test]
fn a_class_that_cannot_prove_holds_no_order() {
    let (mut world, supplier, renter) = stage(0);
    let before = world.balance(&renter.usd);
    world.advance(10 * 3_600);
    passed_at(&mut world, &supplier, 1);
    let order = book(&mut world, &renter, 1, 1, 24);
    expect_match(&world, &order, &supplier, Some(E::NotProved));
    world.advance(1_200);
    world.expire_order(&order);
    world.refund_rest(&order);
    world.close_order(&order);
    assert_eq!(world.balance(&renter.usd), before);
}

/// audit: market H6. A key of a proved class stands for as many GPUs as walk together, at most eight: no larger machine of such a class can
/// be asked for. Where terms allow fewer cards, that is the limit of new orders from then on.
#[test]
fn no_larger_machines_of_a_proved_class_are_asked_for_than_it_proves() {
    let (mut world, _, renter) = stage(0);
    let class = pda::registry::class(CLASS_TEST);
    let book = |world: &World, id, gpus: u16| {
        let mut args = order_args(id, gpus.into(), 1);
        args.parts[0].per_machine = gpus;
        world.book_ix(Currency::Usd, &renter, CLASS_TEST, args)
    };
    for gpus in [9, 16, 4_096] {
        let larger = book(&world, 1, gpus);
        world.refuses(E::MachineNotProved, larger, &[&renter.wallet]);
    }
    let eight = book(&world, 1, 8);
    world.must(eight, &[&renter.wallet]);
    world.edit::<HardwareClass>(&class, |class| class.max_cards = 4);
    let eight = book(&world, 2, 8);
    world.refuses(E::MachineNotProved, eight, &[&renter.wallet]);
    let four = book(&world, 2, 4);
    world.must(four, &[&renter.wallet]);
}
