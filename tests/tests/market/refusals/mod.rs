//! Every error of the market ends a transaction that earns it.

mod accounts;
mod answers;
mod booking;
mod credit;
mod disputes;
mod ends;
mod extending;
mod leases;
mod listing;
mod matching;
mod places;
mod priced;
mod prices;
mod setup;

use iog_client::market::{MarketError as E, OrderArgs};
use iog_tests::world::{order_args, Renter, CLASS_TEST};
use iog_tests::{cases, Outcome, Supplier, World};
use solana_pubkey::Pubkey;

/// A supplier and a renter.
fn stage(world: &mut World) -> (Supplier, Renter) {
    (world.supplier(CLASS_TEST), world.renter())
}

/// An order for one GPU, whole, with a device that has not accepted.
fn waiting(world: &mut World) -> (Supplier, Renter, Pubkey) {
    let (supplier, renter) = stage(world);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.match_device(&order, &supplier);
    (supplier, renter, order)
}

/// An order of three hours on one device.
fn at_work(world: &mut World) -> (Supplier, Renter, Pubkey) {
    let (supplier, renter) = stage(world);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    (supplier, renter, order)
}

/// Creates an order that is wrong in one way.
fn create(world: &mut World, change: impl FnOnce(&mut OrderArgs)) -> Outcome {
    let renter = world.renter();
    let mut args = order_args(1, 1, 1);
    change(&mut args);
    let mut create = world.create_order_ix(&renter, CLASS_TEST, args);
    create.args = args;
    world.send(&[create.instruction()], &[&renter.wallet])
}

/// Matches a device that is alive and proved to an order's first part, by whoever may now.
fn matches(world: &mut World, order: &Pubkey, supplier: &Supplier) -> Outcome {
    world.make_ready(supplier);
    let matching = world.match_ix(order, supplier);
    let keeper = world.key_of(&matching.keeper);
    world.send(&[matching.instruction()], &[&keeper])
}

/// Matches a device to an order after a change to either side.
fn matching(
    world: &mut World,
    change: impl FnOnce(&mut World, &Supplier),
    terms: impl FnOnce(&mut OrderArgs),
) -> Outcome {
    let (supplier, renter) = stage(world);
    change(world, &supplier);
    let mut args = order_args(1, 1, 1);
    terms(&mut args);
    let order = world.book(&renter, CLASS_TEST, args);
    matches(world, &order, &supplier)
}

const NO_LONGER_RAISED: &str = "an order can be cancelled until its start since held time is paid";

#[test]
fn every_error_has_its_refusal() {
    let world = World::ready();
    let mut all = setup::cases();
    all.extend(booking::cases());
    all.extend(prices::cases());
    all.extend(matching::cases());
    all.extend(listing::cases());
    all.extend(leases::cases());
    all.extend(ends::cases());
    all.extend(accounts::cases());
    all.extend(credit::cases());
    cases::run(&world, &all);
    let mut disputed = disputes::cases();
    disputed.extend(answers::cases());
    cases::run(&World::with_disputes(3_600), &disputed);
    all.extend(disputed);
    let mut bare = World::new();
    bare.init_token();
    let first = setup::initial();
    cases::run(&bare, &first);
    all.extend(first);
    cases::cover(
        E::from_code,
        &all,
        &[(E::AlreadyAccepted, NO_LONGER_RAISED)],
    );
    cases::cover_from(6_950, E::from_code, &all, &[]);
}

/// At the bounds themselves nothing is refused.
#[test]
fn the_bounds_are_inclusive() {
    let mut bare = World::new();
    bare.init_token();
    let highest = setup::initialize(&bare, 500).instruction();
    bare.govern(highest);

    let world = World::ready();
    let mut good = prices::bounds();
    good.extend(booking::bounds());
    good.extend(matching::bounds());
    for (n, good) in good.iter().enumerate() {
        let outcome = good(&mut world.clone());
        assert!(outcome.is_ok(), "{n}: {outcome:?}");
    }
}
