//! What the market refuses of devices and leases: every pair of accounts that do not belong together.

use iog_client::market::accounts::Escrow;
use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{class_args, order_args, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{refusal, Case, Supplier, World};
use solana_pubkey::Pubkey;

use super::refusals::{create, matching, send, stage};

pub fn match_errors() -> Vec<Case> {
    vec![
        refusal("a paused device", E::DeviceNotActive, |world| {
            matching(
                world,
                |world, supplier| {
                    world.set_device_state(supplier, 1);
                },
                |_| {},
            )
        }),
        refusal("a tier too low", E::TierTooLow, |world| {
            matching(world, |_, _| {}, |args| args.min_tier = 3)
        }),
        refusal("a country not named", E::CountryNotAllowed, |world| {
            matching(world, |_, _| {}, |args| args.countries[7] = *b"FR")
        }),
        refusal("a stake on its way out", E::NotStaked, |world| {
            matching(
                world,
                |world, supplier| {
                    let request = world.unstake_ix(supplier).instruction();
                    world.must(request, &[&supplier.owner]);
                },
                |_| {},
            )
        }),
        refusal("a stake below a raised minimum", E::NotStaked, |world| {
            let mut class = class_args(CLASS_TEST);
            class.multiplier_x100 = 101;
            matching(world, |world, _| world.update_class(class), |_| {})
        }),
        refusal("a device in another lease", E::DeviceHired, |world| {
            let (supplier, renter) = stage(world);
            world.running(&renter, 1, 1, &[&supplier]);
            let second = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            let matching = world.match_ix(&second, &supplier).instruction();
            send(world, matching)
        }),
        refusal("more GPUs than are needed", E::TooManyGpus, |world| {
            let renter = world.renter();
            let supplier = world.registered(CLASS_TEST, 2);
            world.stake(&supplier, 40_000_000_000);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let matching = world.match_ix(&order, &supplier).instruction();
            send(world, matching)
        }),
        refusal("a device of another class", E::WrongClass, |world| {
            let (_, renter) = stage(world);
            let other = world.supplier(CLASS_COMMUNITY);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let matching = world.match_ix(&order, &other).instruction();
            send(world, matching)
        }),
        refusal(
            "the order's class for a device of another",
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
        refusal("another device's stake", E::WrongDevice, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let mut matching = world.match_ix(&order, &supplier);
            matching.stake = other.stake;
            send(world, matching.instruction())
        }),
        refusal("the order is full", E::OrderNotOpen, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            let matching = world.match_ix(&order, &other).instruction();
            send(world, matching)
        }),
        refusal("the second of expiry", E::OrderExpired, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.set_time(world.now() + 1_200);
            let matching = world.match_ix(&order, &supplier).instruction();
            send(world, matching)
        }),
    ]
}

/// Two orders that run on two devices of two suppliers for two renters.
struct Pairs {
    orders: [Pubkey; 2],
    suppliers: [Supplier; 2],
    renters: [Renter; 2],
}

fn pairs(world: &mut World) -> Pairs {
    let suppliers = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renters = [(); 2].map(|()| world.renter());
    let orders = [0, 1].map(|n| world.running(&renters[n], 1, 2, &[&suppliers[n]]));
    world.serve_hour(&[&suppliers[0], &suppliers[1]], 6);
    Pairs {
        orders,
        suppliers,
        renters,
    }
}

