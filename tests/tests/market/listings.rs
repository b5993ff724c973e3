//! Listings: what they open, who takes them off, and what a floor does.

use iog_client::market::accounts::Occupancy;
use iog_client::market::events::{DeviceDelisted, DeviceListed};
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_client::staking::accounts::DeviceStake;
use iog_tests::world::{
    order_args, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS,
};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::counters::counters;
use super::stage::{market_events, stage, HOUR};

#[test]
fn the_first_listing_opens_the_devices_place() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_UNPROVED, 3);
    world.stake(&supplier, 60_000_000_000);
    let lamports = world.lamports(&supplier.owner.pubkey_of());
    let meta = world.list_device(&supplier, 700_000);
    let listed = DeviceListed {
        device: supplier.device,
        gpus: 3,
        floor_usd6: 700_000,
        currencies: 7,
        online_gpus: 3,
    };
    assert_eq!(market_events(&meta), [Event::DeviceListed(listed)]);
    let place = world.occupancy(&supplier);
    let expected = Occupancy {
        device: supplier.device,
        lease: Pubkey::default(),
        slots_served: 0,
        slots_missed: 0,
        leases: 0,
        skipped: 0,
        declined: 0,
        timeouts: 0,
        disputes_lost: 0,
        floor_usd6: 700_000,
        cap_usd6: 0,
        cap_until_ts: 0,
        idle_since_ts: GENESIS_TS,
        served_until_ts: 0,
        resting_until_ts: 0,
        listed_gpus: 3,
        online_gpus: 3,
        hired_gpus: 0,
        open_leases: 0,
        decline_hour: 0,
        class_id: CLASS_UNPROVED,
        currencies: 7,
        hireable: 1,
        declines: 0,
        version: 1,
        bump: place.bump,
        reserved: [0; 45],
    };
    assert_eq!(place, expected);
    let rent = lamports - world.lamports(&supplier.owner.pubkey_of());
    assert_eq!(rent, world.rent(248) + 5_000);
    // Again is another floor, and counts nothing twice.
    world.advance(10);
    world.list_device(&supplier, 800_000);
    let place = world.occupancy(&supplier);
    assert_eq!((place.floor_usd6, place.listed_gpus), (800_000, 3));
    assert_eq!(place.idle_since_ts, GENESIS_TS);
    assert_eq!(counters(&world, CLASS_UNPROVED), (3, 0));
    let meta = world.delist_device(&supplier);
    let delisted = DeviceDelisted {
        device: supplier.device,
        online_gpus: 0,
    };
    assert_eq!(market_events(&meta), [Event::DeviceDelisted(delisted)]);
    assert_eq!(counters(&world, CLASS_UNPROVED), (0, 0));
}

/// Each state in which a stranger may take a device off the market.
#[test]
fn anyone_takes_off_what_may_not_be_listed() {
    let (mut world, supplier, _) = stage();
    world.make_ready(&supplier);
    type Prepare = fn(&mut World, &Supplier);
    let cases: [(&str, Prepare); 7] = [
        ("paused", |world, s| {
            world.set_device_state(s, 1);
        }),
        ("terminated", |world, s| {
            world.set_device_state(s, 2);
        }),
        ("unstaking", |world, s| {
            let request = world.unstake_ix(s).instruction();
            world.must(request, &[&s.owner]);
        }),
        ("its stake withdrawn", |world, s| {
            let request = world.unstake_ix(s).instruction();
            world.must(request, &[&s.owner]);
            world.advance(1_209_600);
            let withdraw = world.withdraw_ix(s).instruction();
            world.must(withdraw, &[&s.owner]);
            assert!(world.find(&s.stake).is_none());
        }),
        ("silent for more than six hours", |world, _| {
            world.advance(6 * HOUR);
        }),
        ("without a proof for more than a day", |world, s| {
            world.advance(25 * HOUR);
            world.heartbeat(s);
        }),
        ("resting", |world, s| {
            let until = world.now() + 1;
            world.edit::<Occupancy>(&s.occupancy, |place| place.resting_until_ts = until);
        }),
    ];
    let stranger = world.wallet();
    let delist = world.delist_device_ix(&stranger.pubkey_of(), &supplier);
    world.refuses(E::ListingStands, delist.instruction(), &[&stranger]);
    for (what, prepare) in cases {
        let mut world = world.clone();
        prepare(&mut world, &supplier);
        let outcome = world.send(&[delist.instruction()], &[&stranger]);
        assert!(outcome.is_ok(), "{what}: {outcome:?}");
        assert_eq!(counters(&world, CLASS_TEST), (0, 0), "{what}");
    }
}

