//! Random sequences of everything that moves rewards and stakes, against a reference in plain integers and fractions: after each step every
//! balance and every book is compared to the unit, and so is the code of each refusal. Orders are part of it as far as who serves one is
//! exempt from the hour's proof; their money has sequences of its own (`escrow`).

mod actions;
mod check_in;
mod compare;
mod compare_staking;
mod emission;
mod instructions;
mod machine;
mod minting;
mod predict;
mod reference;
mod registry;
mod setup;
mod stake;
mod staking;

use std::collections::BTreeMap;

use iog_tests::Dice;
use machine::{Action, Machine};
use reference::Step;

/// Steps of one run.
const STEPS: u32 = 1_500;
const DAY: i64 = 24 * 3_600;

/// A round over all devices, most of the time.
fn beats(dice: &mut Dice, machine: &mut Machine) {
    for device in 0..machine.suppliers.len() {
        if dice.below(12) > 0 {
            let _ = machine.step(Action::Beat(device));
        }
    }
}

fn serve_an_hour(dice: &mut Dice, machine: &mut Machine) {
    for _ in 0..6 {
        beats(dice, machine);
        let _ = machine.step(Action::Warp(600));
    }
}

/// Four hours in which a device commits and proves nothing, and one in which it proves.
fn fail_four_times(machine: &mut Machine, device: usize) -> Step {
    for _ in 0..4 {
        let _ = machine.step(Action::Commit(device));
        let _ = machine.step(Action::Warp(3_600));
    }
    let _ = machine.step(Action::Prove(device));
    match machine.model.stakes.of[device] {
        Some(_) => machine.step(Action::CheckIn(device)),
        None => Ok(()),
    }
}

/// What a keeper does after an outage.
fn catch_up(machine: &mut Machine) {
    while machine.model.emission.next_hour < machine.model.hour() {
        machine
            .step(Action::CloseHours(48))
            .expect("hours are over");
    }
}

fn name(action: Action) -> String {
    let text = format!("{action:?}");
    let end = text.find(['(', ' ']).unwrap_or(text.len());
    text[..end].to_string()
}

/// Runs one sequence and counts what succeeded, and the refusals.
fn run(seed: u64) -> BTreeMap<String, u32> {
    let mut dice = Dice(seed);
    let mut machine = Machine::new(seed);
    let mut done = BTreeMap::new();
    for step in 0..STEPS {
        let action = actions::any(&mut dice, &machine);
        if std::env::var_os("MODEL_TRACE").is_some() {
            println!("{seed} {step}: {action:?}");
        }
        let said = match machine.step(action) {
            Ok(()) => name(action),
            Err(code) => code.to_string(),
        };
        *done.entry(said).or_default() += 1;
        if matches!(action, Action::Warp(secs) if secs > DAY) && dice.below(3) > 0 {
            catch_up(&mut machine);
        }
        // Before the hour's window opens, a week after it was announced.
        if matches!(action, Action::Warp(secs) if secs > DAY) && dice.below(2) == 0 {
            let class = dice.index(2);
            if machine.step(Action::Apply(class)).is_ok() {
                *done.entry("Apply".into()).or_default() += 1;
            }
        }
        if dice.below(30) == 0 {
            serve_an_hour(&mut dice, &mut machine);
        }
        if dice.below(100) == 0 {
            let device = dice.index(machine.suppliers.len());
            if let Err(code) = fail_four_times(&mut machine, device) {
                *done.entry(code.to_string()).or_default() += 1;
            }
        }
    }
    done
}

/// Each kind of action must have succeeded somewhere, or the sequences prove nothing about it.
const KINDS: [&str; 36] = [
    "AcceptOffer",
    "Appeal",
    "Apply",
    "ApplyMeasurer",
    "CheckIn",
    "Claim",
    "ClaimCo",
    "CloseHours",
    "Commit",
    "Donate",
    "Finalize",
    "Hire",
    "Increase",
    "Leave",
    "Measure",
    "Mint",
    "MintDue",
    "NameMeasurer",
    "Offer",
    "Overflow",
    "Pause",
    "Propose",
    "Prove",
    "RefreshTier",
    "Release",
    "RequestUnstake",
    "Resolve",
    "Resume",
    "Retract",
    "Schedule",
    "SetActive",
    "SettleRewards",
    "Stake",
    "Warp",
    "Withdraw",
    "WithdrawCo",
];

/// Refusals that must have come up as well.
const REFUSALS: [&str; 15] = [
    "AlreadyCheckedIn of emission",
    "DeviceNotActive of emission",
    "HoursNotClosed of emission",
    "Lapsed of registry",
    "NoProofOfWork of emission",
    "NotMintedYet of emission",
    "NotStaked of emission",
    "NotUp of emission",
    "NothingDue of emission",
    "NothingToClaim of emission",
    "Paused of emission",
    "Paused of token",
    "TooManyFailures of emission",
    "TooNew of emission",
    "WindowAlreadyOpen of registry",
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
    for kind in KINDS.into_iter().chain(REFUSALS) {
        let count = total.get(kind).copied().unwrap_or(0);
        assert!(count >= 3, "{kind} came up {count} times: {total:?}");
    }
}
