//! The life of an order, to the unit.

use iog_client::market::accounts::{Config, Escrow, Lease, Occupancy, Order};
use iog_client::market::events::{
    DeviceMatched, LeaseAccepted, LeaseSettled, OrderCreated, OrderEndedEarly, OrderRefunded,
    OrderStarted,
};
use iog_client::market::{self, Event};
use iog_client::{pda, treasury};
use iog_tests::world::{order_args, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Meta, Supplier, World};
use solana_pubkey::Pubkey;

const WALLET: u64 = 2_000_000_000_000;
/// One dollar at 0.25 USD less twice 0.1 %: 10^16 / 24,950,000, rounded up.
const PRICE: u64 = 400_801_604;
/// Two hours, and 25 basis points of them rounded up.
const RENT: u64 = 801_603_208;
const RESERVATION: u64 = 2_004_009;
const TOTAL: u64 = 803_607_217;
/// 25 basis points of one hour, rounded up, and what is left to the supplier.
const SUPPLIER_FEE: u64 = 1_002_005;
const PAID: u64 = 399_799_599;

fn stage() -> (World, Supplier, Renter) {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    (world, supplier, renter)
}

fn market_events(meta: &Meta) -> Vec<Event> {
    let ours = |event: &iog_client::Event| match event {
        iog_client::Event::Market(event) => Some(event.clone()),
        _ => None,
    };
    meta.events.iter().filter_map(ours).collect()
}

fn escrow(world: &World) -> Escrow {
    world.read::<Escrow>(&pda::market::escrow(&world.io))
}

fn bump(address: &Pubkey, seeds: &[&[u8]]) -> u8 {
    let (found, bump) = Pubkey::find_program_address(seeds, &market::ID);
    assert_eq!(found, *address);
    bump
}

#[test]
fn sizes_are_the_published_ones() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    for (account, size) in [
        (pda::market::config(), 272),
        (pda::market::escrow(&world.io), 120),
        (order, 400),
        (pda::market::lease(&order, &supplier.device), 208),
        (supplier.occupancy, 136),
    ] {
        assert_eq!(world.account(&account).data.len(), size);
    }
    let sizes = [
        Config::SIZE,
        Escrow::SIZE,
        Order::SIZE,
        Lease::SIZE,
        Occupancy::SIZE,
    ];
    assert_eq!(sizes, [272, 120, 400, 208, 136]);
}

#[test]
fn an_order_escrows_exactly_rent_and_fee() {
    let (mut world, _, renter) = stage();
    let wallet = renter.wallet.pubkey_of();
    let lamports = world.lamports(&wallet);
    let mut args = order_args(7, 1, 2);
    args.max_total = TOTAL;
    args.min_tier = 1;
    let create = world.create_order_ix(&renter, CLASS_TEST, args);
    let order = create.order;
    let meta = world.must(create.instruction(), &[&renter.wallet]);
    let created = OrderCreated {
        order,
        renter: wallet,
        class: pda::registry::class(CLASS_TEST),
        gpus: 1,
        hours: 2,
        price_per_gpu_hour: PRICE,
        total: TOTAL,
        escrowed_before: 0,
        escrowed_after: TOTAL,
    };
    assert_eq!(market_events(&meta), [Event::OrderCreated(created)]);
    let expected = Order {
        renter: wallet,
        mint: world.io,
        class: pda::registry::class(CLASS_TEST),
        engineer_key: Pubkey::new_from_array([7; 32]),
        image_hash: [8; 32],
        command_hash: [9; 32],
        id: 7,
        price_per_gpu_hour_units: PRICE,
        deposited_units: TOTAL,
        escrowed_units: TOTAL,
        paid_units: 0,
        refunded_units: 0,
        fee_units: 0,
        pending_fee_units: RESERVATION,
        created_ts: GENESIS_TS,
        expires_ts: GENESIS_TS + 1_200,
        started_ts: 0,
        end_ts: 0,
        gpus: 1,
        hours: 2,
        matched_gpus: 0,
        accepted_gpus: 0,
        leases: 0,
        unsettled_leases: 0,
        countries: [[0; 2]; 8],
        supplier_fee_bps: 25,
        min_tier: 1,
        state: 0,
        version: 1,
        bump: bump(&order, &[b"order", wallet.as_ref(), &7u64.to_le_bytes()]),
        reserved: [0; 58],
    };
    assert_eq!(world.read::<Order>(&order), expected);
    assert_eq!(TOTAL, RENT + RESERVATION);
    assert_eq!(world.balance(&renter.token), WALLET - TOTAL);
    assert_eq!(world.balance(&pda::market::vault(&world.io)), TOTAL);
    assert_eq!(lamports - world.lamports(&wallet), world.rent(400) + 5_000);
}

