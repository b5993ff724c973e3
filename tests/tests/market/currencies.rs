//! Orders in US dollars and in IOSD, to the unit.

use iog_client::market::accounts::RenterStats;
use iog_client::market::MarketError as E;
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
    assert_eq!(books.rates[0].price_per_gpu_hour_units[0], USD);
    assert_eq!(books.deposited_units, 2_045_000);
    assert_eq!(books.currency, 1);
    assert_eq!((books.renter_fee_bps, books.supplier_fee_bps), (225, 225));
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
    // Of the second hour four sixths, 666,666, and fees on them of 14,999.985, up and down.
    assert_eq!(world.balance(&paid), 977_500 + 651_666);
    let spent = 1_022_500 + 666_666 + 14_999;
    assert_eq!(world.balance(&renter.usd), 20_000 * USD - spent);
    let fees = world.balance(&pda::treasury::vault(&world.usd));
    assert_eq!(fees, 45_000 + 15_000 + 14_999);
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
        world.add_funds(&order, &renter, 1_000);
        world.end_early(&order, &renter);
        world.advance(3_600);
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
    // 2,500 of each side's fee, with what the supplier earned.
    assert_eq!(world.escrow(Currency::Iosd).fees_due_units, 1_002_500);
    world.settle_credit();
    assert_eq!(world.outstanding_iosd(), 1_002_500);
    world.serve_hour(&[&supplier], 0);
    world.settle_lease(&order, &supplier);
    world.check_order_books(&order);
    world.refund(&order);
    assert_eq!(world.balance(&renter.iosd), had - 1_005_000);
    // The renter's fee on the hour that nobody served comes back with the end.
    assert_eq!(world.outstanding_iosd(), 2_500);
    world.check_iosd_supply();
    world.check_escrows();
    world.wind_up(&order, &[&supplier]);
    assert_eq!(world.balance(&renter.iosd), had - 1_002_500);
    assert_eq!(world.outstanding_iosd(), 0);
    world.check_iosd_supply();
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
        world.advance(1_200);
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
    assert_eq!((stats.orders, stats.open_orders), (6, 0));
    assert_eq!(stats.spent_usd6, 0);
}

/// A device is matched in the currencies that its owner lists it for and has an account for, and in no other.
#[test]
fn suppliers_choose_their_currencies() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.stake(&supplier, 20_000_000_000);
    let mut list = world.list_device_ix(&supplier, 0);
    list.args.currencies = 0b110;
    world.must(list.instruction(), &[&supplier.owner]);
    for currency in [Currency::Io, Currency::Usd] {
        let open = world.open_earnings_ix(&supplier, currency);
        world.must(open.instruction(), &[&supplier.owner]);
    }
    world.make_ready(&supplier);
    let renter = world.credit_renter();
    let io = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&io, &supplier).instruction();
    world.refuses(E::CurrencyNotTaken, matching, &[&renter.wallet]);
    let iosd = world.book_in(Currency::Iosd, &renter, CLASS_TEST, order_args(2, 1, 1));
    let matching = world.match_ix(&iosd, &supplier).instruction();
    assert!(world.send(&[matching], &[&renter.wallet]).is_err());
    world.running_in(Currency::Usd, &renter, 3, 1, &[&supplier]);
}
