//! scratch
use iog_tests::world::{Currency, CLASS_TEST, CURRENCIES};
use iog_tests::World;

#[test]
fn all_currencies_run_and_wind_up() {
    for secs in [0, 3_600] {
        let mut world = World::with_disputes(secs);
        let one = world.supplier(CLASS_TEST);
        let two = world.cluster(CLASS_TEST, 4);
        let three = world.sibling(&one);
        let renter = world.credit_renter();
        for (id, currency) in CURRENCIES.into_iter().enumerate() {
            let order = world.running_in(currency, &renter, id as u64, 2, &[&one, &two, &three]);
            world.check_price_book(CLASS_TEST, &[&one, &two, &three]);
            world.serve_hour(&[&one, &two, &three], 6);
            let meta = world.settle_lease(&order, &one);
            println!("settle {}", meta.units);
            world.check_order_books(&order);
            world.serve_hour(&[&one, &two], 6);
            world.settle_lease(&order, &one);
            world.settle_lease(&order, &two);
            world.settle_lease(&order, &three);
            world.check_order_books(&order);
            world.advance(i64::from(secs));
            world.wind_up(&order, &[&one, &two, &three]);
            world.check_escrow(currency);
            world.check_price_book(CLASS_TEST, &[&one, &two, &three]);
            if currency == Currency::Iosd {
                world.post_price(25_000_000);
                world.settle_credit();
                world.claim_credit(&one);
                world.claim_credit(&two);
                world.advance(86_400 * 2);
                world.fund_credit(u64::MAX);
                world.pay_credit(&one);
            } else {
                world.withdraw(&one, currency);
                world.collect_fees(currency);
            }
            world.check_escrow(currency);
        }
        for (name, units) in world.costs() {
            println!("{name} {units}");
        }
    }
}
