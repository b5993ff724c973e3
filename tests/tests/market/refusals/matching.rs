//! Devices that an order does not get.

use iog_client::market::accounts::Occupancy;
use iog_client::market::MarketError as E;
use iog_client::registry::accounts::Device;
use iog_tests::world::{class_args, order_args, Currency, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

use super::super::stage::send;
use super::{matching, stage};

pub fn cases() -> Vec<Case> {
    let mut all = constraints();
    all.extend(places());
    all.extend(pairs());
    all
}

fn constraints() -> Vec<Case> {
    vec![
        refusal("a paused device", E::DeviceNotActive, |world| {
            let pause = |w: &mut World, s: &_| {
                w.set_device_state(s, 1);
            };
            matching(world, pause, |_| {})
        }),
        refusal("a device that is not listed", E::NotListed, |world| {
            let delist = |w: &mut World, s: &_| {
                w.delist_device(s);
            };
            matching(world, delist, |_| {})
        }),
        refusal("a tier too low", E::TierTooLow, |w| {
            matching(w, |_, _| {}, |args| args.min_tier = 3)
        }),
        refusal("a country not named", E::CountryNotAllowed, |w| {
            matching(w, |_, _| {}, |args| args.countries[7] = *b"FR")
        }),
        refusal("a device that is not secure", E::NotSecure, |w| {
            matching(w, |_, _| {}, |args| args.secure_only = true)
        }),
        refusal("a new device's reputation", E::ReputationTooLow, |w| {
            matching(w, |_, _| {}, |args| args.min_reputation_bps = 5_001)
        }),
        refusal("a floor above the price", E::PriceBelowFloor, |world| {
            let floor = |w: &mut World, s: &_| {
                w.list_device(s, 1_000_001);
            };
            matching(world, floor, |_| {})
        }),
        refusal("a device that let a match pass", E::DeviceRests, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&first, &supplier);
            world.set_time(world.now() + 181);
            world.skip_device(&first, &supplier);
            let again = world.match_ix(&first, &supplier).instruction();
            send(world, again)
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
                let matching = world.match_ix(&order, &two).instruction();
                send(world, matching)
            },
        ),
        refusal("a stake below a raised minimum", E::NotStaked, |world| {
            let mut class = class_args(CLASS_TEST);
            class.multiplier_x100 = 101;
            matching(world, |w, _| w.update_class(class), |_| {})
        }),
        refusal("a stake on its way out", E::NotStaked, |world| {
            let leave = |w: &mut World, s: &iog_tests::Supplier| {
                let request = w.unstake_ix(s).instruction();
                w.must(request, &[&s.owner]);
            };
            matching(world, leave, |_| {})
        }),
        refusal("a class that is not named", E::WrongClass, |world| {
            let (_, renter) = stage(world);
            let other = world.supplier(CLASS_COMMUNITY);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let matching = world.match_ix(&order, &other).instruction();
            send(world, matching)
        }),
        refusal(
            "another class that costs more now",
            E::PriceTooLow,
            |world| {
                let (_, renter) = stage(world);
                let other = world.supplier(CLASS_TEST);
                let mut args = order_args(1, 1, 1);
                args.class_ids = [CLASS_COMMUNITY, CLASS_TEST, 0, 0];
                let order = world.book(&renter, CLASS_COMMUNITY, args);
                let matching = world.match_ix(&order, &other).instruction();
                send(world, matching)
            },
        ),
        refusal(
            "another class that is not offered",
            E::ClassNotOffered,
            |world| {
                let (_, renter) = stage(world);
                let other = world.supplier(CLASS_COMMUNITY);
                let mut class = class_args(CLASS_COMMUNITY);
                (class.enabled, class.multiplier_x100) = (false, 250);
                world.update_class(class);
                let mut args = order_args(1, 1, 1);
                args.class_ids[1] = CLASS_COMMUNITY;
                let order = world.book(&renter, CLASS_TEST, args);
                let matching = world.match_ix(&order, &other).instruction();
                send(world, matching)
            },
        ),
    ]
}

