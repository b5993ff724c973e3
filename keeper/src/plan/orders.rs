//! Orders that did not start, need a price, or are over.

use super::{crank::Due, Policy};
use crate::{action::Action, rules, snapshot::Snapshot};
use iog_client::market::Order;
use solana_pubkey::Pubkey;

pub(super) fn plan(snapshot: &Snapshot, policy: &Policy) -> Vec<Due> {
    let mut due = Vec::new();
    for (address, order) in &snapshot.orders {
        due.extend(expire(snapshot, address, order));
        due.extend(refund(snapshot, address, order));
        due.extend(close(snapshot, address, order));
        due.extend(price_anew(snapshot, policy, address, order));
    }
    due
}

fn expire(snapshot: &Snapshot, address: &Pubkey, order: &Order) -> Option<Due> {
    let expired = rules::is_waiting(order) && snapshot.time.now >= order.expires_ts;
    let expire = Action::ExpireOrder {
        order: *address,
        created_ts: order.created_ts,
    };
    expired.then_some((order.expires_ts, expire))
}

/// Also what an order that is over leaves. A renter without its associated account is left alone: it can have itself paid to any of
/// its own, and one that a keeper opens, the renter can close for its rent.
fn refund(snapshot: &Snapshot, address: &Pubkey, order: &Order) -> Option<Due> {
    let over = rules::is_over(order, snapshot.time.now);
    let due = order.refund_due_units > 0 || (over && order.escrowed_units > 0);
    let can_be_paid = snapshot.can_pay(&order.renter, &order.mint);
    let due_ts = if over { ended_ts(order) } else { i64::MIN };
    let refund = Action::Refund {
        order: *address,
        refunded_units: order.refunded_units,
    };
    (due && can_be_paid).then_some((due_ts, refund))
}

fn close(snapshot: &Snapshot, address: &Pubkey, order: &Order) -> Option<Due> {
    let empty = order.leases == 0 && order.escrowed_units == 0 && order.refund_due_units == 0;
    let close = Action::CloseOrder {
        order: *address,
        created_ts: order.created_ts,
    };
    (empty && rules::is_over(order, snapshot.time.now)).then_some((ended_ts(order), close))
}

fn ended_ts(order: &Order) -> i64 {
    order.end_ts.max(order.expires_ts)
}

/// When 168 hours of a price in IO are over: a day later the order would end.
fn price_anew(
    snapshot: &Snapshot,
    policy: &Policy,
    address: &Pubkey,
    order: &Order,
) -> Option<Due> {
    let price = snapshot.market.price_account.or(policy.crank.price_account);
    let step_ts = order.step_ts;
    let due = rules::step_due(order, snapshot.time.now);
    let price_anew = Action::PriceAnew {
        order: *address,
        step_ts,
        price: price?,
    };
    due.then_some((step_ts, price_anew))
}
