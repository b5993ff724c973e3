//! Fees are earned with the service, discounts with the length, and matching is paid.

mod matching;

use iog_client::registry::accounts::HardwareClass;
use iog_math::market::with_fees;
use iog_math::MathError;
use iog_tests::world::{order_args, price_book_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::slots::{beat, begin, cost, net, serve, spent, to, BEFORE};
use super::stage::{earned, run, stage, suppliers, FEE, HOUR, HOURLY, PAID};

/// A day from the network's start, so that the price book may be changed once.
const NEXT_DAY: i64 = 86_400;
/// A GPU-hour at the discounts of 720 and of 24 hours.
const LONG: u64 = 900_000;
const SHORT: u64 = 980_000;

/// Price books with discounts of 2, 5 and 10 %, a day after the start.
fn discounts(world: &mut World) {
    world.advance(NEXT_DAY);
    let mut args = price_book_args();
    args.commitment_bps = [9_800, 9_500, 9_000];
    world.govern(world.set_price_book_ix(CLASS_TEST, args).instruction());
    to(world, NEXT_DAY + BEFORE);
}

/// 720 hours on these devices, of which the first serve all of 30; the clock stands at the end of the 30th.
fn thirty(world: &mut World, on: &[&Supplier]) -> (Renter, Pubkey) {
    discounts(world);
    let renter = world.renter();
    let order = run(world, &renter, 1, 720, on);
    for _ in 0..30 {
        world.serve_hour(on, 6);
    }
    (renter, order)
}

/// audit: market M6. An order that nobody serves costs no fee at all.
#[test]
fn nothing_is_charged_for_nothing() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 10, 0);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(world.escrow(Currency::Usd).fee_units, 0);
    assert_eq!(spent(&world, &renter), 0);
    assert_eq!(earned(&world, &supplier), 0);
    world.check_escrows();
}

/// audit: market M6. Fees follow the slots: of ten hours, one served whole and one by half.
#[test]
fn fees_are_earned_with_the_service() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 10, 0);
    beat(&mut world, &supplier, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), PAID + net(500_000));
    assert_eq!(spent(&world, &renter), cost(HOURLY) + cost(500_000));
    let fees = world.escrow(Currency::Usd).fee_units;
    assert_eq!(fees, 2 * FEE + 2 * 11_250);
    world.check_escrows();
}

/// audit: market L13, redteam 7a. 720 hours booked and ended after 30 are billed as 30 are: the discount of 2 % that was reached, not the 10 %
/// that were booked; the difference is the supplier's that ran.
#[test]
fn a_long_booking_ended_early_keeps_no_long_discount() {
    let (mut world, supplier, _) = stage(0);
    let (renter, order) = thirty(&mut world, &[&supplier]);
    let mut honest = world.clone();
    world.end_early(&order, &renter);
    let missed = 30 * (SHORT - LONG);
    // Two units for the roundings of two fees come back.
    assert_eq!(world.order(&order).rerate_units, missed - 2);
    world.wind_up(&order, &[&supplier]);
    let paid = 30 * net(LONG) + net(missed - 2);
    assert_eq!(earned(&world, &supplier), paid);
    let of_the_renter = 30 * cost(LONG) + cost(missed - 2);
    assert_eq!(spent(&world, &renter), of_the_renter);
    world.check_escrows();
    // Who books 30 hours pays 3 units more.
    let other = honest.renter();
    let before = honest.balance(&other.usd);
    honest.book_in(Currency::Usd, &other, CLASS_TEST, order_args(2, 1, 30));
    assert_eq!(before - honest.balance(&other.usd), of_the_renter + 3);
}

