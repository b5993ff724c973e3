//! Orders that one supplier serves alone: a cluster is as trustworthy as its worst device.

use iog_client::market::MarketError as E;
use iog_tests::world::{order_args, PubkeyOf, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::stage;

#[track_caller]
fn refuses_as_anothers(world: &mut World, order: &Pubkey, supplier: &Supplier) {
    world.make_ready(supplier);
    let matching = world.match_ix(order, supplier);
    let keeper = world.key_of(&matching.keeper);
    world.refuses(E::OwnerNotAsked, matching.instruction(), &[&keeper]);
}

/// redteam mesh M1: all of the order's devices are of the owner that it names, also those that replace others while it runs.
#[test]
fn an_order_of_one_owner_takes_nobody_elses_device() {
    let (mut world, one, renter) = stage();
    let (two, three) = (world.sibling(&one), world.sibling(&one));
    let other = world.supplier(CLASS_TEST);
    let mut args = order_args(1, 2, 5);
    args.owner = one.owner.pubkey_of();
    let order = world.book(&renter, CLASS_TEST, args);
    assert_eq!(world.order(&order).owner, one.owner.pubkey_of());
    refuses_as_anothers(&mut world, &order, &other);
    for supplier in [&one, &two] {
        world.make_ready(supplier);
        world.match_device(&order, supplier);
    }
    for supplier in [&one, &two] {
        world.accept(&order, supplier);
    }
    world.serve_hour(&[&one, &two], 6);
    world.settle_lease(&order, &one);
    world.leave_lease(&order, &one);
    refuses_as_anothers(&mut world, &order, &other);
    world.make_ready(&three);
    world.match_device(&order, &three);
    assert_eq!(world.lease(&order, &three).place, 0);
}

/// Eight of eight: an order for whole machines takes no smaller one, and no larger.
#[test]
fn whole_machines_can_be_asked_for() {
    let (mut world, _, renter) = stage();
    let [single, half, large] = [1, 2, 4].map(|gpus| world.cluster(CLASS_UNPROVED, gpus));
    let mut args = order_args(1, 4, 1);
    args.parts[0].per_machine = 4;
    let order = world.book(&renter, CLASS_UNPROVED, args);
    for wrong in [&single, &half] {
        world.make_ready(wrong);
        let matching = world.match_ix(&order, wrong);
        let keeper = world.key_of(&matching.keeper);
        world.refuses(E::WrongMachine, matching.instruction(), &[&keeper]);
    }
    world.make_ready(&large);
    world.match_device(&order, &large);
    assert_eq!(world.order(&order).parts[0].matched, 4);
}