/// Whom a stranger took off lists itself again when it can be hired, on the owner's terms; whom the owner took off does not.
#[test]
fn a_device_lists_itself_again() {
    let (mut world, supplier, _) = stage();
    world.list_device(&supplier, 900_000);
    world.advance(7 * HOUR);
    let stranger = world.wallet();
    let delist = world.delist_device_ix(&stranger.pubkey_of(), &supplier);
    world.must(delist.instruction(), &[&stranger]);
    let payer = world.authority.insecure_clone();
    let relist = world.relist_device_ix(&supplier).instruction();
    let signers = [&payer, &supplier.device_key];
    world.refuses(E::DeviceStale, relist.clone(), &signers);
    world.mark_passed(&supplier);
    world.heartbeat(&supplier);
    world.relist_device(&supplier);
    let place = world.occupancy(&supplier);
    assert_eq!((place.floor_usd6, place.currencies), (900_000, 7));
    assert_eq!(counters(&world, CLASS_TEST), (1, 0));
    world.delist_device(&supplier);
    assert_eq!(world.occupancy(&supplier).currencies, 0);
    world.refuses(E::NotListed, relist, &signers);
}

/// The address of the stake is fixed: an empty account in its place does not take a good device off.
#[test]
fn a_missing_stake_cannot_be_pretended() {
    let (mut world, supplier, renter) = stage();
    world.make_ready(&supplier);
    let stranger = renter.wallet.pubkey_of();
    let mut delist = world.delist_device_ix(&stranger, &supplier);
    delist.stake = world.address();
    assert!(world
        .send(&[delist.instruction()], &[&renter.wallet])
        .is_err());
    let other = world.registered(CLASS_TEST, 1);
    let mut delist = world.delist_device_ix(&stranger, &supplier);
    delist.stake = pda::staking::stake(&other.device);
    assert!(world
        .send(&[delist.instruction()], &[&renter.wallet])
        .is_err());
    assert_eq!(
        world.read::<DeviceStake>(&supplier.stake).device,
        supplier.device
    );
    assert_eq!(counters(&world, CLASS_TEST), (1, 0));
}

/// The floor is the owner's: an order that pays exactly it may have the device, and a running lease keeps its price.
#[test]
fn a_floor_is_inclusive_and_binds_new_matches_only() {
    let (mut world, supplier, renter) = stage();
    world.list_device(&supplier, 1_000_000);
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.list_device(&supplier, 5_000_000);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), super::stage::PAID);
}

/// An alternative is paid its own class's quote where that is lower, and its owner's floor is compared with that.
#[test]
fn an_alternative_is_paid_its_own_price() {
    let (mut world, _, renter) = stage();
    let other = world.supplier(CLASS_COMMUNITY);
    let mut args = order_args(1, 1, 1);
    args.parts[1].class_id = CLASS_COMMUNITY;
    world.list_device(&other, 400_001);
    world.make_ready(&other);
    let order = world.book(&renter, CLASS_TEST, args);
    let matching = world.match_ix(&order, &other).instruction();
    world.refuses(E::PriceBelowFloor, matching, &[&renter.wallet]);
    world.list_device(&other, 400_000);
    world.match_device(&order, &other);
    world.accept(&order, &other);
    let lease = world.lease(&order, &other);
    assert_eq!((lease.pay_usd6, lease.part_usd6), (400_000, 1_000_000));
    world.serve_hour(&[&other], 6);
    world.wind_up(&order, &[&other]);
    // floor(400,801,604 * 0.4), less 25 basis points, 400,801.6.
    assert_eq!(world.earned(&other), 160_320_641 - 400_802);
    let spent = 160_320_641 + 400_801;
    assert_eq!(world.balance(&renter.token), super::stage::WALLET - spent);
    world.check_escrows();
}

/// A device that a registry's change of state stopped may be listed again once it resumes.
#[test]
fn a_listing_survives_a_pause_and_ends_with_a_delisting() {
    let (mut world, supplier, renter) = stage();
    world.set_device_state(&supplier, 1);
    world.set_device_state(&supplier, 0);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.match_device(&order, &supplier);
    world.delist_device(&supplier);
    // The match stands: it was made while the device was listed.
    world.accept(&order, &supplier);
    assert_eq!(counters(&world, CLASS_TEST), (0, 0));
    assert_eq!(world.occupancy(&supplier).leases, 1);
}
