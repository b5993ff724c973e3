//! What a class's utilisation is made of.

use iog_client::market::MarketError as E;
use iog_client::registry::accounts::Device;
use iog_tests::world::{PubkeyOf, CLASS_TEST};

use super::stage::{book, run, stage, suppliers, HOUR};

/// audit: market M7, redteam 9a. A device that asks for more than the base price cannot be hired at it: it counts, in both, only while it
/// serves.
#[test]
fn what_cannot_be_hired_at_the_base_price_is_not_online() {
    let (mut world, first, renter) = stage(0);
    let dear = suppliers(&mut world, 1).remove(0);
    let counts = |world: &iog_tests::World| {
        let book = world.price_book(CLASS_TEST);
        (book.online_gpus, book.hired_gpus)
    };
    assert_eq!(counts(&world), (2, 0));
    for floor in [u64::MAX, 1_000_001] {
        world.list_device(&dear, floor);
        assert_eq!(counts(&world), (1, 0), "{floor}");
    }
    run(&mut world, &renter, 1, 20, &[&first]);
    assert_eq!(counts(&world), (1, 1));
    world.advance(100_000 - 1);
    let quoted = world.price_book(CLASS_TEST);
    assert_eq!((quoted.online_gpus, quoted.hired_gpus), (1, 1));
    // It follows by a basis point in 10 s: to the whole of it in 100,000 s.
    world.list_device(&dear, u64::MAX);
    world.delist_device(&dear);
    assert_eq!(counts(&world), (1, 1));
    world.list_device(&dear, 1_000_000);
    assert_eq!(world.price_book(CLASS_TEST).utilisation_bps, 9_999);
}

/// audit: market M7. Acceptances of an order that does not start count for nothing; with the start the last device counts at once, the
/// others with their first settlement.
#[test]
fn hired_is_what_serves() {
    let (mut world, first, renter) = stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    let hired = |world: &iog_tests::World| world.price_book(CLASS_TEST).hired_gpus;
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    world.match_device(&order, &second);
    world.accept(&order, &first);
    assert_eq!(hired(&world), 0);
    let mut cancelled = world.clone();
    cancelled.cancel_order(&order, &renter);
    cancelled.close_lease(&order, &first);
    assert_eq!(hired(&cancelled), 0);
    world.accept(&order, &second);
    assert_eq!(hired(&world), 1);
    world.settle_lease(&order, &first);
    assert_eq!(hired(&world), 2);
    let again = world.settle_lease_ix(&order, &first).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, again, &[&keeper]);
    world.serve_hour(&[&first, &second], 6);
    world.wind_up(&order, &[&first, &second]);
    assert_eq!(hired(&world), 0);
}

/// redteam 9b. Anyone takes an idle device off the market that rests, is silent for 6 hours, or has passed no proof for 24; its own key
/// lists it again when it can be hired, at its owner's floor.
#[test]
fn stale_devices_are_taken_off_the_market() {
    let (mut world, supplier, _) = stage(0);
    world.advance(40 * HOUR);
    let stranger = world.wallet();
    let hour = u64::from(world.hour());
    let fresh = |world: &mut iog_tests::World| {
        let (now, slot) = (world.now(), world.slot());
        world.edit::<Device>(&supplier.device, |device| {
            device.last_pass_epoch = hour;
            (device.last_sign_ts, device.last_sign_slot) = (now, slot);
        });
    };
    fresh(&mut world);
    world.list_device(&supplier, 700_000);
    let delist = world
        .delist_device_ix(&stranger.pubkey_of(), &supplier)
        .instruction();
    world.refuses(E::ListingStands, delist.clone(), &[&stranger]);
    let now = world.now();
    type Case<'a> = (&'static str, Box<dyn Fn(&mut iog_tests::World) + 'a>);
    let cases: [Case; 3] = [
        (
            "rests",
            Box::new(|world| {
                let until = world.now() + 60;
                world.edit::<iog_client::market::accounts::Occupancy>(
                    &supplier.occupancy,
                    |place| {
                        place.resting_until_ts = until;
                    },
                );
            }),
        ),
        (
            "silent",
            Box::new(|world| {
                world.edit::<Device>(&supplier.device, |device| {
                    device.last_sign_ts = now - 21_601
                });
            }),
        ),
        (
            "unproved",
            Box::new(|world| {
                world.edit::<Device>(&supplier.device, |device| {
                    device.last_pass_epoch = hour - 25
                });
            }),
        ),
    ];
    for (what, make) in cases {
        let mut world = world.clone();
        make(&mut world);
        world.must(delist.clone(), &[&stranger]);
        assert_eq!(world.price_book(CLASS_TEST).online_gpus, 0, "{what}");
        let relist = world.relist_device_ix(&supplier).instruction();
        let keys = super::stage::device_signs(&world, &supplier);
        world.refuses(E::DeviceStale, relist, &[&keys[0], &keys[1]]);
        world.advance(61);
        fresh(&mut world);
        world.relist_device(&supplier);
        let place = world.occupancy(&supplier);
        assert_eq!(
            (place.listed_gpus, place.floor_usd6),
            (1, 700_000),
            "{what}"
        );
    }
}

/// redteam 9b. What its owner took off the market its key does not list again.
#[test]
fn the_owners_word_stands() {
    let (mut world, supplier, _) = stage(0);
    world.delist_device(&supplier);
    let relist = world.relist_device_ix(&supplier).instruction();
    let keys = super::stage::device_signs(&world, &supplier);
    world.refuses(E::NotListed, relist, &[&keys[0], &keys[1]]);
}

/// audit: market M1. Listing lifts no rest: a device that gives no answer blocks no order after order.
#[test]
fn listing_lifts_no_rest() {
    let (mut world, supplier, renter) = stage(0);
    let order = book(&mut world, &renter, 1, 1, 1);
    world.match_device(&order, &supplier);
    world.advance(91);
    world.skip_device(&order, &supplier);
    world.list_device(&supplier, 0);
    let next = book(&mut world, &renter, 2, 1, 1);
    let matched = world.match_ix(&next, &supplier).instruction();
    world.refuses(E::DeviceRests, matched, &[&renter.wallet]);
}

/// redteam 9c. Hiring one's own devices moves the price slowly: 40 % of utilisation take 40,000 s, 11 hours, and fees all along.
#[test]
fn own_hires_move_the_price_slowly() {
    let (mut world, first, renter) = stage(0);
    world.make_ready(&first);
    run(&mut world, &renter, 1, 24, &[&first]);
    let at = |world: &iog_tests::World, secs: i64| {
        let mut world = world.clone();
        world.advance(secs);
        world.list_device(&first, 1);
        world.delist_device(&first);
        world.price_book(CLASS_TEST).utilisation_bps
    };
    for (secs, bps) in [(9, 0), (10, 1), (40_000, 4_000), (80_000, 8_000)] {
        assert_eq!(at(&world, secs), bps, "{secs}");
    }
}