#[test]
fn a_device_is_matched_and_starts_the_order_by_accepting() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 2));
    let keeper = world.wallet();
    let lamports = world.lamports(&keeper.pubkey_of());
    let mut matching = world.match_ix(&order, &supplier);
    matching.keeper = keeper.pubkey_of();
    let lease = matching.lease;
    let device = supplier.device;
    let meta = world.must(matching.instruction(), &[&keeper]);
    let matched = DeviceMatched {
        order,
        lease,
        device,
        gpus: 1,
    };
    assert_eq!(market_events(&meta), [Event::DeviceMatched(matched)]);
    let paid = lamports - world.lamports(&keeper.pubkey_of());
    assert_eq!(paid, world.rent(208) + world.rent(136) + 5_000);
    let mut expected = Lease {
        order,
        device,
        owner: supplier.owner.pubkey_of(),
        payer: keeper.pubkey_of(),
        matched_ts: GENESIS_TS,
        settled_until_ts: 0,
        paid_units: 0,
        refunded_units: 0,
        gpus: 1,
        state: 0,
        version: 1,
        bump: bump(&lease, &[b"lease", order.as_ref(), device.as_ref()]),
        reserved: [0; 33],
    };
    assert_eq!(world.read::<Lease>(&lease), expected);
    let occupancy = world.read::<Occupancy>(&supplier.occupancy);
    assert_eq!(
        (occupancy.device, occupancy.lease, occupancy.leases),
        (device, lease, 1)
    );
    assert_eq!(world.read::<Order>(&order).state, 1);

    world.set_time(GENESIS_TS + 100);
    let meta = world.accept(&order, &supplier);
    let accepted = LeaseAccepted {
        order,
        lease,
        device,
    };
    let started = OrderStarted {
        order,
        started_ts: GENESIS_TS + 100,
        end_ts: GENESIS_TS + 7_300,
    };
    let events = [Event::LeaseAccepted(accepted), Event::OrderStarted(started)];
    assert_eq!(market_events(&meta), events);
    expected.state = 1;
    assert_eq!(world.read::<Lease>(&lease), expected);
    let books = world.read::<Order>(&order);
    assert_eq!(
        (books.state, books.started_ts, books.end_ts),
        (2, GENESIS_TS + 100, GENESIS_TS + 7_300)
    );
}

/// Five of six heartbeats pay the first hour, four of six refund the second.
#[test]
fn a_proved_hour_is_paid_and_an_unproved_one_refunded() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let lease = pda::market::lease(&order, &supplier.device);
    let before = world.balance(&supplier.owner_token);
    world.serve_hour(&[&supplier], 5);
    let meta = world.settle_lease(&order, &supplier);
    let first = LeaseSettled {
        order,
        lease,
        settled_until_ts: GENESIS_TS + 3_600,
        paid: PAID,
        refunded: 0,
        fee: RESERVATION + SUPPLIER_FEE,
        escrowed_before: TOTAL,
        escrowed_after: PRICE,
    };
    assert_eq!(market_events(&meta), [Event::LeaseSettled(first)]);
    assert_eq!(world.balance(&supplier.owner_token), before + PAID);
    let vault = pda::treasury::vault(&world.io);
    assert_eq!(world.balance(&vault), RESERVATION + SUPPLIER_FEE);
    let fees = world.read::<treasury::accounts::FeeVault>(&pda::treasury::fees(&world.io));
    assert_eq!(
        (fees.booked_units, fees.collected_units),
        (3_006_014, 3_006_014)
    );
    world.check_order_books(&order);

    world.serve_hour(&[&supplier], 4);
    let meta = world.settle_lease(&order, &supplier);
    let second = LeaseSettled {
        order,
        lease,
        settled_until_ts: GENESIS_TS + 7_200,
        paid: 0,
        refunded: PRICE,
        fee: 0,
        escrowed_before: PRICE,
        escrowed_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::LeaseSettled(second)]);
    assert_eq!(world.balance(&renter.token), WALLET - TOTAL + PRICE);
    let books = world.read::<Order>(&order);
    assert_eq!(
        (books.state, books.escrowed_units, books.unsettled_leases),
        (3, 0, 0)
    );
    let occupancy = world.read::<Occupancy>(&supplier.occupancy);
    assert_eq!((occupancy.hours_served, occupancy.hours_missed), (1, 1));
    assert_eq!(occupancy.lease, Pubkey::default());
    world.check_order_books(&order);
}

