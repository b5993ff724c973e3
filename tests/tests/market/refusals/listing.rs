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

pub fn cases() -> Vec<Case> {
    vec![
        refusal("a stranger lists a device", E::NotOwner, |world| {
            let (supplier, renter) = stage(world);
            let mut list = world.list_device_ix(&supplier, 0);
            list.owner = renter.wallet.pubkey_of();
            world.send(&[list.instruction()], &[&renter.wallet])
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
        refusal(
            "a stranger takes a good device off",
            E::ListingStands,
            |world| {
                let (supplier, renter) = stage(world);
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
