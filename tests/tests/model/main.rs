//! Random sequences of everything that moves value, against a reference in plain integers and fractions: after each step every balance
//! and every book is compared to the unit, and so is the code of each refusal.

mod actions;
mod compare;
mod compare_staking;
mod emission;
mod instructions;
mod machine;
mod predict;
mod reference;
mod stake;
mod staking;

use std::collections::BTreeMap;

use iog_tests::Dice;
use machine::{Action, Machine};

/// Steps of one run.
const STEPS: u32 = 3_000;
const DAY: i64 = 24 * 3_600;
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

/// What a keeper does after an outage: a batch of hours and the rest of an hour's cap, hour by hour.
fn catch_up(machine: &mut Machine) {
    while machine.model.next_hour < machine.model.hour() {
        machine.step(Action::CloseHours(48));
        if machine.model.next_hour < machine.model.hour() {
            machine.step(Action::Warp(3_600));
        }
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
        let action = actions::any(&mut dice, &machine);
        if std::env::var_os("MODEL_TRACE").is_some() {
            println!("{seed} {step}: {action:?}");
        }
        if machine.step(action) {
            *done.entry(name(action)).or_default() += 1;
        }
        if matches!(action, Action::Warp(secs) if secs > DAY) && dice.below(3) > 0 {
            catch_up(&mut machine);
        }
        if dice.below(40) == 0 {
            serve_an_hour(&mut dice, &mut machine);
        }
    }
    done
}

/// Each kind of action must have succeeded somewhere, or the sequences prove nothing about it.
const KINDS: [&str; 37] = [
    "Accept",
    "AcceptOffer",
    "Appeal",
    "BurnFees",
    "CheckIn",
    "Claim",
    "ClaimCo",
    "CloseHours",
    "CloseLease",
    "CloseOrder",
    "Collect",
    "Create",
    "Delist",
    "Donate",
    "Earn",
    "EndEarly",
    "Expire",
    "Finalize",
    "Increase",
    "Leave",
    "List",
    "Match",
    "Offer",
    "Overflow",
    "Pause",
    "Propose",
    "Refund",
    "RequestUnstake",
    "Resolve",
    "Resume",
    "Retract",
    "Settle",
    "SettleRewards",
    "Stake",
    "Warp",
    "Withdraw",
    "WithdrawCo",
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
