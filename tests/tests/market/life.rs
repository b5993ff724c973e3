//! The life of an order in IO, to the unit.

use iog_client::market::accounts::{Lease, Order, RenterStats};
use iog_client::market::events::{
    DeviceMatched, FeesCollected, LeaseAccepted, LeaseSettled, OrderCreated, OrderEndedEarly,
    OrderRefunded, OrderStarted, RefundPaid,
};
use iog_client::market::{Event, Rate};
use iog_client::{market, pda, treasury};
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage, HOUR, PAID, PRICE, SUPPLIER_FEE, WALLET};

/// Two hours, and 25 basis points of them rounded up.
const RENT: u64 = 801_603_208;
const RESERVATION: u64 = 2_004_009;
const TOTAL: u64 = 803_607_217;

const NO_RATE: Rate = Rate {
    from_ts: 0,
    price_per_gpu_hour_units: 0,
    price_usd6: 0,
};

fn bump(address: &Pubkey, seeds: &[&[u8]]) -> u8 {
    let (found, bump) = Pubkey::find_program_address(seeds, &market::ID);
    assert_eq!(found, *address);
    bump
}

#[test]
fn an_order_escrows_exactly_rent_and_fee() {
    let (mut world, _, renter) = stage();
    let wallet = renter.wallet.pubkey_of();
    let lamports = world.lamports(&wallet);
    let mut args = order_args(7, 1, 2);
    (args.max_total, args.min_tier, args.kind) = (TOTAL, 1, 2);
    (args.min_reputation_bps, args.secure_only) = (4_000, true);
    args.countries[3] = *b"DE";
    let create = world.create_order_ix(&renter, CLASS_TEST, args);
    let order = create.order;
    let meta = world.must(create.instruction(), &[&renter.wallet]);
    let created = OrderCreated {
        order,
        renter: wallet,
        class_id: CLASS_TEST,
        gpus: 1,
        hours: 2,
        price_usd6: 1_000_000,
        price_per_gpu_hour: PRICE,
        total: TOTAL,
        escrowed_before: 0,
        escrowed_after: TOTAL,
    };
    assert_eq!(market_events(&meta), [Event::OrderCreated(created)]);
    let rate = Rate {
        from_ts: 0,
        price_per_gpu_hour_units: PRICE,
        price_usd6: 1_000_000,
    };
    let expected = Order {
        renter: wallet,
        mint: world.io,
        engineer_key: Pubkey::new_from_array([7; 32]),
        image_hash: [8; 32],
        command_hash: [9; 32],
        id: 7,
        rates: [rate, NO_RATE, NO_RATE, NO_RATE],
        deposited_units: TOTAL,
        escrowed_units: TOTAL,
        paid_units: 0,
        refunded_units: 0,
        fee_units: 0,
        pending_fee_units: RESERVATION,
        refund_due_units: 0,
        created_ts: GENESIS_TS,
        expires_ts: GENESIS_TS + 1_200,
        started_ts: 0,
        end_ts: 0,
        booked_end_ts: 0,
        vacant_from_ts: 0,
        gpus: 1,
        hours: 2,
        matched_gpus: 0,
        accepted_gpus: 0,
        leases: 0,
        running_leases: 0,
        countries: args.countries,
        class_ids: [CLASS_TEST, 0, 0, 0],
        supplier_fee_bps: 25,
        dispute_secs: 0,
        min_reputation_bps: 4_000,
        min_tier: 1,
        secure_only: 1,
        kind: 2,
        currency: 0,
        rate_count: 1,
        state: 0,
        version: 1,
        bump: bump(&order, &[b"order", wallet.as_ref(), &7u64.to_le_bytes()]),
        reserved: [0; 50],
    };
    assert_eq!(world.order(&order), expected);
    assert_eq!(TOTAL, RENT + RESERVATION);
    assert_eq!(world.balance(&renter.token), WALLET - TOTAL);
    assert_eq!(world.balance(&pda::market::vault(&world.io)), TOTAL);
    assert_eq!(lamports - world.lamports(&wallet), world.rent(488) + 5_000);
}

