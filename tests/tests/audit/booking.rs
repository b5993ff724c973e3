//! Parts, machines, and what a lease is paid.

use iog_client::market::{MarketError as E, OrderArgs};
use iog_tests::world::{
    order_args, parts_of, price_book_args, Currency, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED,
};

use super::stage::{earned, stage, suppliers, FEE, HOUR, HOURLY, PAID};

fn with_parts(id: u64, hours: u32, wishes: &[(u16, u16, u32)]) -> OrderArgs {
    OrderArgs {
        parts: parts_of(wishes),
        ..order_args(id, 0, hours)
    }
}

/// Sets what a class costs.
fn set_base(world: &mut iog_tests::World, class_id: u16, usd6: u64) {
    let class = iog_client::pda::registry::class(class_id);
    world.edit::<iog_client::registry::accounts::HardwareClass>(&class, |class| {
        class.base_price_usd6 = usd6;
    });
}

/// redteam 4c, 4d. An order of two parts asks for exactly so many GPUs a machine; a machine of another size does not fit; nobody is held
/// while one part is not filled; with the last machine it starts, and each part pays its own class's price.
#[test]
fn parts_and_machines_are_filled_exactly() {
    let (mut world, single, renter) = stage(0);
    let machine = world.cluster(CLASS_UNPROVED, 4);
    let small = world.cluster(CLASS_UNPROVED, 2);
    set_base(&mut world, CLASS_UNPROVED, 100_000);
    let args = with_parts(1, 1, &[(CLASS_TEST, 0, 1), (CLASS_UNPROVED, 4, 4)]);
    let order = world.book_in(Currency::Usd, &renter, CLASS_TEST, args);
    let books = world.order(&order);
    assert_eq!(
        books.deposited_units,
        (HOURLY + 4 * 100_000) * 10_225 / 10_000
    );
    for device in [&machine, &small] {
        world.make_ready(device);
    }
    let wrong = world.match_part_ix(&order, &small, 1).instruction();
    world.refuses(E::WrongMachine, wrong, &[&renter.wallet]);
    let other_class = world.match_part_ix(&order, &machine, 0).instruction();
    world.refuses(E::WrongClass, other_class, &[&renter.wallet]);
    world.match_part(&order, &machine, 1);
    let accept = world.accept_ix(&order, &machine).instruction();
    let keys = super::stage::device_signs(&world, &machine);
    world.refuses(E::OrderNotWhole, accept, &[&keys[0], &keys[1]]);
    world.match_part(&order, &single, 0);
    world.accept_all(&order, &[&machine, &single]);
    world.serve_hour(&[&machine, &single], 6);
    world.wind_up(&order, &[&machine, &single]);
    assert_eq!(earned(&world, &single), PAID);
    assert_eq!(earned(&world, &machine), 400_000 - 9_000);
    world.check_escrows();
}

/// The order's own list is checked: classes differ, machines divide, an alternative follows a part and asks for nothing of its own.
#[test]
fn lists_that_make_no_sense_are_refused() {
    let (mut world, _, renter) = stage(0);
    for (wishes, code) in [
        (vec![(CLASS_TEST, 0, 0)], E::InvalidParts),
        (
            vec![(CLASS_TEST, 0, 1), (CLASS_TEST, 0, 1)],
            E::InvalidParts,
        ),
        (vec![(CLASS_TEST, 3, 4)], E::InvalidParts),
        (
            vec![(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 1, 0)],
            E::InvalidParts,
        ),
        (vec![(CLASS_TEST, 0, 1), (0, 0, 1)], E::InvalidParts),
        (
            vec![(CLASS_TEST, 0, 1), (0, 0, 0), (CLASS_COMMUNITY, 0, 1)],
            E::InvalidParts,
        ),
        (
            vec![(CLASS_TEST, 0, 4_096), (CLASS_COMMUNITY, 0, 1)],
            E::InvalidGpus,
        ),
    ] {
        let args = with_parts(1, 1, &wishes);
        let book = world.book_ix(Currency::Usd, &renter, CLASS_TEST, args);
        world.refuses(code, book, &[&renter.wallet]);
    }
    // Without the accounts of the second part.
    let args = with_parts(1, 1, &[(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 0, 1)]);
    let book = world.token_order_ix(Currency::Usd, &renter, CLASS_TEST, args);
    world.refuses(E::PartsMissing, book.instruction(), &[&renter.wallet]);
}

