//! What may happen next: mostly what can succeed, and often enough what cannot.

use iog_tests::Dice;

use super::machine::{Action, Machine};
use super::registry::MEASURERS;

fn time(dice: &mut Dice) -> Action {
    let secs = match dice.below(80) {
        0..=2 => dice.pick(&[7, 7, 8, 22, 30]) * 24 * 3_600,
        3 => 1 + dice.below(4 * 24 * 3_600),
        4..=10 => 3_600,
        11..=15 => 1 + dice.below(3_600),
        16..=20 => 0,
        _ => 600,
    };
    Action::Warp(i64::try_from(secs).unwrap())
}

fn staking(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(machine.suppliers.len());
    let minimum = machine.model.minimum(device);
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
            let amounts = [0, above, above + 1, dice.below(above + 1)];
            Action::Overflow(device, dice.pick(&amounts))
        }
        _ => Action::Increase(device, 1 + dice.below(1_000)),
    }
}

/// Offers, their acceptance, and the co-stakers' ways out.
fn co_staking(dice: &mut Dice, machine: &Machine) -> Action {
    let stakes = &machine.model.stakes;
    let device = dice.index(machine.suppliers.len());
    let Some(stake) = &stakes.of[device] else {
        return Action::Stake(device, machine.model.minimum(device));
    };
    if let Some((amount, bps, _)) = stakes.offers[device] {
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
            let amount = dice.pick(&[stake.amount, stake.amount / 2 + 1, stake.amount + 1]);
            let bps = dice.pick(&[0, 1, 2_500, 3_333, 10_000, 10_001]);
            Action::Offer(device, amount, bps)
        }
    }
}

fn co_claim(dice: &mut Dice, machine: &Machine, device: usize) -> Action {
    let rewards = &machine.model.emission.rewards[device];
    let booked_for = dice.pick(&[rewards.co.0, rewards.former.0]);
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
        let amounts = [cap, cap + 1, cap / 3 + 1, 1 + dice.below(1_000)];
        return Action::Propose(device, dice.pick(&amounts));
    }
    if numbers.is_empty() {
        return Action::Stake(device, machine.model.minimum(device));
    }
    let number = dice.pick(&numbers);
    match dice.below(8) {
        0..=1 => Action::Appeal(number),
        2..=3 => Action::Resolve(number, dice.below(2) == 0),
        _ => Action::Finalize(number),
    }
}

/// Whether other terms wait that may still be applied.
fn due(machine: &Machine, class: usize) -> bool {
    let waiting = machine.model.registry.classes[class].waiting;
    waiting.is_some_and(|(_, from)| machine.model.now < from + 604_800)
}

/// Signs of life, states, connections and the terms of classes.
fn registry(dice: &mut Dice, machine: &Machine) -> Action {
    let model = &machine.model;
    let device = dice.index(machine.suppliers.len());
    let class = dice.index(2);
    let multiplier = model.registry.classes[class].multiplier;
    let place = dice.index(MEASURERS);
    match dice.below(30) {
        0 => Action::SetActive(device, false),
        1..=2 => {
            let paused = model.registry.devices.iter().position(|d| !d.active);
            Action::SetActive(paused.unwrap_or(device), true)
        }
        3..=6 if !due(machine, class) => {
            let step = multiplier / 5;
            let moves = [
                multiplier,
                multiplier + step,
                multiplier - step,
                multiplier + 1 + dice.below(step + 1),
                multiplier + step + 1,
            ];
            Action::Schedule(class, dice.pick(&moves))
        }
        3..=9 => Action::Apply(class),
        10..=14 => {
            let named = model.registry.measurers[place].is_some();
            if model.registry.waiting[place].is_some() && dice.below(8) > 0 {
                return Action::ApplyMeasurer(place);
            }
            // Most stay, and now and then one is named that is there, or removed that is away, already.
            let named = if named {
                dice.below(4) > 0
            } else {
                dice.below(8) > 0
            };
            Action::NameMeasurer(place, named)
        }
        15..=16 => Action::ApplyMeasurer(place),
        17..=27 => Action::Measure(device, place, u8::try_from(dice.below(5)).unwrap()),
        _ => Action::RefreshTier(device),
    }
}

fn hiring(dice: &mut Dice, machine: &Machine) -> Action {
    let model = &machine.model;
    let device = dice.index(machine.suppliers.len());
    let hours = u32::try_from(1 + dice.pick(&[0, 1, 3, 30, 99])).unwrap();
    match model.device(device).lease {
        Some(lease) if model.now >= lease.until + 600 => Action::Release(device),
        Some(_) => Action::RequestUnstake(device),
        None if model.hireable(device) => Action::Hire(device, hours),
        None => Action::Prove(device),
    }
}

fn rewards(dice: &mut Dice, machine: &Machine) -> Action {
    let model = &machine.model;
    let device = dice.index(machine.suppliers.len());
    let proved = model.device(device).passed == model.hour();
    let hired = model.device(device).lease.is_some();
    match dice.below(18) {
        0 if dice.below(3) == 0 => Action::Commit(device),
        // One device proves little of what it commits.
        0..=2 if device == 2 && !hired && dice.below(3) > 0 => Action::Commit(device),
        0..=7 if !proved && (!hired || dice.below(20) == 0) => Action::Prove(device),
        0..=8 if model.stakes.of[device].is_some() => Action::CheckIn(device),
        0..=9 => Action::SettleRewards(device),
        10..=11 => Action::Claim(device),
        12 => co_claim(dice, machine, device),
        13..=14 => Action::MintDue,
        15 if model.emission.paused => Action::Resume,
        15 if model.token.paused => Action::Mint(false),
        15 if dice.below(3) == 0 => dice.pick(&[Action::Pause, Action::Mint(true)]),
        _ => Action::CloseHours(dice.pick(&[1, 2, 8, 48])),
    }
}

pub fn any(dice: &mut Dice, machine: &Machine) -> Action {
    match dice.below(25) {
        0..=1 => time(dice),
        2..=3 => staking(dice, machine),
        4..=6 => co_staking(dice, machine),
        7 => slashing(dice, machine),
        8..=9 => registry(dice, machine),
        10..=12 => hiring(dice, machine),
        13..=23 => rewards(dice, machine),
        _ => Action::Donate(
            u8::try_from(dice.below(2)).unwrap(),
            1 + dice.below(1_000_000),
        ),
    }
}
