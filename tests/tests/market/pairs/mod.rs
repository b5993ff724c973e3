//! Accounts that exist and belong to somebody else, in every place where one could be: each has its refusal.

mod money;

use iog_client::market::instructions::*;
use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::swaps::{self, Swap};
use iog_tests::world::{order_args, Currency, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{Code, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;

/// Two renters with an order each in IO: on a device of class 1, and on one of class 2.
struct Pair {
    world: World,
    ours: Supplier,
    theirs: Supplier,
    renter: Renter,
    other: Renter,
    order: Pubkey,
    foreign: Pubkey,
}

impl Pair {
    fn new(dispute_secs: u32, accepted: bool) -> Self {
        let mut world = World::with_disputes(dispute_secs);
        let (ours, theirs) = (world.supplier(CLASS_TEST), world.supplier(CLASS_COMMUNITY));
        let (renter, other) = (world.renter(), world.renter());
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 3));
        let foreign = world.book(&other, CLASS_COMMUNITY, order_args(1, 1, 3));
        world.match_device(&order, &ours);
        world.match_device(&foreign, &theirs);
        if accepted {
            world.accept(&order, &ours);
            world.accept(&foreign, &theirs);
        }
        Self {
            world,
            ours,
            theirs,
            renter,
            other,
            order,
            foreign,
        }
    }

    /// An hour served by both and settled for both.
    fn settled(dispute_secs: u32) -> Self {
        let mut pair = Self::new(dispute_secs, true);
        pair.world.serve_hour(&[&pair.ours, &pair.theirs], 6);
        pair.world.settle_lease(&pair.order, &pair.ours);
        pair.world.settle_lease(&pair.foreign, &pair.theirs);
        pair
    }

    fn foreign_lease(&self) -> Pubkey {
        pda::market::lease(&self.foreign, &self.theirs.device)
    }
}

