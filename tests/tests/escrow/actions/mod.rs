//! What may happen next: mostly what can succeed, and often enough what cannot.

mod leases;
mod orders;

use iog_tests::reference::By;
use iog_tests::Dice;

use super::action::Action;
use super::machine::Machine;

/// Orders that may be open at a time.
const LIVE: usize = 5;
const PRICES_USD6: [u64; 7] = [1, 3, 61, 370_000, 400_000, 1_000_000, 2_123_457];
const PRICES_USD8: [u64; 5] = [25_000_000, 25_000_000, 27_500_000, 7_654_321, 123_456_789];
/// From nothing to a thousand dollars.
const LIES_USD8: [u64; 4] = [1, 1_234, 400_000_000, 100_000_000_000];
const HOUR: i64 = 3_600;

fn signed(secs: u64) -> i64 {
    i64::try_from(secs).unwrap()
}

fn time(dice: &mut Dice, machine: &Machine) -> Vec<Action> {
    let waits = machine.model.orders.values().any(|order| order.step > 0);
    if waits && dice.below(4) == 0 {
        return step(dice, machine);
    }
    let secs = match dice.below(80) {
        0 => 1 + dice.below(5 * 86_400),
        1 => 72 * 3_600,
        2..=3 => return vec![Action::Halt(signed(1 + dice.below(7_200)))],
        4 => {
            let back = Action::Warp(-1 - signed(dice.below(20)));
            return vec![Action::UpdateCover, back, Action::UpdateCover];
        }
        5 => return vec![Action::Warp(-1 - signed(dice.below(20)))],
        6..=9 => 1 + dice.below(7_200),
        10..=12 => 86_400 - dice.below(1_800),
        13..=20 => 91 + dice.below(4),
        21..=23 => 1_200,
        24..=27 => return agreed(dice, machine),
        28..=55 => 1 + dice.below(45),
        56..=65 => 1,
        _ => 1 + dice.below(1_300),
    };
    vec![Action::Warp(signed(secs))]
}

/// On to the moment when IO for a dollar is taken anew, or a little further.
fn step(dice: &mut Dice, machine: &Machine) -> Vec<Action> {
    let now = machine.model.now;
    let steps = machine
        .model
        .orders
        .iter()
        .map(|(id, order)| (order.step, *id));
    let Some((next, id)) = steps.filter(|(step, _)| *step > now).min() else {
        return vec![Action::Warp(HOUR)];
    };
    let beyond = signed(dice.pick(&[0, 7, 3_611, 86_399, 86_400]));
    let mut actions = vec![Action::Warp(next - now + beyond)];
    if dice.below(4) > 0 {
        actions.push(Action::Price(dice.pick(&PRICES_USD8)));
        actions.push(Action::PriceAnew(id));
    }
    actions
}

/// On to the end that the devices of an extended order had agreed to.
fn agreed(dice: &mut Dice, machine: &Machine) -> Vec<Action> {
    let now = machine.model.now;
    let orders = machine.model.orders.values();
    let mut ends = orders.filter(|order| order.end > order.booked_end && order.booked_end > now);
    let wait = ends.next().map_or(HOUR, |order| order.booked_end - now);
    vec![Action::Warp(wait + signed(dice.below(3)))]
}

fn money(dice: &mut Dice, machine: &Machine) -> Action {
    let owner = dice.index(machine.owners.len());
    let most = dice.pick(&[1, 1_000, u64::MAX]);
    match dice.below(24) {
        20..=22 => Action::UpdateCover,
        23 => Action::ReleaseKept,
        0..=3 => Action::Withdraw(owner, dice.index(2)),
        4..=5 => Action::Collect(dice.index(2)),
        6 => Action::SettleCredit,
        7..=8 => Action::Claim(owner, dice.below(8) == 0),
        9 => Action::Lie(owner, dice.pick(&LIES_USD8)),
        10..=11 => Action::Fund(most),
        12 => Action::FundFromTreasury(most),
        13..=14 => Action::PayCredit(owner),
        15 => Action::CloseRenter(dice.index(machine.renters.len())),
        16..=17 => Action::CloseEarnings(owner, dice.index(3)),
        18 if !machine.model.verdicts.is_empty() => {
            Action::CloseVerdict(dice.index(machine.model.verdicts.len()))
        }
        _ => Action::Donate(dice.index(3), 1 + dice.below(1_000_000)),
    }
}

/// What cannot be matched soon can be again.
fn repair(dice: &mut Dice, machine: &Machine) -> Option<Action> {
    let closed = machine.model.classes.iter().position(|one| !one.enabled);
    if let Some(class) = closed.filter(|_| dice.below(2) == 0) {
        return Some(Action::Offer(class, true));
    }
    let mut devices = machine.model.devices.iter();
    let device = devices.position(|one| {
        one.state != 0 || !one.listed || one.currencies != 0b111 || one.floor > 370_000
    })?;
    let one = &machine.model.devices[device];
    let action = match dice.below(4) {
        0 => return None,
        _ if one.state != 0 => Action::State(device, 0),
        1 if one.currencies != 0 => Action::Relist(device),
        _ => Action::List(device, dice.pick(&[0, 0, 0, 0, 370_000]), 0b111),
    };
    Some(action)
}

fn network(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(machine.suppliers.len());
    if let Some(action) = repair(dice, machine) {
        return action;
    }
    match dice.below(26) {
        0..=2 => Action::Price(dice.pick(&PRICES_USD8)),
        3..=5 => Action::Base(dice.index(3), dice.pick(&PRICES_USD6)),
        7..=8 => Action::Window(dice.pick(&[0, 1_800, 3_600, 86_400, 86_400, 86_400])),
        6 => Action::Beat(device),
        9 => Action::Resolver(dice.pick(&[0, 1, 1, 1, 2])),
        10 => Action::Resolver(1),
        24 => Action::ApplyResolver,
        25 => Action::Resolver(2),
        11 => Action::State(device, dice.pick(&[1, 1, 2])),
        12..=13 => Action::Delist(device, By::Keeper),
        14 => Action::Delist(device, By::Owner),
        15 => Action::List(device, dice.pick(&[0, 370_000, 1_000_001]), 1),
        16 => Action::List(device, 0, dice.pick(&[0, 8, 0b101, 0b110])),
        17 => Action::Offer(dice.index(3), false),
        18 => Action::Relist(device),
        19 => Action::Fail(device),
        20..=21 => Action::Prove(device),
        _ => Action::Base(dice.index(3), 400_000),
    }
}

/// One step, or several that belong together.
pub fn any(dice: &mut Dice, machine: &Machine) -> Vec<Action> {
    let ids: Vec<u64> = machine.model.orders.keys().copied().collect();
    let action = match dice.below(100) {
        0..=13 => return time(dice, machine),
        14..=22 => money(dice, machine),
        23..=30 => network(dice, machine),
        31..=36 if ids.len() < LIVE => orders::create(dice, machine),
        _ if ids.is_empty() => orders::create(dice, machine),
        _ => {
            let id = dice.pick(&ids);
            return orders::of_order(dice, machine, id);
        }
    };
    vec![action]
}
