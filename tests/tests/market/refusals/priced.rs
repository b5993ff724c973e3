//! Devices whose price does not fit an order, and who may match when.

use iog_client::market::MarketError as E;
use iog_tests::world::{class_args, order_args, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{refusal, Case, World};

use super::super::stage::send;
use super::{matches, matching, stage};

pub fn cases() -> Vec<Case> {
    vec![
        refusal("a floor above the price", E::PriceBelowFloor, |world| {
            let floor = |w: &mut World, s: &_| {
                w.list_device(s, 1_000_001);
            };
            matching(world, floor, |_| {})
        }),
        refusal(
            "a floor above an extension's price",
            E::PriceBelowFloor,
            |world| {
                let (one, renter) = stage(world);
                let two = world.supplier(CLASS_TEST);
                let order = world.running(&renter, 1, 2, &[&one]);
                let mut class = class_args(CLASS_TEST);
                class.base_price_usd6 = 900_000;
                world.update_class(class);
                world.extend(&order, &renter, 1);
                world.set_device_state(&one, 1);
                world.report_timeout(&order, &one);
                world.list_device(&two, 900_001);
                matches(world, &order, &two)
            },
        ),
        refusal("a class that is not named", E::WrongClass, |world| {
            let (_, renter) = stage(world);
            let other = world.supplier(CLASS_COMMUNITY);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            matches(world, &order, &other)
        }),
        refusal("an alternative that costs more", E::PriceTooLow, |world| {
            let (_, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let mut args = order_args(1, 1, 1);
            args.parts[1].class_id = CLASS_TEST;
            let order = world.book(&renter, CLASS_COMMUNITY, args);
            matches(world, &order, &other)
        }),
        refusal(
            "an alternative that is not offered",
            E::ClassNotOffered,
            |world| {
                let (_, renter) = stage(world);
                let other = world.supplier(CLASS_COMMUNITY);
                let mut class = class_args(CLASS_COMMUNITY);
                (class.enabled, class.multiplier_x100) = (false, 250);
                world.update_class(class);
                let mut args = order_args(1, 1, 1);
                args.parts[1].class_id = CLASS_COMMUNITY;
                let order = world.book(&renter, CLASS_TEST, args);
                matches(world, &order, &other)
            },
        ),
        refusal("a price book of the quoted class", E::WrongClass, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_COMMUNITY);
            let mut args = order_args(1, 1, 1);
            args.parts[1].class_id = CLASS_COMMUNITY;
            let order = world.book(&renter, CLASS_TEST, args);
            world.make_ready(&other);
            let mut matching = world.match_ix(&order, &other);
            matching.book = supplier.price_book();
            world.send(&[matching.instruction()], &[&renter.wallet])
        }),
        refusal(
            "a keeper in the first seconds",
            E::RenterMatchesFirst,
            |w| {
                let (supplier, renter) = stage(w);
                let order = w.book(&renter, CLASS_TEST, order_args(1, 1, 1));
                w.make_ready(&supplier);
                w.advance(29);
                let mut matching = w.match_ix(&order, &supplier);
                matching.keeper = w.authority.pubkey_of();
                send(w, matching.instruction())
            },
        ),
    ]
}