/// redteam 7a. The difference is shared by the GPUs that run at the end: not by one that dropped out before, and by the treasury where none runs.
#[test]
fn the_difference_is_for_the_leases_that_run() {
    for stay in [2_usize, 1, 0] {
        let (mut world, _, _) = stage(0);
        let devices = suppliers(&mut world, 2);
        let all: Vec<&Supplier> = devices.iter().collect();
        let (renter, order) = thirty(&mut world, &all);
        world.advance(3);
        for device in &devices {
            while world.lease(&order, device).settled_count < 30 {
                world.settle_lease(&order, device);
            }
        }
        for device in &all[stay..] {
            world.leave_lease(&order, device);
        }
        let fees = world.order(&order).fee_units;
        world.advance(57);
        world.end_early(&order, &renter);
        // A minute more than 30 hours.
        let of_one = 30 * (SHORT - LONG) + (SHORT - LONG) / 60;
        world.wind_up(&order, &all);
        let (minute, hours) = (net(LONG / 60), 30 * net(LONG));
        let running = u64::try_from(stay).unwrap();
        let share = (running * of_one).saturating_sub(2) / running.max(1);
        for (index, device) in devices.iter().enumerate() {
            let more = if index < stay { minute + net(share) } else { 0 };
            assert_eq!(earned(&world, device), hours + more, "{stay} stay");
        }
        if stay == 0 {
            let missed = 60 * (SHORT - LONG) + 2 * (SHORT - LONG) / 60;
            let kept = missed + (missed * 225).div_ceil(10_000);
            let taken = world.escrow(Currency::Usd).fee_units;
            assert_eq!(taken - fees, kept);
        }
        world.check_escrows();
    }
}

/// redteam 7b. Hours of a few units, each judged and charged by itself and rounded: what they add up to never passes the deposit, and every
/// order closes.
#[test]
fn small_orders_close() {
    for price in [1, 2, 3, 7, 37, 44, 45, 89, 333] {
        for beats in [6, 4, 1] {
            let (mut world, supplier, renter) = stage(0);
            world.edit::<HardwareClass>(&supplier.class, |class| class.base_price_usd6 = price);
            to(&mut world, BEFORE);
            let order = run(&mut world, &renter, 1, 7, &[&supplier]);
            let deposited = world.order(&order).deposited_units;
            assert_eq!(deposited, 7 * price + (7 * price * 225).div_ceil(10_000));
            for hour in 0..7 {
                let slots: Vec<i64> = (1..=beats).map(|n| 6 * hour + n).collect();
                beat(&mut world, &supplier, &slots);
                to(&mut world, 600 + (hour + 1) * HOUR);
                world.settle_lease(&order, &supplier);
            }
            world.wind_up(&order, &[&supplier]);
            let rent = price * beats.unsigned_abs() / 6;
            assert_eq!(earned(&world, &supplier), 7 * net(rent), "{price} {beats}");
            assert_eq!(spent(&world, &renter), 7 * cost(rent));
            assert!(spent(&world, &renter) <= deposited);
            assert!(world.find(&order).is_none());
            world.check_escrows();
        }
    }
}

/// redteam 7b. However a deposit is cut into hours, what these are charged with fees rounded down is covered by fees rounded up on the whole.
#[test]
fn parts_never_pass_the_whole() {
    for (renter, network) in [(25, 0), (225, 0), (500, 500), (1, 3), (0, 0)] {
        for rent in [1_u64, 2, 3, 5, 40, 399, 1_001, 99_999, 380_761_524] {
            for parts in [1_u64, 2, 3, 7, 60] {
                let whole = with_fees(rent * parts, renter, network, true).unwrap();
                let part = with_fees(rent, renter, network, false).unwrap();
                assert!(part * parts <= whole);
                let on_top = [renter, network].map(|bps| rent * u64::from(bps) / 10_000);
                assert_eq!(part, rent + on_top[0] + on_top[1]);
            }
        }
    }
    for (renter, network) in [(10_001, 0), (0, 10_001)] {
        for up in [false, true] {
            let refused = with_fees(1, renter, network, up);
            assert_eq!(refused, Err(MathError::OutOfRange));
        }
    }
}

/// redteam 7c. No keeper's account takes part in a settlement: it asks for no signature at all, and somebody who never had an account settles.
#[test]
fn a_settlement_needs_nobodys_account() {
    let (mut world, supplier, _, order) = begin(BEFORE, 2, 0);
    serve(&mut world, &order, &supplier, 1);
    world.serve_hour(&[&supplier], 6);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    assert!(settle.accounts.iter().all(|account| !account.is_signer));
    let stranger = world.key();
    let address = stranger.pubkey_of();
    world.fund(&address, 1_000_000);
    world.must(settle, &[&stranger]);
    assert_eq!(world.lamports(&address), 1_000_000 - 5_000);
}
