//! Refusals of disputes, where what is settled can be disputed for an hour.

use iog_client::market::MarketError as E;
use iog_tests::world::{PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{refusal, Case, Supplier, World};
use solana_pubkey::Pubkey;

use super::super::stage::send;
use super::stage;

const THREE_DAYS: i64 = 259_200;

/// An order of three hours on one device, a minute old.
fn at_work(world: &mut World) -> (Supplier, Renter, Pubkey) {
    let (supplier, renter) = stage(world);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.heartbeat(&supplier);
    world.set_time(world.now() + 60);
    (supplier, renter, order)
}

/// The same, in dispute.
fn disputed(world: &mut World) -> (Supplier, Renter, Pubkey) {
    let (supplier, renter, order) = at_work(world);
    world.dispute(&order, &renter, &supplier);
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
            world.set_time(world.now() + 3_600);
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
        refusal(
            "disputed when the window closes",
            E::DisputeTooLate,
            |world| {
                let (supplier, renter) = stage(world);
                let order = world.running(&renter, 1, 1, &[&supplier]);
                world.serve_hour(&[&supplier], 6);
                world.settle_lease(&order, &supplier);
                world.set_time(world.now() + 3_600);
                let open = world.dispute_ix(&order, &supplier).instruction();
                world.send(&[open], &[&renter.wallet])
            },
        ),
        refusal("nothing is held of the lease", E::DisputeTooLate, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            world.serve_hour(&[&supplier], 1);
            world.settle_lease(&order, &supplier);
            let open = world.dispute_ix(&order, &supplier).instruction();
            world.send(&[open], &[&renter.wallet])
        }),
        refusal("settled in dispute", E::NothingToSettle, |world| {
            let (supplier, _, order) = disputed(world);
            world.set_time(world.now() + 7_200);
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
        refusal(
            "replaced while its hour is disputed",
            E::NotVacantYet,
            |world| {
                let (_, _, order) = disputed(world);
                let other = world.supplier(CLASS_TEST);
                world.set_time(world.order(&order).started_ts + 3_599);
                let matching = world.match_ix(&order, &other).instruction();
                send(world, matching)
            },
        ),
    ]
}

fn decisions() -> Vec<Case> {
    vec![
        refusal("a stranger decides", E::NotResolver, |world| {
            let (supplier, _, order) = disputed(world);
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.signer = world.authority.pubkey_of();
            send(world, resolve.instruction())
        }),
        refusal("the supplier decides its own", E::NotResolver, |world| {
            let (supplier, _, order) = disputed(world);
            world.set_resolver(&supplier.owner.pubkey_of());
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.signer = supplier.owner.pubkey_of();
            world.send(&[resolve.instruction()], &[&supplier.owner])
        }),
        refusal("the renter decides its own", E::NotResolver, |world| {
            let (supplier, renter, order) = disputed(world);
            world.set_resolver(&renter.wallet.pubkey_of());
            let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            resolve.signer = renter.wallet.pubkey_of();
            world.send(&[resolve.instruction()], &[&renter.wallet])
        }),
        refusal(
            "one unit more than is disputed",
            E::BeyondDispute,
            |world| {
                let (supplier, _, order) = disputed(world);
                let held = world.lease(&order, &supplier).held_units;
                let resolve = world.resolve_dispute_ix(&order, &supplier, held + 1);
                let resolver = world.resolver.insecure_clone();
                world.send(&[resolve.instruction()], &[&resolver])
            },
        ),
        refusal("decided after three days", E::DecidedTooLate, |world| {
            let (supplier, _, order) = disputed(world);
            world.set_time(world.now() + THREE_DAYS);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("by rule a second too soon", E::ResolverMayDecide, |world| {
            let (supplier, _, order) = disputed(world);
            world.set_time(world.now() + THREE_DAYS - 1);
            let resolve = world.resolve_by_rule_ix(&order, &supplier);
            send(world, resolve.instruction())
        }),
        refusal("decided without dispute", E::NotDisputed, |world| {
            let (supplier, _, order) = at_work(world);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
        refusal("decided twice", E::NotDisputed, |world| {
            let (supplier, _, order) = disputed(world);
            world.resolve_dispute(&order, &supplier, 0);
            let resolve = world.resolve_dispute_ix(&order, &supplier, 0);
            let resolver = world.resolver.insecure_clone();
            world.send(&[resolve.instruction()], &[&resolver])
        }),
    ]
}
