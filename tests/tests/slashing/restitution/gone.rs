//! redteam 6g, 6i: what restitution needs and what it does not: a decision of the resolver, and nothing that the owner or a stranger can take away.

use iog_client::market::accounts::Lease;
use iog_client::pda;
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, PubkeyOf, TOKEN_PROGRAM};
use iog_tests::World;
use solana_account::Account;
use solana_pubkey::Pubkey;

use super::stage::{disputed, staked, Stage, H100_USD6};
use crate::stage::{Stage as Plain, IO, MONTH};

const AMOUNT: u64 = 6 * IO;

fn gone(world: &World, address: &Pubkey) -> bool {
    world.find(address).is_none()
}

/// redteam 6g: leases are closed by anyone once nothing is held: the supplier closed it right behind the decision, and no case could ever name
/// it. The verdict is a record of its own.
#[test]
fn the_lease_and_its_order_may_be_gone() {
    let mut stage = Stage::new();
    let (order, one, renter) = (stage.order, stage.plain.one.clone(), stage.renter.clone());
    let world = stage.world();
    let close = world.close_lease_ix(&order, &one).instruction();
    let owner = one.owner.insecure_clone();
    world.must(close, &[&owner]);
    assert!(gone(world, &pda::market::lease(&order, &one.device)));
    world.end_early(&order, &renter);
    world.refund_rest(&order);
    world.close_order(&order);
    assert!(gone(world, &order));
    // The device leaves the market and is terminated, too.
    world.delist_device(&one);
    world.set_device_state(&one, 2);
    stage.take(AMOUNT);
    stage.try_fetch().unwrap();
    assert_eq!(stage.owed(), (0, AMOUNT));
    stage.books(0);
}

/// redteam 6g: no price, no verdict and no account of the renter keeps a case from its end, and the sum waits for whoever creates the renter's
/// account.
#[test]
fn no_price_and_no_account_of_the_renter_blocks_a_case() {
    let mut stage = Stage::new();
    let case = stage.propose(AMOUNT);
    let instruction = stage.finalize_ix(&case);
    let (price, verdict) = (stage.plain.world.price, stage.verdict);
    let renters = [stage.renter.token, stage.renter.stats];
    for address in renters.into_iter().chain([price, verdict, stage.order]) {
        let named = instruction
            .accounts
            .iter()
            .any(|meta| meta.pubkey == address);
        assert!(!named, "finalising names {address}");
        stage.world().set_account(&address, Account::default());
    }
    stage.plain.pass(MONTH);
    for meta in &instruction.accounts {
        let account = stage.plain.world.find(&meta.pubkey);
        assert_ne!(account.map(|account| account.owner), Some(TOKEN_PROGRAM));
        assert!(!meta.is_signer, "anyone finalises");
    }
    stage.finalize(&case);
    assert_eq!(stage.owed(), (AMOUNT, AMOUNT));
    // Years later somebody creates the account and fetches.
    stage.plain.pass(1_000 * 86_400);
    let (io, renter) = (stage.plain.world.io, stage.renter.wallet.pubkey_of());
    let token = stage.world().token_account(&renter, &io);
    let fetch = stage.fetch_ix(&token);
    stage.world().govern(fetch);
    assert_eq!(stage.plain.world.balance(&token), AMOUNT);
    stage.books(0);
}

/// The way out of the owner does not wait for it either, and what the case holds stays.
#[test]
fn an_owner_who_leaves_leaves_what_is_held() {
    for before in [true, false] {
        let mut stage = Stage::new();
        if before {
            stage.plain.request();
        }
        let case = stage.propose(AMOUNT);
        if !before {
            stage.plain.request();
        }
        stage.plain.pass(crate::stage::COOL_DOWN);
        let out = stage.plain.withdraw_ix();
        stage.plain.owner_does(out);
        assert_eq!(stage.plain.parts()[0], (AMOUNT, AMOUNT));
        stage.plain.pass(MONTH);
        stage.finalize(&case);
        assert_eq!(stage.owed(), (AMOUNT, AMOUNT));
        assert!(gone(&stage.plain.world, &stage.plain.one.stake));
        stage.books(0);
    }
}

/// redteam 6i: "who loses a dispute" is whom the resolver decided against. What the rule decides leaves no record, and neither does a dispute
/// that the supplier won.
#[test]
fn only_what_the_resolver_decided_against_the_supplier_counts() {
    let (mut world, one, co, renter) = staked(2_000 * IO, 0, H100_USD6);
    let court = world.court();
    let supply = world.supply(&world.io);
    let order = disputed(&mut world, &one, &renter, 1);
    let lease = pda::market::lease(&order, &one.device);
    let verdict = pda::market::verdict(&lease);
    let plain = Plain {
        world,
        one,
        co,
        court,
        supply,
    };
    let fresh = Stage {
        plain,
        renter,
        order,
        verdict,
    };
    let one = fresh.plain.one.clone();
    // While it is open.
    expect_code(fresh.clone().try_propose(1), E::NotVerdict);
    // By the rule, 72 hours later.
    let mut stage = fresh.clone();
    stage.plain.pass(72 * 3_600);
    stage.world().resolve_by_rule(&order, &one);
    assert!(gone(&stage.plain.world, &verdict));
    expect_code(stage.try_propose(1), E::NotVerdict);
    // By the resolver, all of it to the supplier: nothing to give back.
    let mut stage = fresh.clone();
    // The second hour of two: as much as the first, and nothing was paid for it yet.
    let all = 1_520_000;
    stage.world().resolve_dispute(&order, &one, all);
    assert_eq!(stage.verdict().paid_usd6, 0);
    expect_code(stage.try_propose(1), E::AboveRentPaid);
    // And all but a millionth of a dollar: against the supplier, of which it was paid two hours.
    let mut stage = fresh.clone();
    stage.world().resolve_dispute(&order, &one, all - 1);
    let lease: Lease = stage.plain.world.read(&lease);
    assert_eq!(stage.verdict().paid_usd6, lease.paid_usd6);
    assert_eq!(lease.paid_usd6, 2 * H100_USD6 - 1);
    stage.propose(12 * IO);
}

/// A bond that is forfeited for silence or for leaving is settled in the market, and leaves none.
#[test]
fn a_timeout_leaves_no_verdict() {
    let (mut world, one, _, renter) = staked(2_000 * IO, 0, H100_USD6);
    let order = world.running_in(iog_tests::world::Currency::Usd, &renter, 1, 5, &[&one]);
    world.serve_hour(&[&one], 6);
    world.advance(7_200);
    world.settle_lease(&order, &one);
    world.report_timeout(&order, &one);
    let lease = pda::market::lease(&order, &one.device);
    assert!(gone(&world, &pda::market::verdict(&lease)));
}
