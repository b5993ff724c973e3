//! Orders and leases.

use iog_client::market::accounts::{Lease, Order};
use iog_client::pda;
use iog_tests::reference::orders;
use solana_pubkey::Pubkey;

use crate::action::Action;
use crate::machine::Machine;

/// An order, its identity, and its leases.
pub fn one(machine: &Machine, id: u64, action: Action) {
    let order = &machine.model.orders[&id];
    let address = machine.order(id);
    let account = machine.world.read::<Order>(&address);
    let got = [
        account.deposited_units,
        account.escrowed_units,
        account.paid_units,
        account.refunded_units,
        account.fee_units,
        account.pending_fee_units,
        account.refund_due_units,
    ];
    let expected = [
        order.deposited,
        order.escrowed,
        order.paid,
        order.refunded,
        order.fees,
        order.pending,
        order.due,
    ];
    assert_eq!(got, expected, "order {id} after {action:?}");
    assert_eq!(
        got[0],
        got[1..5].iter().sum::<u64>(),
        "order {id} after {action:?}"
    );
    let times = [
        account.expires_ts,
        account.started_ts,
        account.end_ts,
        account.booked_end_ts,
        account.vacant_from_ts,
    ];
    let expected = [
        order.expires,
        order.started,
        order.end,
        order.booked_end,
        order.vacant,
    ];
    assert_eq!(times, expected, "times of {id} after {action:?}");
    let rates: Vec<orders::Rate> = account.rates[..usize::from(account.rate_count)]
        .iter()
        .map(|rate| orders::Rate {
            from: rate.from_ts,
            units: rate.price_per_gpu_hour_units,
            usd6: rate.price_usd6,
        })
        .collect();
    assert_eq!(rates, order.rates, "prices of {id} after {action:?}");
    let got = (
        account.state,
        account.hours,
        account.matched_gpus,
        account.leases as usize,
    );
    let expected = (order.state, order.hours, order.matched, order.leases.len());
    assert_eq!(got, expected, "order {id} after {action:?}");
    if order.state != orders::EXPIRED {
        let got = (account.accepted_gpus, account.running_leases);
        let expected = (order.accepted, order.running);
        assert_eq!(got, expected, "order {id} after {action:?}");
    }
    let held: u64 = order.leases.values().map(|lease| lease.held).sum();
    assert!(held <= order.escrowed, "order {id} after {action:?}");
    for (device, lease) in &order.leases {
        one_lease(machine, &address, *device, lease, action);
    }
}

fn one_lease(
    machine: &Machine,
    order: &Pubkey,
    device: usize,
    lease: &orders::Lease,
    action: Action,
) {
    let device = machine.suppliers[device].device;
    let address = pda::market::lease(order, &device);
    let account = machine.world.read::<Lease>(&address);
    let got = [
        account.paid_units,
        account.refunded_units,
        account.held_units,
        account.held_usd6,
        account.rule_units,
        u64::from(account.state),
    ];
    let expected = [
        lease.paid,
        lease.refunded,
        lease.held,
        lease.held_usd6,
        lease.rule,
        u64::from(lease.state),
    ];
    assert_eq!(got, expected, "lease {address} after {action:?}");
    let got = (
        account.settled_until_ts,
        account.agreed_until_ts,
        account.held_ts,
    );
    let expected = (lease.until, lease.agreed, lease.held_at);
    assert_eq!(got, expected, "lease {address} after {action:?}");
}