fn swap(what: &'static str, place: usize, account: Pubkey, error: E) -> Swap<'static> {
    (what, place, account, Code::from(error))
}

#[test]
fn accepting_and_declining() {
    let mut pair = Pair::new(0, false);
    let lease = pair.foreign_lease();
    let (world, ours, theirs) = (&mut pair.world, &pair.ours, &pair.theirs);
    let their_pay = world.earnings_of(theirs, Currency::Io);
    let our_dollars = world.earnings_of(ours, Currency::Usd);
    let accept = world.accept_ix(&pair.order, ours).instruction();
    let wrong = [
        swap("device", Accept::DEVICE, theirs.device, E::NotDeviceKey),
        swap("order", Accept::ORDER, pair.foreign, E::WrongOrder),
        swap("lease", Accept::LEASE, lease, E::WrongDevice),
        swap("place", Accept::OCCUPANCY, theirs.occupancy, E::WrongDevice),
        swap("book", Accept::BOOK, theirs.price_book(), E::WrongClass),
        swap("earnings", Accept::EARNINGS, their_pay, E::WrongRecipient),
        swap("currency", Accept::EARNINGS, our_dollars, E::WrongMint),
    ];
    let keeper = world.authority.insecure_clone();
    swaps::refused(world, &accept, &[&keeper, &ours.device_key], &wrong);
    let stranger = pair.other.wallet.pubkey_of();
    let decline = world.decline_ix(&pair.order, ours).instruction();
    let wrong = [
        swap("order", Decline::ORDER, pair.foreign, E::WrongOrder),
        swap("lease", Decline::LEASE, lease, E::WrongOrder),
        swap("device", Decline::DEVICE, theirs.device, E::WrongDevice),
        swap(
            "place",
            Decline::OCCUPANCY,
            theirs.occupancy,
            E::WrongDevice,
        ),
        swap("book", Decline::BOOK, theirs.price_book(), E::WrongClass),
        swap("payer", Decline::PAYER, stranger, E::WrongRecipient),
    ];
    swaps::refused(world, &decline, &[&keeper, &ours.device_key], &wrong);
}

#[test]
fn settling() {
    let pair = Pair::new(0, true);
    let lease = pair.foreign_lease();
    let mut world = pair.world.clone();
    world.serve_hour(&[&pair.ours], 6);
    let (ours, theirs) = (&pair.ours, &pair.theirs);
    let settle = world.settle_lease_ix(&pair.order, ours).instruction();
    let dollars = world.escrow_of(Currency::Usd);
    let their_pay = world.earnings_of(theirs, Currency::Io);
    let our_dollars = world.earnings_of(ours, Currency::Usd);
    let wrong = [
        swap("order", Settle::ORDER, pair.foreign, E::WrongOrder),
        swap("lease", Settle::LEASE, lease, E::WrongOrder),
        swap("device", Settle::DEVICE, theirs.device, E::WrongDevice),
        swap("place", Settle::OCCUPANCY, theirs.occupancy, E::WrongDevice),
        swap("book", Settle::BOOK, theirs.price_book(), E::WrongClass),
        swap("escrow", Settle::ESCROW, dollars, E::WrongMint),
        swap("earnings", Settle::EARNINGS, their_pay, E::WrongRecipient),
        swap("currency", Settle::EARNINGS, our_dollars, E::WrongMint),
        swap("stats", Settle::STATS, pair.other.stats, E::NotRenter),
    ];
    let keeper = world.authority.insecure_clone();
    swaps::refused(&world, &settle, &[&keeper], &wrong);
}

#[test]
fn dropping_out() {
    let pair = Pair::new(0, true);
    let lease = pair.foreign_lease();
    let mut world = pair.world.clone();
    world.set_device_state(&pair.ours, 1);
    let (ours, theirs) = (&pair.ours, &pair.theirs);
    let report = world.timeout_ix(&pair.order, ours).instruction();
    let dollars = world.escrow_of(Currency::Usd);
    type Place = ReportTimeout;
    let wrong = [
        swap("device", Place::DEVICE, theirs.device, E::WrongDevice),
        swap("order", Place::ORDER, pair.foreign, E::WrongOrder),
        swap("lease", Place::LEASE, lease, E::WrongDevice),
        swap("place", Place::OCCUPANCY, theirs.occupancy, E::WrongDevice),
        swap("book", Place::BOOK, theirs.price_book(), E::WrongClass),
        swap("escrow", Place::ESCROW, dollars, E::WrongMint),
    ];
    let keeper = world.authority.insecure_clone();
    swaps::refused(&world, &report, &[&keeper], &wrong);
}

#[test]
fn disputing_and_deciding() {
    let mut pair = Pair::settled(3_600);
    let lease = pair.foreign_lease();
    let (world, ours, theirs) = (&mut pair.world, &pair.ours, &pair.theirs);
    world.fund_dispute(&pair.order, &pair.renter, ours);
    let dollars = world.escrow_of(Currency::Usd);
    let open = world.dispute_ix(&pair.order, ours).instruction();
    type Open = OpenDispute;
    let wrong = [
        swap("order", Open::ORDER, pair.foreign, E::NotRenter),
        swap("lease", Open::LEASE, lease, E::WrongOrder),
        swap("escrow", Open::ESCROW, dollars, E::WrongMint),
        swap("place", Open::OCCUPANCY, theirs.occupancy, E::WrongDevice),
        swap("book", Open::BOOK, theirs.price_book(), E::WrongClass),
        swap("stats", Open::STATS, pair.other.stats, E::NotRenter),
    ];
    swaps::refused(world, &open, &[&pair.renter.wallet], &wrong);
    world.dispute(&pair.order, &pair.renter, ours);
    world.dispute(&pair.foreign, &pair.other, theirs);
    world.judge_rest(&pair.order, ours);
    world.pass_answers(&pair.order, ours);
    let resolve = world.resolve_dispute_ix(&pair.order, ours, 1).instruction();
    type Place = ResolveDispute;
    let seeds = Code::plain(iog_client::market::ID, InstructionError::InvalidSeeds);
    let their_pay = world.earnings_of(theirs, Currency::Io);
    let our_dollars = world.earnings_of(ours, Currency::Usd);
    let wrong = [
        swap("order", Place::ORDER, pair.foreign, E::WrongOrder),
        // The verdict's address is the lease's.
        ("lease", Place::LEASE, lease, seeds),
        swap("place", Place::OCCUPANCY, theirs.occupancy, E::WrongDevice),
        swap("escrow", Place::ESCROW, dollars, E::WrongMint),
        swap("earnings", Place::EARNINGS, their_pay, E::WrongRecipient),
        swap("currency", Place::EARNINGS, our_dollars, E::WrongMint),
        swap("stats", Place::STATS, pair.other.stats, E::NotRenter),
    ];
    let resolver = world.resolver.insecure_clone();
    swaps::refused(world, &resolve, &[&resolver], &wrong);
}