fn places() -> Vec<Case> {
    vec![
        refusal("a device in another lease", E::DeviceHired, |world| {
            let (supplier, renter) = stage(world);
            world.running(&renter, 1, 1, &[&supplier]);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            let matching = world.match_ix(&second, &supplier).instruction();
            send(world, matching)
        }),
        refusal(
            "a device that waits in another order",
            E::DeviceHired,
            |world| {
                let (supplier, renter) = stage(world);
                let first = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
                world.match_device(&first, &supplier);
                let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
                let matching = world.match_ix(&second, &supplier).instruction();
                send(world, matching)
            },
        ),
        refusal("more GPUs than are needed", E::TooManyGpus, |world| {
            let renter = world.renter();
            let (one, two) = (world.supplier(CLASS_TEST), world.cluster(CLASS_TEST, 2));
            let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&order, &one);
            let matching = world.match_ix(&order, &two).instruction();
            send(world, matching)
        }),
        refusal("an order that has its devices", E::OrderNotOpen, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &supplier);
            let matching = world.match_ix(&order, &other).instruction();
            send(world, matching)
        }),
        refusal(
            "a running order with its devices",
            E::TooManyGpus,
            |world| {
                let (supplier, renter) = stage(world);
                let other = world.supplier(CLASS_TEST);
                let order = world.running(&renter, 1, 1, &[&supplier]);
                let matching = world.match_ix(&order, &other).instruction();
                send(world, matching)
            },
        ),
        refusal("the second of expiry", E::OrderExpired, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.set_time(world.now() + 1_200);
            let matching = world.match_ix(&order, &supplier).instruction();
            send(world, matching)
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
                send(world, matching.instruction())
            },
        ),
        refusal("a price book of the quoted class", E::WrongClass, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_COMMUNITY);
            let mut args = order_args(1, 1, 1);
            args.class_ids[1] = CLASS_COMMUNITY;
            let order = world.book(&renter, CLASS_TEST, args);
            let mut matching = world.match_ix(&order, &other);
            matching.book = supplier.price_book();
            send(world, matching.instruction())
        }),
        refusal("another device's stake", E::WrongDevice, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.stake = other.stake;
            send(world, matching.instruction())
        }),
        refusal("another device's place", E::WrongDevice, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.occupancy = other.occupancy;
            send(world, matching.instruction())
        }),
        refusal("another supplier's earnings", E::WrongRecipient, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.earnings = world.earnings_of(&other, Currency::Io);
            send(world, matching.instruction())
        }),
        refusal("a currency that it does not take", E::WrongMint, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.earnings = world.earnings_of(&supplier, Currency::Usd);
            send(world, matching.instruction())
        }),
    ]
}

/// What lies on the bounds.
pub fn bounds() -> Vec<fn(&mut World) -> Outcome> {
    vec![
        |w| matching(w, |_, _| {}, |a| (a.min_tier, a.countries[7]) = (2, *b"DE")),
        |w| matching(w, |_, _| {}, |a| a.min_reputation_bps = 5_000),
        |w| {
            let floor = |w: &mut World, s: &iog_tests::Supplier| {
                w.list_device(s, 1_000_000);
            };
            matching(w, floor, |_| {})
        },
        |w| {
            let secure = |w: &mut World, s: &iog_tests::Supplier| {
                w.edit::<Device>(&s.device, |device| device.secure = 1);
            };
            matching(w, secure, |a| a.secure_only = true)
        },
        |w| {
            let proven = |w: &mut World, s: &iog_tests::Supplier| {
                w.edit::<Occupancy>(&s.occupancy, |place| place.hours_served = 16);
            };
            // (16 + 8) / (16 + 16)
            matching(w, proven, |a| a.min_reputation_bps = 7_500)
        },
    ]
}
