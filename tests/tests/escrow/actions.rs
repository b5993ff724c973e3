//! What may happen next: mostly what can succeed, and often enough what cannot.

use iog_tests::Dice;

use super::machine::Machine;
use iog_tests::reference::orders::{
    Lease, Order, ACCEPT_SECS, ACTIVE, ENDED, EXPIRED, MATCHED, OPEN,
};
use iog_tests::reference::NewOrder;

use super::action::Action;

/// Orders that may be open at a time.
const LIVE: usize = 4;
const PRICES_USD6: [u64; 7] = [1, 3, 61, 370_000, 400_000, 1_000_000, 2_123_457];
const PRICES_USD8: [u64; 4] = [25_000_000, 25_000_000, 7_654_321, 123_456_789];

fn time(dice: &mut Dice) -> Action {
    let secs = match dice.below(60) {
        0 => 1 + dice.below(5 * 86_400),
        1 => 72 * 3_600,
        2..=3 => 3_600,
        4..=6 => 1 + dice.below(3_600),
        7..=10 => 181,
        11..=20 => return Action::Warp(-1 - i64::try_from(dice.below(59)).unwrap()),
        21..=30 => 1 + dice.below(120),
        31..=50 => 1,
        _ => 600,
    };
    Action::Warp(i64::try_from(secs).unwrap())
}

fn create(dice: &mut Dice, machine: &Machine) -> Action {
    Action::Create(NewOrder {
        renter: dice.index(machine.renters.len()),
        currency: dice.index(3),
        class: dice.index(2),
        either: dice.below(3) == 0,
        gpus: dice.pick(&[1, 1, 1, 2, 2, 3, 3, 4, 4, 5]),
        hours: dice.pick(&[1, 1, 2, 2, 3, 3, 5, 30]),
        short: dice.below(12) == 0,
    })
}

/// A device that suits the order, or seldom any that has no lease in it.
fn matching(dice: &mut Dice, machine: &Machine, id: u64, order: &Order) -> Option<Action> {
    let wild = dice.below(8) == 0;
    let free: Vec<usize> = (0..machine.suppliers.len())
        .filter(|device| {
            let one = &machine.model.devices[*device];
            let suits = one.order.is_none()
                && one.active
                && one.listed
                && (one.class == order.class || order.either)
                && order.matched + one.gpus <= order.gpus;
            !order.leases.contains_key(device) && (wild || suits)
        })
        .collect();
    (!free.is_empty()).then(|| Action::Match(id, dice.pick(&free)))
}

fn of_lease(dice: &mut Dice, machine: &Machine, id: u64, device: usize, lease: &Lease) -> Action {
    let order = &machine.model.orders[&id];
    let settled = lease.is_settled(order, machine.model.now);
    if order.state == EXPIRED && dice.below(4) > 0 {
        return Action::CloseLease(id, device);
    }
    match lease.state {
        0 if machine.model.now - lease.matched > ACCEPT_SECS && dice.below(4) > 0 => {
            Action::Skip(id, device)
        }
        0 => match dice.below(20) {
            0..=15 => Action::Accept(id, device),
            16 => Action::Skip(id, device),
            17 => Action::Settle(id, device),
            18 => Action::Dispute(id, device),
            _ => Action::CloseLease(id, device),
        },
        1 if order.state == ACTIVE && settled => match dice.below(24) {
            0..=4 => Action::Timeout(id, device),
            5..=8 => Action::Leave(id, device),
            9..=10 => Action::Dispute(id, device),
            11 => Action::CloseLease(id, device),
            12 => Action::Rule(id, device),
            13 => Action::Resolve(id, device, 0),
            14 => Action::Accept(id, device),
            15..=16 => Action::Settle(id, device),
            17..=18 => Action::Base(order.class, dice.pick(&PRICES_USD6)),
            _ => Action::Extend(
                id,
                1 + u32::try_from(dice.below(3)).unwrap(),
                dice.below(8) == 0,
            ),
        },
        1 => match dice.below(16) {
            0 => Action::Dispute(id, device),
            1 => Action::Timeout(id, device),
            2 => Action::Leave(id, device),
            3 => Action::Skip(id, device),
            _ => Action::Settle(id, device),
        },
        2 => match dice.below(8) {
            0..=1 => Action::Dispute(id, device),
            2..=3 => Action::Settle(id, device),
            4 => Action::Rule(id, device),
            _ => Action::CloseLease(id, device),
        },
        _ => match dice.below(10) {
            0 => Action::Settle(id, device),
            1 => Action::Dispute(id, device),
            2 => Action::CloseLease(id, device),
            3..=5 => Action::Rule(id, device),
            6 => Action::Resolve(id, device, lease.held + 1),
            7 => Action::Resolve(id, device, lease.held),
            8 => Action::Resolve(id, device, lease.rule),
            _ => Action::Resolve(id, device, dice.below(lease.held + 1)),
        },
    }
}

