//! Orders that did not start or are over, and devices that may not stay on the market.

use super::crank::Due;
use crate::{
    action::Action,
    rules,
    snapshot::{DeviceView, Snapshot},
};
use iog_client::market::Order;
use solana_pubkey::Pubkey;

pub(super) fn plan(snapshot: &Snapshot) -> Vec<Due> {
    let mut due = Vec::new();
    for (address, order) in &snapshot.orders {
        due.extend(expire(snapshot, address, order));
        due.extend(refund(snapshot, address, order));
        due.extend(close(snapshot, address, order));
    }
    for (address, view) in &snapshot.devices {
        due.extend(delist(snapshot, address, view));
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

/// Also what an order that is over leaves. A renter without a token account is left alone: it can be paid to any account of
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

/// What is not active or not staked any more counts as online until somebody says so.
fn delist(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView) -> Option<Due> {
    view.occupancy
        .as_ref()
        .filter(|own| rules::is_listed(own))?;
    let class = snapshot.class_of(&view.device)?;
    let staked = view
        .stake
        .as_ref()
        .is_some_and(|stake| rules::is_staked(stake, class, &view.device, snapshot.time.now));
    let may_stay = staked && rules::is_active(&view.device);
    (!may_stay).then_some((i64::MIN, Action::Delist { device: *address }))
}
