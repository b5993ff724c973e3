//! An order is booked, matched and accepted: every field and event.

use iog_client::market::accounts::{Lease, Order};
use iog_client::market::events::{DeviceMatched, LeaseAccepted, OrderCreated, OrderStarted};
use iog_client::market::{Event, Part, Rate};
use iog_client::registry::accounts::Device;
use iog_client::{market, pda};
use iog_tests::world::{order_args, receipt_key, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage, PRICE, WALLET};

/// Two hours, and 25 basis points of them rounded up.
const TOTAL: u64 = 801_603_208 + 2_004_009;

const NO_RATE: Rate = Rate {
    from_ts: 0,
    price_per_gpu_hour_units: [0; 4],
    price_usd6: [0; 4],
    commitment_bps: [[0; 3]; 4],
    booked_hours: 0,
    booking: 0,
};
const NO_PART: Part = Part {
    class_id: 0,
    per_machine: 0,
    gpus: 0,
    matched: 0,
    accepted: 0,
};

fn bump(address: &Pubkey, seeds: &[&[u8]]) -> u8 {
    let (found, bump) = Pubkey::find_program_address(seeds, &market::ID);
    assert_eq!(found, *address);
    bump
}

/// The order of the first test, as it is when it is made.
fn opened(renter: Pubkey, mint: Pubkey, countries: [[u8; 2]; 8]) -> Order {
    let rate = Rate {
        price_per_gpu_hour_units: [PRICE, 0, 0, 0],
        price_usd6: [1_000_000, 0, 0, 0],
        commitment_bps: [[10_000; 3], [0; 3], [0; 3], [0; 3]],
        booked_hours: 2,
        ..NO_RATE
    };
    let part = Part {
        class_id: CLASS_TEST,
        gpus: 1,
        ..NO_PART
    };
    let address = pda::market::order(&renter, 7);
    Order {
        renter,
        mint,
        engineer_key: Pubkey::new_from_array([7; 32]),
        receipt_key: receipt_key().pubkey_of(),
        owner: Pubkey::default(),
        image_hash: [8; 32],
        command_hash: [9; 32],
        id: 7,
        rates: [rate, NO_RATE, NO_RATE, NO_RATE],
        deposited_units: TOTAL,
        escrowed_units: TOTAL,
        paid_units: 0,
        refunded_units: 0,
        fee_units: 0,
        refund_due_units: 0,
        spare_units: 0,
        rerate_units: 0,
        accepted_hourly_units: 0,
        created_ts: GENESIS_TS,
        expires_ts: GENESIS_TS + 1_200,
        started_ts: 0,
        end_ts: 0,
        booked_end_ts: 0,
        funded_until_ts: 0,
        step_ts: 0,
        stopped_ts: 0,
        vacant_from_ts: 0,
        whole_since_ts: 0,
        bars: [[0; 8]; 16],
        places: [0; 32],
        parts: [part, NO_PART, NO_PART, NO_PART],
        hours: 2,
        leases: 0,
        whole_secs: 0,
        renter_secs: 0,
        rerate_gpus: 0,
        dispute_secs: 0,
        countries,
        renter_fee_bps: 25,
        network_fee_bps: 0,
        supplier_fee_bps: 25,
        min_reputation_bps: 4_000,
        min_tier: 1,
        secure_only: 1,
        kind: 2,
        platform: 0,
        currency: 0,
        rate_count: 1,
        next_bar: 0,
        unanswered: 0,
        broken: 0,
        state: 0,
        version: 1,
        bump: bump(&address, &[b"order", renter.as_ref(), &7u64.to_le_bytes()]),
        reserved: [0; 12],
    }
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
        class_ids: [CLASS_TEST, 0, 0, 0],
        gpus: [1, 0, 0, 0],
        hours: 2,
        price_usd6: [1_000_000, 0, 0, 0],
        price_per_gpu_hour: [PRICE, 0, 0, 0],
        total: TOTAL,
        escrowed_before: 0,
        escrowed_after: TOTAL,
    };
    assert_eq!(market_events(&meta), [Event::OrderCreated(created)]);
    let expected = opened(wallet, world.io, args.countries);
    assert_eq!(world.order(&order), expected);
    assert_eq!(world.balance(&renter.token), WALLET - TOTAL);
    assert_eq!(world.balance(&pda::market::vault(&world.io)), TOTAL);
    let paid = lamports - world.lamports(&wallet);
    assert_eq!(paid, world.rent(1_104) + 20_000 + 5_000);
}

