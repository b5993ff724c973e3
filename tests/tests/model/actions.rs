//! What may happen next: mostly what can succeed, and often enough what cannot.

use iog_tests::reference::orders::{ACTIVE, COMPLETED, MATCHED, OPEN};
use iog_tests::world::{CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::Dice;

use super::machine::{Action, Machine};

/// Orders that may be open at a time.
const LIVE: usize = 3;

fn time(dice: &mut Dice) -> Action {
    let secs = match dice.below(80) {
        0..=1 => dice.pick(&[7, 14, 30]) * 24 * 3_600,
        2 => 1 + dice.below(4 * 24 * 3_600),
        3..=4 => 3_600,
        5..=9 => 1 + dice.below(3_600),
        10..=14 => 0,
        _ => 600,
    };
    Action::Warp(i64::try_from(secs).unwrap())
}

fn staking(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(machine.suppliers.len());
    let minimum = machine.model.kinds[device].minimum();
    let Some(stake) = &machine.model.stakes.of[device] else {
        let half = minimum / 2;
        let amount = dice.pick(&[minimum, minimum, minimum + 1_000_000, half, half - 1]);
        return Action::Stake(device, amount);
    };
    if stake.unlock != 0 && stake.unlock <= machine.model.now && dice.below(2) == 0 {
        return Action::Withdraw(device);
    }
    match dice.below(40) {
        0 => Action::RequestUnstake(device),
        1..=2 => Action::Withdraw(device),
        3..=25 if stake.unlock != 0 => Action::Withdraw(device),
        3 => Action::Increase(device, 0),
        4..=6 => Action::Increase(device, minimum / 2),
        7..=12 => {
            let above = (stake.amount + stake.co_amount()).saturating_sub(minimum);
            Action::Overflow(
                device,
                [0, above, above + 1, dice.below(above + 1)][dice.index(4)],
            )
        }
        _ => Action::Increase(device, 1 + dice.below(1_000)),
    }
}

/// Offers, their acceptance, and the co-stakers' ways out.
fn co_staking(dice: &mut Dice, machine: &Machine) -> Action {
    let stakes = &machine.model.stakes;
    let device = dice.index(machine.suppliers.len());
    let Some(stake) = &stakes.of[device] else {
        return Action::Stake(device, machine.model.kinds[device].minimum());
    };
    if let Some((amount, bps)) = stakes.offers[device] {
        let co = dice.index(stakes.cos.len());
        return match dice.below(5) {
            0 => Action::Retract(device),
            1 => Action::AcceptOffer(device, co, (amount + 1, bps)),
            _ => Action::AcceptOffer(device, co, (amount, bps)),
        };
    }
    match (stake.co, dice.below(12)) {
        (Some(co), 0) if co.leave == 0 => Action::Leave(device),
        (Some(co), 0..=6) if co.leave != 0 => Action::WithdrawCo(device),
        (Some(_), 1..=2) => Action::WithdrawCo(device),
        (Some(_), 3) => Action::Leave(device),
        (Some(_), 4..) => co_claim(dice, machine, device),
        _ => {
            let amount = [stake.amount, stake.amount / 2 + 1, stake.amount + 1][dice.index(3)];
            Action::Offer(
                device,
                amount,
                dice.pick(&[0, 1, 2_500, 3_333, 10_000, 10_001]),
            )
        }
    }
}

fn co_claim(dice: &mut Dice, machine: &Machine, device: usize) -> Action {
    let booked_for = machine.model.rewards[device].co;
    let other = dice.index(machine.cos.len());
    let to = booked_for.filter(|_| dice.below(8) > 0).unwrap_or(other);
    Action::ClaimCo(device, to)
}

fn slashing(dice: &mut Dice, machine: &Machine) -> Action {
    let stakes = &machine.model.stakes;
    let device = dice.index(machine.suppliers.len());
    let numbers: Vec<u64> = stakes.cases.keys().copied().collect();
    let stake = stakes.of[device].as_ref();
    if let (Some(stake), true) = (stake, numbers.is_empty() || dice.below(4) == 0) {
        let cap = (stake.amount + stake.co_amount()) / 10;
        let amount = [cap, cap + 1, cap / 3 + 1, 1 + dice.below(1_000)][dice.index(4)];
        return Action::Propose(device, amount);
    }
    if numbers.is_empty() {
        return Action::Stake(device, machine.model.kinds[device].minimum());
    }
    let number = dice.pick(&numbers);
    match dice.below(8) {
        0..=1 => Action::Appeal(number),
        2..=3 => Action::Resolve(number, dice.below(2) == 0),
        _ => Action::Finalize(number),
    }
}

fn rewards(dice: &mut Dice, machine: &Machine) -> Action {
    let model = &machine.model;
    let device = dice.index(machine.suppliers.len());
    match dice.below(15) {
        0..=7 if model.passed[device] < model.hour() => Action::Prove(device),
        0..=7 if model.stakes.of[device].is_some() => Action::CheckIn(device),
        0..=8 => Action::SettleRewards(device),
        9..=10 => Action::Claim(device),
        11 => co_claim(dice, machine, device),
        12 if model.paused => Action::Resume,
        12 if dice.below(12) == 0 => Action::Pause,
        _ => Action::CloseHours([1, 2, 8, 48][dice.index(4)]),
    }
}

fn create(dice: &mut Dice) -> Action {
    Action::Create {
        renter: dice.index(2),
        class: if dice.below(4) == 0 {
            CLASS_COMMUNITY
        } else {
            CLASS_TEST
        },
        gpus: 1 + u32::try_from(dice.below(3)).unwrap(),
        hours: 1 + u32::try_from(dice.below(4)).unwrap(),
        usd8: 10_000_000 + dice.below(80_000_000),
    }
}

fn market(dice: &mut Dice, machine: &Machine) -> Action {
    let market = &machine.model.market;
    let ids: Vec<u64> = market.orders.keys().copied().collect();
    if ids.is_empty() || (ids.len() < LIVE && dice.below(6) == 0) {
        return create(dice);
    }
    let id = dice.pick(&ids);
    let order = &market.orders[&id];
    let device = if order.class == 0 && dice.below(8) > 0 {
        dice.index(3)
    } else {
        3
    };
    let leased: Vec<usize> = order.leases.keys().copied().collect();
    if leased.is_empty() || (order.state == OPEN && dice.below(2) == 0) {
        return match dice.below(20) {
            0 => Action::EndEarly(id),
            1 | 2 => Action::Expire(id),
            3 => Action::CloseOrder(id),
            _ if order.leases.contains_key(&device) || order.state > ACTIVE => {
                dice.pick(&[Action::Refund(id), Action::CloseOrder(id)])
            }
            _ => offer_to(dice, machine, id, device),
        };
    }
    let device = dice.pick(&leased);
    match (dice.below(16), order.state) {
        (0, _) => Action::EndEarly(id),
        (1, _) => Action::Expire(id),
        (2, _) => Action::CloseOrder(id),
        (3..=5, COMPLETED..) => Action::CloseLease(id, device),
        (3, _) => Action::CloseLease(id, device),
        (4..=15, OPEN | MATCHED) => Action::Accept(id, device),
        (4, _) => Action::Accept(id, device),
        _ => Action::Settle(id, device),
    }
}

/// A match, or what the device lacks for it.
fn offer_to(dice: &mut Dice, machine: &Machine, id: u64, device: usize) -> Action {
    let listed = machine.model.market.devices[device].listed;
    if machine.model.stakes.of[device].is_none() {
        return Action::Stake(device, machine.model.kinds[device].minimum());
    }
    // Most that are not listed would be refused for that alone, and a match needs the place in the market that a listing makes.
    if !listed {
        return Action::List(device);
    }
    if dice.below(12) == 0 {
        return Action::Delist(device);
    }
    Action::Match(id, device)
}

/// What is booked leaves.
fn payments(dice: &mut Dice, machine: &Machine) -> Action {
    let ids: Vec<u64> = machine.model.market.orders.keys().copied().collect();
    match dice.below(4) {
        0 if !ids.is_empty() => Action::Refund(dice.pick(&ids)),
        0..=1 => Action::Earn(dice.index(machine.suppliers.len())),
        2 => Action::Collect,
        _ => Action::BurnFees,
    }
}

pub fn any(dice: &mut Dice, machine: &Machine) -> Action {
    match dice.below(25) {
        0 => time(dice),
        1..=2 => staking(dice, machine),
        3..=5 => co_staking(dice, machine),
        6 => slashing(dice, machine),
        7..=14 => rewards(dice, machine),
        15..=22 => market(dice, machine),
        23 => payments(dice, machine),
        _ => Action::Donate(
            u8::try_from(dice.below(4)).unwrap(),
            1 + dice.below(1_000_000),
        ),
    }
}
