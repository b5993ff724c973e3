//! When an hour is judged, and by which slots where an end cuts it.

use iog_client::market::MarketError as E;

use super::super::stage::{earned, run, suppliers, DAY, HOUR, HOURLY, PAID};
use super::{beat, begin, by_rule, net, spent, to, AFTER, BEFORE};

/// The end of the first hour of an order that started 3 s after a slot began: its last slot began 3 s before, too.
const FIRST_HOUR: i64 = AFTER + HOUR;

/// redteam 5c. An hour that ends 3 s into a slot is judged when that slot is over: a renter that settles at its end finds nothing to settle,
/// and the node's last beat counts.
#[test]
fn a_slot_cannot_be_settled_away() {
    let (mut world, supplier, _, order) = begin(AFTER, 2, 0);
    // The one that may be forgiven is missing already.
    beat(&mut world, &supplier, &[2, 4, 5, 6]);
    let keeper = world.authority.insecure_clone();
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    to(&mut world, FIRST_HOUR);
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    beat(&mut world, &supplier, &[7]);
    to(&mut world, 4_799);
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    to(&mut world, 4_800);
    world.must(settle, &[&keeper]);
    assert_eq!(earned(&world, &supplier), PAID);
}

/// redteam 5c. While the last slot of an hour runs, a dispute, the owner's leaving and a report of a paused device are open, and the hour is
/// paid by all of its slots whichever of them ended the lease.
#[test]
fn nothing_is_shut_while_a_slot_runs() {
    let (mut world, supplier, renter, order) = begin(AFTER, 10, DAY);
    beat(&mut world, &supplier, &[2, 3, 4, 5, 6, 7]);
    to(&mut world, FIRST_HOUR + 10);
    let keeper = world.authority.insecure_clone();
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    world.refuses(E::NothingToSettle, settle, &[&keeper]);
    let mut disputed = world.clone();
    by_rule(&mut disputed, &order, &renter, &supplier);
    assert_eq!(earned(&disputed, &supplier), PAID + 50_000);
    let mut left = world.clone();
    left.leave_lease(&order, &supplier);
    world.set_device_state(&supplier, 1);
    world.report_timeout(&order, &supplier);
    for mut world in [left, world] {
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), PAID);
        world.check_escrows();
    }
}

/// redteam 5d. Five minutes in which no slot begins are paid by the slot that they lie in, or by the next, and else not at all.
#[test]
fn a_part_without_a_slot_is_paid_by_the_slot_it_lies_in_or_the_next() {
    for (last, rent) in [(Some(7), 83_333), (Some(8), 83_333), (None, 0)] {
        let (mut world, supplier, renter, order) = begin(AFTER, 2, 0);
        beat(&mut world, &supplier, &[2, 3, 4, 5, 6]);
        if last == Some(7) {
            beat(&mut world, &supplier, &[7]);
        }
        to(&mut world, FIRST_HOUR + 300);
        world.end_early(&order, &renter);
        if last == Some(8) {
            beat(&mut world, &supplier, &[8]);
        }
        to(&mut world, 5_400);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), PAID + net(rent), "{last:?}");
        world.check_escrows();
    }
}

/// redteam 5d. A replacement of eight minutes, from :01 to :09, is paid for eight minutes.
#[test]
fn a_replacement_of_eight_minutes_is_paid_for_eight() {
    let (mut world, first, renter) = super::super::stage::stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    let order = run(&mut world, &renter, 1, 4, &[&first]);
    to(&mut world, 3_600);
    world.settle_lease(&order, &first);
    world.leave_lease(&order, &first);
    to(&mut world, 3_660);
    world.match_device(&order, &second);
    world.accept(&order, &second);
    world.advance(10);
    world.heartbeat(&second);
    to(&mut world, 4_140);
    world.leave_lease(&order, &second);
    world.wind_up(&order, &[&first, &second]);
    assert_eq!(earned(&world, &second), net(133_333));
    assert_eq!(earned(&world, &first), 0);
    world.check_escrows();
}

/// redteam 5e. In the order's first hour, which an early end does not give back, the share of the slots that ran counts for the whole hour: a
/// dispute is no way around the rule, and neither is cheaper than the other.
#[test]
fn the_first_hour_is_whole_for_a_dispute_too() {
    // Ended 10 minutes in with the one slot proved, and after 33 minutes with two of four.
    for (slots, after, rent) in [(vec![1], 600, HOURLY), (vec![1, 2], 2_000, HOURLY / 2)] {
        let (mut world, supplier, renter, order) = begin(BEFORE, 5, DAY);
        beat(&mut world, &supplier, &slots);
        to(&mut world, BEFORE + after);
        let mut disputed = world.clone();
        by_rule(&mut disputed, &order, &renter, &supplier);
        assert_eq!(earned(&disputed, &supplier), net(rent) + 50_000);
        let vacant = disputed.order(&order).vacant_from_ts;
        assert_eq!(vacant, disputed.order(&order).started_ts + HOUR);
        world.end_early(&order, &renter);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), net(rent));
    }
}

/// redteam 5f. A device that beats, but in fewer than three slots of its last judged hour, can be taken out; what it proved of that hour is
/// forfeited, and the record counts slots. Three are enough to stay.
#[test]
fn a_machine_that_is_hardly_there_can_be_taken_out() {
    for (slots, stays) in [(vec![1, 4, 7], false), (vec![1, 3, 5, 7], true)] {
        let (mut world, supplier, renter, order) = begin(BEFORE, 5, DAY);
        beat(&mut world, &supplier, &slots);
        world.settle_lease(&order, &supplier);
        let report = world.timeout_ix(&order, &supplier).instruction();
        let keeper = world.authority.insecure_clone();
        if stays {
            world.refuses(E::DeviceServes, report, &[&keeper]);
            continue;
        }
        world.must(report, &[&keeper]);
        world.wind_up(&order, &[&supplier]);
        let record = world.occupancy(&supplier);
        assert_eq!((record.timeouts, record.slots_missed), (1, 4));
        assert_eq!(earned(&world, &supplier), 0);
        assert_eq!(spent(&world, &renter), 0);
    }
}

/// redteam 5c. A slot that began less than two minutes before a lease was stopped is not asked for: a node beats some seconds into a slot.
/// Stopped a second later it is: two of three are missing then.
#[test]
fn a_slot_has_two_minutes_to_be_beaten_in() {
    for (at, rent) in [
        (1_801, HOURLY),
        (1_920, HOURLY),
        (1_921, HOURLY / 3),
        (2_399, HOURLY / 3),
    ] {
        let (mut world, supplier, renter, order) = begin(BEFORE, 1, DAY);
        beat(&mut world, &supplier, &[1]);
        to(&mut world, at);
        world.end_early(&order, &renter);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), net(rent), "stopped at {at}");
    }
}
