//! States that nobody could leave, had the rules been built by the letter. Each of these ends with every account closed and nothing in the
//! vault.

mod ending;
mod matched;

use iog_client::market::instructions::{CloseEarnings, CloseRenter};
use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_tests::world::{order_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::slots::{beat, begin, by_rule, serve, served, to, BEFORE};
use super::stage::{book, earned, run, send, stage, suppliers, DAY, HOUR, PAID};

/// The owner's closing of a supplier's earnings of a currency.
pub fn close_earnings_ix(world: &World, supplier: &Supplier, currency: Currency) -> Instruction {
    CloseEarnings {
        owner: supplier.owner.pubkey_of(),
        earnings: world.earnings_of(supplier, currency),
    }
    .instruction()
}

/// Pays out and closes what is left beside an order that is closed; panics unless that is everything.
#[track_caller]
pub fn nothing_is_left(
    world: &mut World,
    currency: Currency,
    order: &Pubkey,
    renter: &Renter,
    devices: &[&Supplier],
) {
    assert!(world.find(order).is_none(), "the order");
    for device in devices {
        let lease = pda::market::lease(order, &device.device);
        assert!(world.find(&lease).is_none(), "a lease");
        let place = world.occupancy(device);
        assert_eq!((place.lease, place.open_leases), (Pubkey::default(), 0));
        if world.find(&world.earnings_of(device, currency)).is_none() {
            continue;
        }
        if world.earnings(device, currency).due_units > 0 {
            world.withdraw(device, currency);
        }
        let close = close_earnings_ix(world, device, currency);
        world.must(close, &[&device.owner]);
    }
    if world.escrow(currency).fees_due_units > 0 {
        world.collect_fees(currency);
    }
    let close = CloseRenter {
        renter: renter.wallet.pubkey_of(),
        stats: renter.stats,
    };
    world.must(close.instruction(), &[&renter.wallet]);
    let books = world.escrow(currency);
    assert_eq!(books.escrowed_units, 0, "the escrow");
    assert_eq!(world.balance(&books.vault), 0, "the vault");
    world.check_escrows();
    assert_eq!(world.price_book(CLASS_TEST).hired_gpus, 0);
}

/// redteam 2d. A class whose proofs do not land: nobody can replace a device of it; the order runs to its end, and what nobody served comes
/// back.
#[test]
fn a_class_that_cannot_prove_holds_no_order() {
    let (mut world, first, renter) = stage(DAY);
    let second = suppliers(&mut world, 1).remove(0);
    world.mark_passed(&second);
    to(&mut world, BEFORE);
    let order = run(&mut world, &renter, 1, 8, &[&first]);
    serve(&mut world, &order, &first, 5);
    world.leave_lease(&order, &first);
    world.heartbeat(&second);
    let replace = world.match_ix(&order, &second).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NotProved, replace, &[&keeper]);
    let waits = book(&mut world, &renter, 2, 1, 1);
    let matched = world.match_ix(&waits, &second).instruction();
    world.refuses(E::NotProved, matched, &[&renter.wallet]);
    world.advance(1_200);
    world.expire_order(&waits);
    world.wind_up(&waits, &[]);
    world.wind_up(&order, &[&first]);
    nothing_is_left(
        &mut world,
        Currency::Usd,
        &order,
        &renter,
        &[&first, &second],
    );
}

/// redteam 5c. Timeout and dispute, shut while a slot runs: each ends the lease in the ten minutes in which its last hour cannot be judged yet.
#[test]
fn a_running_slot_shuts_nothing() {
    for act in ["dispute", "timeout"] {
        let (mut world, supplier, renter, order) = begin(603, 3, DAY);
        beat(&mut world, &supplier, &[2, 3, 4, 5, 6, 7]);
        let settle = world.settle_lease_ix(&order, &supplier).instruction();
        let early = send(&mut world, settle).expect_err("the slot runs");
        assert_eq!(early.code(), E::NothingToSettle.into());
        if act == "dispute" {
            by_rule(&mut world, &order, &renter, &supplier);
        } else {
            world.set_device_state(&supplier, 1);
            world.report_timeout(&order, &supplier);
        }
        world.wind_up(&order, &[&supplier]);
        nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
    }
}

