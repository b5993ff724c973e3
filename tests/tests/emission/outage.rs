//! Worst cases: thousands of hours unclaimed, the smallest score and the largest amounts.

use iog_client::emission::accounts::{Config, DeviceRewards, LedgerPage};
use iog_client::pda;
use iog_tests::world::{page_of, CLASS_TEST};
use num_bigint::BigUint;

use super::stage::*;

/// 5,000 hours of work, settled by the check-ins and never claimed: the claim costs what it costs after one hour.
#[test]
fn five_thousand_hours_are_claimed_at_the_cost_of_one() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let mut costs = Vec::new();
    let (mut dearest, mut closing) = (0, 0);
    for hour in 1..=5_000_u32 {
        let index = (hour - 1) / 128;
        if hour % 128 == 1 && hour > 1 {
            world.open_page(index);
        }
        let mut check_in = world.check_in_ix(&supplier);
        if hour % 128 == 1 && hour > 1 {
            check_in.previous_page = Some(page_of(hour - 1));
        }
        world.mark_passed(&supplier);
        dearest = dearest.max(world.govern(check_in.instruction()).units);
        world.set_time(start(hour + 1));
        closing = closing.max(world.close_hours(1).units);
        if hour == 2 {
            let mut world = world.clone();
            settle(&mut world, &supplier);
            world.mint_due();
            costs.push(claim(&mut world, &supplier).units);
        }
        // A cap lets 54 hours pass in one.
        if hour % 48 == 0 {
            world.mint_due();
        }
    }
    assert!(dearest <= 12_000, "{dearest} compute units of a check-in");
    assert!(closing <= 8_000, "{closing} compute units of closing");
    let last = world.settle_rewards_ix(&supplier, (5_000 - 1) / 128);
    world.govern(last.instruction());
    let booked = rewards(&world, &supplier).owner_booked_units;
    let before = world.balance(&supplier.owner_token);
    world.mint_due();
    costs.push(claim(&mut world, &supplier).units);
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 15_000, "{} compute units of a claim", costs[0]);
    assert_eq!(world.balance(&supplier.owner_token) - before, booked);
    // The device was alone in its pool: it got all of it but the last hour's dust.
    let books = config(&world);
    assert_eq!(booked, parts(1, 5_000) - books.enterprise_carry_units);
    assert!(books.enterprise_carry_units <= 1);
    check_identities(&world, &[&supplier], 0);
}

/// A device's hour is settled years later, with the page that was kept, by anyone, and its check-in goes on.
#[test]
fn an_hour_is_settled_twenty_years_later() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    world.set_time(start(2));
    world.close_hours(1);
    stand_before(&mut world, 175_000, 29_000_000_000_000_000);
    world.close_hours(1);
    let mut check_in = world.check_in_ix(&supplier);
    check_in.previous_page = Some(page_of(1));
    world.mark_passed(&supplier);
    let mut by_settle = world.clone();
    world.govern(check_in.instruction());
    let reward = share(SCORE, ENTERPRISE, SCORE);
    assert_eq!(rewards(&world, &supplier).owner_booked_units, reward);
    assert_eq!(rewards(&world, &supplier).pending[0].hour, 175_001);
    settle(&mut by_settle, &supplier);
    assert_eq!(rewards(&by_settle, &supplier).owner_booked_units, reward);
}

/// `floor(score * amount / total)`, the share without any rounding in between.
fn exact(score: u64, amount: u64, total: u64) -> u64 {
    let share = BigUint::from(score) * amount / total;
    u64::try_from(share).expect("at most the amount")
}

/// One point of score beside 10^12 others, or beside so many that it gets a unit or thousands: Q64.64 keeps each share within one unit below
/// the exact one, and all shares together within the amount. The rate is at most 2^-64 too small for each point, so a score below 2^64
/// loses less than one unit to it, and one more at most to the last rounding.
#[test]
fn one_point_of_score_beside_a_million_million() {
    let mut ready = ready();
    let suppliers = [(); 2].map(|()| aged(&mut ready, CLASS_TEST));
    for supplier in &suppliers {
        ready.check_in(supplier);
    }
    ready.set_time(start(2));
    for (others, carry, smallest) in [
        (1_000_000_000_000, 0, 0),
        (1_000_000_000_000, u64::MAX >> 12, 0),
        (ENTERPRISE - 1, 0, 1),
        (ENTERPRISE - 1, ENTERPRISE, 2),
        (1_000_000, 1, 433_789),
    ] {
        let mut world = ready.clone();
        for (supplier, score) in suppliers.iter().zip([1, others]) {
            world.edit::<DeviceRewards>(&supplier.rewards, |rewards| {
                rewards.pending[0].score = score;
            });
        }
        world.edit::<LedgerPage>(&pda::emission::page(0), |page| {
            page.hours[0].enterprise.total_score = others + 1;
        });
        world.edit::<Config>(&pda::emission::config(), |books| {
            books.enterprise_carry_units = carry;
            books.scheduled_units = carry;
        });
        world.close_hours(1);
        let pot = with_carry(1, carry);
        let got = suppliers.each_ref().map(|supplier| {
            settle(&mut world, supplier);
            rewards(&world, supplier).owner_booked_units
        });
        for (score, got) in [1, others].into_iter().zip(got) {
            let exact = exact(score, pot, others + 1);
            assert!(
                got <= exact && exact - got <= 1,
                "{score}: {got}, not {exact}"
            );
        }
        assert_eq!(got[0], smallest);
        let shared = page(&world, 1).hours[0].enterprise.amount_units;
        assert!(pot - shared <= 1 && shared - got[0] - got[1] <= 2);
        let carried = config(&world).enterprise_carry_units;
        assert_eq!(carried, ENTERPRISE + carry - shared);
        check_books(&world);
    }
}

/// One hour of the largest amounts that the books can hold: no product of score and rate passes 128 bits.
#[test]
fn the_largest_score_takes_the_largest_amount_whole() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    let top = u64::MAX;
    world.edit::<DeviceRewards>(&supplier.rewards, |rewards| {
        rewards.pending[0].score = top;
    });
    world.edit::<LedgerPage>(&pda::emission::page(0), |page| {
        page.hours[0].enterprise.total_score = top;
    });
    let cap = 30_000_000_000_000_000 - FIRST;
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.enterprise_carry_units = cap;
        books.scheduled_units = cap;
    });
    world.set_time(start(2));
    world.close_hours(1);
    settle(&mut world, &supplier);
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert!(2 * ENTERPRISE - booked <= 1);
    assert_eq!(
        booked + config(&world).enterprise_carry_units,
        cap + ENTERPRISE
    );
    check_identities(&world, &[&supplier], 0);
}
