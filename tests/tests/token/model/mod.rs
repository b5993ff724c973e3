//! Random sequences of everything that makes or burns IO and IOSD, against a reference in plain integers: after each step
//! every counter, window, balance, supply and event is compared to the unit, and so is the code of each refusal.

mod actions;
mod compare;
mod machine;
mod reference;

use std::collections::BTreeMap;

use iog_tests::Dice;

use actions::Action;
use machine::Machine;
use reference::{Price, HOLDERS};

use crate::setup::{DAY, HOUR};

/// Steps of one run.
const STEPS: u32 = 700;

fn amount(dice: &mut Dice, most: u64) -> u64 {
    match dice.below(16) {
        0 => 0,
        1 => most + 1,
        2 => most,
        3 => 1 + dice.below(1_000),
        _ => {
            let part = dice.pick(&[2, 10, 50]);
            1 + dice.below(most / part + 1)
        }
    }
}

fn price(dice: &mut Dice, now: i64) -> Action {
    let ema = 5_000_000 + dice.below(100_000_000);
    // 84 to 116 percent of the average, seldom 70 to 130; 0 to 2 percent of uncertainty, seldom 3
    let off = if dice.below(8) == 0 { 3_000 } else { 1_600 };
    let spot = ema * (10_000 - off + dice.below(2 * off)) / 10_000;
    let wide = if dice.below(8) == 0 { 300 } else { 200 };
    Action::Post(Price {
        spot,
        conf: spot * dice.below(wide) / 10_000,
        ema,
        ema_conf: ema * dice.below(wide) / 10_000,
        at: now - i64::try_from(dice.below(23)).unwrap(),
    })
}

fn time(dice: &mut Dice) -> Action {
    Action::Warp(match dice.below(12) {
        0 => 0,
        1..=3 => i64::try_from(dice.below(90)).unwrap(),
        4..=6 => i64::try_from(dice.below(2 * 3_600)).unwrap(),
        7..=8 => HOUR,
        9..=10 => i64::try_from(dice.below(2 * 86_400)).unwrap(),
        _ => dice.pick(&[DAY, 5 * DAY, 31 * DAY]),
    })
}

fn any(dice: &mut Dice, machine: &Machine) -> Action {
    let model = &machine.model;
    let holder = dice.index(HOLDERS);
    let (io, iosd) = (model.io[holder], model.iosd[holder]);
    match dice.below(48) {
        0..=1 => Action::Burn(holder, amount(dice, io / 20)),
        2..=11 => {
            let amount = amount(dice, io / 20);
            let min_out = dice.pick(&[0, 0, 0, amount / 1_000]);
            Action::Exchange(holder, amount, min_out)
        }
        12..=16 => Action::Spend(holder, amount(dice, iosd)),
        17..=20 => Action::Refund(holder, amount(dice, model.outstanding())),
        21 => Action::Settle(amount(dice, model.outstanding())),
        22..=23 => Action::Emit(holder, amount(dice, 2_000_000_000_000)),
        24..=29 => Action::Remint(holder, amount(dice, model.available())),
        30 => Action::BurnDirectly(holder, amount(dice, 1_000_000.min(io))),
        31 => Action::BurnIosdDirectly(holder, amount(dice, 1_000.min(iosd))),
        32 if dice.below(4) == 0 => Action::Pause(dice.pick(&[1, 4])),
        32..=33 => Action::Resume(5),
        34..=41 => price(dice, model.now),
        42..=43 => Action::Observe,
        _ => time(dice),
    }
}

/// Runs one sequence and counts what came of its steps.
fn run(seed: u64) -> BTreeMap<String, u32> {
    let mut dice = Dice(seed);
    let mut machine = Machine::new();
    let mut outcomes = BTreeMap::new();
    for step in 0..STEPS {
        let action = any(&mut dice, &machine);
        if std::env::var_os("MODEL_TRACE").is_some() {
            println!("{seed} {step}: {action:?}");
        }
        *outcomes.entry(machine.step(action)).or_default() += 1;
    }
    outcomes
}

/// Each of these must have come of some step, or the sequences prove nothing about it.
const OUTCOMES: [&str; 37] = [
    "Burn",
    "Burn: ZeroAmount of token",
    "BurnDirectly",
    "BurnIosdDirectly",
    "Emit",
    "Emit: BreakerTripped of token",
    "Emit: MinterCapReached of token",
    "Emit: Paused of token",
    "Emit: ZeroAmount of token",
    "Exchange",
    "Exchange: AmountTooSmall of token",
    "Exchange: BreakerTripped of token",
    "Exchange: OutputBelowLimit of token",
    "Exchange: Paused of token",
    "Exchange: PriceDeviates of token",
    "Exchange: PriceNotSeen of token",
    "Exchange: PriceOlder of token",
    "Exchange: PriceStale of token",
    "Exchange: PriceUncertain of token",
    "Exchange: ZeroAmount of token",
    "Observe",
    "Pause",
    "Post",
    "Refund",
    "Refund: BreakerTripped of token",
    "Refund: RefundExceedsSpent of token",
    "Refund: ZeroAmount of token",
    "Remint",
    "Remint: AllowanceExhausted of token",
    "Remint: BreakerTripped of token",
    "Remint: NetEmissionCapReached of token",
    "Resume",
    "Settle",
    "Settle: RefundExceedsSpent of token",
    "Settle: ZeroAmount of token",
    "Spend",
    "Warp",
];

#[test]
fn random_sequences_agree_with_the_reference_to_the_unit() {
    let runs: Vec<_> = (1..=6)
        .map(|seed| std::thread::spawn(move || run(seed)))
        .collect();
    let mut total: BTreeMap<String, u32> = BTreeMap::new();
    for run in runs {
        for (outcome, count) in run.join().expect("the run's panic is above") {
            *total.entry(outcome).or_default() += count;
        }
    }
    for outcome in OUTCOMES {
        let count = total.get(outcome).copied().unwrap_or(0);
        assert!(count >= 3, "{outcome} {count} times: {total:#?}");
    }
}
