//! Random sequences of everything that moves value, against a reference in plain integers: after each step every balance
//! and every book is compared to the unit, and so is the code of each refusal.

mod compare;
mod machine;
mod orders;
mod reference;

use std::collections::BTreeMap;

use iog_tests::world::{CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::Dice;
use machine::{Action, Machine};

/// Steps of one run.
const STEPS: u32 = 1_500;
/// Orders that may be open at a time.
const LIVE: usize = 3;

fn time(dice: &mut Dice) -> Action {
    let secs = match dice.below(80) {
        0 => 14 * 24 * 3_600,
        1 => 1 + dice.below(4 * 24 * 3_600),
        2..=3 => 3_600,
        4..=9 => 1 + dice.below(3_600),
        10..=14 => 0,
        _ => 600,
    };
    Action::Warp(i64::try_from(secs).unwrap())
}

fn staking(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(machine.suppliers.len());
    let minimum = machine.model.kinds[device].minimum();
    let Some(stake) = machine.model.stakes[device] else {
        let amount = [
            minimum,
            minimum,
            minimum + dice.below(1_000_000),
            minimum - 1,
        ];
        return Action::Stake(device, amount[dice.index(4)]);
    };
    match dice.below(40) {
        0 => Action::RequestUnstake(device),
        1..=2 => Action::Withdraw(device),
        3..=30 if stake.unlock != 0 => Action::Withdraw(device),
        3 => Action::Increase(device, 0),
        _ => Action::Increase(device, 1 + dice.below(1_000)),
    }
}

fn rewards(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(machine.suppliers.len());
    match dice.below(10) {
        0..=4 if machine.model.passed[device] < machine.model.hour() => Action::Prove(device),
        0..=4 if machine.model.stakes[device].is_some() => Action::CheckIn(device),
        0..=5 => Action::SettleRewards(device),
        6..=7 => Action::Claim(device),
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
    let orders = &machine.model.orders;
    let ids: Vec<u64> = orders.live.keys().copied().collect();
    if ids.is_empty() || (ids.len() < LIVE && dice.below(6) == 0) {
        return create(dice);
    }
    let id = ids[dice.index(ids.len())];
    let order = &orders.live[&id];
    let device = if order.class == CLASS_TEST && dice.below(8) > 0 {
        dice.index(3)
    } else {
        3
    };
    let leased: Vec<usize> = order.leases.keys().copied().collect();
    if leased.is_empty() || (order.state == 0 && dice.below(2) == 0) {
        return match dice.below(20) {
            0 => Action::EndEarly(id),
            1 | 2 => Action::Expire(id),
            3 => Action::CloseOrder(id),
            _ if order.leases.contains_key(&device) || order.state > 2 => Action::CloseOrder(id),
            _ if machine.model.stakes[device].is_none() => {
                Action::Stake(device, machine.model.kinds[device].minimum())
            }
            _ => Action::Match(id, device),
        };
    }
    let device = leased[dice.index(leased.len())];
    match (dice.below(16), order.state) {
        (0, _) => Action::EndEarly(id),
        (1, _) => Action::Expire(id),
        (2, _) => Action::CloseOrder(id),
        (3..=5, 3..) => Action::CloseLease(id, device),
        (3, _) => Action::CloseLease(id, device),
        (4..=15, 0 | 1) => Action::Accept(id, device),
        (4, _) => Action::Accept(id, device),
        _ => Action::Settle(id, device),
    }
}

/// Heartbeats come as a round over all devices: most of the time, so that hours are proved.
fn beats(dice: &mut Dice, machine: &mut Machine) {
    for device in 0..machine.suppliers.len() {
        if dice.below(12) > 0 {
            machine.step(Action::Beat(device));
        }
    }
}

fn serve_an_hour(dice: &mut Dice, machine: &mut Machine) {
    for _ in 0..6 {
        beats(dice, machine);
        machine.step(Action::Warp(600));
    }
}

fn any(dice: &mut Dice, machine: &Machine) -> Action {
    match dice.below(20) {
        0 => time(dice),
        1..=2 => staking(dice, machine),
        3..=7 => rewards(dice, machine),
        8..=9 => market(dice, machine),
        10..=17 => market(dice, machine),
        18 => Action::BurnFees,
        _ => Action::Donate(
            u8::try_from(dice.below(4)).unwrap(),
            1 + dice.below(1_000_000),
        ),
    }
}

fn name(action: Action) -> String {
    let text = format!("{action:?}");
    let end = text.find(['(', ' ']).unwrap_or(text.len());
    text[..end].to_string()
}

/// Runs one sequence and counts what succeeded.
fn run(seed: u64) -> BTreeMap<String, u32> {
    let mut dice = Dice(seed);
    let mut machine = Machine::new();
    let mut done = BTreeMap::new();
    for step in 0..STEPS {
        let action = any(&mut dice, &machine);
        if std::env::var_os("MODEL_TRACE").is_some() {
            println!("{seed} {step}: {action:?}");
        }
        if machine.step(action) {
            *done.entry(name(action)).or_default() += 1;
        }
        if dice.below(40) == 0 {
            serve_an_hour(&mut dice, &mut machine);
        }
    }
    done
}

/// Each kind of action must have succeeded somewhere, or the sequences prove nothing about it.
const KINDS: [&str; 19] = [
    "Accept",
    "BurnFees",
    "CheckIn",
    "Claim",
    "CloseHours",
    "CloseLease",
    "CloseOrder",
    "Create",
    "Donate",
    "EndEarly",
    "Expire",
    "Increase",
    "Match",
    "RequestUnstake",
    "Settle",
    "SettleRewards",
    "Stake",
    "Warp",
    "Withdraw",
];

#[test]
fn random_sequences_agree_with_the_reference_to_the_unit() {
    let runs: Vec<_> = (1..=4)
        .map(|seed| std::thread::spawn(move || run(seed)))
        .collect();
    let mut total: BTreeMap<String, u32> = BTreeMap::new();
    for run in runs {
        for (name, count) in run.join().expect("the run's panic is above") {
            *total.entry(name).or_default() += count;
        }
    }
    for kind in KINDS {
        let count = total.get(kind).copied().unwrap_or(0);
        assert!(count >= 3, "{kind} succeeded {count} times: {total:?}");
    }
}
