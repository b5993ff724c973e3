//! What devices and renters have done, exactly.

use iog_client::market::accounts::{Occupancy, RenterStats};
use iog_client::market::instructions::{ApplyParameter, SetParameter};
use iog_client::market::ParameterId;
use iog_math::reputation::{reputation_bps, Record};
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS};
use iog_tests::{Supplier, World};

use super::stage::{stage, stage_with, HOUR};

/// The formula's reputation of a device's record.
fn reputation(world: &World, supplier: &Supplier) -> u16 {
    let place = world.occupancy(supplier);
    reputation_bps(&Record {
        slots_served: place.slots_served,
        slots_missed: place.slots_missed,
        skipped: place.skipped,
        timeouts: place.timeouts,
        disputes_lost: place.disputes_lost,
    })
}

/// The program asks for exactly the formula's number: one basis point more is refused.
fn asks_for(world: &mut World, supplier: &Supplier, bps: u16) {
    let renter = world.renter();
    assert_eq!(reputation(world, supplier), bps);
    world.make_ready(supplier);
    for (id, asked, matches) in [(1, bps + 1, false), (2, bps, true)] {
        let mut args = order_args(id, 1, 1);
        args.min_reputation_bps = asked;
        let order = world.book(&renter, CLASS_TEST, args);
        let matching = world.match_ix(&order, supplier).instruction();
        let outcome = world.send(&[matching], &[&renter.wallet]);
        assert_eq!(outcome.is_ok(), matches);
    }
}

#[test]
fn a_new_device_stands_at_one_half() {
    let (mut world, supplier, _) = stage();
    asks_for(&mut world, &supplier, 5_000);
}

/// 21 slots served and 13 missed, a match let go, a timeout and a dispute lost, in sixths of hours:
/// (21 + 48) / (21 + 13 + 6 + 36 + 72 + 96) = 69 / 244.
#[test]
fn every_event_counts_once() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 7, &[&supplier]);
    for beats in [6, 4, 5, 0, 6] {
        world.serve_hour(&[&supplier], beats);
    }
    world.settle_lease(&order, &supplier);
    let place = world.occupancy(&supplier);
    assert_eq!((place.slots_served, place.slots_missed), (21, 9));
    world.warp_to(GENESIS_TS + 5 * HOUR + 2_400);
    world.report_timeout(&order, &supplier);
    world.judge_rest(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    let late = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    world.match_device(&late, &supplier);
    world.advance(91);
    world.skip_device(&late, &supplier);
    let place = world.occupancy(&supplier);
    assert_eq!((place.slots_served, place.slots_missed), (21, 13));
    let counts = (place.skipped, place.timeouts, place.disputes_lost);
    assert_eq!((counts, place.leases), ((1, 1, 1), 1));
    world.advance(HOUR);
    asks_for(&mut world, &supplier, 2_827);
}

/// Counters at the end of their numbers stop nothing.
#[test]
fn a_full_record_stops_no_settlement() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.edit::<Occupancy>(&supplier.occupancy, |place| {
        (place.slots_served, place.slots_missed) = (u64::MAX, u64::MAX);
    });
    world.edit::<RenterStats>(&renter.stats, |stats| {
        (stats.spent_usd6, stats.points_e6, stats.gpu_minutes) = (u64::MAX, u64::MAX, u64::MAX);
    });
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.spent_usd6, stats.points_e6), (u64::MAX, u64::MAX));
    world.check_escrows();
}

/// Dollars of rent that were earned, before the supplier's fee and in whatever currency; points as many as the parameter says.
#[test]
fn a_renter_is_credited_for_what_was_earned() {
    let (mut world, supplier, _) = stage();
    let renter = world.credit_renter();
    let one = world.cluster(CLASS_UNPROVED, 1);
    let four = world.cluster(CLASS_UNPROVED, 4);
    let stats = |world: &World| world.read::<RenterStats>(&renter.stats);
    let order = world.running(&renter, 1, 3, &[&one, &four]);
    for beats in [6, 3] {
        world.serve_hour(&[&one, &four], beats);
    }
    world.end_early(&order, &renter);
    world.wind_up(&order, &[&one, &four]);
    let first = stats(&world);
    assert_eq!((first.orders, first.gpu_minutes), (1, 300 + 150));
    assert_eq!((first.spent_usd6, first.points_e6), (7_500_000, 75_000_000));
    let set = SetParameter {
        authority: world.authority.pubkey_of(),
        id: ParameterId::PointsPerUsd,
        value: 1_000,
    };
    world.govern(set.instruction());
    world.advance(86_400);
    let id = ParameterId::PointsPerUsd;
    world.govern(ApplyParameter { id }.instruction());
    for (id, currency) in [(2, Currency::Usd), (3, Currency::Iosd)] {
        let order = world.running_in(currency, &renter, id, 1, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        world.wind_up(&order, &[&supplier]);
    }
    let last = stats(&world);
    assert_eq!((last.orders, last.gpu_minutes), (3, 450 + 120));
    assert_eq!(last.spent_usd6, 9_500_000);
    assert_eq!(last.points_e6, 75_000_000 + 2_000_000_000);
    assert_eq!(last.disputes, 0);
}
