//! Refusals of disputes, where what is settled can be disputed for an hour.

use iog_client::market::MarketError as E;
use iog_tests::world::{PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{refusal, Case, Supplier, World};
use solana_pubkey::Pubkey;

use super::super::stage::{send, PRICE};
use super::{matches, stage};

const THREE_DAYS: i64 = 259_200;

/// An order of three hours on one device, a minute old.
fn at_work(world: &mut World) -> (Supplier, Renter, Pubkey) {
    let (supplier, renter) = stage(world);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.heartbeat(&supplier);
    world.advance(60);
    (supplier, renter, order)
}

/// The same, in dispute, with all slots judged.
pub fn disputed(world: &mut World) -> (Supplier, Renter, Pubkey) {
    let (supplier, renter, order) = at_work(world);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    (supplier, renter, order)
}

pub fn cases() -> Vec<Case> {
    let mut all = openings();
    all.extend(decisions());
    all
}

fn openings() -> Vec<Case> {
    vec![
        refusal("a stranger disputes", E::NotRenter, |world| {
            let (supplier, _, order) = at_work(world);
            let other = world.renter();
            let mut open = world.dispute_ix(&order, &supplier);
            open.renter = other.wallet.pubkey_of();
            open.stats = other.stats;
            world.send(&[open.instruction()], &[&other.wallet])
        }),
        refusal("disputed with hours unsettled", E::SettleFirst, |world| {
            let (supplier, renter, order) = at_work(world);
            world.advance(3_600);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("disputed in an ended order", E::LeaseNotRunning, |world| {
            let (supplier, renter, order) = at_work(world);
            world.end_early(&order, &renter);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("disputed twice", E::LeaseNotRunning, |world| {
            let (supplier, renter, order) = disputed(world);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("disputed when the window closes", E::SettleFirst, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            world.advance(3_600);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("nothing is held of the lease", E::DisputeTooLate, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            world.advance(3_600);
            world.settle_lease(&order, &supplier);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("disputed without a resolver", E::NoResolver, |world| {
            let (supplier, renter, order) = at_work(world);
            world.set_resolver(&Pubkey::default());
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("disputed without a deposit", E::DepositMissing, |world| {
            let (supplier, renter, order) = at_work(world);
            // One unit less than 5 % of an hour.
            world.add_funds(&order, &renter, 20_040_080);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("settled in dispute", E::NothingToSettle, |world| {
            let (supplier, _, order) = disputed(world);
            world.advance(7_200);
            let settle = world.settle_lease_ix(&order, &supplier).instruction();
            send(world, settle)
        }),
        refusal("closed in dispute", E::LeaseNotSettled, |world| {
            let (supplier, _, order) = disputed(world);
            let close = world.close_lease_ix(&order, &supplier).instruction();
            send(world, close)
        }),
        refusal(
            "closed with its last hour held",
            E::LeaseNotSettled,
            |world| {
                let (supplier, renter) = stage(world);
                let order = world.running(&renter, 1, 1, &[&supplier]);
                world.serve_hour(&[&supplier], 6);
                world.settle_lease(&order, &supplier);
                let close = world.close_lease_ix(&order, &supplier).instruction();
                send(world, close)
            },
        ),
        refusal("replaced in a disputed hour", E::NotVacantYet, |world| {
            let (supplier, renter, order) = at_work(world);
            world.dispute(&order, &renter, &supplier);
            let other = world.supplier(CLASS_TEST);
            world.warp_to(world.order(&order).started_ts + 3_599);
            matches(world, &order, &other)
        }),
    ]
}

fn decisions() -> Vec<Case> {
    vec![
        refusal("a stranger decides", E::NotResolver, |world| {
            let (supplier, _, order) = disputed(world);
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.resolver = world.authority.pubkey_of();
            send(world, resolve.instruction())
        }),
        refusal("the supplier decides its own", E::NotResolver, |world| {
            let (supplier, renter, order) = at_work(world);
            world.set_resolver(&supplier.owner.pubkey_of());
            world.dispute(&order, &renter, &supplier);
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.resolver = supplier.owner.pubkey_of();
            world.send(&[resolve.instruction()], &[&supplier.owner])
        }),
        refusal("the renter decides its own", E::NotResolver, |world| {
            let (supplier, renter, order) = at_work(world);
            world.set_resolver(&renter.wallet.pubkey_of());
            world.dispute(&order, &renter, &supplier);
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.resolver = renter.wallet.pubkey_of();
            world.send(&[resolve.instruction()], &[&renter.wallet])
        }),
        refusal(
            "one unit more than is disputed",
            E::BeyondDispute,
            |world| {
                let (supplier, _, order) = disputed(world);
                world.pass_answers(&order, &supplier);
                let resolve = world.resolve_dispute_ix(&order, &supplier, PRICE + 1);
                let resolver = world.resolver.insecure_clone();
                world.send(&[resolve.instruction()], &[&resolver])
            },
        ),
        refusal("decided after three days", E::DecidedTooLate, |world| {
            let (supplier, _, order) = disputed(world);
            let opened = world.lease(&order, &supplier).disputed_ts;
            world.warp_to(opened + THREE_DAYS);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("by rule a second too soon", E::ResolverMayDecide, |world| {
            let (supplier, _, order) = disputed(world);
            let opened = world.lease(&order, &supplier).disputed_ts;
            world.warp_to(opened + THREE_DAYS - 1);
            let resolve = world.resolve_by_rule_ix(&order, &supplier);
            send(world, resolve.instruction())
        }),
        refusal("decided without dispute", E::NotDisputed, |world| {
            let (supplier, _, order) = at_work(world);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("by rule twice", E::NotDisputed, |world| {
            let (supplier, _, order) = disputed(world);
            world.advance(THREE_DAYS);
            world.resolve_by_rule(&order, &supplier);
            let resolve = world.resolve_by_rule_ix(&order, &supplier);
            send(world, resolve.instruction())
        }),
        refusal("decided before it is judged", E::SettleFirst, |world| {
            let (supplier, renter, order) = at_work(world);
            world.dispute(&order, &renter, &supplier);
            world.pass_answers(&order, &supplier);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("decided before the answers", E::AnswersFirst, |world| {
            let (supplier, _, order) = disputed(world);
            let opened = world.lease(&order, &supplier).disputed_ts;
            world.warp_to(opened + 22_799);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("another amount in dispute", E::DisputeChanged, |world| {
            let (supplier, _, order) = disputed(world);
            world.pass_answers(&order, &supplier);
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.disputed -= 1;
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("a verdict that can be named", E::StillNeeded, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 3, &[&supplier]);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            world.dispute(&order, &renter, &supplier);
            world.judge_rest(&order, &supplier);
            world.resolve_dispute(&order, &supplier, 0);
            world.advance(15_551_999);
            let close = world.close_verdict_ix(&order, &supplier);
            send(world, close.instruction())
        }),
    ]
}
