//! Places that are taken, matches that hold, and accounts of others in a match.

use iog_client::market::MarketError as E;
use iog_tests::world::{order_args, Currency, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::{refusal, Case, Outcome, Supplier, World};
use solana_pubkey::Pubkey;

use super::{matches, stage};

pub fn cases() -> Vec<Case> {
    let mut all = places();
    all.extend(displacements());
    all.extend(pairs());
    all
}

/// Takes a device out of its match into another order, by that one's renter.
fn displaces(world: &mut World, order: &Pubkey, supplier: &Supplier) -> Outcome {
    world.make_ready(supplier);
    let mut displace = world.displace_ix(order, supplier, 0);
    displace.keeper = world.order(order).renter;
    let keeper = world.key_of(&displace.keeper);
    world.send(&[displace.instruction()], &[&keeper])
}

fn places() -> Vec<Case> {
    vec![
        refusal("a device in another lease", E::DeviceHired, |world| {
            let (supplier, renter) = stage(world);
            world.running(&renter, 1, 1, &[&supplier]);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            matches(world, &second, &supplier)
        }),
        refusal("a device in another match", E::DeviceHired, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&first, &supplier);
            world.advance(30);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            matches(world, &second, &supplier)
        }),
        refusal("more GPUs than are needed", E::TooManyGpus, |world| {
            let renter = world.renter();
            let one = world.cluster(CLASS_UNPROVED, 1);
            let two = world.cluster(CLASS_UNPROVED, 2);
            let order = world.book(&renter, CLASS_UNPROVED, order_args(1, 2, 1));
            world.match_device(&order, &one);
            matches(world, &order, &two)
        }),
        refusal("a machine of another size", E::WrongMachine, |world| {
            let renter = world.renter();
            let machine = world.cluster(CLASS_UNPROVED, 4);
            let mut args = order_args(1, 4, 1);
            args.parts[0].per_machine = 2;
            let order = world.book(&renter, CLASS_UNPROVED, args);
            matches(world, &order, &machine)
        }),
        refusal("an order that has its devices", E::TooManyGpus, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &supplier);
            matches(world, &order, &other)
        }),
        refusal(
            "a running order with its devices",
            E::TooManyGpus,
            |world| {
                let (supplier, renter) = stage(world);
                let other = world.supplier(CLASS_TEST);
                let order = world.running(&renter, 1, 1, &[&supplier]);
                matches(world, &order, &other)
            },
        ),
        refusal("the second of expiry", E::OrderExpired, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.advance(1_200);
            matches(world, &order, &supplier)
        }),
        refusal("an order that was cancelled", E::OrderNotOpen, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.cancel_order(&order, &renter);
            matches(world, &order, &supplier)
        }),
        refusal("a part that the order has not", E::WrongClass, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.make_ready(&supplier);
            let matching = world.match_part_ix(&order, &supplier, 1).instruction();
            world.send(&[matching], &[&renter.wallet])
        }),
    ]
}

fn displacements() -> Vec<Case> {
    vec![
        refusal("a match of 29 seconds ago", E::MatchHolds, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&first, &supplier);
            world.advance(29);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 2, 1));
            displaces(world, &second, &supplier)
        }),
        refusal("a match of a larger order", E::MatchHolds, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&first, &supplier);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            displaces(world, &second, &supplier)
        }),
        refusal("a match of a whole order", E::MatchHolds, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&first, &supplier);
            world.advance(60);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            displaces(world, &second, &supplier)
        }),
        refusal("out of another order", E::WrongOrder, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&first, &supplier);
            world.advance(30);
            let other = world.book(&renter, CLASS_TEST, order_args(3, 2, 1));
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            let mut displace = world.displace_ix(&second, &supplier, 0);
            displace.held_order = Some(other);
            world.send(&[displace.instruction()], &[&renter.wallet])
        }),
    ]
}

fn pairs() -> Vec<Case> {
    vec![
        refusal(
            "the order's class for another's device",
            E::WrongClass,
            |world| {
                let (supplier, renter) = stage(world);
                let other = world.supplier(CLASS_COMMUNITY);
                let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
                let mut matching = world.match_ix(&order, &other);
                matching.class = supplier.class;
                world.send(&[matching.instruction()], &[&renter.wallet])
            },
        ),
        refusal("another device's stake", E::WrongDevice, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.stake = other.stake;
            world.send(&[matching.instruction()], &[&renter.wallet])
        }),
        refusal("another device's place", E::WrongDevice, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.occupancy = other.occupancy;
            world.send(&[matching.instruction()], &[&renter.wallet])
        }),
        refusal("another supplier's earnings", E::WrongRecipient, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.earnings = world.earnings_of(&other, Currency::Io);
            world.send(&[matching.instruction()], &[&renter.wallet])
        }),
        refusal("earnings in another currency", E::WrongMint, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.earnings = world.earnings_of(&supplier, Currency::Usd);
            world.send(&[matching.instruction()], &[&renter.wallet])
        }),
    ]
}
