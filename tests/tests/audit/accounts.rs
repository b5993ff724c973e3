//! Accounts that are closed only when nothing counts on them, and where strangers pay.

use iog_client::market::instructions::{CloseEarnings, CloseOccupancy, CloseRenter};
use iog_client::market::MarketError as E;
use iog_tests::world::{Currency, PubkeyOf};

use super::stage::{book, give_away, own_account, run, stage, PAID};

/// audit: market L16, redteam 14a. A renter's statistics close when none of its orders is open.
#[test]
fn statistics_close_with_the_last_order() {
    let (mut world, supplier, renter) = stage(0);
    let order = run(&mut world, &renter, 1, 1, &[&supplier]);
    let close = CloseRenter {
        renter: renter.wallet.pubkey_of(),
        stats: renter.stats,
    }
    .instruction();
    world.refuses(E::StillNeeded, close.clone(), &[&renter.wallet]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    let stranger = world.wallet();
    let theirs = CloseRenter {
        renter: stranger.pubkey_of(),
        stats: renter.stats,
    };
    world.refuses(E::NotRenter, theirs.instruction(), &[&stranger]);
    world.must(close, &[&renter.wallet]);
    assert!(world.find(&renter.stats).is_none());
}

/// audit: market L16, redteam 14a. Earnings close when nothing is due and no lease pays in: from the acceptance on until the lease closes
/// nobody can take the account away that settling needs.
#[test]
fn earnings_close_when_no_lease_pays_in() {
    let (mut world, supplier, renter) = stage(0);
    let earnings = world.earnings_of(&supplier, Currency::Usd);
    let close = CloseEarnings {
        owner: supplier.owner.pubkey_of(),
        earnings,
    }
    .instruction();
    let order = run(&mut world, &renter, 1, 1, &[&supplier]);
    world.refuses(E::StillNeeded, close.clone(), &[&supplier.owner]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    world.refuses(E::StillNeeded, close.clone(), &[&supplier.owner]);
    world.give_usd(&supplier.owner.pubkey_of(), 1);
    world.withdraw(&supplier, Currency::Usd);
    world.must(close, &[&supplier.owner]);
    assert!(world.find(&earnings).is_none());
    // Without the account no order in this currency comes its way.
    let next = book(&mut world, &renter, 2, 1, 1);
    let matched = world.match_ix(&next, &supplier).instruction();
    assert!(world.send(&[matched], &[&renter.wallet]).is_err());
}

/// audit: market L16, redteam 14a. A device's place closes when the device is terminated and no lease counts on it; its record does not
/// begin anew before.
#[test]
fn a_place_closes_with_its_device() {
    let (mut world, supplier, renter) = stage(0);
    let close = CloseOccupancy {
        owner: supplier.owner.pubkey_of(),
        device: supplier.device,
        occupancy: supplier.occupancy,
    }
    .instruction();
    let order = run(&mut world, &renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.judge_rest(&order, &supplier);
    world.delist_device(&supplier);
    world.refuses(E::StillNeeded, close.clone(), &[&supplier.owner]);
    world.set_device_state(&supplier, 2);
    world.refuses(E::StillNeeded, close.clone(), &[&supplier.owner]);
    world.close_lease(&order, &supplier);
    world.must(close, &[&supplier.owner]);
    assert!(world.find(&supplier.occupancy).is_none());
}

/// audit: market L12. Strangers pay a refund into the renter's associated account and nowhere else; the renter itself anywhere of its own.
#[test]
fn strangers_pay_into_the_associated_account() {
    let (mut world, _, renter) = stage(0);
    let before = world.balance(&renter.usd);
    let order = book(&mut world, &renter, 1, 1, 1);
    world.cancel_order(&order, &renter);
    let other = own_account(&mut world, &renter.wallet.pubkey_of());
    let keeper = world.authority.insecure_clone();
    let mut refund = world.token_refund_ix(&order);
    refund.renter_token = other;
    world.refuses(E::NotAssociated, refund.clone().instruction(), &[&keeper]);
    refund.associated = other;
    world.refuses(E::NotAssociated, refund.instruction(), &[&keeper]);
    let mut own = world.token_refund_ix(&order);
    (own.signer, own.renter_token) = (renter.wallet.pubkey_of(), other);
    let mut signed = world.clone();
    signed.must(own.instruction(), &[&renter.wallet]);
    assert_eq!(signed.balance(&other), 1_022_500);
    world.refund(&order);
    assert_eq!(world.balance(&renter.usd), before);
}

/// audit: market L12, redteam (associated accounts). Who has given its associated account away is paid into any account of its own: giving
/// it away locks nobody out.
#[test]
fn an_account_given_away_locks_nobody_out() {
    let (mut world, supplier, renter) = stage(0);
    let order = run(&mut world, &renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    let owner = supplier.owner.pubkey_of();
    let associated = world.give_usd(&owner, 1);
    let stranger = world.wallet();
    give_away(
        &mut world,
        &associated,
        &supplier.owner,
        &stranger.pubkey_of(),
    );
    let own = own_account(&mut world, &owner);
    let keeper = world.authority.insecure_clone();
    let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Usd);
    withdraw.associated = associated;
    withdraw.destination = associated;
    world.refuses(
        E::WrongRecipient,
        withdraw.clone().instruction(),
        &[&keeper],
    );
    withdraw.destination = own;
    world.must(withdraw.instruction(), &[&keeper]);
    assert_eq!(world.balance(&own), PAID);
}

/// redteam 14b. The last refund of an order waits for its slowest lease: one in dispute holds it until it is decided, 72 hours at most.
#[test]
fn the_last_refund_waits_for_a_dispute() {
    let (mut world, first, renter) = stage(3_600);
    let second = world.supplier(iog_tests::world::CLASS_TEST);
    let order = run(&mut world, &renter, 1, 1, &[&first, &second]);
    world.serve_hour(&[&first, &second], 6);
    for supplier in [&first, &second] {
        world.judge_rest(&order, supplier);
    }
    world.dispute(&order, &renter, &second);
    world.advance(3_600);
    world.settle_lease(&order, &first);
    world.close_lease(&order, &first);
    let close = world.close_order_ix(&order).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::OrderNotFinished, close, &[&keeper]);
    let rule = world.resolve_by_rule_ix(&order, &second).instruction();
    world.refuses(E::ResolverMayDecide, rule, &[&keeper]);
    world.advance(259_200);
    world.resolve_by_rule(&order, &second);
    world.close_lease(&order, &second);
    world.refund_rest(&order);
    world.close_order(&order);
    world.check_escrows();
}