#[test]
fn a_device_is_matched_and_starts_the_order_by_accepting() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 2));
    let keeper = world.wallet();
    let lamports = world.lamports(&keeper.pubkey_of());
    let mut matching = world.match_ix(&order, &supplier);
    matching.keeper = keeper.pubkey_of();
    let (lease, device) = (matching.lease, supplier.device);
    let meta = world.must(matching.instruction(), &[&keeper]);
    let matched = DeviceMatched {
        order,
        lease,
        device,
        gpus: 1,
    };
    assert_eq!(market_events(&meta), [Event::DeviceMatched(matched)]);
    let paid = lamports - world.lamports(&keeper.pubkey_of());
    assert_eq!(paid, world.rent(272) + 5_000);
    let mut expected = Lease {
        order,
        device,
        owner: supplier.owner.pubkey_of(),
        payer: keeper.pubkey_of(),
        matched_ts: GENESIS_TS,
        settled_until_ts: 0,
        agreed_until_ts: 0,
        held_ts: 0,
        paid_units: 0,
        refunded_units: 0,
        held_units: 0,
        held_usd6: 0,
        rule_units: 0,
        gpus: 1,
        state: 0,
        version: 1,
        bump: bump(&lease, &[b"lease", order.as_ref(), device.as_ref()]),
        reserved: [0; 57],
    };
    assert_eq!(world.lease(&order, &supplier), expected);
    let place = world.occupancy(&supplier);
    assert_eq!((place.lease, place.leases, place.hired_gpus), (lease, 0, 0));
    assert_eq!(world.order(&order).state, 1);

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
    assert_eq!(world.lease(&order, &supplier), expected);
    let place = world.occupancy(&supplier);
    assert_eq!((place.leases, place.hired_gpus), (1, 1));
    let books = world.order(&order);
    assert_eq!(
        (books.state, books.started_ts, books.end_ts),
        (2, GENESIS_TS + 100, GENESIS_TS + 7_300)
    );
    assert_eq!(books.rates[0].from_ts, GENESIS_TS + 100);
    assert_eq!(books.booked_end_ts, books.end_ts);
}

/// Five of six heartbeats pay the first hour, four of six refund the second.
#[test]
fn a_proved_hour_is_paid_and_an_unproved_one_refunded() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let lease = pda::market::lease(&order, &supplier.device);
    world.serve_hour(&[&supplier], 5);
    let meta = world.settle_lease(&order, &supplier);
    let first = LeaseSettled {
        order,
        lease,
        settled_until_ts: GENESIS_TS + HOUR,
        served: 1,
        missed: 0,
        held_before: 0,
        held_after: 0,
        paid: PAID,
        refunded: 0,
        fee: RESERVATION + SUPPLIER_FEE,
        escrowed_before: TOTAL,
        escrowed_after: PRICE,
    };
    assert_eq!(market_events(&meta), [Event::LeaseSettled(first)]);
    world.check_order_books(&order);
    let before = world.balance(&supplier.owner_token);
    world.withdraw(&supplier, Currency::Io);
    assert_eq!(world.balance(&supplier.owner_token), before + PAID);
    let meta = world.collect_fees(Currency::Io);
    let collected = FeesCollected {
        mint: world.io,
        amount: RESERVATION + SUPPLIER_FEE,
        due_before: RESERVATION + SUPPLIER_FEE,
        due_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::FeesCollected(collected)]);
    let fees = world.read::<treasury::accounts::FeeVault>(&pda::treasury::fees(&world.io));
    assert_eq!(
        (fees.booked_units, fees.collected_units),
        (3_006_014, 3_006_014)
    );

    world.serve_hour(&[&supplier], 4);
    let meta = world.settle_lease(&order, &supplier);
    let second = LeaseSettled {
        order,
        lease,
        settled_until_ts: GENESIS_TS + 2 * HOUR,
        served: 0,
        missed: 1,
        held_before: 0,
        held_after: 0,
        paid: 0,
        refunded: PRICE,
        fee: 0,
        escrowed_before: PRICE,
        escrowed_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::LeaseSettled(second)]);
    let books = world.order(&order);
    assert_eq!(
        (books.state, books.escrowed_units, books.running_leases),
        (3, 0, 0)
    );
    let place = world.occupancy(&supplier);
    assert_eq!((place.hours_served, place.hours_missed), (1, 1));
    assert_eq!((place.lease, place.hired_gpus), (Pubkey::default(), 0));
    let meta = world.refund(&order);
    let paid = RefundPaid {
        order,
        amount: PRICE,
        due_before: PRICE,
        due_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::RefundPaid(paid)]);
    assert_eq!(world.balance(&renter.token), WALLET - TOTAL + PRICE);
    world.check_order_books(&order);
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.orders, stats.gpu_minutes), (1, 60));
    assert_eq!((stats.spent_usd6, stats.points_e6), (1_000_000, 10_000_000));
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
    for meta in [
        world.close_lease(&order, &supplier),
        world.close_order(&order),
    ] {
        assert!(meta.events.is_empty(), "nothing of value moves");
    }
    assert_eq!(world.lamports(&keeper) - before.0, world.rent(272));
    assert_eq!(world.lamports(&wallet) - before.1, world.rent(488));
    for closed in [order, pda::market::lease(&order, &supplier.device)] {
        assert!(world.find(&closed).is_none());
    }
    let books = world.escrow(Currency::Io);
    assert_eq!(
        (books.deposited_units, books.escrowed_units),
        (401_803_609, 0)
    );
    assert_eq!((books.paid_units, books.fee_units), (PAID, 2_004_010));
}

