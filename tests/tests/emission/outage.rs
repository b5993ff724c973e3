//! Worst cases: long outages under the real limits, thousands of hours unclaimed, the smallest score and the largest amounts.

use iog_client::emission::accounts::{Config, DeviceRewards, LedgerPage};
use iog_client::pda;
use iog_client::token::accounts::{Config as TokenConfig, Minter};
use iog_client::token::TokenError;
use iog_tests::world::{page_of, CLASS_TEST};
use iog_tests::{Code, World};
use num_bigint::BigUint;

use super::stage::*;

const IO: u64 = 100_000_000;
/// The breaker's window of the emission among the token's four.
const EMISSION_WINDOW: usize = 0;

/// As `migrations/plans/local.toml` has them: 5,000,000 IO and 1 % of the supply in 24 hours, 500,000 IO in one.
fn real_limits(world: &mut World) {
    world.edit::<TokenConfig>(&pda::token::config(), |books| {
        let window = &mut books.windows[EMISSION_WINDOW];
        window.limit_units.value = 5_000_000 * IO;
        window.share_bps.value = 100;
        window.floor_units.value = 0;
    });
    let minter = pda::token::minter(&pda::emission::minter_authority());
    world.edit::<Minter>(&minter, |minter| {
        minter.cap_per_hour_units.value = 500_000 * IO
    });
}

fn open_missing(world: &mut World, hour: u32) {
    if world.find(&page_of(hour)).is_none() {
        world.open_page((hour - 1) / 128);
    }
}

/// Closes what the limits let pass, as a keeper does: halving what is refused.
fn close_what_passes(world: &mut World) -> Vec<Code> {
    let mut refused = Vec::new();
    let mut batch = 48;
    while config(world).next_hour < world.hour() {
        let next = config(world).next_hour;
        open_missing(world, next);
        let close = world.close_ix(batch).instruction();
        let authority = world.authority.insecure_clone();
        match world.send_large(&[close], &[&authority]) {
            Ok(_) => {}
            Err(failure) => {
                refused.push(failure.code());
                if batch == 1 {
                    return refused;
                }
                batch /= 2;
            }
        }
    }
    refused
}

/// The schedule's hours before `hour`, in all.
fn scheduled_before(hour: u32) -> u64 {
    iog_math::emission::schedule()
        .take_while(|entry| entry.hour < hour)
        .map(|entry| entry.amount)
        .sum()
}

#[test]
fn two_thousand_hours_of_outage_pass_the_real_breaker_within_days() {
    let mut world = World::ready();
    real_limits(&mut world);
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    world.set_time(start(2_002));
    // Nine million IO are due, of which a day lets five pass.
    assert!(scheduled_before(2_002) > 8_900_000 * IO);
    let mut refused = Vec::new();
    let mut hours = 0;
    while config(&world).next_hour < world.hour() {
        refused.extend(close_what_passes(&mut world));
        let books = config(&world);
        assert_eq!(books.minted_units, scheduled_before(books.next_hour));
        check_books(&world);
        if books.next_hour < world.hour() {
            world.set_time(world.now() + 3_600);
            hours += 1;
        }
        assert!(hours <= 4 * 24, "not caught up after four days");
    }
    assert!(refused.contains(&TokenError::MinterCapReached.into()));
    assert!(refused.contains(&TokenError::BreakerTripped.into()));
    let known = [TokenError::MinterCapReached, TokenError::BreakerTripped].map(Code::from);
    assert!(refused.iter().all(|code| known.contains(code)));
    // Nothing is lost: the hour before the outage is paid, the rest is carried to whoever comes next.
    settle(&mut world, &supplier);
    let first = share(SCORE, ENTERPRISE, SCORE);
    assert_eq!(rewards(&world, &supplier).owner_booked_units, first);
    let books = config(&world);
    let carried = books.enterprise_carry_units + books.community_carry_units;
    assert_eq!(carried + first, books.minted_units);
    claim(&mut world, &supplier);
    let hour = world.hour();
    open_missing(&mut world, hour);
    world.check_in(&supplier);
    world.set_time(start(hour + 1));
    assert_eq!(close_what_passes(&mut world), []);
    let settle = world.settle_rewards_ix(&supplier, (hour - 1) / 128);
    world.govern(settle.instruction());
    let after = config(&world);
    let left = after.enterprise_carry_units + after.community_carry_units + after.booked_units;
    assert_eq!(left + first, after.minted_units);
    check_books(&world);
}

