//! Devices that an order does not get.

use iog_client::market::accounts::Occupancy;
use iog_client::market::MarketError as E;
use iog_client::registry::accounts::Device;
use iog_tests::world::{class_args, order_args, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::{refusal, Case, Outcome, Supplier, World};

use super::super::stage::send;
use super::{matches, matching, stage};

pub fn cases() -> Vec<Case> {
    let mut all = constraints();
    all.extend(alive());
    all.extend(super::priced::cases());
    all.extend(super::places::cases());
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
        refusal("listed for dollars only", E::CurrencyNotTaken, |world| {
            let dollars = |w: &mut World, s: &Supplier| {
                let mut list = w.list_device_ix(s, 0);
                list.args.currencies = 0b010;
                w.must(list.instruction(), &[&s.owner]);
            };
            matching(world, dollars, |_| {})
        }),
        refusal("a tier too low", E::TierTooLow, |w| {
            matching(w, |_, _| {}, |args| args.min_tier = 3)
        }),
        refusal("a tier of 180 days ago", E::TierTooLow, |world| {
            let aged = |w: &mut World, _: &Supplier| w.advance(15_552_001);
            matching(world, aged, |args| args.min_tier = 2)
        }),
        refusal("a country not named", E::CountryNotAllowed, |w| {
            matching(w, |_, _| {}, |args| args.countries[7] = *b"FR")
        }),
        refusal("a device of another owner", E::OwnerNotAsked, |w| {
            matching(w, |_, _| {}, |args| args.owner = args.receipt_key)
        }),
        refusal("a device that is not secure", E::NotSecure, |w| {
            matching(w, |_, _| {}, |args| args.secure_only = true)
        }),
        refusal("an unknown platform", E::PlatformNotAsked, |w| {
            matching(w, |_, _| {}, |args| args.platform = 1)
        }),
        refusal("a new device's reputation", E::ReputationTooLow, |w| {
            matching(w, |_, _| {}, |args| args.min_reputation_bps = 5_001)
        }),
        refusal("a device that let a match pass", E::DeviceRests, |world| {
            let (supplier, renter) = stage(world);
            let first = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&first, &supplier);
            world.advance(91);
            world.skip_device(&first, &supplier);
            matches(world, &first, &supplier)
        }),
        refusal("a device that declined", E::DeviceBarred, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &supplier);
            world.decline(&order, &supplier);
            matches(world, &order, &supplier)
        }),
        refusal("a stake below a raised minimum", E::NotStaked, |world| {
            let mut class = class_args(CLASS_TEST);
            class.multiplier_x100 = 101;
            matching(world, |w, _| w.update_class(class), |_| {})
        }),
        refusal("a stake on its way out", E::NotStaked, |world| {
            let leave = |w: &mut World, s: &Supplier| {
                let request = w.unstake_ix(s).instruction();
                w.must(request, &[&s.owner]);
            };
            matching(world, leave, |_| {})
        }),
    ]
}

/// Matches a device as it is.
fn as_it_is(world: &mut World, change: impl FnOnce(&mut World, &Supplier)) -> Outcome {
    let (supplier, renter) = stage(world);
    change(world, &supplier);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&order, &supplier).instruction();
    world.send(&[matching], &[&renter.wallet])
}

fn alive() -> Vec<Case> {
    vec![
        refusal("never a sign of life", E::NoSignOfLife, |world| {
            as_it_is(world, |w, s| w.mark_passed(s))
        }),
        refusal("alive the hour before last", E::NoSignOfLife, |world| {
            as_it_is(world, |w, s| {
                w.mark_passed(s);
                w.heartbeat(s);
                w.advance(7_200);
            })
        }),
        refusal("never proved", E::NotProved, |world| {
            as_it_is(world, |w, s| w.heartbeat(s))
        }),
        refusal("proved four hours ago", E::NotProved, |world| {
            as_it_is(world, |w, s| {
                w.mark_passed(s);
                w.advance(4 * 3_600);
                w.heartbeat(s);
            })
        }),
        refusal("four failures in 12 hours", E::TooManyFailures, |world| {
            as_it_is(world, |w, s| {
                w.make_ready(s);
                let epoch = u64::from(w.hour());
                w.edit::<Device>(&s.device, |device| {
                    // This hour, the two before it and eleven hours ago.
                    (device.last_fail_epoch, device.fail_bits) = (epoch, 0b1000_0000_0111);
                });
            })
        }),
    ]
}

/// What lies on the bounds.
pub fn bounds() -> Vec<fn(&mut World) -> Outcome> {
    vec![
        |w| matching(w, |_, _| {}, |a| (a.min_tier, a.countries[7]) = (2, *b"DE")),
        |w| matching(w, |_, _| {}, |a| a.min_reputation_bps = 5_000),
        |w| {
            let arm = |w: &mut World, s: &Supplier| {
                w.set_platform(s, 2).unwrap();
            };
            matching(w, arm, |a| a.platform = 2)
        },
        |w| {
            let floor = |w: &mut World, s: &Supplier| {
                w.list_device(s, 1_000_000);
            };
            matching(w, floor, |_| {})
        },
        |w| {
            let secure = |w: &mut World, s: &Supplier| {
                w.edit::<Device>(&s.device, |device| device.secure = 1);
            };
            matching(w, secure, |a| a.secure_only = true)
        },
        |w| {
            let proven = |w: &mut World, s: &Supplier| {
                w.edit::<Occupancy>(&s.occupancy, |place| place.slots_served = 96);
            };
            // (96 + 48) / (96 + 96)
            matching(w, proven, |a| a.min_reputation_bps = 7_500)
        },
        // The hour before, to its first second, and three hours since the pass.
        |w| {
            as_it_is(w, |w, s| {
                w.mark_passed(s);
                w.advance(2 * 3_600);
                w.heartbeat(s);
                w.advance(2 * 3_600 - 1);
            })
        },
        |w| {
            as_it_is(w, |w, s| {
                w.make_ready(s);
                let epoch = u64::from(w.hour());
                w.edit::<Device>(&s.device, |device| {
                    // Four, of which one was 12 hours ago.
                    (device.last_fail_epoch, device.fail_bits) = (epoch, 0b1_0000_0000_0111);
                });
            })
        },
        |w| {
            let renter = w.renter();
            let machine = w.cluster(CLASS_UNPROVED, 4);
            let mut args = order_args(1, 4, 1);
            args.parts[0].per_machine = 4;
            let order = w.book(&renter, CLASS_UNPROVED, args);
            matches(w, &order, &machine)
        },
        // A keeper when the renter's 30 seconds are over.
        |w| {
            let (supplier, renter) = stage(w);
            let order = w.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            w.advance(30);
            w.make_ready(&supplier);
            let matching = w.match_ix(&order, &supplier).instruction();
            send(w, matching)
        },
    ]
}