pub fn pair_errors() -> Vec<Case> {
    vec![
        refusal("a stranger accepts", E::NotDeviceKey, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &supplier);
            let mut accept = world.accept_ix(&order, &supplier);
            accept.device_key = renter.wallet.pubkey_of();
            world.send(&[accept.instruction()], &[&renter.wallet])
        }),
        refusal(
            "the lease of another device is accepted",
            E::WrongDevice,
            |world| {
                let (one, renter) = stage(world);
                let two = world.supplier(CLASS_TEST);
                let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
                world.match_device(&order, &one);
                let mut accept = world.accept_ix(&order, &two);
                accept.lease = pda::market::lease(&order, &one.device);
                let payer = world.authority.insecure_clone();
                world.send(&[accept.instruction()], &[&payer, &two.device_key])
            },
        ),
        refusal("accepted into another order", E::WrongOrder, |world| {
            let (one, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            let other = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            world.match_device(&order, &one);
            let mut accept = world.accept_ix(&order, &one);
            accept.order = other;
            let payer = world.authority.insecure_clone();
            world.send(&[accept.instruction()], &[&payer, &one.device_key])
        }),
        refusal("accepted twice", E::LeaseNotMatched, |world| {
            let (one, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&one]);
            let accept = world.accept_ix(&order, &one).instruction();
            let payer = world.authority.insecure_clone();
            world.send(&[accept], &[&payer, &one.device_key])
        }),
        refusal("another order's lease is settled", E::WrongOrder, |world| {
            let all = pairs(world);
            let mut settle = world.settle_lease_ix(&all.orders[0], &all.suppliers[0]);
            settle.order = all.orders[1];
            send(world, settle.instruction())
        }),
        refusal(
            "settled by another device's heartbeats",
            E::WrongDevice,
            |world| {
                let all = pairs(world);
                let mut settle = world.settle_lease_ix(&all.orders[0], &all.suppliers[0]);
                settle.device = all.suppliers[1].device;
                send(world, settle.instruction())
            },
        ),
        refusal(
            "settled against another's occupancy",
            E::WrongDevice,
            |world| {
                let all = pairs(world);
                let mut settle = world.settle_lease_ix(&all.orders[0], &all.suppliers[0]);
                settle.occupancy = all.suppliers[1].occupancy;
                send(world, settle.instruction())
            },
        ),
        refusal("paid to another supplier", E::WrongRecipient, |world| {
            let all = pairs(world);
            let mut settle = world.settle_lease_ix(&all.orders[0], &all.suppliers[0]);
            settle.supplier_token = all.suppliers[1].owner_token;
            send(world, settle.instruction())
        }),
        refusal("refunded to another renter", E::WrongRecipient, |world| {
            let all = pairs(world);
            let mut settle = world.settle_lease_ix(&all.orders[0], &all.suppliers[0]);
            settle.renter_token = all.renters[1].token;
            send(world, settle.instruction())
        }),
        refusal("another renter ends it", E::NotRenter, |world| {
            let all = pairs(world);
            let mut end = world.end_early_ix(&all.orders[0]);
            end.renter = all.renters[1].wallet.pubkey_of();
            end.renter_token = all.renters[1].token;
            world.send(&[end.instruction()], &[&all.renters[1].wallet])
        }),
        refusal("ended to another's account", E::WrongRecipient, |world| {
            let all = pairs(world);
            let mut end = world.end_early_ix(&all.orders[0]);
            end.renter_token = all.renters[1].token;
            world.send(&[end.instruction()], &[&all.renters[0].wallet])
        }),
    ]
}

pub fn closing_errors() -> Vec<Case> {
    vec![
        refusal("settled twice", E::NothingToSettle, |world| {
            let all = pairs(world);
            world.settle_lease(&all.orders[0], &all.suppliers[0]);
            let again = world.settle_lease_ix(&all.orders[0], &all.suppliers[0]);
            send(world, again.instruction())
        }),
        refusal("settled before the start", E::OrderNotActive, |world| {
            let (one, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.match_device(&order, &one);
            let settle = world.settle_lease_ix(&order, &one).instruction();
            send(world, settle)
        }),
        refusal("a lease closed at work", E::LeaseNotSettled, |world| {
            let all = pairs(world);
            let close = world.close_lease_ix(&all.orders[0], &all.suppliers[0]);
            send(world, close.instruction())
        }),
        refusal(
            "a lease closed with another order",
            E::WrongOrder,
            |world| {
                let all = pairs(world);
                let mut close = world.close_lease_ix(&all.orders[0], &all.suppliers[0]);
                close.order = all.orders[1];
                send(world, close.instruction())
            },
        ),
        refusal(
            "a lease closed with another occupancy",
            E::WrongDevice,
            |world| {
                let all = pairs(world);
                let mut close = world.close_lease_ix(&all.orders[0], &all.suppliers[0]);
                close.occupancy = all.suppliers[1].occupancy;
                send(world, close.instruction())
            },
        ),
        refusal("the lease's rent to another", E::WrongRecipient, |world| {
            let all = pairs(world);
            let mut close = world.close_lease_ix(&all.orders[0], &all.suppliers[0]);
            close.payer = all.renters[0].wallet.pubkey_of();
            send(world, close.instruction())
        }),
        refusal("an order closed at work", E::OrderNotFinished, |world| {
            let all = pairs(world);
            let close = world.close_order_ix(&all.orders[0]).instruction();
            send(world, close)
        }),
        refusal("the order's rent to another", E::NotRenter, |world| {
            let all = pairs(world);
            let mut close = world.close_order_ix(&all.orders[0]);
            close.renter = all.renters[1].wallet.pubkey_of();
            send(world, close.instruction())
        }),
        refusal(
            "a second too early to expire",
            E::OrderNotExpired,
            |world| {
                let (_, renter) = stage(world);
                let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
                world.set_time(world.now() + 1_199);
                let expire = world.expire_ix(&order).instruction();
                send(world, expire)
            },
        ),
        refusal("expired to another's account", E::WrongRecipient, |world| {
            let (_, renter) = stage(world);
            let other = world.renter();
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.set_time(world.now() + 1_200);
            let mut expire = world.expire_ix(&order);
            expire.renter_token = other.token;
            send(world, expire.instruction())
        }),
        refusal("books beyond 64 bits", E::MathOverflow, |world| {
            let escrow = pda::market::escrow(&world.io);
            world.edit::<Escrow>(&escrow, |books| books.deposited_units = u64::MAX);
            create(world, |_| {})
        }),
    ]
}