/// 5,000 hours of work, settled by the check-ins and never claimed: the claim costs what it costs after one hour.
#[test]
fn five_thousand_hours_are_claimed_at_the_cost_of_one() {
    let mut world = World::ready();
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
            costs.push(claim(&mut world, &supplier).units);
        }
    }
    assert!(dearest <= 12_000, "{dearest} compute units of a check-in");
    assert!(closing <= 20_000, "{closing} compute units of closing");
    let last = world.settle_rewards_ix(&supplier, (5_000 - 1) / 128);
    world.govern(last.instruction());
    let booked = rewards(&world, &supplier).owner_booked_units;
    let before = world.balance(&supplier.owner_token);
    costs.push(claim(&mut world, &supplier).units);
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 15_000, "{} compute units of a claim", costs[0]);
    assert_eq!(world.balance(&supplier.owner_token) - before, booked);
    // The device was alone in its pool: it got all of it but the last hour's dust.
    let books = config(&world);
    let enterprise: u64 = iog_math::emission::schedule()
        .take_while(|entry| entry.hour <= 5_000)
        .map(|entry| u64::try_from(u128::from(entry.amount) * 95 / 100).unwrap())
        .sum();
    assert_eq!(booked, enterprise - books.enterprise_carry_units);
    assert!(books.enterprise_carry_units <= 1);
    check_books(&world);
}

/// A device's hour is settled years later, with the page that was kept, by anyone, and its check-in goes on.
#[test]
fn an_hour_is_settled_twenty_years_later() {
    let mut world = World::ready();
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

/// One point of score beside 10^12, from the smallest amount to all that is ever emitted: Q64.64 keeps each share within one unit
/// below the exact one, and all shares together within the amount. The rate is at most 2^-64 too small for each point, so a score
/// below 2^64 loses less than one unit to it, and one more at most to the last rounding.
#[test]
fn one_point_of_score_beside_a_million_million() {
    const OTHERS: u64 = 1_000_000_000_000;
    let mut ready = World::ready();
    let suppliers = [(); 2].map(|()| aged(&mut ready, CLASS_TEST));
    for supplier in &suppliers {
        ready.check_in(supplier);
    }
    for (supplier, score) in suppliers.iter().zip([1, OTHERS]) {
        ready.edit::<DeviceRewards>(&supplier.rewards, |rewards| {
            rewards.pending[0].score = score;
        });
    }
    ready.edit::<LedgerPage>(&pda::emission::page(0), |page| {
        page.hours[0].enterprise.total_score = OTHERS + 1;
    });
    ready.set_time(start(2));
    let all = 30_000_000_000_000_000 - ENTERPRISE;
    for (carry, smallest) in [
        (0, 0),
        (OTHERS - ENTERPRISE, 0),
        (OTHERS + 1 - ENTERPRISE, 1),
        (7 * (OTHERS + 1) - ENTERPRISE, 7),
        (all, 29_999),
    ] {
        let mut world = ready.clone();
        world.edit::<Config>(&pda::emission::config(), |books| {
            books.enterprise_carry_units = carry;
        });
        let vault = pda::emission::vault();
        world.close_hours(1);
        let amount = ENTERPRISE + carry;
        let got = suppliers.each_ref().map(|supplier| {
            settle(&mut world, supplier);
            rewards(&world, supplier).owner_booked_units
        });
        for (score, got) in [1, OTHERS].into_iter().zip(got) {
            let exact = exact(score, amount, OTHERS + 1);
            assert!(
                got <= exact && exact - got <= 1,
                "{score}: {got}, not {exact}"
            );
        }
        assert!(got[0] == smallest || got[0] + 1 == smallest, "{}", got[0]);
        let carried = config(&world).enterprise_carry_units;
        let left = amount - got[0] - got[1] - carried;
        assert!(left <= 2, "{left} of {amount} stay in the vault");
        assert_eq!(world.balance(&vault), FIRST);
    }
}

/// One hour of the largest amounts that the books can hold: no product of score and rate passes 128 bits.
#[test]
fn the_largest_score_takes_the_largest_amount_whole() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    let top = u64::MAX;
    world.edit::<DeviceRewards>(&supplier.rewards, |rewards| {
        rewards.pending[0].score = top;
    });
    world.edit::<LedgerPage>(&pda::emission::page(0), |page| {
        page.hours[0].enterprise.total_score = top;
    });
    let cap = 80_000_000_000_000_000;
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.enterprise_carry_units = cap - ENTERPRISE;
    });
    world.set_time(start(2));
    world.close_hours(1);
    settle(&mut world, &supplier);
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert_eq!(booked + config(&world).enterprise_carry_units, cap);
    assert!(cap - booked <= 1);
}
