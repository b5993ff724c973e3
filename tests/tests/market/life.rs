//! The life of an order in IO, to the unit.

use iog_client::market::accounts::RenterStats;
use iog_client::market::events::{
    FeesCollected, LeaseSettled, OrderEndedEarly, OrderRefunded, RefundPaid,
};
use iog_client::market::Event;
use iog_client::{pda, treasury};
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage, HOUR, PAID, PRICE, SUPPLIER_FEE, WALLET};

/// Two hours, and 25 basis points of them rounded up.
const RESERVATION: u64 = 2_004_009;
const TOTAL: u64 = 803_607_217;

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