/// audit: market L2. A cheaper alternative class is paid its own price, and the renter gets the rest back; a dearer one is refused.
#[test]
fn an_alternative_is_paid_its_own_price() {
    let (mut world, _, renter) = stage(0);
    let cheap = world.supplier(CLASS_COMMUNITY);
    for (base, code) in [(370_000, None), (1_000_001, Some(E::PriceTooLow))] {
        let mut world = world.clone();
        set_base(&mut world, CLASS_COMMUNITY, base);
        let args = with_parts(1, 1, &[(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 0, 0)]);
        let order = world.book_in(Currency::Usd, &renter, CLASS_TEST, args);
        world.make_ready(&cheap);
        let matched = world.match_ix(&order, &cheap).instruction();
        if let Some(code) = code {
            world.refuses(code, matched, &[&renter.wallet]);
            continue;
        }
        world.must(matched, &[&renter.wallet]);
        world.accept(&order, &cheap);
        world.serve_hour(&[&cheap], 6);
        world.wind_up(&order, &[&cheap]);
        assert_eq!(earned(&world, &cheap), 370_000 - 8_325);
        world.check_escrows();
    }
}

/// redteam 4a. The floor is compared with what this lease is paid, not with what the order pays for its first class.
#[test]
fn nobody_is_paid_below_its_floor() {
    let (mut world, _, renter) = stage(0);
    let cheap = world.supplier(CLASS_COMMUNITY);
    set_base(&mut world, CLASS_COMMUNITY, 370_000);
    let args = with_parts(1, 1, &[(CLASS_TEST, 0, 1), (CLASS_COMMUNITY, 0, 0)]);
    let order = world.book_in(Currency::Usd, &renter, CLASS_TEST, args);
    world.make_ready(&cheap);
    for (floor, code) in [(370_001, Some(E::PriceBelowFloor)), (370_000, None)] {
        let mut world = world.clone();
        world.list_device(&cheap, floor);
        let matched = world.match_ix(&order, &cheap).instruction();
        match code {
            Some(code) => world.refuses(code, matched, &[&renter.wallet]),
            None => {
                world.must(matched, &[&renter.wallet]);
            }
        }
    }
}

/// redteam 4b. The class that was quoted is not re-rated: a device of it that is matched later, off the peak, is paid what was booked. An
/// alternative is re-rated with the booking's hour of the day.
#[test]
fn only_alternatives_are_re_rated_and_by_the_bookings_hour() {
    let (mut world, supplier, renter) = stage(0);
    let other = world.supplier(CLASS_COMMUNITY);
    // Both classes cost a fifth more in the hour that the booking is made in.
    let hour = u32::try_from(world.now().rem_euclid(86_400) / HOUR).unwrap();
    world.advance(86_400);
    for class in [CLASS_TEST, CLASS_COMMUNITY] {
        let mut args = price_book_args();
        (args.peak_bps, args.peak_hours) = (12_000, 1 << hour);
        world.govern(world.set_price_book_ix(class, args).instruction());
    }
    set_base(&mut world, CLASS_COMMUNITY, HOURLY);
    world.advance(HOUR - 600);
    let args = with_parts(1, 1, &[(CLASS_TEST, 0, 2), (CLASS_COMMUNITY, 0, 0)]);
    let order = world.book_in(Currency::Usd, &renter, CLASS_TEST, args);
    world.advance(601);
    for device in [&supplier, &other] {
        world.match_device(&order, device);
        let lease = world.lease(&order, device);
        assert_eq!((lease.pay_usd6, lease.part_usd6), (1_200_000, 1_200_000));
    }
}

