//! The life of an order in IO, to the unit.

use iog_client::market::accounts::RenterStats;
use iog_client::market::events::{
    FeesCollected, LeaseSettled, OrderEndedEarly, OrderRefunded, RefundPaid,
};
use iog_client::market::Event;
use iog_client::{pda, treasury};
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage, HOUR, PAID, PRICE, RENTER_FEE, SUPPLIER_FEE, WALLET};

/// Two hours, and 25 basis points of them rounded up.
const TOTAL: u64 = 803_607_217;
/// Four of the six slots of an hour, what the supplier gets of them, and both sides' fees on them.
const FOUR_SLOTS: u64 = 267_201_069;
const PAID_FOR_FOUR: u64 = 266_533_066;
const FEE_ON_FOUR: u64 = 668_003 + 668_002;

/// Five of six slots pay the first hour, the sixth being forgiven; of the second, four are paid and two refunded.
#[test]
fn proved_slots_are_paid_and_unproved_ones_refunded() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let lease = pda::market::lease(&order, &supplier.device);
    world.serve_hour(&[&supplier], 5);
    let meta = world.settle_lease(&order, &supplier);
    let fees = RENTER_FEE + SUPPLIER_FEE;
    let first = LeaseSettled {
        order,
        lease,
        settled_until_ts: GENESIS_TS + HOUR,
        released_until_ts: GENESIS_TS + HOUR,
        served: 5,
        missed: 1,
        paid: PAID,
        refunded: 0,
        fee: fees,
        escrowed_before: TOTAL,
        escrowed_after: TOTAL - PAID - fees,
    };
    assert_eq!(market_events(&meta), [Event::LeaseSettled(first)]);
    world.check_order_books(&order);
    let before = world.balance(&supplier.owner_token);
    world.withdraw(&supplier, Currency::Io);
    assert_eq!(world.balance(&supplier.owner_token), before + PAID);
    let meta = world.collect_fees(Currency::Io);
    let collected = FeesCollected {
        mint: world.io,
        amount: fees,
        due_before: fees,
        due_after: 0,
    };
    assert_eq!(market_events(&meta), [Event::FeesCollected(collected)]);
    let vault = world.read::<treasury::accounts::FeeVault>(&pda::treasury::fees(&world.io));
    assert_eq!(
        (vault.booked_units, vault.collected_units),
        (2_004_009, 2_004_009)
    );

    world.serve_hour(&[&supplier], 4);
    let meta = world.settle_lease(&order, &supplier);
    let left = TOTAL - PAID - fees;
    let after = left - PRICE + FOUR_SLOTS - PAID_FOR_FOUR - FEE_ON_FOUR;
    let second = LeaseSettled {
        order,
        lease,
        settled_until_ts: GENESIS_TS + 2 * HOUR,
        released_until_ts: GENESIS_TS + 2 * HOUR,
        served: 4,
        missed: 2,
        paid: PAID_FOR_FOUR,
        refunded: PRICE - FOUR_SLOTS,
        fee: FEE_ON_FOUR,
        escrowed_before: left,
        escrowed_after: after,
    };
    assert_eq!(market_events(&meta), [Event::LeaseSettled(second)]);
    let place = world.occupancy(&supplier);
    assert_eq!((place.slots_served, place.slots_missed), (9, 3));
    assert_eq!((place.lease, place.hired_gpus), (Pubkey::default(), 0));
    assert_eq!(place.served_until_ts, GENESIS_TS + 2 * HOUR);
    // The renter's fee on what nobody proved comes back with the rest.
    assert_eq!(
        (world.order(&order).escrowed_units, after),
        (334_003, 334_003)
    );
    world.close_lease(&order, &supplier);
    world.refund(&order);
    assert_eq!(world.order(&order).state, 3);
    let spent = PRICE + RENTER_FEE + FOUR_SLOTS + 668_002;
    assert_eq!(world.balance(&renter.token), WALLET - spent);
    world.check_order_books(&order);
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.orders, stats.open_orders), (1, 1));
    assert_eq!(stats.gpu_minutes, 60 + 40);
    assert_eq!((stats.spent_usd6, stats.points_e6), (1_666_666, 16_666_660));
    world.close_order(&order);
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.orders, stats.open_orders), (1, 0));
}