fn of_order(dice: &mut Dice, machine: &Machine, id: u64) -> Action {
    let order = &machine.model.orders[&id];
    let late = order.state <= MATCHED && machine.model.now >= order.expires;
    if late && dice.below(2) == 0 {
        return Action::Expire(id);
    }
    let vacant = order.state <= ACTIVE && order.matched < order.gpus;
    if vacant && dice.below(2) == 0 {
        if let Some(action) = matching(dice, machine, id, order) {
            return action;
        }
    }
    let leases: Vec<usize> = order.leases.keys().copied().collect();
    if !leases.is_empty() && dice.below(5) > 0 {
        let device = dice.pick(&leases);
        return of_lease(dice, machine, id, device, &order.leases[&device]);
    }
    match order.state {
        OPEN | MATCHED => match dice.below(12) {
            0..=2 => Action::Cancel(id),
            3..=5 => Action::Expire(id),
            6 => Action::EndEarly(id),
            7 => Action::Extend(id, 1, false),
            8 => Action::Refund(id),
            9 => Action::CloseOrder(id),
            _ => Action::Warp(30),
        },
        ACTIVE => match dice.below(16) {
            0..=2 => Action::EndEarly(id),
            3 => Action::Cancel(id),
            4 => Action::Expire(id),
            5..=6 => Action::Refund(id),
            7..=8 => Action::CloseOrder(id),
            _ => Action::Extend(
                id,
                1 + u32::try_from(dice.below(3)).unwrap(),
                dice.below(8) == 0,
            ),
        },
        ENDED if dice.below(6) == 0 => Action::EndEarly(id),
        EXPIRED if dice.below(6) == 0 => Action::Expire(id),
        _ if dice.below(2) == 0 => Action::Refund(id),
        _ => Action::CloseOrder(id),
    }
}

fn money(dice: &mut Dice, machine: &Machine) -> Action {
    let owner = dice.index(machine.owners.len());
    let most = dice.pick(&[1, 1_000, u64::MAX]);
    match dice.below(16) {
        0..=3 => Action::Withdraw(owner, dice.index(2)),
        4..=5 => Action::Collect(dice.index(2)),
        6 => Action::SettleCredit,
        7..=9 => Action::Claim(owner, dice.below(8) == 0),
        10..=11 => Action::Fund(most),
        12 => Action::FundFromTreasury(most),
        13..=14 => Action::PayCredit(owner),
        _ => Action::Donate(dice.index(3), 1 + dice.below(1_000_000)),
    }
}

fn network(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(machine.suppliers.len());
    let one = &machine.model.devices[device];
    if !one.listed && dice.below(3) == 0 {
        return Action::List(device, 0);
    }
    match dice.below(16) {
        0..=1 => Action::Price(dice.pick(&PRICES_USD8)),
        2..=4 => Action::Base(dice.index(2), dice.pick(&PRICES_USD6)),
        5 => Action::Window(dice.pick(&[0, 1_800, 3_600])),
        7 => Action::Resolver(dice.below(3) > 0),
        6..=11 if !one.active => Action::Active(device, true),
        8 => Action::Active(device, false),
        9 => Action::Delist(device, true),
        10 => Action::Delist(device, false),
        _ if one.listed => Action::List(device, dice.pick(&[0, 0, 0, 370_000])),
        _ => Action::List(device, 0),
    }
}

pub fn any(dice: &mut Dice, machine: &Machine) -> Action {
    let ids: Vec<u64> = machine.model.orders.keys().copied().collect();
    match dice.below(100) {
        0..=13 => time(dice),
        14..=22 => money(dice, machine),
        23..=30 => network(dice, machine),
        31..=36 if ids.len() < LIVE => create(dice, machine),
        _ if ids.is_empty() => create(dice, machine),
        _ => {
            let id = dice.pick(&ids);
            of_order(dice, machine, id)
        }
    }
}
