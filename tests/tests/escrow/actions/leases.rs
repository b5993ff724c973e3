//! What may be done to a lease.

use iog_tests::reference::orders::{
    Lease, ACCEPTED, ACCEPT_SECS, ACTIVE, ASKED, DISPUTED, EXPIRED, SETTLED,
};
use iog_tests::reference::By;
use iog_tests::Dice;

use crate::action::Action;
use crate::machine::Machine;

/// A dispute, mostly with its deposit, and where the renter waited for it mostly after what is due.
fn dispute(dice: &mut Dice, machine: &Machine, id: u64, device: usize) -> Vec<Action> {
    let mut actions = Vec::new();
    let missing = machine.model.missing_deposit(id, device);
    if let Some(missing) = missing.filter(|missing| *missing > 0 && dice.below(6) > 0) {
        actions.push(Action::AddFunds(id, missing));
    }
    actions.push(Action::Dispute(id, device));
    actions
}

fn asked(dice: &mut Dice, machine: &Machine, id: u64, device: usize, lease: &Lease) -> Action {
    let order = &machine.model.orders[&id];
    let since = lease.matched.max(order.whole_since);
    if machine.model.now - since > ACCEPT_SECS && dice.below(4) > 0 {
        return Action::Skip(id, device);
    }
    match dice.below(24) {
        0..=14 => Action::Accept(id, device),
        15..=16 => Action::Skip(id, device),
        17 => Action::Settle(id, device),
        18 => Action::Dispute(id, device),
        19..=20 => Action::Decline(id, device, By::Device),
        21 => Action::Decline(id, device, By::Owner),
        22 => Action::Leave(id, device, By::Owner),
        _ => Action::CloseLease(id, device),
    }
}

/// Who says that a supplier leaves.
fn leaving(dice: &mut Dice) -> By {
    dice.pick(&[By::Owner, By::Device, By::Device, By::Keeper])
}

fn serving(dice: &mut Dice, machine: &Machine, id: u64, device: usize) -> Vec<Action> {
    let order = &machine.model.orders[&id];
    let agreed = machine.model.now < order.leases[&device].agreed_until(order);
    if !agreed && dice.below(2) == 0 {
        return vec![Action::Leave(id, device, leaving(dice))];
    }
    if dice.below(8) == 0 {
        if let Some(actions) = first_hour(dice, machine, id, device) {
            return actions;
        }
    }
    let action = match dice.below(26) {
        0..=2 => Action::Timeout(id, device),
        3..=4 => {
            // Nobody beats for a while.
            let secs = i64::try_from(2_400 + dice.below(4_800)).unwrap();
            let mut actions = vec![
                Action::Warp(secs),
                Action::Settle(id, device),
                Action::Settle(id, device),
                Action::Timeout(id, device),
            ];
            if dice.below(2) == 0 {
                actions.push(Action::EndEarly(id));
            }
            return actions;
        }
        5 if order.rates[0].hours >= 24 => {
            return vec![
                Action::Leave(id, device, By::Owner),
                Action::Warp(1 + i64::try_from(dice.below(1_800)).unwrap()),
                Action::EndEarly(id),
            ];
        }
        5..=8 => Action::Leave(id, device, leaving(dice)),
        9..=11 => return dispute(dice, machine, id, device),
        12 => Action::CloseLease(id, device),
        13 => Action::Rule(id, device),
        14 if dice.below(2) == 0 => Action::Answer(id, device, 0, 0xff),
        14 => Action::Resolve(id, device, 0, 0, 1),
        15 => Action::Accept(id, device),
        16..=18 => Action::Settle(id, device),
        19 => Action::Decline(id, device, By::Device),
        20 => {
            // What the registry says ends a lease at once.
            return vec![
                Action::State(device, 1),
                Action::Timeout(id, device),
                Action::State(device, 0),
            ];
        }
        _ => Action::Beat(device),
    };
    vec![action]
}

/// In the first hour: one device is disputed, another leaves, and the renter ends what is left.
fn first_hour(dice: &mut Dice, machine: &Machine, id: u64, device: usize) -> Option<Vec<Action>> {
    let order = &machine.model.orders[&id];
    let young = machine.model.now + 1_300 < order.started + 3_600;
    let mut others = order.leases.iter();
    let runs = |lease: &Lease| lease.runs(order, machine.model.now) && lease.held.is_empty();
    let other = others.find(|(other, lease)| **other != device && runs(lease));
    let (other, _) = other.filter(|_| young)?;
    let mut actions = dispute(dice, machine, id, device);
    actions.extend([
        Action::Warp(1_200),
        Action::Settle(id, device),
        Action::Leave(id, *other, By::Owner),
        Action::EndEarly(id),
    ]);
    Some(actions)
}