/// redteam 4e. Orders for machines of more GPUs than a class proves together are refused at once, and no escrow waits for nobody.
#[test]
fn machines_that_nobody_can_prove_are_refused_at_once() {
    let (mut world, _, renter) = stage(0);
    let before = world.balance(&renter.usd);
    let args = with_parts(1, 1, &[(CLASS_TEST, 9, 18)]);
    let book = world.book_ix(Currency::Usd, &renter, CLASS_TEST, args);
    world.refuses(E::MachineNotProved, book, &[&renter.wallet]);
    assert_eq!(world.balance(&renter.usd), before);
}

/// audit: market L6, redteam 9e. Vacant places are given back with their money; one that is matched is not vacant; the last GPU stays.
#[test]
fn vacant_places_are_given_back() {
    let (mut world, first, renter) = stage(0);
    let others = suppliers(&mut world, 2);
    let order = super::stage::run(&mut world, &renter, 1, 10, &[&first, &others[0]]);
    world.serve_hour(&[&first, &others[0]], 6);
    for device in [&first, &others[0]] {
        world.settle_lease(&order, device);
    }
    let none = world.reduce_ix(&order, 0, 1).instruction();
    world.refuses(E::NotVacant, none.clone(), &[&renter.wallet]);
    world.leave_lease(&order, &others[0]);
    world.match_device(&order, &others[1]);
    world.refuses(E::NotVacant, none, &[&renter.wallet]);
    world.decline(&order, &others[1]);
    let before = world.order(&order).refunded_units;
    world.reduce(&order, &renter, 0, 1);
    // Nine hours of one GPU, with what was charged on them.
    let back = world.order(&order).refunded_units - before;
    assert_eq!(back, 9 * HOURLY * 10_225 / 10_000);
    let all = world.reduce_ix(&order, 0, 1).instruction();
    world.refuses(E::NotVacant, all, &[&renter.wallet]);
    for _ in 0..9 {
        world.serve_hour(&[&first], 6);
    }
    world.wind_up(&order, &[&first, &others[0]]);
    assert_eq!(earned(&world, &first), 10 * HOURLY - 10 * FEE);
    world.check_escrows();
}

/// audit: market M3. A currency is taken device by device, and can be left.
#[test]
fn a_device_leaves_a_currency() {
    let (mut world, supplier, renter) = stage(0);
    let mut list = world.list_device_ix(&supplier, 0);
    list.args.currencies = 0b101;
    world.must(list.instruction(), &[&supplier.owner]);
    let order = super::stage::book(&mut world, &renter, 1, 1, 1);
    let matched = world.match_ix(&order, &supplier).instruction();
    world.refuses(E::CurrencyNotTaken, matched, &[&renter.wallet]);
    for currencies in [0, 0b1000] {
        let mut list = world.list_device_ix(&supplier, 0);
        list.args.currencies = currencies;
        world.refuses(E::InvalidCurrencies, list.instruction(), &[&supplier.owner]);
    }
}

/// redteam 9d. Leaving a currency touches no lease that runs in it.
#[test]
fn leaving_a_currency_touches_no_lease() {
    let (mut world, supplier, renter) = stage(0);
    let order = super::stage::run(&mut world, &renter, 1, 1, &[&supplier]);
    let mut list = world.list_device_ix(&supplier, 0);
    list.args.currencies = 0b001;
    world.must(list.instruction(), &[&supplier.owner]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), PAID);
}

/// audit: market L10. A class that is closed takes no new orders, and stops none that runs: it is extended.
#[test]
fn a_closed_class_stops_no_running_order() {
    let (mut world, supplier, renter) = stage(0);
    let order = super::stage::run(&mut world, &renter, 1, 2, &[&supplier]);
    world.edit::<iog_client::registry::accounts::HardwareClass>(&supplier.class, |class| {
        class.enabled = 0;
    });
    let book = world.book_ix(Currency::Usd, &renter, CLASS_TEST, order_args(2, 1, 1));
    world.refuses(E::ClassNotOffered, book, &[&renter.wallet]);
    world.extend(&order, &renter, 3);
    assert_eq!(world.order(&order).hours, 5);
}
