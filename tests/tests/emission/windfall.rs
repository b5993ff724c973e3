//! Who comes first, alone, or knows when, gets what its hardware is worth in an hour and not what others left.

use iog_client::pda;
use iog_tests::world::{class_args, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{Supplier, World};

use super::stage::*;

/// What an RTX 4090 of tier 1, 25,050 points, gets at most in an hour: 0.62625 IO.
const ONE_HOUR: u64 = 62_625_000;
/// Tier 1 and 200 * 1,000: an H100.
const H100: u64 = 200_050;

/// A network whose Enterprise class has this multiplier, and a device of it.
fn of_multiplier(multiplier_x100: u32) -> (World, Supplier) {
    let mut world = planned();
    let mut class = class_args(CLASS_TEST);
    class.multiplier_x100 = multiplier_x100;
    world.update_class(class);
    let supplier = aged(&mut world, CLASS_TEST);
    (world, supplier)
}

fn check_in(world: &mut World, supplier: &Supplier) {
    let hour = world.hour();
    open_missing(world, hour);
    world.check_in(supplier);
}

/// audit: proof H-4, redteam 11a: the first device of hour 13 took 56,388 IO, that of hour 721 3.11 million.
#[test]
fn a_lone_device_after_empty_hours_books_its_points_and_leaves_the_carry() {
    for (hour, carried) in [(13, 5_638_799_556_710), (721, 311_204_153_401_668)] {
        let (mut world, supplier) = of_multiplier(125);
        world.set_time(start(hour));
        catch_up(&mut world);
        check_in(&mut world, &supplier);
        world.set_time(start(hour + 1));
        catch_up(&mut world);
        settle_on(&mut world, &supplier, (hour - 1) / 128);
        assert_eq!(rewards(&world, &supplier).owner_booked_units, ONE_HOUR);
        let books = config(&world);
        assert_eq!(books.shared_units, ONE_HOUR);
        assert_eq!(books.enterprise_carry_units, carried - ONE_HOUR);
        assert_eq!(parts(1, hour), carried);
        check_identities(&world, &[&supplier], 0);
    }
}

/// audit: proof H-4, redteam 11a: 720 hours alone in its pool are worth 450.9 IO, not all of the emission.
#[test]
fn a_month_alone_pays_720_times_one_hour() {
    let (mut world, supplier) = of_multiplier(125);
    for hour in 1..=720 {
        open_missing(&mut world, hour);
        let mut check_in = world.check_in_ix(&supplier);
        if hour % 128 == 1 && hour > 1 {
            check_in.previous_page = Some(iog_tests::world::page_of(hour - 1));
        }
        world.mark_passed(&supplier);
        world.govern(check_in.instruction());
        world.set_time(start(hour + 1));
        world.close_hours(1);
    }
    settle_on(&mut world, &supplier, 719 / 128);
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert_eq!(booked, 45_090_000_000);
    assert_eq!(booked, 720 * ONE_HOUR);
    let carried = config(&world).enterprise_carry_units;
    assert_eq!(carried, parts(1, 720) - booked);
    check_identities(&world, &[&supplier], 0);
}

/// audit: proof H-4: one check-in a week was paid for 168 hours.
#[test]
fn a_pool_with_one_supplier_is_not_paid_for_hours_that_it_skips() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.set_time(start(168));
    catch_up(&mut world);
    check_in(&mut world, &supplier);
    world.set_time(start(169));
    catch_up(&mut world);
    settle_on(&mut world, &supplier, 1);
    let booked = rewards(&world, &supplier).owner_booked_units;
    // Even where no limit on a point binds, two parts at most.
    assert_eq!(booked, share(SCORE, 2 * parts(168, 168), SCORE));
    check_identities(&world, &[&supplier], 1);
}

/// audit: proof H-4: ten empty hours flow on over the ten after them, each sharing twice its part to the unit.
#[test]
fn empty_hours_drip_over_as_many() {
    // 2^29 points divide exactly, and 2,500 units a point are 13,421 IO: the limit on a point binds nothing.
    const POINTS: u64 = 1 << 29;
    let mut world = planned();
    world.set_time(start(11));
    catch_up(&mut world);
    let mut carry = parts(1, 10);
    for hour in 11..=22 {
        others(&mut world, POINTS);
        world.set_time(start(hour + 1));
        world.close_hours(1);
        let part = parts(hour, hour);
        let from_carry = carry.min(part);
        carry -= from_carry;
        let amount = page(&world, hour).hours[hour as usize - 1]
            .enterprise
            .amount_units;
        assert_eq!(amount, part + from_carry, "hour {hour}");
        assert_eq!(config(&world).enterprise_carry_units, carry);
        check_books(&world);
    }
    // Hours get less, so ten hours' carry lasts into the eleventh, and is gone then.
    assert_eq!(carry, 0);
    let last = page(&world, 22).hours[21].enterprise.amount_units;
    assert_eq!(last, parts(22, 22));
}

/// redteam 11a: 5 IO an H100 and hour (and a little for the tier), which 868 of them reach.
#[test]
fn a_point_of_score_gets_at_most_its_ceiling() {
    for (h100, one) in [(1, 500_125_000), (867, 500_125_000), (868, 499_758_011)] {
        let (mut world, supplier) = of_multiplier(1_000);
        check_in(&mut world, &supplier);
        others(&mut world, (h100 - 1) * H100);
        world.set_time(start(2));
        world.close_hours(1);
        settle(&mut world, &supplier);
        let booked = rewards(&world, &supplier).owner_booked_units;
        assert_eq!(booked, one, "{h100} H100");
        let carry = config(&world).enterprise_carry_units;
        if h100 < 868 {
            assert_eq!(carry, ENTERPRISE - h100 * one);
        } else {
            assert!(carry <= 1, "{carry}: all but dust is shared");
        }
    }
}

/// redteam 11a: the pools have one ceiling and carry each its own.
#[test]
fn the_ceiling_holds_in_both_pools() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_COMMUNITY);
    world.check_in(&supplier);
    world.set_time(start(2));
    world.close_hours(1);
    settle(&mut world, &supplier);
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert_eq!(booked, COMMUNITY_SCORE * MOST);
    let books = config(&world);
    assert_eq!(books.community_carry_units, COMMUNITY - booked);
    assert_eq!(books.enterprise_carry_units, ENTERPRISE);
    assert_eq!(world.balance(&pda::emission::vault()), 0);
    check_identities(&world, &[&supplier], 0);
}
