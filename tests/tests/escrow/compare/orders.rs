//! Orders.

use std::collections::BTreeSet;

use iog_client::market::accounts::Order;
use iog_tests::reference::orders::{self, Part, Rate};
use solana_pubkey::Pubkey;

use super::leases;
use crate::action::Action;
use crate::machine::Machine;
use crate::stage::CLASSES;

/// An order, its identity, and its leases.
pub fn one(machine: &Machine, id: u64, action: Action) {
    let order = &machine.model.orders[&id];
    let address = machine.order(id);
    let account = machine.world.read::<Order>(&address);
    money(order, &account, id, action);
    times(order, &account, id, action);
    prices(order, &account, id, action);
    let parts = account.parts.map(|part| Part {
        class: CLASSES.iter().position(|id| *id == part.class_id),
        per_machine: part.per_machine.into(),
        gpus: part.gpus,
        matched: part.matched,
        accepted: part.accepted,
    });
    assert_eq!(parts, order.parts, "parts of {id} after {action:?}");
    for part in parts {
        assert!(part.accepted <= part.matched && part.matched <= part.gpus);
    }
    let fees = [
        account.renter_fee_bps,
        account.network_fee_bps,
        account.supplier_fee_bps,
    ];
    let got = (
        account.state,
        account.hours,
        account.leases as usize,
        fees.map(u64::from),
        i64::from(account.dispute_secs),
        (account.unanswered == 1, account.broken == 1),
    );
    let expected = (
        order.state,
        order.hours,
        order.leases.len(),
        order.fee_bps,
        order.window,
        (order.unanswered, order.broken),
    );
    assert_eq!(got, expected, "order {id} after {action:?}");
    bars(machine, order, &account, action);
    // Behind its end nobody is matched any more, and closed leases leave their marks.
    if order.waits() || (order.state == orders::ACTIVE && machine.model.now < order.end) {
        places(order, &account, action);
    }
    let lamports = machine.world.account(&address);
    let rent = machine.world.rent(lamports.data.len());
    assert_eq!(
        lamports.lamports,
        rent + order.lamports,
        "lamports of {id} after {action:?}"
    );
    for (device, lease) in &order.leases {
        leases::one(machine, &address, *device, lease, action);
    }
}

fn money(order: &orders::Order, account: &Order, id: u64, action: Action) {
    let got = [
        account.deposited_units,
        account.escrowed_units,
        account.paid_units,
        account.refunded_units,
        account.fee_units,
        account.refund_due_units,
        account.spare_units,
        account.rerate_units,
        u64::from(account.rerate_gpus),
    ];
    let expected = [
        order.deposited,
        order.escrowed,
        order.paid,
        order.refunded,
        order.fees,
        order.due,
        order.spare,
        order.rerate,
        u64::from(order.rerate_gpus),
    ];
    assert_eq!(got, expected, "order {id} after {action:?}");
    assert_eq!(
        got[0],
        got[1..5].iter().sum::<u64>(),
        "identity of {id} after {action:?}"
    );
    // What is held, with the fees on it, is there, and so is what no hour needs.
    let held = order.leases.values().flat_map(|lease| &lease.held);
    let held = held.map(|hour| order.fees_down(hour.units - hour.answered().0));
    let held: u64 = held.sum();
    let deposits: u64 = order.leases.values().map(|lease| lease.deposit).sum();
    assert!(
        held + deposits + order.spare <= order.escrowed,
        "order {id} after {action:?}"
    );
    if order.waits() {
        let accepted = order.leases.values();
        let accepted = accepted.filter(|lease| lease.state == orders::ACCEPTED);
        let hourly: u64 = accepted.map(|lease| lease.hourly(&order.rates[0]).0).sum();
        assert_eq!(
            account.accepted_hourly_units, hourly,
            "order {id} after {action:?}"
        );
    }
}

fn times(order: &orders::Order, account: &Order, id: u64, action: Action) {
    let got = [
        account.created_ts,
        account.expires_ts,
        account.started_ts,
        account.end_ts,
        account.booked_end_ts,
        account.funded_until_ts,
        account.step_ts,
        account.stopped_ts,
        account.vacant_from_ts,
        account.whole_since_ts,
        i64::from(account.whole_secs),
        i64::from(account.renter_secs),
    ];
    let expected = [
        order.created,
        order.expires,
        order.started,
        order.end,
        order.booked_end,
        order.funded,
        order.step,
        order.stopped,
        order.vacant,
        order.whole_since,
        order.spoiled,
        order.waited,
    ];
    assert_eq!(got, expected, "times of {id} after {action:?}");
}

fn prices(order: &orders::Order, account: &Order, id: u64, action: Action) {
    let rates: Vec<Rate> = account.rates[..usize::from(account.rate_count)]
        .iter()
        .map(|rate| Rate {
            from: rate.from_ts,
            units: rate.price_per_gpu_hour_units,
            usd6: rate.price_usd6,
            discounts: rate.commitment_bps.map(|part| part.map(u64::from)),
            hours: rate.booked_hours,
            booking: rate.booking as usize,
        })
        .collect();
    assert_eq!(rates, order.rates, "prices of {id} after {action:?}");
}

/// No two leases have one place, and the order's map shows those that are taken.
fn places(order: &orders::Order, account: &Order, action: Action) {
    let taken: Vec<u16> = order
        .leases
        .values()
        .filter_map(|lease| lease.place)
        .collect();
    let different: BTreeSet<u16> = taken.iter().copied().collect();
    assert_eq!(different.len(), taken.len(), "places after {action:?}");
    let bit = |place: &u16| account.places[usize::from(place / 8)] >> (place % 8) & 1 == 1;
    let marked: BTreeSet<u16> = (0..256).filter(bit).collect();
    assert_eq!(marked, different, "places after {action:?}");
}

/// The last sixteen devices that the order does not take again.
fn bars(machine: &Machine, order: &orders::Order, account: &Order, action: Action) {
    let named = account.bars.iter().filter(|bar| **bar != [0; 8]).count();
    assert_eq!(named, order.bars.len().min(16), "bars after {action:?}");
    for (device, supplier) in machine.suppliers.iter().enumerate() {
        let key: &Pubkey = &supplier.device;
        let barred = account.bars.iter().any(|bar| bar == &key.as_ref()[..8]);
        assert_eq!(barred, order.is_barred(device), "bars after {action:?}");
    }
}
