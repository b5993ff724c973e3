//! Orders that did not start, need a price, or are over.

use super::crank::Due;
use crate::{
    action::Action,
    rules::{self, currency},
    snapshot::Snapshot,
};
use iog_client::market::Order;
use solana_pubkey::Pubkey;

pub(super) fn plan(snapshot: &Snapshot) -> Vec<Due> {
    let mut due = Vec::new();
    for (address, order) in &snapshot.orders {
        due.extend(expire(snapshot, address, order));
        due.extend(refund(snapshot, address, order));
        due.extend(close(snapshot, address, order));
        due.extend(price_anew(snapshot, address, order));
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
    let can_be_paid = snapshot.can_pay(&order.renter, &order.mint) && may_refund(snapshot, order);
    let due_ts = if over { ended_ts(order) } else { i64::MIN };
    let refund = Action::Refund {
        order: *address,
        refunded_units: order.refunded_units,
    };
    (due && can_be_paid).then_some((due_ts, refund))
}

/// IOSD is given back as far as the token program's window lets it, in parts that are worth a transaction.
fn may_refund(snapshot: &Snapshot, order: &Order) -> bool {
    if order.currency != currency::CREDIT {
        return true;
    }
    let over = rules::is_over(order, snapshot.time.now);
    let left = if over { order.escrowed_units } else { 0 };
    let due = order.refund_due_units.saturating_add(left);
    let token = snapshot.token.as_ref();
    token.is_some_and(|token| rules::is_refundable(token, due, snapshot.time.now))
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
fn price_anew(snapshot: &Snapshot, address: &Pubkey, order: &Order) -> Option<Due> {
    let price = rules::readable(
        snapshot.market.price,
        rules::ORDER_AGE_SECS,
        snapshot.time.now,
    );
    let step_ts = order.step_ts;
    let due = rules::step_due(order, snapshot.time.now);
    let price_anew = Action::PriceAnew {
        order: *address,
        step_ts,
        price: price?,
    };
    due.then_some((step_ts, price_anew))
}
