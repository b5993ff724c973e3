//! Every instruction of the market in its common case: an order in IO on one device, hour by hour, with a window for disputes.

use std::collections::BTreeMap;

use iog_client::market::instructions::ApplyResolver;
use iog_client::market::QuoteArgs;
use iog_client::pda;
use iog_client::treasury::accounts::Config;
use solana_pubkey::Pubkey;

use crate::world::{order_args, price_book_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use crate::{Supplier, World};

/// 0.25 USD, as the oracle says it.
const QUARTER: i64 = 25_000_000;
const DAY: i64 = 86_400;
/// How long the resolver may decide.
const RESOLVE_SECS: i64 = 259_200;

pub fn market() -> BTreeMap<String, u64> {
    let mut world = World::with_disputes(3_600);
    let [one, two] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renter = world.credit_renter();
    administer(&mut world);
    credit(&mut world, &renter, &one);
    disputes(&mut world, &renter, &one);
    drop_outs(&mut world, &renter, &one, &two);
    take_back(&mut world, &renter, &one);
    world.delist_device(&two);
    rent_out(&mut world, &renter, &one);
    let args = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    world.post_price(QUARTER);
    world.quote(Currency::Io, CLASS_TEST, args);
    world.costs().clone()
}

fn administer(world: &mut World) {
    world.advance(DAY);
    let set = world.set_price_book_ix(CLASS_TEST, price_book_args());
    world.govern(set.instruction());
    let resolver = world.resolver.pubkey_of();
    world.set_resolver(&Pubkey::default());
    world.set_resolver(&resolver);
    world.advance(DAY);
    world.govern(ApplyResolver {}.instruction());
}

/// An order in IOSD, and the supplier's way to IO by both sources.
fn credit(world: &mut World, renter: &Renter, supplier: &Supplier) {
    world.edit::<Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 5_000;
    });
    rent_out(world, renter, supplier);
    let order = world.running_in(Currency::Iosd, renter, 90, 1, &[supplier]);
    world.extend(&order, renter, 2);
    for _ in 0..2 {
        world.serve_hour(&[supplier], 6);
        world.settle_lease(&order, supplier);
    }
    world.end_early(&order, renter);
    world.advance(3_600);
    world.wind_up(&order, &[supplier]);
    world.settle_credit();
    world.post_price(QUARTER);
    world.update_cover();
    world.claim_credit(supplier);
    world.fund_from_treasury(100_000);
    world.advance(2 * DAY);
    for max_units in [100_000, u64::MAX] {
        world.fund_credit(max_units);
        world.pay_credit(supplier);
    }
    world.release_kept();
}

/// The longest dispute that there is: a day that is held, every slot proved, and a receipt of all of it but its first. Answer and decision
/// look at each.
pub fn longest_dispute(costs: &mut BTreeMap<String, u64>) {
    let mut world = World::with_disputes(86_400);
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let order = world.running(&renter, 1, 48, &[&supplier]);
    for _ in 0..24 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let mut masks = [0b11_1111; 24];
    masks[0] = 0b11_1110;
    let sent = world.answer(&order, &supplier, &masks);
    let lease = world.lease(&order, &supplier);
    assert_eq!(
        (lease.state, lease.released_count, lease.settled_count),
        (3, 0, 24)
    );
    costs.insert("market.answer_dispute".into(), sent.units);
    world.resolve_dispute(&order, &supplier, 1_000);
    let decided = world.costs()["market.resolve_dispute"];
    costs.insert("market.resolve_dispute".into(), decided);
}

/// One dispute that is answered in part, one that is decided, and one by the rule.
fn disputes(world: &mut World, renter: &Renter, supplier: &Supplier) {
    for (id, decided) in [(90, true), (91, true), (92, false)] {
        let order = world.running(renter, id, 3, &[supplier]);
        world.serve_hour(&[supplier], 6);
        world.settle_lease(&order, supplier);
        world.dispute(&order, renter, supplier);
        world.judge_rest(&order, supplier);
        if id == 90 {
            world.answer(&order, supplier, &[0b1_1111; 24]);
            let key = world.address();
            let set = world.set_engineer_key_ix(&order, key).instruction();
            world.must(set, &[&renter.wallet]);
        }
        if decided {
            world.resolve_dispute(&order, supplier, 1_000);
        } else {
            world.advance(RESOLVE_SECS);
            world.resolve_by_rule(&order, supplier);
        }
        world.advance(3 * 3_600);
        world.wind_up(&order, &[supplier]);
    }
}

/// One device falls silent, the one in its place leaves after an extension.
fn drop_outs(world: &mut World, renter: &Renter, one: &Supplier, two: &Supplier) {
    let order = world.running(renter, 93, 2, &[one]);
    world.heartbeat(one);
    world.advance(2_400);
    world.report_timeout(&order, one);
    world.match_device(&order, two);
    world.accept(&order, two);
    world.post_price(QUARTER);
    world.extend(&order, renter, 3);
    for _ in 0..2 {
        world.serve_hour(&[two], 6);
        world.settle_lease(&order, two);
    }
    world.leave_lease(&order, two);
    world.advance(4 * 3_600);
    world.wind_up(&order, &[one, two]);
}

/// Orders that do not start.
fn take_back(world: &mut World, renter: &Renter, supplier: &Supplier) {
    let cancelled = world.book(renter, CLASS_TEST, order_args(94, 1, 1));
    world.cancel_order(&cancelled, renter);
    let expired = world.book(renter, CLASS_TEST, order_args(95, 1, 1));
    world.match_device(&expired, supplier);
    world.advance(181);
    world.skip_device(&expired, supplier);
    world.advance(1_200);
    world.expire_order(&expired);
    // It let a match pass, and rests.
    world.advance(3_600);
    world.next_hour();
    world.list_device(supplier, 0);
}

/// What most orders go through. The third hour is what a settlement usually is: it holds an hour and releases the one before.
fn rent_out(world: &mut World, renter: &Renter, supplier: &Supplier) {
    let order = world.running(renter, 1, 5, &[supplier]);
    world.extend(&order, renter, 1);
    for _ in 0..3 {
        world.serve_hour(&[supplier], 6);
        world.settle_lease(&order, supplier);
    }
    let usual = world.costs().clone();
    world.end_early(&order, renter);
    world.advance(3_600);
    world.wind_up(&order, &[supplier]);
    world.withdraw(supplier, Currency::Io);
    world.collect_fees(Currency::Io);
    world.set_cost("market.settle", usual["market.settle"]);
}
