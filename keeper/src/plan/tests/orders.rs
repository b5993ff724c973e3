use super::crank;
use crate::{
    config::Role,
    plan::fixtures::*,
    rules::{currency, state::*},
    snapshot::{token_account, Local, Snapshot},
};
use iog_client::market::Order;

fn with_order(order: Order) -> Snapshot {
    let mut snapshot = snapshot();
    let account = token_account(&order.renter, &order.mint);
    snapshot.token_accounts.insert(account);
    snapshot.orders.insert(key(ORDER), order);
    snapshot
}

const CREATED: i64 = NOW - 60;

#[test]
fn expires_what_did_not_start_in_time() {
    let expire = [format!("expire_order/O/{CREATED}")];
    for state in [ORDER_OPEN, ORDER_MATCHED] {
        let expired = Order {
            expires_ts: NOW,
            ..order(state)
        };
        assert_eq!(crank(&with_order(expired)), expire);
        assert!(crank(&with_order(order(state))).is_empty());
    }
}

#[test]
fn refunds_what_is_due_and_all_that_an_order_leaves() {
    let with = |change: fn(&mut Order)| {
        let mut order = order(ORDER_ACTIVE);
        (order.end_ts, order.refunded_units) = (NOW + 1, 9);
        (order.leases, order.escrowed_units, order.expires_ts) = (1, 5, NOW - 1);
        change(&mut order);
        with_order(order)
    };
    let refund = ["refund/O/9"];
    assert!(crank(&with(|_| ())).is_empty());
    assert_eq!(crank(&with(|order| order.refund_due_units = 1)), refund);
    // All its devices dropped out, and it is at its end.
    let left = |order: &mut Order| (order.leases, order.end_ts) = (0, NOW);
    assert_eq!(crank(&with(left)), refund);
    // One that expired keeps what its devices were held for until their leases are closed.
    let expired = |order: &mut Order| order.state = ORDER_EXPIRED;
    assert!(crank(&with(expired)).is_empty());
    let leased = |order: &mut Order| order.end_ts = NOW;
    assert!(crank(&with(leased)).is_empty());
    let mut nowhere_to_pay = with(left);
    nowhere_to_pay.token_accounts.clear();
    assert!(crank(&nowhere_to_pay).is_empty());
}

#[test]
fn closes_what_is_over_and_paid_out() {
    let ended = |state: u8, change: fn(&mut Order)| {
        let mut order = order(state);
        (order.end_ts, order.expires_ts) = (NOW, NOW);
        change(&mut order);
        crank(&with_order(order))
    };
    for state in [ORDER_COMPLETED, ORDER_EXPIRED, ORDER_ENDED, ORDER_ACTIVE] {
        assert_eq!(ended(state, |_| ()), [format!("close_order/O/{CREATED}")]);
        assert!(ended(state, |order| order.leases = 1).is_empty());
        let due = ended(state, |order| order.refund_due_units = 1);
        assert_eq!(due, ["refund/O/0"]);
    }
}

#[test]
fn closes_the_leases_of_expired_orders() {
    let close_lease = [format!("close_lease/L/{MATCHED}")];
    for lease_state in [LEASE_MATCHED, LEASE_ACCEPTED] {
        let mut expired = hired(order(ORDER_EXPIRED), lease_state);
        expired.orders.get_mut(&key(ORDER)).unwrap().expires_ts = NOW;
        assert_eq!(crank(&expired), close_lease);
    }
    assert!(crank(&hired(order(ORDER_MATCHED), LEASE_ACCEPTED)).is_empty());
    // A replacement that was not accepted when its order ended would keep that from being closed.
    let mut ended = hired(order(ORDER_ACTIVE), LEASE_MATCHED);
    assert!(crank(&ended).is_empty());
    ended.orders.get_mut(&key(ORDER)).unwrap().state = ORDER_ENDED;
    assert_eq!(crank(&ended), close_lease);
}

/// redteam 8a, 8b: at each step in IO, while the old price still holds.
#[test]
fn takes_io_for_a_dollar_anew_at_each_step() {
    let step = NOW - 60;
    let prices = |pinned: bool, set: bool, change: fn(&mut Order)| {
        let mut order = order(ORDER_ACTIVE);
        order.currency = currency::IO;
        (order.step_ts, order.end_ts, order.leases) = (step, step + 86_400, 1);
        change(&mut order);
        let mut snapshot = with_order(order);
        snapshot.market.price_account = pinned.then(|| key(60));
        let mut policy = policy(Role::Crank);
        policy.crank.price_account = set.then(|| key(61));
        keys(&snapshot, &Local::default(), &policy)
    };
    let anew = [format!("price_anew/O/{step}")];
    assert_eq!(prices(true, false, |_| ()), anew);
    assert_eq!(prices(false, true, |_| ()), anew);
    assert!(prices(false, false, |_| ()).is_empty(), "no price to read");
    assert!(prices(true, false, |order| order.step_ts = NOW + 1).is_empty());
    assert!(prices(true, false, |order| order.step_ts = 0).is_empty());
    assert!(prices(true, false, |order| order.currency = currency::USD).is_empty());
    assert!(prices(true, false, |order| order.state = ORDER_ENDED).is_empty());
    let over = prices(true, false, |order| order.end_ts = NOW);
    assert!(!over.contains(&anew[0]), "{over:?}");
}
