use super::crank;
use crate::{
    plan::fixtures::*,
    rules::{currency, state::*},
    snapshot::{token_account, PriceAt, Snapshot},
};
use iog_client::{
    market::Order,
    token::{self, Parameter},
};
use iog_math::units::USD6;

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

/// audit: money L7
#[test]
fn refunds_iosd_as_far_as_the_window_lets() {
    let parameter = |value: u64| Parameter {
        value,
        pending: 0,
        pending_ts: 0,
    };
    // The window holds a tenth of what is outstanding: 100 USD, of which half is given back at a time.
    let refunded = |due: u64, level: u64, at_ts: i64| {
        let mut order = order(ORDER_ACTIVE);
        (order.currency, order.refund_due_units) = (currency::CREDIT, due);
        (order.leases, order.end_ts) = (1, NOW + 1);
        let mut snapshot = with_order(order);
        let mut token: token::Config = zeroed();
        token.iosd_spent_units = 1_500 * USD6;
        (token.iosd_refunded_units, token.iosd_settled_units) = (300 * USD6, 200 * USD6);
        let window = &mut token.windows[3];
        window.limit_units = parameter(1_000_000 * USD6);
        window.share_bps = parameter(1_000);
        (window.level_units, window.at_ts) = (level, at_ts);
        snapshot.token = Some(token);
        crank(&snapshot)
    };
    let refund = ["refund/O/0"];
    assert_eq!(refunded(50 * USD6, 0, NOW), refund);
    assert_eq!(refunded(5_000 * USD6, 0, NOW), refund, "a part");
    assert_eq!(
        refunded(5_000 * USD6, 80 * USD6, NOW),
        refund,
        "a tenth of the window"
    );
    assert!(
        refunded(5_000 * USD6, 80 * USD6 + 2, NOW).is_empty(),
        "too small a part"
    );
    assert_eq!(
        refunded(10 * USD6 - 1, 80 * USD6 + 2, NOW),
        refund,
        "all of it"
    );
    assert!(refunded(1, 100 * USD6, NOW).is_empty());
    assert_eq!(
        refunded(5_000 * USD6, 100 * USD6, NOW - 17_280),
        refund,
        "a fifth of a day later"
    );
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
    let prices = |publish_ts: Option<Option<i64>>, change: fn(&mut Order)| {
        let mut order = order(ORDER_ACTIVE);
        order.currency = currency::IO;
        (order.step_ts, order.end_ts, order.leases) = (step, step + 86_400, 1);
        change(&mut order);
        let mut snapshot = with_order(order);
        snapshot.market.price = publish_ts.map(|publish_ts| PriceAt {
            address: key(60),
            publish_ts,
        });
        crank(&snapshot)
    };
    let anew = [format!("price_anew/O/{step}")];
    let fresh = Some(Some(NOW - 60));
    assert_eq!(prices(fresh, |_| ()), anew);
    assert!(prices(Some(Some(NOW - 61)), |_| ()).is_empty(), "too old");
    assert!(prices(Some(None), |_| ()).is_empty(), "no price there");
    assert!(prices(None, |_| ()).is_empty(), "no price to read");
    assert!(prices(fresh, |order| order.step_ts = NOW + 1).is_empty());
    assert!(prices(fresh, |order| order.step_ts = 0).is_empty());
    assert!(prices(fresh, |order| order.currency = currency::USD).is_empty());
    assert!(prices(fresh, |order| order.state = ORDER_ENDED).is_empty());
    let over = prices(fresh, |order| order.end_ts = NOW);
    assert!(!over.contains(&anew[0]), "{over:?}");
}
