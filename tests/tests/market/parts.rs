//! Money that goes out in parts, and what is kept for nobody.

use iog_client::market::events::RefundPaid;
use iog_client::market::{Event, MarketError as E};
use iog_client::treasury::accounts::FeeVault;
use iog_client::treasury::TreasuryError;
use iog_client::{pda, token, treasury};
use iog_tests::world::{order_args, Currency, Renter, CLASS_TEST};
use iog_tests::World;
use solana_pubkey::Pubkey;

use super::stage::{market_events, QUARTER};

/// An order in IOSD of so many hours at a dollar, taken back.
fn due(world: &mut World, renter: &Renter, id: u64, hours: u32) -> Pubkey {
    let order = world.book_in(Currency::Iosd, renter, CLASS_TEST, order_args(id, 1, hours));
    world.cancel_order(&order, renter);
    order
}

/// What an order gave back at once.
fn refunded(world: &mut World, order: &Pubkey, max_units: u64) -> u64 {
    let mut refund = world.credit_refund_ix(order);
    refund.max_units = max_units;
    let before = world.order(order).refund_due_units;
    let meta = world.govern(refund.instruction());
    let after = world.order(order).refund_due_units;
    let paid = RefundPaid {
        order: *order,
        amount: before - after,
        due_before: world.escrow(Currency::Iosd).refunds_due_units + before - after,
        due_after: world.escrow(Currency::Iosd).refunds_due_units,
    };
    assert_eq!(market_events(&meta), [Event::RefundPaid(paid)]);
    world.check_escrows();
    before - after
}

/// A part is as large as whoever calls wants it.
#[test]
fn a_refund_comes_in_parts() {
    let mut world = World::ready();
    let renter = world.credit_renter();
    let order = due(&mut world, &renter, 1, 10);
    let before = world.balance(&renter.iosd);
    assert_eq!(refunded(&mut world, &order, 1), 1);
    assert_eq!(refunded(&mut world, &order, 25_000), 25_000);
    let keeper = world.authority.insecure_clone();
    let close = world.close_order_ix(&order).instruction();
    world.refuses(E::OrderNotFinished, close.clone(), &[&keeper]);
    assert_eq!(refunded(&mut world, &order, u64::MAX), 9_999_999);
    assert_eq!(world.balance(&renter.iosd) - before, 10_025_000);
    let more = world.credit_refund_ix(&order).instruction();
    world.refuses(E::NothingDue, more, &[&keeper]);
    world.must(close, &[&keeper]);
}

/// audit: money L7. Refunds of ten times what a day takes: the largest comes in parts, of which none is more than half of what is left,
/// so that the next renter's passes.
#[test]
fn a_large_refund_shuts_nobody_out() {
    const LIMIT: u64 = 1_000_000;
    let mut world = World::ready();
    let (large, small) = (world.credit_renter(), world.credit_renter());
    let orders = [
        due(&mut world, &large, 1, 10),
        due(&mut world, &small, 1, 1),
    ];
    world.edit::<token::accounts::Config>(&pda::token::config(), |config| {
        let window = &mut config.windows[3];
        window.limit_units.value = LIMIT;
        // As if it had been spent long ago.
        window.credit_units = 0;
    });
    assert_eq!(refunded(&mut world, &orders[0], u64::MAX), LIMIT / 2);
    assert_eq!(refunded(&mut world, &orders[0], u64::MAX), LIMIT / 4);
    assert_eq!(refunded(&mut world, &orders[1], 1), 1);
    // Nothing is left only where somebody takes the last unit.
    let mut rest = LIMIT / 4 - 1;
    while rest > 0 {
        rest -= refunded(&mut world, &orders[0], u64::MAX);
    }
    let keeper = world.authority.insecure_clone();
    let none = world.credit_refund_ix(&orders[1]).instruction();
    world.refuses(E::RefundsWait, none, &[&keeper]);
    // It comes back with time, half of it in half a day.
    world.advance(43_200);
    assert_eq!(refunded(&mut world, &orders[1], u64::MAX), LIMIT / 4);
}

/// audit: money M1. What the treasury keeps of IO and no supplier waits for is burned like other fees; of dollars it keeps nothing.
#[test]
fn what_is_kept_finds_a_way_out() {
    let mut world = World::ready();
    let keeper = world.authority.insecure_clone();
    let supplier = world.supplier(CLASS_TEST);
    world.edit::<treasury::accounts::Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 5_000;
    });
    let renter = world.credit_renter();
    for (id, currency) in [(1, Currency::Io), (2, Currency::Usd), (3, Currency::Iosd)] {
        let order = world.running_in(currency, &renter, id, 1, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        world.wind_up(&order, &[&supplier]);
        if currency != Currency::Iosd {
            world.collect_fees(currency);
        }
    }
    let fees = |world: &World, mint: Pubkey| world.read::<FeeVault>(&pda::treasury::fees(&mint));
    let (io, usd) = (world.io, world.usd);
    assert_eq!(fees(&world, usd).kept_units, 0);
    assert!(fees(&world, usd).booked_units > 0);
    let (kept, booked) = (fees(&world, io).kept_units, fees(&world, io).booked_units);
    assert_eq!((kept, booked), (1_002_004, 1_002_005));
    // While somebody waits it is for the line.
    world.post_price(QUARTER);
    world.claim_credit(&supplier);
    let release = world.release_kept_ix().instruction();
    world.refuses(E::ClaimsWait, release.clone(), &[&keeper]);
    world.fund_from_treasury(1_000);
    world.refuses(E::ClaimsWait, release.clone(), &[&keeper]);
    world.advance(40 * 86_400);
    world.fund_credit(u64::MAX);
    let meta = world.release_kept();
    let said = |event: &iog_client::Event| matches!(event, iog_client::Event::Treasury(treasury::Event::KeptReleased(said)) if said.amount == kept - 1_000);
    assert!(meta.events.iter().any(said), "{:?}", meta.events);
    let books = fees(&world, io);
    assert_eq!(
        (books.kept_units, books.booked_units),
        (0, booked + kept - 1_000)
    );
    world.refuses(TreasuryError::NothingKept, release, &[&keeper]);
    world.check_escrows();
}
