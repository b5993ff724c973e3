//! Instructions that move leases along.

use iog_client::market::instructions::*;
use iog_tests::sweep::{refused_behind, Wrong};
use iog_tests::world::{order_args, receipt_key, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::super::stage::stage;
use super::{at_work, owned, sweep, ANY, ORACLE};

#[test]
fn matching_and_accepting() {
    let (mut world, supplier, renter) = stage();
    world.make_ready(&supplier);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&order, &supplier).instruction();
    let places = [
        MatchDevice::BOOK,
        MatchDevice::STAKE,
        MatchDevice::OCCUPANCY,
        MatchDevice::EARNINGS,
    ];
    // Only another class than the quoted one is priced by its book.
    sweep(&world, &matching, &[&renter.wallet], &places, &[]);
    world.match_device(&order, &supplier);
    let accept = world.accept_ix(&order, &supplier).instruction();
    let places = [
        Accept::LEASE,
        Accept::OCCUPANCY,
        Accept::BOOK,
        Accept::EARNINGS,
    ];
    sweep(&world, &accept, &[&supplier.device_key], &places, &[]);
}

/// A device is taken out of a match that holds nobody.
#[test]
fn displacing() {
    let (mut world, supplier, renter) = stage();
    let held = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
    // A keeper matched it, so that its rent is not the renter's.
    world.advance(30);
    world.match_device(&held, &supplier);
    world.advance(30);
    let order = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    let displace = world.displace_ix(&order, &supplier, 0).instruction();
    let places = [
        MatchDevice::BOOK,
        MatchDevice::STAKE,
        MatchDevice::OCCUPANCY,
        MatchDevice::EARNINGS,
    ];
    sweep(&world, &displace, &[&renter.wallet], &places, &[]);
}

#[test]
fn declining_and_skipping() {
    let (mut world, supplier, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.match_device(&order, &supplier);
    let places = [SkipDevice::LEASE, SkipDevice::OCCUPANCY, SkipDevice::BOOK];
    let decline = world.decline_ix(&order, &supplier).instruction();
    sweep(&world, &decline, &[&supplier.device_key], &places, &[]);
    world.advance(91);
    let skip = world.skip_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    sweep(&world, &skip, &[&keeper], &places, &[]);
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
    let places = [
        CloseLease::LEASE,
        CloseLease::OCCUPANCY,
        CloseLease::BOOK,
        CloseLease::ESCROW,
        CloseLease::EARNINGS,
    ];
    sweep(&world, &close, &[], &places, &[]);
    world.close_lease(&order, &supplier);
    world.refund(&order);
    let close = world.close_order_ix(&order).instruction();
    let places = [CloseOrder::ORDER, CloseOrder::STATS];
    sweep(&world, &close, &[], &places, &[]);
}

#[test]
fn dropping_out_and_giving_back() {
    let (mut world, supplier, renter, order) = at_work(0);
    world.post_price(25_000_000);
    world.settle_lease(&order, &supplier);
    world.extend(&order, &renter, 1);
    let early = world.clone();
    world.advance(2_400);
    let report = world.timeout_ix(&order, &supplier).instruction();
    let places = [
        ReportTimeout::LEASE,
        ReportTimeout::OCCUPANCY,
        ReportTimeout::BOOK,
        ReportTimeout::ESCROW,
    ];
    let keeper = world.authority.insecure_clone();
    sweep(&world, &report, &[&keeper], &places, &[]);
    let mut world = early;
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    let leave = world.leave_lease_ix(&order, &supplier).instruction();
    let places = [
        LeaveLease::LEASE,
        LeaveLease::OCCUPANCY,
        LeaveLease::BOOK,
        LeaveLease::ESCROW,
    ];
    sweep(&world, &leave, &[&supplier.owner], &places, &[]);
    let [one, two] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let order = world.running(&renter, 2, 3, &[&one, &two]);
    world.leave_lease(&order, &one);
    let reduce = world.reduce_ix(&order, 0, 1).instruction();
    let places = [Reduce::ORDER, Reduce::ESCROW];
    sweep(&world, &reduce, &[&renter.wallet], &places, &[]);
}

#[test]
fn disputing() {
    let (mut world, supplier, renter, order) = at_work(3_600);
    world.settle_lease(&order, &supplier);
    world.fund_dispute(&order, &renter, &supplier);
    let open = world.dispute_ix(&order, &supplier).instruction();
    let places = [
        OpenDispute::LEASE,
        OpenDispute::OCCUPANCY,
        OpenDispute::BOOK,
        OpenDispute::ESCROW,
        OpenDispute::STATS,
    ];
    sweep(&world, &open, &[&renter.wallet], &places, &[]);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let places = [
        ResolveDispute::OCCUPANCY,
        ResolveDispute::ESCROW,
        ResolveDispute::EARNINGS,
        ResolveDispute::STATS,
    ];
    world.pass_answers(&order, &supplier);
    let resolve = world.resolve_dispute_ix(&order, &supplier, 1).instruction();
    let resolver = world.resolver.insecure_clone();
    sweep(&world, &resolve, &[&resolver], &places, &[]);
    answering(&world, &order, &supplier);
    let mut decided = world.clone();
    decided.resolve_dispute(&order, &supplier, 1_000_000);
    decided.advance(15_552_000);
    let close = decided.close_verdict_ix(&order, &supplier).instruction();
    sweep(&decided, &close, &[], &[CloseVerdict::VERDICT], &[]);
    world.advance(259_200);
    let rule = world.resolve_by_rule_ix(&order, &supplier).instruction();
    let places = [
        ResolveByRule::LEASE,
        ResolveByRule::ESCROW,
        ResolveByRule::EARNINGS,
        ResolveByRule::STATS,
    ];
    sweep(&world, &rule, &[], &places, &[]);
}

/// With its receipt before it in the transaction, which a sweep of one instruction cannot carry.
fn answering(world: &World, order: &Pubkey, supplier: &Supplier) {
    let check = world
        .receipt(order, supplier, &[0b11_1111; 24])
        .check(&receipt_key());
    let answer = world.answer_ix(order, supplier).instruction();
    let places = [
        AnswerDispute::ESCROW,
        AnswerDispute::EARNINGS,
        AnswerDispute::STATS,
    ];
    refused_behind(world, &[check], &answer, &[], &owned(&places));
}