/// redteam 6a. Pay that is never released: settled every hour by somebody who wants that, all of it is the supplier's a day after the end.
#[test]
fn pay_is_released_whoever_settles_when() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 30, DAY);
    for hour in 0..30 {
        let slots: Vec<i64> = (1..=6).map(|n| 6 * hour + n).collect();
        beat(&mut world, &supplier, &slots);
        to(&mut world, 600 + (hour + 1) * HOUR);
        world.settle_lease(&order, &supplier);
    }
    assert_eq!(earned(&world, &supplier), 6 * PAID);
    to(&mut world, BEFORE + 54 * HOUR - 1);
    world.settle_lease(&order, &supplier);
    assert_eq!(earned(&world, &supplier), 29 * PAID);
    world.advance(1);
    world.settle_lease(&order, &supplier);
    assert_eq!(earned(&world, &supplier), 30 * PAID);
    world.wind_up(&order, &[&supplier]);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
}

/// redteam 6g. Restitution without a lease: lease and order close behind the resolver's decision, and the record of it stays for a slash case.
#[test]
fn a_verdict_needs_neither_lease_nor_order() {
    let (mut world, supplier, renter, order) = served(26, 30);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    world.close_lease(&order, &supplier);
    world.wind_up(&order, &[]);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 2_000_000);
}

/// redteam 7b. The last settlement that fails by a unit: seven hours at 45 units, each rounded by itself.
#[test]
fn the_last_settlement_does_not_fail_by_rounding() {
    let (mut world, supplier, renter) = stage(0);
    world.edit::<HardwareClass>(&supplier.class, |class| class.base_price_usd6 = 45);
    to(&mut world, BEFORE);
    let order = run(&mut world, &renter, 1, 7, &[&supplier]);
    for hour in 0..7 {
        beat(
            &mut world,
            &supplier,
            &[6 * hour + 1, 6 * hour + 3, 6 * hour + 6],
        );
        to(&mut world, 600 + (hour + 1) * HOUR);
        world.settle_lease(&order, &supplier);
    }
    // 22 units of 45 for three slots of six, less one.
    assert_eq!(earned(&world, &supplier), 7 * 21);
    world.wind_up(&order, &[&supplier]);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
}

/// redteam 7c. A keeper without an account: somebody who has nothing but lamports for signatures brings an order from its last hour to its end.
#[test]
fn a_keeper_needs_no_account() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 1, 0);
    beat(&mut world, &supplier, &[1, 2, 3, 4, 5, 6]);
    to(&mut world, 4_200);
    let keeper = world.key();
    world.fund(&keeper.pubkey_of(), 1_000_000);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    let close_lease = world.close_lease_ix(&order, &supplier).instruction();
    let mut refund = world.token_refund_ix(&order);
    refund.signer = keeper.pubkey_of();
    let close_order = world.close_order_ix(&order).instruction();
    world.must(settle, &[&keeper]);
    world.must(close_lease, &[&keeper]);
    // Nothing is left to refund: the hour was paid whole.
    world.refuses(E::NothingDue, refund.instruction(), &[&keeper]);
    world.must(close_order, &[&keeper]);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
}

/// redteam 8a, 8b. A step without a price, one with a lease that nobody settled, and an order without room for another price: all run out.
#[test]
fn orders_in_io_run_out_without_a_price_or_room_for_one() {
    for (hours, further, priced) in [(240, 0, false), (240, 0, true), (168, 3, false)] {
        let (mut world, supplier, renter) = stage(0);
        to(&mut world, BEFORE);
        let mut args = order_args(1, 1, hours);
        args.max_total = 200_000_000_000;
        let order = world.book_in(Currency::Io, &renter, CLASS_TEST, args);
        world.fill(&order, &[&supplier]);
        for _ in 0..further {
            world.extend(&order, &renter, 168);
        }
        if further > 0 {
            let more = world.extend_ix(&order, 1, u64::MAX).instruction();
            world.refuses(E::TooManyRates, more, &[&renter.wallet]);
        }
        if priced {
            to(&mut world, BEFORE + 168 * HOUR);
            world.post_price(20_000_000);
            world.price_anew(&order);
        }
        let ends = world.order(&order).end_ts - world.order(&order).started_ts;
        let expected = if further > 0 { 672 } else { 192 };
        assert_eq!(ends / HOUR, if priced { 240 } else { expected });
        world.wind_up(&order, &[&supplier]);
        nothing_is_left(&mut world, Currency::Io, &order, &renter, &[&supplier]);
    }
}
