//! The smallest and the largest order.

use iog_client::market::MarketError as E;
use iog_client::registry::ClassArgs;
use iog_localnet::pyth::PriceAccount;
use iog_tests::world::{class_args, order_args, Currency, PubkeyOf, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::World;

use super::stage::{stage, stage_with, WALLET};

fn base_price(world: &mut World, base_price_usd6: u64) {
    for class_id in [CLASS_TEST, CLASS_UNPROVED] {
        let proof_valid_hours = if class_id == CLASS_TEST { 3 } else { 0 };
        world.update_class(ClassArgs {
            base_price_usd6,
            proof_valid_hours,
            ..class_args(class_id)
        });
    }
}

/// Every amount rounds against who receives it, even where that is all of it.
#[test]
fn an_order_of_one_unit_an_hour_adds_up() {
    let (mut world, supplier, renter) = stage();
    base_price(&mut world, 1);
    // 10^12 * 10^-4 USD for one IO: a millionth of a dollar is less than a unit, and costs one.
    let mut price = PriceAccount::io_usd(1_000_000_000_000, 0, world.now(), world.slot());
    price.exponent = -4;
    world.set_price(&price);
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 2));
    world.must(create.instruction(), &[&renter.wallet]);
    let order = create.order;
    assert_eq!(world.order(&order).deposited_units, 3);
    world.match_device(&order, &supplier);
    world.accept(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    // The fee of one unit, rounded up, is the unit.
    assert_eq!(world.earned(&supplier), 0);
    world.check_order_books(&order);
    world.advance(1_800);
    world.end_early(&order, &renter);
    world.wind_up(&order, &[&supplier]);
    // Half a unit is refunded to neither side at once; the whole comes back with the order, as does the fee, rounded down to nothing.
    assert_eq!(world.balance(&renter.token), WALLET - 1);
    world.check_escrows();
}

/// A millionth of a dollar an hour, over and over, in minutes: nobody is paid a unit that was not deposited.
#[test]
fn one_unit_orders_leak_nothing() {
    let (mut world, supplier, _) = stage_with(60);
    let renter = world.credit_renter();
    base_price(&mut world, 1);
    for (id, currency) in (1..).zip([Currency::Usd, Currency::Iosd, Currency::Usd]) {
        let order = world.running_in(currency, &renter, id, 3, &[&supplier]);
        assert_eq!(world.order(&order).deposited_units, 4);
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
        world.heartbeat(&supplier);
        world.advance(61);
        world.end_early(&order, &renter);
        world.wind_up(&order, &[&supplier]);
        world.check_escrow(currency);
        let books = world.escrow(currency);
        assert_eq!(books.escrowed_units, 0);
        assert!(books.paid_units + books.fee_units <= 2 * (id + 1));
    }
}

/// 4,096 GPUs for ten years at the highest price whose total fits 64 bits; a thousandth more is refused cleanly.
#[test]
fn the_largest_order_is_escrowed_settled_extended_and_ended() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_UNPROVED, 4_096);
    world.give_io(&supplier.owner.pubkey_of(), 100_000_000_000_000);
    world.stake(&supplier, 4_096 * 20_000_000_000);
    world.open_earnings(&supplier);
    world.list_device(&supplier, u64::MAX);
    let highest = 50_000_000_000;
    world.list_device(&supplier, highest);
    let renter = world.renter();
    base_price(&mut world, highest);
    // More dollars than there are: the wallet's balance is written, the programs' arithmetic is real.
    let mut wallet = world.account(&renter.usd);
    wallet.data[64..72].copy_from_slice(&u64::MAX.to_le_bytes());
    world.set_account(&renter.usd, wallet);
    let book = |world: &World, id| {
        let args = order_args(id, 4_096, 87_600);
        world.token_order_ix(Currency::Usd, &renter, CLASS_UNPROVED, args)
    };
    let create = book(&world, 1);
    world.must(create.instruction(), &[&renter.wallet]);
    let order = create.order;
    let rent = highest * 4_096 * 87_600;
    let opened = world.order(&order);
    assert_eq!(opened.deposited_units, rent + rent / 400 * 9);
    world.check_order_books(&order);
    world.fill(&order, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).paid_units, highest * 4_096 / 400 * 391);
    let extend = world.extend_ix(&order, 1, u64::MAX).instruction();
    world.refuses(E::InvalidHours, extend, &[&renter.wallet]);
    world.end_early(&order, &renter);
    let unused = rent - highest * 4_096;
    let refunded = unused + unused / 400 * 9;
    assert_eq!(world.order(&order).refunded_units, refunded);
    world.check_order_books(&order);

    base_price(&mut world, 52_000_000_000);
    let create = book(&world, 2);
    world.refuses(E::MathOverflow, create.instruction(), &[&renter.wallet]);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// Where the books of a currency are full a deposit is refused; what is booked is settled, refunded and paid.
#[test]
fn full_books_refuse_deposits_and_no_exit() {
    let (mut world, supplier, renter) = stage();
    let order = world.running_in(Currency::Usd, &renter, 1, 2, &[&supplier]);
    let escrow = world.escrow_of(Currency::Usd);
    let room = 1_000_000;
    let lifted = u64::MAX - 2_045_000 - room;
    world.edit::<iog_client::market::accounts::Escrow>(&escrow, |books| {
        books.deposited_units += lifted;
        books.refunded_units += lifted;
    });
    let next = world.token_order_ix(Currency::Usd, &renter, CLASS_TEST, order_args(2, 1, 1));
    world.refuses(E::MathOverflow, next.instruction(), &[&renter.wallet]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    world.wind_up(&order, &[&supplier]);
    world.withdraw(&supplier, Currency::Usd);
    let books = world.escrow(Currency::Usd);
    assert_eq!(world.balance(&books.vault), books.fees_due_units);
}
