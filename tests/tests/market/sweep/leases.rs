//! Instructions that move leases along.

use iog_client::market::instructions::*;
use iog_tests::sweep::Wrong;
use iog_tests::world::{order_args, CLASS_TEST};

use super::super::stage::stage;
use super::{at_work, sweep, ANY, ORACLE};

#[test]
fn matching_accepting_and_skipping() {
    let (mut world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&order, &supplier).instruction();
    let places = [
        MatchDevice::BOOK,
        MatchDevice::STAKE,
        MatchDevice::OCCUPANCY,
        MatchDevice::EARNINGS,
    ];
    // Only another class than the quoted one is priced by its book.
    sweep(&world, &matching, &[&keeper], &places, &[]);
    world.match_device(&order, &supplier);
    let accept = world.accept_ix(&order, &supplier).instruction();
    let places = [Accept::LEASE, Accept::OCCUPANCY, Accept::BOOK];
    sweep(&world, &accept, &[&supplier.device_key], &places, &[]);
    world.set_time(world.now() + 181);
    let skip = world.skip_ix(&order, &supplier).instruction();
    let places = [SkipDevice::LEASE, SkipDevice::OCCUPANCY, SkipDevice::BOOK];
    sweep(&world, &skip, &[], &places, &[]);
}

#[test]
fn settling_and_closing() {
    let (mut world, supplier, renter, order) = at_work(0);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    let places = [
        Settle::LEASE,
        Settle::OCCUPANCY,
        Settle::BOOK,
        Settle::ESCROW,
        Settle::EARNINGS,
        Settle::STATS,
    ];
    sweep(&world, &settle, &[], &places, &[]);
    let mut priced = world.clone();
    priced.post_price(25_000_000);
    let extend = priced.extend_ix(&order, 1, u64::MAX);
    let places = [
        Extend::CLASS,
        Extend::BOOK,
        Extend::PRICE_SOURCE,
        Extend::ORDER,
        Extend::ESCROW,
    ];
    let free = [
        (Extend::PRICE, Wrong::Copy, ORACLE),
        (Extend::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep(
        &priced,
        &extend.instruction(),
        &[&renter.wallet],
        &places,
        &free,
    );
    let end = world.end_early_ix(&order).instruction();
    let places = [EndEarly::ORDER, EndEarly::ESCROW];
    sweep(&world, &end, &[&renter.wallet], &places, &[]);
    world.end_early(&order, &renter);
    world.settle_lease(&order, &supplier);
    let close = world.close_lease_ix(&order, &supplier).instruction();
    let places = [CloseLease::LEASE, CloseLease::OCCUPANCY, CloseLease::BOOK];
    sweep(&world, &close, &[], &places, &[]);
    world.close_lease(&order, &supplier);
    world.refund(&order);
    let close = world.close_order_ix(&order).instruction();
    sweep(&world, &close, &[], &[CloseOrder::ORDER], &[]);
}

#[test]
fn dropping_out() {
    let (mut world, supplier, renter, order) = at_work(0);
    world.post_price(25_000_000);
    world.settle_lease(&order, &supplier);
    world.extend(&order, &renter, 1);
    let early = world.clone();
    world.set_time(world.now() + 2_400);
    let report = world.timeout_ix(&order, &supplier).instruction();
    let places = [
        ReportTimeout::LEASE,
        ReportTimeout::OCCUPANCY,
        ReportTimeout::BOOK,
    ];
    let keeper = world.authority.insecure_clone();
    sweep(&world, &report, &[&keeper], &places, &[]);
    let mut world = early;
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    let leave = world.leave_lease_ix(&order, &supplier).instruction();
    let places = [LeaveLease::LEASE, LeaveLease::OCCUPANCY, LeaveLease::BOOK];
    sweep(&world, &leave, &[&supplier.owner], &places, &[]);
}

#[test]
fn disputing() {
    let (mut world, supplier, renter, order) = at_work(3_600);
    world.settle_lease(&order, &supplier);
    let open = world.dispute_ix(&order, &supplier).instruction();
    let places = [
        OpenDispute::LEASE,
        OpenDispute::OCCUPANCY,
        OpenDispute::BOOK,
        OpenDispute::STATS,
    ];
    sweep(&world, &open, &[&renter.wallet], &places, &[]);
    world.dispute(&order, &renter, &supplier);
    let places = [
        ResolveDispute::LEASE,
        ResolveDispute::OCCUPANCY,
        ResolveDispute::ESCROW,
        ResolveDispute::EARNINGS,
        ResolveDispute::STATS,
    ];
    let resolve = world.resolve_dispute_ix(&order, &supplier, 1).instruction();
    let resolver = world.resolver.insecure_clone();
    sweep(&world, &resolve, &[&resolver], &places, &[]);
    world.set_time(world.now() + 259_200);
    let rule = world.resolve_by_rule_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    sweep(&world, &rule, &[&keeper], &places, &[]);
}
