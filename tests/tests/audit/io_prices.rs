//! Orders in IO: a price holds for a week, then IO for a dollar is taken anew.

use iog_client::market::MarketError as E;
use iog_tests::world::{order_args, Currency, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{stage, HOUR};

/// IO of an hour of one dollar at 0.25 USD less twice 0.1 %, and at 0.20 USD, rounded up.
const AT_QUARTER: u64 = 400_801_604;
const AT_FIFTH: u64 = 501_002_005;
const WEEK: i64 = 168 * HOUR;

/// An order in IO for so many hours that runs; `spare` is what `max_total` leaves above its total.
fn running(
    world: &mut World,
    supplier: &Supplier,
    hours: u32,
    spare: u64,
) -> (Pubkey, iog_tests::world::Renter) {
    let renter = world.renter();
    let rent = AT_QUARTER * u64::from(hours);
    let total = rent + (rent * 25).div_ceil(10_000);
    let mut args = order_args(1, 1, hours);
    args.max_total = total + spare;
    let order = world.book_in(Currency::Io, &renter, CLASS_TEST, args);
    world.fill(&order, &[supplier]);
    let deposited = world.order(&order).deposited_units;
    let expected = if hours > 168 { total + spare } else { total };
    assert_eq!(
        deposited, expected,
        "what max_total leaves is deposited where a price is to come"
    );
    (order, renter)
}

/// redteam 8a. Four prices of 168 hours, 672 in all, extensions included.
#[test]
fn an_order_in_io_has_four_prices() {
    let (mut world, supplier, renter) = stage(0);
    world.post_price(25_000_000);
    let long = world.book_ix(Currency::Io, &renter, CLASS_TEST, order_args(9, 1, 673));
    world.refuses(E::TooLongInIo, long, &[&renter.wallet]);
    let (order, renter) = running(&mut world, &supplier, 168, 0);
    for hours in [168, 168, 168] {
        world.extend(&order, &renter, hours);
    }
    assert_eq!(world.order(&order).hours, 672);
    let more = world.extend_ix(&order, 1, u64::MAX).instruction();
    world.refuses(E::TooManyRates, more, &[&renter.wallet]);
}

/// audit: market M4, redteam 8d. Dollars stay as booked; a week later IO for them is taken anew, out of the spare money.
#[test]
fn a_fallen_io_is_priced_anew() {
    let (mut world, supplier, _) = stage(0);
    let spare = 20_000_000_000;
    let (order, _) = running(&mut world, &supplier, 240, spare);
    let start = world.order(&order).started_ts;
    let early = world.price_anew_ix(&order).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NoStepDue, early, &[&keeper]);
    world.warp_to(start + WEEK);
    world.post_price(20_000_000);
    world.price_anew(&order);
    let books = world.order(&order);
    assert_eq!(books.rates[1].price_per_gpu_hour_units[0], AT_FIFTH);
    assert_eq!(books.rates[1].price_usd6[0], 1_000_000);
    assert_eq!(books.rates[1].from_ts, start + WEEK);
    // 72 hours at the difference, a unit of rounding, and 25 basis points on it.
    let more = 72 * (AT_FIFTH - AT_QUARTER) + 1;
    let taken = more + (more * 25).div_ceil(10_000);
    assert_eq!(books.spare_units, spare - taken);
    assert_eq!((books.step_ts, books.end_ts), (0, start + 240 * HOUR));
}

/// A risen IO frees money for the renter.
#[test]
fn a_risen_io_frees_money() {
    let (mut world, supplier, _) = stage(0);
    let (order, _) = running(&mut world, &supplier, 240, 0);
    let start = world.order(&order).started_ts;
    world.warp_to(start + WEEK + 100);
    world.post_price(50_000_000);
    world.price_anew(&order);
    let books = world.order(&order);
    let half = books.rates[1].price_per_gpu_hour_units[0];
    assert_eq!(half, 200_400_802);
    // From the next whole minute before the end.
    assert_eq!(books.rates[1].from_ts, start + WEEK + 120);
    let secs = 72 * 3_600 - 120;
    let less = AT_QUARTER * secs / 3_600 - (half * secs / 3_600 + 1);
    assert_eq!(books.spare_units, less + less * 25 / 10_000);
}

/// redteam 8b. Where nobody prices anew the old price holds for a day, and there the order ends; every hour of it can be settled.
#[test]
fn without_a_price_the_order_ends_a_day_later() {
    let (mut world, supplier, _) = stage(0);
    let (order, _) = running(&mut world, &supplier, 672, 0);
    let start = world.order(&order).started_ts;
    assert_eq!(world.order(&order).end_ts, start + WEEK + 24 * HOUR);
    world.warp_to(start + WEEK + 24 * HOUR);
    let late = world.price_anew_ix(&order).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NoStepDue, late, &[&keeper]);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// redteam 8c, 7a. With no money for the new price the order ends with the old one, and the hours used are billed at the discount of the
/// length that they reached.
#[test]
fn a_limit_that_is_used_up_keeps_no_discount() {
    let (mut world, supplier, _) = stage(0);
    world.advance(86_400);
    let mut args = iog_tests::world::price_book_args();
    args.commitment_bps = [9_800, 9_500, 9_000];
    world.govern(world.set_price_book_ix(CLASS_TEST, args).instruction());
    let renter = world.renter();
    let price = 380_761_524; // 0.95 USD
    let rent = price * 672;
    let mut args = order_args(1, 1, 672);
    args.max_total = rent + (rent * 25_u64).div_ceil(10_000);
    let order = world.book_in(Currency::Io, &renter, CLASS_TEST, args);
    world.fill(&order, &[&supplier]);
    let start = world.order(&order).started_ts;
    world.warp_to(start + WEEK);
    world.post_price(20_000_000);
    world.price_anew(&order);
    let books = world.order(&order);
    let end = start + WEEK + 24 * HOUR;
    assert_eq!(
        (books.end_ts, books.funded_until_ts, books.step_ts),
        (end, end, 0)
    );
    // 672 hours had 5 % off, as 192 have: nothing is to pay, and 480 hours come back at once.
    assert_eq!(books.rerate_units, 0);
    let back = 480 * price;
    assert_eq!(books.refunded_units, back + back * 25 / 10_000);
    world.warp_to(end);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// An extension waits until the hours booked before are priced.
#[test]
fn an_extension_waits_for_the_step() {
    let (mut world, supplier, _) = stage(0);
    let (order, renter) = running(&mut world, &supplier, 240, 20_000_000_000);
    world.post_price(25_000_000);
    let extend = world.extend_ix(&order, 10, u64::MAX).instruction();
    world.refuses(E::StepWaits, extend, &[&renter.wallet]);
    let start = world.order(&order).started_ts;
    world.warp_to(start + WEEK);
    world.post_price(25_000_000);
    world.price_anew(&order);
    world.extend(&order, &renter, 10);
    assert_eq!(world.order(&order).end_ts, start + 250 * HOUR);
}

/// Money that is added pays for a price to come.
#[test]
fn money_is_added_for_a_price_to_come() {
    let (mut world, supplier, _) = stage(0);
    let (order, renter) = running(&mut world, &supplier, 240, 0);
    let start = world.order(&order).started_ts;
    world.add_funds(&order, &renter, 20_000_000_000);
    world.warp_to(start + WEEK);
    world.post_price(20_000_000);
    world.price_anew(&order);
    assert_eq!(world.order(&order).end_ts, start + 240 * HOUR);
    world.check_order_books(&order);
}