/// The rent of a lease goes back to who matched it, with the renter's 20,000 lamports; the order's rent to the renter.
#[test]
fn rent_goes_back_to_who_paid_it() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let keeper = world.wallet();
    world.advance(600);
    world.make_ready(&supplier);
    let mut matching = world.match_ix(&order, &supplier);
    matching.keeper = keeper.pubkey_of();
    world.must(matching.instruction(), &[&keeper]);
    world.accept(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let (keeper, wallet) = (keeper.pubkey_of(), renter.wallet.pubkey_of());
    let before = (world.lamports(&keeper), world.lamports(&wallet));
    let meta = world.close_lease(&order, &supplier);
    assert!(meta.events.is_empty(), "no token moves");
    // A unit was lost to the roundings of both fees.
    world.refund(&order);
    let meta = world.close_order(&order);
    assert!(meta.events.is_empty(), "no token moves");
    let back = world.rent(480) + 20_000;
    assert_eq!(world.lamports(&keeper) - before.0, back);
    assert_eq!(world.lamports(&wallet) - before.1, world.rent(1_104));
    for closed in [order, pda::market::lease(&order, &supplier.device)] {
        assert!(world.find(&closed).is_none());
    }
    let books = world.escrow(Currency::Io);
    assert_eq!(
        (books.deposited_units, books.escrowed_units),
        (401_803_609, 0)
    );
    let out = (books.paid_units, books.fee_units, books.refunded_units);
    assert_eq!(out, (PAID, 2_004_009, 1));
}

/// Three hours booked, ended 5,000 s in: 96 minutes are left, billed to the full minute, and come back with their fee.
#[test]
fn an_early_end_refunds_whole_minutes_with_their_fee() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    for secs in [3_600, 4_300, 4_900] {
        world.set_time(GENESIS_TS + secs);
        world.heartbeat(&supplier);
    }
    // The price of today changes nothing.
    world.post_price(90_000_000);
    world.set_time(GENESIS_TS + 5_000);
    let escrowed = world.escrow(Currency::Io).escrowed_units;
    let meta = world.end_early(&order, &renter);
    let refund = 641_282_566 + 1_603_206; // floor(400,801,604 * 96 / 60), and 25 basis points of it, rounded down
    let ended = OrderEndedEarly {
        order,
        end_ts: GENESIS_TS + 5_040,
        refunded: refund,
        rerated: 0,
        fee: 0,
        escrowed_before: escrowed,
        escrowed_after: escrowed - refund,
    };
    assert_eq!(market_events(&meta), [Event::OrderEndedEarly(ended)]);
    world.check_order_books(&order);

    // 24 minutes are left to settle: three slots have begun in them, and the last is over at 5,400 s.
    world.set_time(GENESIS_TS + 5_400);
    let before = world.earned(&supplier);
    world.settle_lease(&order, &supplier);
    let rent = 160_320_641; // floor(400,801,604 * 24 / 60)
    let fee = 400_802; // ceil of 25 basis points
    assert_eq!(world.earned(&supplier), before + rent - fee);
    assert_eq!(world.occupancy(&supplier).slots_served, 9);
    // Three units were lost to roundings; they go back to the renter when the lease is closed.
    let books = world.order(&order);
    assert_eq!((books.state, books.escrowed_units), (4, 3));
    world.close_lease(&order, &supplier);
    let meta = world.refund(&order);
    let left = OrderRefunded {
        order,
        refunded: 3,
        escrowed_before: 3,
        escrowed_after: 0,
    };
    let paid = RefundPaid {
        order,
        amount: refund + 3,
        due_before: refund + 3,
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
    let lamports = world.lamports(&renter.wallet.pubkey_of());
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
    assert_eq!((place.lease, place.slots_missed), (Pubkey::default(), 0));
    // It let its 90 seconds pass without a sign of life: that counts.
    assert_eq!(place.skipped, 1);
    world.close_order(&order);
    assert!(world.find(&order).is_none());
    // Two signatures of the renter; all rent and the lamports for matching came back.
    let wallet = renter.wallet.pubkey_of();
    assert_eq!(world.lamports(&wallet), lamports - 2 * 5_000);
}