#[test]
fn rent_goes_back_to_who_paid_it() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let keeper = world.wallet();
    let mut matching = world.match_ix(&order, &supplier);
    matching.keeper = keeper.pubkey_of();
    world.must(matching.instruction(), &[&keeper]);
    world.accept(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let (keeper, wallet) = (keeper.pubkey_of(), renter.wallet.pubkey_of());
    let before = (world.lamports(&keeper), world.lamports(&wallet));
    let meta = world.close_lease(&order, &supplier);
    assert!(meta.events.is_empty(), "nothing of value moves");
    let meta = world.close_order(&order);
    let refunded = OrderRefunded {
        order,
        refunded: 0,
        escrowed_before: 0,
        escrowed_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::OrderRefunded(refunded)]);
    assert_eq!(world.lamports(&keeper) - before.0, world.rent(208));
    assert_eq!(world.lamports(&wallet) - before.1, world.rent(400));
    for closed in [order, pda::market::lease(&order, &supplier.device)] {
        assert!(world.find(&closed).is_none());
    }
    let books = escrow(&world);
    assert_eq!(
        (books.deposited_units, books.escrowed_units),
        (401_803_609, 0)
    );
    assert_eq!(
        (books.paid_units, books.fee_units),
        (399_799_599, 2_004_010)
    );
}

/// Three hours booked, ended 5,000 s in: 96 minutes are left, billed to the full minute.
#[test]
fn an_early_end_refunds_whole_minutes_at_the_booked_rate() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    let total = world.read::<Order>(&order).deposited_units;
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.heartbeat(&supplier);
    world.set_time(GENESIS_TS + 4_300);
    world.heartbeat(&supplier);
    // The price of today changes nothing.
    world.post_price(90_000_000);
    world.set_time(GENESIS_TS + 5_000);
    let before = (world.balance(&renter.token), escrow(&world).escrowed_units);
    let meta = world.end_early(&order, &renter);
    let refund = 641_282_566; // floor(400,801,604 * 96 / 60)
    let ended = OrderEndedEarly {
        order,
        end_ts: GENESIS_TS + 5_040,
        refunded: refund,
        escrowed_before: before.1,
        escrowed_after: before.1 - refund,
    };
    assert_eq!(market_events(&meta), [Event::OrderEndedEarly(ended)]);
    assert_eq!(world.balance(&renter.token), before.0 + refund);
    world.check_order_books(&order);

    // 24 minutes are left to settle: two whole heartbeat intervals, both proved.
    world.set_time(GENESIS_TS + 5_040);
    let before = world.balance(&supplier.owner_token);
    world.settle_lease(&order, &supplier);
    let rent = 160_320_641; // floor(400,801,604 * 24 / 60)
    let fee = 400_802; // ceil of 25 basis points
    assert_eq!(world.balance(&supplier.owner_token), before + rent - fee);
    let books = world.read::<Order>(&order);
    // One unit was lost to the two roundings; it goes back to the renter with the order.
    assert_eq!((books.state, books.escrowed_units), (4, 1));
    assert_eq!(books.deposited_units, total);
    world.close_lease(&order, &supplier);
    let before = world.balance(&renter.token);
    world.close_order(&order);
    assert_eq!(world.balance(&renter.token), before + 1);
    world.check_escrow();
    assert_eq!(world.balance(&pda::market::vault(&world.io)), 0);
}

#[test]
fn an_order_that_does_not_start_is_refunded_whole() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 2));
    world.match_device(&order, &supplier);
    world.set_time(GENESIS_TS + 1_200);
    let meta = world.expire_order(&order);
    let refunded = OrderRefunded {
        order,
        refunded: TOTAL,
        escrowed_before: TOTAL,
        escrowed_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::OrderRefunded(refunded)]);
    assert_eq!(world.balance(&renter.token), WALLET);
    world.check_order_books(&order);
    world.close_lease(&order, &supplier);
    let occupancy = world.read::<Occupancy>(&supplier.occupancy);
    assert_eq!(
        (occupancy.lease, occupancy.hours_missed),
        (Pubkey::default(), 0)
    );
    world.close_order(&order);
    assert!(world.find(&order).is_none());
}

/// Each device is settled for itself, in any order.
#[test]
fn two_devices_are_paid_each_for_its_own_hours() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 2, &[&one, &two]);
    let wallets = (
        world.balance(&one.owner_token),
        world.balance(&two.owner_token),
    );
    world.serve_hour(&[&one], 6);
    world.serve_hour(&[&one, &two], 6);
    let renter_before = world.balance(&renter.token);
    world.settle_lease(&order, &two);
    assert_eq!(world.read::<Order>(&order).state, 2);
    world.settle_lease(&order, &one);
    assert_eq!(world.read::<Order>(&order).state, 3);
    assert_eq!(world.balance(&one.owner_token), wallets.0 + 2 * PAID);
    assert_eq!(world.balance(&two.owner_token), wallets.1 + PAID);
    assert_eq!(world.balance(&renter.token), renter_before + PRICE);
    world.check_order_books(&order);
    assert_eq!(escrow(&world).escrowed_units, 0);
}
