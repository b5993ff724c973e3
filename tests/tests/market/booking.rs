//! An order is booked, matched and accepted: every field and event.

use iog_client::market::accounts::{Lease, Order};
use iog_client::market::events::{DeviceMatched, LeaseAccepted, OrderCreated, OrderStarted};
use iog_client::market::{Event, Rate};
use iog_client::{market, pda};
use iog_tests::world::{order_args, PubkeyOf, CLASS_TEST, GENESIS_TS};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage, PRICE, WALLET};

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