/// The lease of a device that `keeper` matched 40 seconds into an order.
fn matched(
    order: Pubkey,
    device: Pubkey,
    (owner, tunnel_key): (Pubkey, Pubkey),
    keeper: Pubkey,
) -> Lease {
    let lease = pda::market::lease(&order, &device);
    Lease {
        order,
        device,
        owner,
        payer: keeper,
        resolver: Pubkey::default(),
        tunnel_key,
        matched_ts: GENESIS_TS + 40,
        accepted_ts: 0,
        started_ts: 0,
        agreed_until_ts: 0,
        ends_ts: 0,
        stopped_ts: 0,
        released_until_ts: 0,
        settled_until_ts: 0,
        disputed_ts: 0,
        paid_units: 0,
        paid_usd6: 0,
        refunded_units: 0,
        deposit_units: 0,
        pay_usd6: 1_000_000,
        part_usd6: 1_000_000,
        cap_usd6: u64::MAX,
        accepted_slot: 0,
        judged_slot: 0,
        judged_ts: 0,
        rent_units: 0,
        paid_slots: [0; 32],
        answered_slots: [0; 32],
        gpus: 1,
        released_count: 0,
        settled_count: 0,
        held_mark: 0,
        forgiven_day: 0,
        place: 0,
        part: 0,
        state: 0,
        forgiven: 0,
        counted: 0,
        poor: 0,
        shared: 0,
        version: 1,
        bump: bump(&lease, &[b"lease", order.as_ref(), device.as_ref()]),
        reserved: [0; 26],
    }
}

#[test]
fn a_device_is_matched_and_starts_the_order_by_accepting() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 2));
    let keeper = world.wallet();
    let lamports = world.lamports(&keeper.pubkey_of());
    world.warp_to(GENESIS_TS + 40);
    world.make_ready(&supplier);
    let mut matching = world.match_ix(&order, &supplier);
    matching.keeper = keeper.pubkey_of();
    let (lease, device) = (matching.lease, supplier.device);
    let meta = world.must(matching.instruction(), &[&keeper]);
    let event = DeviceMatched {
        order,
        lease,
        device,
        part: 0,
        gpus: 1,
    };
    assert_eq!(market_events(&meta), [Event::DeviceMatched(event)]);
    let paid = lamports - world.lamports(&keeper.pubkey_of());
    assert_eq!(paid, world.rent(480) + 5_000);
    let owner = supplier.owner.pubkey_of();
    let tunnel_key = world.read::<Device>(&device).tunnel_key;
    let expected = matched(order, device, (owner, tunnel_key), keeper.pubkey_of());
    assert_eq!(world.lease(&order, &supplier), expected);
    let place = world.occupancy(&supplier);
    assert_eq!((place.lease, place.leases, place.hired_gpus), (lease, 0, 0));
    let books = world.order(&order);
    assert_eq!((books.state, books.leases), (1, 1));
    assert_eq!(books.whole_since_ts, GENESIS_TS + 40);
    let part = books.parts[0];
    assert_eq!((part.gpus, part.matched, part.accepted), (1, 1, 0));

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
    let expected = Lease {
        state: 1,
        counted: 1,
        held_mark: 60,
        accepted_ts: GENESIS_TS + 100,
        accepted_slot: world.slot(),
        ..expected
    };
    assert_eq!(world.lease(&order, &supplier), expected);
    let place = world.occupancy(&supplier);
    assert_eq!((place.leases, place.hired_gpus), (1, 1));
    assert_eq!(place.open_leases, 1);
    assert_eq!(world.earnings(&supplier, Currency::Io).leases, 1);
    let books = world.order(&order);
    assert_eq!(
        (books.state, books.started_ts, books.end_ts),
        (2, GENESIS_TS + 100, GENESIS_TS + 7_300)
    );
    assert_eq!(books.rates[0].from_ts, GENESIS_TS + 100);
    assert_eq!(books.booked_end_ts, books.end_ts);
    assert_eq!(books.funded_until_ts, books.end_ts);
    assert_eq!((books.step_ts, books.whole_since_ts), (0, 0));
}