/// Three hours booked, ended 5,000 s in: 96 minutes are left, billed to the full minute.
#[test]
fn an_early_end_refunds_whole_minutes_at_the_booked_rate() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.heartbeat(&supplier);
    world.set_time(GENESIS_TS + 4_300);
    world.heartbeat(&supplier);
    // The price of today changes nothing.
    world.post_price(90_000_000);
    world.set_time(GENESIS_TS + 5_000);
    let escrowed = world.escrow(Currency::Io).escrowed_units;
    let meta = world.end_early(&order, &renter);
    let refund = 641_282_566; // floor(400,801,604 * 96 / 60)
    let ended = OrderEndedEarly {
        order,
        end_ts: GENESIS_TS + 5_040,
        refunded: refund,
        escrowed_before: escrowed,
        escrowed_after: escrowed - refund,
    };
    assert_eq!(market_events(&meta), [Event::OrderEndedEarly(ended)]);
    world.check_order_books(&order);

    // 24 minutes are left to settle: two whole heartbeat intervals, both proved.
    world.set_time(GENESIS_TS + 5_040);
    let before = world.earned(&supplier);
    world.settle_lease(&order, &supplier);
    let rent = 160_320_641; // floor(400,801,604 * 24 / 60)
    let fee = 400_802; // ceil of 25 basis points
    assert_eq!(world.earned(&supplier), before + rent - fee);
    // One unit was lost to the two roundings; it goes back to the renter when the lease is closed.
    let books = world.order(&order);
    assert_eq!((books.state, books.escrowed_units), (4, 1));
    world.close_lease(&order, &supplier);
    let meta = world.refund(&order);
    let left = OrderRefunded {
        order,
        refunded: 1,
        escrowed_before: 1,
        escrowed_after: 0,
    };
    let paid = RefundPaid {
        order,
        amount: refund + 1,
        due_before: refund + 1,
        due_after: 0,
    };
    let events = [Event::OrderRefunded(left), Event::RefundPaid(paid)];
    assert_eq!(market_events(&meta), events);
    world.close_order(&order);
    world.check_escrows();
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
    world.check_order_books(&order);
    world.refund(&order);
    assert_eq!(world.balance(&renter.token), WALLET);
    world.close_lease(&order, &supplier);
    let place = world.occupancy(&supplier);
    assert_eq!((place.lease, place.hours_missed), (Pubkey::default(), 0));
    // It let 1,020 seconds pass: that counts.
    assert_eq!(place.skipped, 1);
    world.close_order(&order);
    assert!(world.find(&order).is_none());
}