/// A receipt of the day in which what is held began, or of one beside it.
fn receipt(dice: &mut Dice, lease: &Lease, id: u64, device: usize) -> Action {
    let held = lease.held.front().map_or(0, |hour| hour.first);
    let first = u32::try_from(held).unwrap() - u32::try_from(dice.below(9)).unwrap();
    let pattern = dice.pick(&[0xff, 0xff, 0xff, 0b0101_0110, 0b1, 0b1000_0000, 0]);
    Action::Answer(id, device, first, pattern)
}

fn disputed(
    dice: &mut Dice,
    machine: &Machine,
    id: u64,
    device: usize,
    lease: &Lease,
) -> Vec<Action> {
    let action = on_dispute(dice, machine, id, device, lease);
    let from = lease.disputed + 22_800;
    let early = from - machine.model.now;
    if matches!(action, Action::Resolve(..)) && early > 0 && dice.below(3) > 0 {
        let last = i64::try_from(dice.below(8) / 7).unwrap();
        let mut actions = vec![Action::Warp(early - last)];
        if !lease.is_judged(&machine.model.orders[&id]) {
            actions.extend([Action::Settle(id, device), Action::Rule(id, device)]);
        } else {
            actions.push(action);
        }
        return actions;
    }
    vec![action]
}

fn on_dispute(dice: &mut Dice, machine: &Machine, id: u64, device: usize, lease: &Lease) -> Action {
    let held = lease.disputed_units();
    let who = match dice.below(6) {
        0 => 3 - lease.resolver,
        _ => lease.resolver,
    };
    let due = lease.is_due(&machine.model.orders[&id], machine.model.now);
    if due && dice.below(3) > 0 {
        return Action::Settle(id, device);
    }
    match dice.below(16) {
        0 => Action::Settle(id, device),
        1 => Action::Dispute(id, device),
        2 => Action::CloseLease(id, device),
        12..=15 if !lease.held.is_empty() => receipt(dice, lease, id, device),
        3 => Action::Rule(id, device),
        4 => Action::Resolve(id, device, held / 2, held + 1, who),
        6 => Action::Resolve(id, device, held + 1, held, who),
        5 | 7 | 8 => Action::Resolve(id, device, held, held, who),
        9 => Action::Resolve(id, device, 0, held, who),
        _ => Action::Resolve(id, device, dice.below(held + 1), held, who),
    }
}

pub fn of_lease(dice: &mut Dice, machine: &Machine, id: u64, device: usize) -> Vec<Action> {
    let order = &machine.model.orders[&id];
    let lease = &order.leases[&device];
    if order.state == EXPIRED && dice.below(4) > 0 {
        return vec![Action::CloseLease(id, device)];
    }
    let due = order.started > 0 && lease.is_due(order, machine.model.now);
    let action = match lease.state {
        ASKED => asked(dice, machine, id, device, lease),
        ACCEPTED if order.waits() && dice.below(4) == 0 => {
            return vec![Action::Warp(91), Action::Leave(id, device, By::Owner)];
        }
        ACCEPTED if order.waits() => match dice.below(8) {
            0..=4 => Action::Leave(id, device, leaving(dice)),
            5 => Action::Settle(id, device),
            6 => Action::Dispute(id, device),
            _ => Action::Accept(id, device),
        },
        ACCEPTED if order.state == ACTIVE && !due && lease.ends == 0 => {
            return serving(dice, machine, id, device);
        }
        ACCEPTED => match dice.below(16) {
            0..=1 => return dispute(dice, machine, id, device),
            2 => Action::Timeout(id, device),
            3 => Action::Leave(id, device, By::Owner),
            4 => Action::Skip(id, device),
            _ => Action::Settle(id, device),
        },
        SETTLED => match dice.below(8) {
            0..=1 => return dispute(dice, machine, id, device),
            2..=3 => Action::Settle(id, device),
            4 => Action::Rule(id, device),
            _ => Action::CloseLease(id, device),
        },
        DISPUTED if dice.below(8) == 0 => {
            // Nobody decides.
            let until = lease.disputed + 72 * 3_600 - dice.pick(&[0, 0, 1]);
            let wait = (until - machine.model.now).max(1);
            return vec![
                Action::Warp(wait),
                Action::Settle(id, device),
                Action::Rule(id, device),
            ];
        }
        DISPUTED => return disputed(dice, machine, id, device, lease),
        state => unreachable!("no lease is {state}"),
    };
    vec![action]
}
