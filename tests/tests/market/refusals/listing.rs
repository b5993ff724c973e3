//! Devices that are not listed, and listings that stand.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{PubkeyOf, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

use super::stage;

/// Lists a device that is wrong in one way.
fn listing(world: &mut World, change: impl FnOnce(&mut World, &iog_tests::Supplier)) -> Outcome {
    let supplier = world.supplier(CLASS_TEST);
    change(world, &supplier);
    let list = world.list_device_ix(&supplier, 0).instruction();
    world.send(&[list], &[&supplier.owner])
}

/// Lists a device in these currencies.
fn in_currencies(world: &mut World, currencies: u8) -> Outcome {
    let supplier = world.supplier(CLASS_TEST);
    let mut list = world.list_device_ix(&supplier, 0);
    list.args.currencies = currencies;
    world.send(&[list.instruction()], &[&supplier.owner])
}

pub fn cases() -> Vec<Case> {
    let mut all = listings();
    all.extend(delistings());
    all
}

fn listings() -> Vec<Case> {
    vec![
        refusal("a stranger lists a device", E::NotOwner, |world| {
            let (supplier, renter) = stage(world);
            let mut list = world.list_device_ix(&supplier, 0);
            list.owner = renter.wallet.pubkey_of();
            world.send(&[list.instruction()], &[&renter.wallet])
        }),
        refusal("listed in no currency", E::InvalidCurrencies, |w| {
            in_currencies(w, 0)
        }),
        refusal("listed in a fourth currency", E::InvalidCurrencies, |w| {
            in_currencies(w, 0b1001)
        }),
        refusal("a paused device is listed", E::DeviceNotActive, |w| {
            listing(w, |w, s| {
                w.set_device_state(s, 1);
            })
        }),
        refusal("a device without its stake is listed", E::NotStaked, |w| {
            listing(w, |w, s| {
                let request = w.unstake_ix(s).instruction();
                w.must(request, &[&s.owner]);
            })
        }),
        refusal(
            "listed by another device's stake",
            E::WrongDevice,
            |world| {
                let one = world.supplier(CLASS_TEST);
                let two = world.sibling(&one);
                let mut list = world.list_device_ix(&one, 0);
                list.stake = two.stake;
                world.send(&[list.instruction()], &[&one.owner])
            },
        ),
        refusal("listed in another class's book", E::WrongClass, |world| {
            let supplier = world.supplier(CLASS_TEST);
            let mut list = world.list_device_ix(&supplier, 0);
            list.book = pda::market::price_book(CLASS_COMMUNITY);
            world.send(&[list.instruction()], &[&supplier.owner])
        }),
        refusal("a stranger lists again", E::NotDeviceKey, |world| {
            let (supplier, renter) = stage(world);
            world.make_ready(&supplier);
            let mut relist = world.relist_device_ix(&supplier);
            relist.device_key = renter.wallet.pubkey_of();
            world.send(&[relist.instruction()], &[&renter.wallet])
        }),
        refusal("a silent device lists again", E::DeviceStale, |world| {
            let (supplier, renter) = stage(world);
            let relist = world.relist_device_ix(&supplier).instruction();
            world.send(&[relist], &[&renter.wallet, &supplier.device_key])
        }),
        refusal("listed again against its owner", E::NotListed, |world| {
            let (supplier, renter) = stage(world);
            world.make_ready(&supplier);
            world.delist_device(&supplier);
            let relist = world.relist_device_ix(&supplier).instruction();
            world.send(&[relist], &[&renter.wallet, &supplier.device_key])
        }),
    ]
}

fn delistings() -> Vec<Case> {
    vec![
        refusal(
            "a stranger takes a good device off",
            E::ListingStands,
            |world| {
                let (supplier, renter) = stage(world);
                world.make_ready(&supplier);
                let delist = world.delist_device_ix(&renter.wallet.pubkey_of(), &supplier);
                world.send(&[delist.instruction()], &[&renter.wallet])
            },
        ),
        refusal(
            "a stranger takes a silent device at work off",
            E::ListingStands,
            |world| {
                let (supplier, renter) = stage(world);
                world.running(&renter, 1, 30, &[&supplier]);
                world.advance(7 * 3_600);
                let delist = world.delist_device_ix(&renter.wallet.pubkey_of(), &supplier);
                world.send(&[delist.instruction()], &[&renter.wallet])
            },
        ),
        refusal("taken off twice", E::NotListed, |world| {
            let supplier = world.supplier(CLASS_TEST);
            world.delist_device(&supplier);
            let delist = world.delist_device_ix(&supplier.owner.pubkey_of(), &supplier);
            world.send(&[delist.instruction()], &[&supplier.owner])
        }),
        refusal("another device is taken off", E::WrongDevice, |world| {
            let one = world.supplier(CLASS_TEST);
            let two = world.supplier(CLASS_TEST);
            let mut delist = world.delist_device_ix(&one.owner.pubkey_of(), &one);
            delist.occupancy = two.occupancy;
            world.send(&[delist.instruction()], &[&one.owner])
        }),
    ]
}
