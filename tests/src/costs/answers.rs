//! What a network goes through besides the common life: measurers, a dispute that ends in restitution, orders in IO over a week, and accounts
//! that are closed at the end.

use std::collections::BTreeMap;

use iog_client::market::instructions::{CloseEarnings, CloseOccupancy, CloseRenter};
use iog_client::pda;
use iog_client::registry::instructions::{
    ApplyClass, Measure, OpenMeasurements, RefreshTier, ScheduleClass, SetMeasurer,
};
use iog_client::registry::{ClassArgs, ClassTerms, SpeedTest};
use iog_client::staking::instructions::{
    CloseRestitution, FetchRestitution, FinalizeRestitution, ProposeRestitution,
};
use solana_pubkey::Pubkey;

use crate::world::{class_args, order_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use crate::{Supplier, World};

const IO: u64 = 100_000_000;
const QUARTER: i64 = 25_000_000;
const DAY: i64 = 86_400;
const WEEK: i64 = 604_800;
/// How long a slash case may be appealed, and how long a verdict is kept.
const APPEAL_SECS: i64 = 30 * DAY;
const VERDICT_SECS: i64 = 180 * DAY;

pub fn answers() -> BTreeMap<String, u64> {
    let mut world = World::with_disputes(86_400);
    let [one, two] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renter = world.credit_renter();
    measurers(&mut world, &one);
    terms(&mut world, &one);
    in_io(&mut world, &renter, &one);
    refusals(&mut world, &renter, &one, &two);
    restitution(&mut world, &renter, &two);
    close(&mut world, &renter, &one);
    world.costs().clone()
}

/// New terms of a class, a week ahead.
fn terms(world: &mut World, supplier: &Supplier) {
    let (authority, class) = (world.authority.pubkey_of(), supplier.class);
    let ClassArgs {
        rows, tiles, waves, ..
    } = class_args(CLASS_TEST);
    let terms = ClassTerms {
        multiplier_x100: 100,
        proof_valid_hours: 4,
        rows,
        tiles,
        waves,
        commit_slots: 9_000,
        reveal_slots: 300,
        max_cards: 8,
    };
    let schedule = ScheduleClass {
        authority,
        class,
        terms,
    };
    world.govern(schedule.instruction());
    world.advance(WEEK);
    world.govern(ApplyClass { class }.instruction());
}

fn measurers(world: &mut World, supplier: &Supplier) {
    let authority = world.authority.pubkey_of();
    let measurements = pda::registry::measurements(&supplier.device);
    let device = supplier.device;
    let open = OpenMeasurements {
        payer: authority,
        device,
        measurements,
    };
    world.govern(open.instruction());
    let keys = [(); 3].map(|()| world.wallet());
    for (index, key) in (0..).zip(&keys) {
        let key = key.pubkey_of();
        let name = SetMeasurer {
            authority,
            index,
            key,
        };
        world.govern(name.instruction());
    }
    for key in &keys {
        let measure = Measure {
            measurer: key.pubkey_of(),
            device,
            measurements,
            test: SpeedTest {
                download_mbps: 400,
                upload_mbps: 300,
                measured_ts: world.now(),
                report_hash: [1; 32],
            },
        };
        world.must(measure.instruction(), &[key]);
    }
    let refresh = RefreshTier {
        device,
        measurements,
    };
    world.govern(refresh.instruction());
}

/// An order of more than a week whose second price is taken, with money added, and one in IOSD that gets some.
fn in_io(world: &mut World, renter: &Renter, supplier: &Supplier) {
    let mut args = order_args(60, 1, 200);
    args.max_total = 2_000 * IO;
    let order = world.book(renter, CLASS_TEST, args);
    world.fill(&order, &[supplier]);
    world.add_funds(&order, renter, IO);
    world.advance(WEEK);
    world.post_price(QUARTER);
    world.price_anew(&order);
    world.end_early(&order, renter);
    world.wind_up(&order, &[supplier]);
    let order = world.running_in(Currency::Iosd, renter, 61, 1, &[supplier]);
    world.add_funds(&order, renter, 1_000_000);
    world.serve_hour(&[supplier], 6);
    world.wind_up(&order, &[supplier]);
}

/// A device that declines, a place that is given back, and a listing taken up again.
fn refusals(world: &mut World, renter: &Renter, one: &Supplier, two: &Supplier) {
    let order = world.book(renter, CLASS_TEST, order_args(62, 1, 1));
    world.match_device(&order, one);
    world.decline(&order, one);
    world.cancel_order(&order, renter);
    let order = world.running(renter, 63, 3, &[one, two]);
    world.leave_lease(&order, two);
    world.reduce(&order, renter, 0, 1);
    world.wind_up(&order, &[one, two]);
    world.advance(3_600);
    world.make_ready(one);
    world.heartbeat(one);
    world.relist_device(one);
}

/// A lease that was paid, a dispute that it loses, and a case that gives the renter back what it can.
fn restitution(world: &mut World, renter: &Renter, supplier: &Supplier) {
    let court = world.seated_court();
    let order = world.running(renter, 64, 48, &[supplier]);
    for _ in 0..26 {
        world.serve_hour(&[supplier], 6);
        world.settle_lease(&order, supplier);
    }
    world.dispute(&order, renter, supplier);
    world.judge_rest(&order, supplier);
    world.resolve_dispute(&order, supplier, 0);
    let verdict = pda::market::verdict(&pda::market::lease(&order, &supplier.device));
    let restitution = pda::staking::restitution(&verdict);
    let number = world.staking_config().cases;
    let case = pda::staking::slash_case(number);
    world.post_price(QUARTER);
    let propose = ProposeRestitution {
        slasher: court.slasher.pubkey_of(),
        stake: supplier.stake,
        verdict,
        restitution,
        case,
        price_source: pda::token::price_source(),
        price: world.price,
        amount: IO,
        evidence_hash: [4; 32],
    };
    world.must(propose.instruction(), &[&court.slasher]);
    world.advance(APPEAL_SECS);
    let finalize = FinalizeRestitution {
        proposer: court.slasher.pubkey_of(),
        owner: supplier.owner.pubkey_of(),
        stake: supplier.stake,
        case,
        restitution,
    };
    world.govern(finalize.instruction());
    let fetch = FetchRestitution {
        signer: world.authority.pubkey_of(),
        restitution,
        renter_token: renter.token,
        associated: renter.token,
        io_mint: world.io,
    };
    world.govern(fetch.instruction());
    world.advance(VERDICT_SECS);
    let payer = court.slasher.pubkey_of();
    let close = CloseRestitution { payer, restitution };
    world.govern(close.instruction());
    let close = world.close_verdict_ix(&order, supplier).instruction();
    world.govern(close);
    world.wind_up(&order, &[supplier]);
}

fn close(world: &mut World, renter: &Renter, supplier: &Supplier) {
    let owner = supplier.owner.pubkey_of();
    let earnings: Pubkey = world.earnings_of(supplier, Currency::Io);
    let close = CloseEarnings { owner, earnings };
    world.must(close.instruction(), &[&supplier.owner]);
    for order in [62, 63] {
        let order = pda::market::order(&renter.wallet.pubkey_of(), order);
        if world.find(&order).is_some() {
            world.refund_rest(&order);
            world.close_order(&order);
        }
    }
    let close = CloseRenter {
        renter: renter.wallet.pubkey_of(),
        stats: renter.stats,
    };
    world.must(close.instruction(), &[&renter.wallet]);
    world.delist_device(supplier);
    world.set_device_state(supplier, 2);
    let close = CloseOccupancy {
        owner,
        device: supplier.device,
        occupancy: supplier.occupancy,
    };
    world.must(close.instruction(), &[&supplier.owner]);
}
