//! Orders in US dollars and in IOSD, to the unit.

use iog_client::market::accounts::RenterStats;
use iog_client::pda;
use iog_tests::world::{ata, order_args, Currency, PubkeyOf, CLASS_TEST, CURRENCIES};
use iog_tests::World;

use super::stage::stage;

const USD: u64 = 1_000_000;

/// 2.25 % on either side instead of 0.25 %.
#[test]
fn dollars_pay_the_extra_fee_on_both_sides() {
    let (mut world, supplier, renter) = stage();
    let order = world.running_in(Currency::Usd, &renter, 1, 2, &[&supplier]);
    let books = world.order(&order);
    assert_eq!(books.rates[0].price_per_gpu_hour_units, USD);
    assert_eq!(
        (books.deposited_units, books.pending_fee_units),
        (2_045_000, 45_000)
    );
    assert_eq!((books.currency, books.supplier_fee_bps), (1, 225));
    assert_eq!(world.balance(&renter.usd), 20_000 * USD - 2_045_000);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.serve_hour(&[&supplier], 4);
    world.settle_lease(&order, &supplier);
    world.check_order_books(&order);
    world.wind_up(&order, &[&supplier]);
    world.withdraw(&supplier, Currency::Usd);
    world.collect_fees(Currency::Usd);
    let paid = ata(&supplier.owner.pubkey_of(), &world.usd);
    assert_eq!(world.balance(&paid), 977_500);
    assert_eq!(world.balance(&renter.usd), 20_000 * USD - 1_045_000);
    assert_eq!(world.balance(&pda::treasury::vault(&world.usd)), 67_500);
    assert_eq!(world.balance(&pda::market::vault(&world.usd)), 0);
    world.check_escrows();
}

/// A dollar is a dollar: no price of IO is read where the order is in US dollars or IOSD.
#[test]
fn only_io_needs_a_price() {
    let (mut world, supplier, _) = stage();
    let renter = world.credit_renter();
    let price = world.price;
    world.set_account(&price, solana_account::Account::default());
    for (id, currency) in [(1, Currency::Usd), (2, Currency::Iosd)] {
        let order = world.running_in(currency, &renter, id, 1, &[&supplier]);
        world.extend(&order, &renter, 1);
        world.end_early(&order, &renter);
        world.set_time(world.now() + 3_600);
        world.wind_up(&order, &[&supplier]);
    }
    world.check_escrows();
}

/// IOSD is burned when it is booked, minted again when it is refunded, and what is earned leaves the token's books.
#[test]
fn iosd_is_burned_and_what_is_refunded_minted() {
    let (mut world, supplier, _) = stage();
    let renter = world.credit_renter();
    let had = world.balance(&renter.iosd);
    assert_eq!(had, 4_990 * USD);
    let order = world.running_in(Currency::Iosd, &renter, 1, 2, &[&supplier]);
    assert_eq!(world.order(&order).deposited_units, 2_005_000);
    assert_eq!(world.balance(&renter.iosd), had - 2_005_000);
    assert_eq!(world.outstanding_iosd(), 2_005_000);
    world.check_iosd_supply();
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.check_order_books(&order);
    let due = world.earnings(&supplier, Currency::Iosd).due_units;
    assert_eq!(due, 997_500);
    // 5,000 of the renter's and 2,500 of the supplier's fee, with what the supplier earned.
    assert_eq!(world.escrow(Currency::Iosd).fees_due_units, 1_005_000);
    world.settle_credit();
    assert_eq!(world.outstanding_iosd(), USD);
    world.serve_hour(&[&supplier], 0);
    world.settle_lease(&order, &supplier);
    world.check_order_books(&order);
    world.refund(&order);
    assert_eq!(world.balance(&renter.iosd), had - 1_005_000);
    assert_eq!(world.outstanding_iosd(), 0);
    world.check_iosd_supply();
    world.check_escrows();
    world.wind_up(&order, &[&supplier]);
}

/// Expired and cancelled orders come back whole, in every currency.
#[test]
fn what_does_not_start_comes_back_whole() {
    let (mut world, _, _) = stage();
    let renter = world.credit_renter();
    let wallets = |world: &World| CURRENCIES.map(|c| world.balance(&renter.token_of(c)));
    let before = wallets(&world);
    for (id, currency) in (1..).zip(CURRENCIES) {
        let cancelled = world.book_in(currency, &renter, CLASS_TEST, order_args(id, 3, 5));
        world.cancel_order(&cancelled, &renter);
        let expired = world.book_in(currency, &renter, CLASS_TEST, order_args(id + 9, 4_096, 1));
        world.check_order_books(&expired);
        world.set_time(world.now() + 1_200);
        world.expire_order(&expired);
        for order in [cancelled, expired] {
            world.check_order_books(&order);
            world.refund(&order);
            world.check_order_books(&order);
            world.close_order(&order);
        }
    }
    assert_eq!(wallets(&world), before);
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.orders, stats.spent_usd6), (6, 0));
}

/// A supplier without an account for a currency is not matched in it.
#[test]
fn suppliers_choose_their_currencies() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.stake(&supplier, 20_000_000_000);
    world.list_device(&supplier, 0);
    let open = world.open_earnings_ix(&supplier, Currency::Usd);
    world.must(open.instruction(), &[&supplier.owner]);
    let renter = world.renter();
    let io = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&io, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    assert!(world.send(&[matching], &[&keeper]).is_err());
    world.running_in(Currency::Usd, &renter, 2, 1, &[&supplier]);
}
