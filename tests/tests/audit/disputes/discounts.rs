//! Disputes are no way around the discount that a shorter stay has not reached.

use iog_tests::world::{price_book_args, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::super::slots::{cost, net, serve, spent, to, BEFORE};
use super::super::stage::{earned, run, stage, DAY};

/// A GPU-hour with the discount of 720 hours, and what the discount of 24 leaves of it more.
const LONG: u64 = 900_000;
const MISSED: u64 = 80_000;

/// 720 hours booked at 10 % off, of which 30 are served and settled: six are paid, 24 held.
fn booked() -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage(DAY);
    world.advance(86_400);
    let mut args = price_book_args();
    args.commitment_bps = [9_800, 9_500, 9_000];
    world.govern(world.set_price_book_ix(CLASS_TEST, args).instruction());
    to(&mut world, 86_400 + BEFORE);
    let order = run(&mut world, &renter, 1, 720, &[&supplier]);
    serve(&mut world, &order, &supplier, 30);
    assert_eq!(earned(&world, &supplier), 6 * net(LONG));
    (world, supplier, renter, order)
}

/// redteam 7a. The deposit of a dispute that ends a lease contains the discount that was not reached: a renter that "disputes" instead of
/// ending early pays as much, and a twentieth.
#[test]
fn a_deposit_contains_the_missed_discount() {
    let (mut world, supplier, renter, order) = booked();
    let deposit = world.fund_dispute(&order, &renter, &supplier);
    assert_eq!(deposit, 24 * LONG / 20 + 30 * MISSED);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 24 * LONG);
    let paid = 6 * net(LONG) + net(24 * LONG) + deposit;
    assert_eq!(earned(&world, &supplier), paid);
    world.check_order_books(&order);
}

/// redteam 7a. After an early end a dispute costs a twentieth only, the discount having been taken; a supplier that wins it is paid its share
/// of that, once.
#[test]
fn a_won_dispute_pays_the_discount_of_an_early_end() {
    for settled in [false, true] {
        let (mut world, supplier, renter, order) = booked();
        // Ended in a whole minute, so that the lease is over at once.
        world.advance(57);
        world.end_early(&order, &renter);
        let rerated = 30 * MISSED + MISSED / 60 - 2;
        assert_eq!(world.order(&order).rerate_units, rerated);
        if settled {
            world.judge_rest(&order, &supplier);
            assert_eq!(earned(&world, &supplier), 6 * net(LONG) + net(rerated));
        }
        let disputed = 24 * LONG + LONG / 60;
        world.dispute(&order, &renter, &supplier);
        let deposit = world.lease(&order, &supplier).deposit_units;
        assert_eq!(deposit, disputed / 20);
        world.judge_rest(&order, &supplier);
        world.resolve_dispute(&order, &supplier, disputed);
        world.wind_up(&order, &[&supplier]);
        let sum = |of: fn(u64) -> u64| 6 * of(LONG) + of(disputed) + of(rerated) + deposit;
        assert_eq!(earned(&world, &supplier), sum(net), "settled: {settled}");
        assert_eq!(spent(&world, &renter), sum(cost), "settled: {settled}");
        world.check_escrows();
    }
}
