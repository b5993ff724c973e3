//! Random sequences of every staking and slashing instruction with two devices and three wallets, against a reference in plain
//! integers: after each step every balance and every book is compared to the unit, and so is the code of each refusal.

mod machine;
mod reference;
mod rules;

use std::collections::BTreeMap;

use iog_tests::Dice;

use crate::stage::{COOL_DOWN, DAY, IO, MONTH, WAIT};
use machine::Machine;
use reference::{Action, DEVICES, WALLETS};

/// Runs, and steps of each.
const RUNS: u64 = 14;
const STEPS: u32 = 700;

/// Zero, one, all, one too many, or anything in between.
fn amount(dice: &mut Dice, most: u64) -> u64 {
    match dice.below(12) {
        0 => 0,
        1 => 1,
        2 => most + 1,
        3..=5 => most,
        _ => 1 + dice.below(most + 1),
    }
}

fn warp(dice: &mut Dice) -> Action {
    let span = dice.pick(&[DAY, DAY, 5 * DAY, WAIT, WAIT, COOL_DOWN, COOL_DOWN, MONTH]);
    Action::Warp(match dice.below(4) {
        0 => span - 1,
        1 => i64::try_from(dice.below(span.unsigned_abs())).unwrap(),
        _ => span,
    })
}

/// A case that is open, or seldom any number.
fn case(dice: &mut Dice, machine: &Machine) -> usize {
    let cases = &machine.model.cases;
    let open: Vec<usize> = (0..cases.len()).filter(|n| cases[*n].is_some()).collect();
    match open.is_empty() || dice.below(20) == 0 {
        true => dice.index(cases.len() + 1),
        false => dice.pick(&open),
    }
}

fn slashing(dice: &mut Dice, machine: &Machine, device: usize) -> Action {
    match dice.below(9) {
        0..=2 => {
            let stake = machine.model.stakes[device].as_ref();
            let total = stake.map_or(0, |stake| stake.own.units + stake.co.units);
            let most = total * machine.model.caps.0 / 10_000;
            Action::Propose(device, amount(dice, most))
        }
        3..=4 => Action::Appeal(case(dice, machine), dice.index(WALLETS)),
        5 => Action::Resolve(case(dice, machine), dice.below(2) == 0),
        _ => Action::Finalize(case(dice, machine)),
    }
}

fn any(dice: &mut Dice, machine: &Machine) -> Action {
    let device = dice.index(DEVICES);
    let wallet = dice.index(WALLETS);
    let Some(stake) = &machine.model.stakes[device] else {
        return match dice.below(8) {
            0 => warp(dice),
            1 => slashing(dice, machine, device),
            2 => Action::Retract(device),
            3 => Action::Increase(device, 1),
            4 => Action::Offer(device, 1, 1),
            5 => Action::Stake(device, 100 * IO - 1),
            _ => Action::Stake(device, 100 * IO + dice.below(300 * IO)),
        };
    };
    match dice.below(30) {
        0..=1 => Action::Increase(
            device,
            dice.below(200 * IO).min(machine.model.wallets[device]),
        ),
        2..=3 => Action::Overflow(
            device,
            amount(dice, stake.own.units.saturating_sub(200 * IO)),
        ),
        4..=6 => {
            let most = dice.pick(&[1, 3_000, 10_001, 10_900]);
            let share = u16::try_from(dice.below(most)).unwrap();
            Action::Offer(device, amount(dice, stake.own.units), share)
        }
        7 if dice.below(4) == 0 => Action::Retract(device),
        7..=11 if machine.model.offers[device].is_some() || dice.below(8) == 0 => {
            let (amount, share) = machine.model.offers[device].unwrap_or((1, 1));
            let amount = amount + u64::from(dice.below(10) == 0);
            if amount > machine.model.wallets[wallet] {
                return warp(dice);
            }
            Action::Accept(device, wallet, amount, share)
        }
        12..=13 => {
            let by = stake.co_staker.filter(|_| dice.below(4) > 0);
            Action::Leave(device, by.unwrap_or(wallet))
        }
        14..=16 if stake.co_staker.is_some() => Action::WithdrawCo(device),
        14..=16 => Action::Stake(device, 200 * IO),
        17 if dice.below(3) == 0 => Action::Request(device),
        18..=19 => Action::Withdraw(device),
        20..=22 => warp(dice),
        23 if stake.co_staker.is_some() && dice.below(2) == 0 => Action::WithdrawCo(device),
        24 => Action::Withdraw(device),
        _ => slashing(dice, machine, device),
    }
}

/// Runs one sequence and counts what came of its steps.
fn run(seed: u64) -> BTreeMap<String, u32> {
    let mut dice = Dice(seed);
    // The caps of a network that starts, and the widest that governance may set.
    let caps = if seed.is_multiple_of(3) {
        (5_000, 10_000)
    } else {
        (1_000, 2_500)
    };
    let mut machine = Machine::new(caps);
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
const OUTCOMES: [&str; 56] = [
    "Accept: CoolingDown",
    "Accept: OfferTooLarge",
    "Accept: SelfCoStake",
    "Accept: TermsChanged",
    "Accept: missing",
    "Accept: ok",
    "Appeal: NotAppellant",
    "Appeal: WrongCaseState",
    "Appeal: missing",
    "Appeal: ok",
    "Finalize: CaseRuns",
    "Finalize: missing",
    "Finalize: ok",
    "Increase: CoolingDown",
    "Increase: missing",
    "Increase: ok",
    "Leave: AlreadyLeaving",
    "Leave: CoolingDown",
    "Leave: NotCoStaker",
    "Leave: ok",
    "Offer: CoolingDown",
    "Offer: HasCoStaker",
    "Offer: InvalidShare",
    "Offer: OfferTooLarge",
    "Offer: ZeroAmount",
    "Offer: missing",
    "Offer: ok",
    "Offer: taken",
    "Overflow: CoolingDown",
    "Overflow: NotOverflow",
    "Overflow: ZeroAmount",
    "Overflow: ok",
    "Propose: SlashAboveCap",
    "Propose: TooManyCases",
    "Propose: ZeroAmount",
    "Propose: missing",
    "Propose: ok",
    "Request: CoolingDown",
    "Request: ok",
    "Resolve: WrongCaseState",
    "Resolve: missing",
    "Resolve: ok",
    "Retract: missing",
    "Retract: ok",
    "Stake: BelowMinimum",
    "Stake: ok",
    "Stake: taken",
    "Warp: ok",
    "Withdraw: CoolDownNotOver",
    "Withdraw: HeldByCase",
    "Withdraw: NotRequested",
    "Withdraw: ZeroAmount",
    "Withdraw: ok",
    "WithdrawCo: CoStakeLocked",
    "WithdrawCo: HeldByCase",
    "WithdrawCo: ok",
];

#[test]
fn random_sequences_agree_with_the_reference_to_the_unit() {
    let runs: Vec<_> = (1..=RUNS)
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
