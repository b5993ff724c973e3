//! What a random sequence does next: mostly what may succeed, and seldom what may not.

use iog_tests::Dice;

use super::machine::Machine;
use super::reference::{Action, By, DEVICES, WALLETS};
use crate::stage::{COOL_DOWN, DAY, IO, MONTH, WAIT};

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
    match dice.below(10) {
        0..=2 => {
            let stake = machine.model.stakes[device].as_ref();
            let total = stake.map_or(0, |stake| stake.own.units + stake.co.units);
            let most = total * machine.model.caps.0 / 10_000;
            Action::Propose(device, amount(dice, most), ago(dice))
        }
        3..=4 => Action::Appeal(case(dice, machine), dice.index(WALLETS)),
        5 => Action::Resolve(case(dice, machine), dice.below(2) == 0),
        6..=7 => Action::Finalize(case(dice, machine)),
        8 => {
            let by = match dice.below(4) {
                0 => By::Slasher,
                1 => By::Judge,
                2 => By::Authority,
                _ => By::Wallet(dice.index(WALLETS)),
            };
            Action::WithdrawCase(case(dice, machine), by)
        }
        _ => end(case(dice, machine), machine),
    }
}

/// How long ago an offence was: now, in the last month, or seldom in the future.
fn ago(dice: &mut Dice) -> i64 {
    match dice.below(12) {
        0 => -1,
        1..=5 => i64::try_from(dice.below(MONTH.unsigned_abs())).unwrap(),
        _ => 0,
    }
}

/// What governance does now and then: caps between nothing and the widest, and a pause of what can be paused, mostly ended soon.
fn govern(dice: &mut Dice) -> Action {
    match dice.below(3) {
        0 => {
            let (case, month) =
                dice.pick(&[(1_000, 2_500), (5_000, 10_000), (500, 500), (2_000, 9_999)]);
            Action::SetCaps(case, month)
        }
        _ => Action::Pause(dice.pick(&[0, 0, 0, 2, 4, 6])),
    }
}

/// The way that a case ends, by what it is for.
fn end(case: usize, machine: &Machine) -> Action {
    let known = machine.model.cases.get(case).and_then(Option::as_ref);
    match known.is_some_and(|case| case.pays.is_some()) {
        true => Action::FinalizePay(case),
        false => Action::Finalize(case),
    }
}

/// What of the rent no case claims yet, in IO at 0.2505 USD.
fn claimable(machine: &Machine, device: usize) -> u64 {
    let claimed = machine.model.records[device].map_or(0, |record| record.claimed);
    let left = machine.model.verdicts[device].paid.saturating_sub(claimed);
    left * 1_000_000 / 2_505
}

fn restitution(dice: &mut Dice, machine: &Machine, device: usize) -> Action {
    let model = &machine.model;
    match dice.below(20) {
        0..=8 => {
            let stake = model.stakes[device].as_ref();
            let own = stake.map_or(0, |stake| stake.own.units);
            let cap = own * model.caps.0 / 10_000;
            let most = match dice.below(3) {
                0 => cap,
                1 => claimable(machine, device),
                _ => cap.min(claimable(machine, device)),
            };
            let of = match dice.below(12) {
                0 => dice.index(DEVICES),
                _ => device,
            };
            Action::ProposePay(device, of, amount(dice, most))
        }
        9..=11 => {
            let case = case(dice, machine);
            // A case that burns has a record in its place only where there is one.
            let known = model.cases.get(case).and_then(Option::as_ref);
            match known.is_some_and(|case| model.records[case.device].is_none()) {
                true => end(case, machine),
                false => Action::FinalizePay(case),
            }
        }
        12..=15 => Action::Fetch(device),
        16..=18 => Action::CloseRecord(device),
        _ => Action::Decide(device, 1_000_000 * (1 + dice.below(60))),
    }
}

pub fn any(dice: &mut Dice, machine: &Machine) -> Action {
    if dice.below(40) == 0 {
        return govern(dice);
    }
    let device = dice.index(DEVICES);
    let wallet = dice.index(WALLETS);
    let Some(stake) = &machine.model.stakes[device] else {
        return match dice.below(8) {
            0 => warp(dice),
            1 if dice.below(2) == 0 => restitution(dice, machine, device),
            1 => slashing(dice, machine, device),
            2 => Action::Retract(device),
            3 => Action::Increase(device, 1),
            4 => Action::Offer(device, 1, 1, None),
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
            let to = (dice.below(3) == 0).then(|| dice.index(WALLETS));
            Action::Offer(device, amount(dice, stake.own.units), share, to)
        }
        7 if dice.below(4) == 0 => Action::Retract(device),
        7..=11 if machine.model.offers[device].is_some() || dice.below(8) == 0 => {
            let offer = machine.model.offers[device];
            let (amount, share) = offer.map_or((1, 1), |offer| (offer.amount, offer.share));
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
        25..=26 => restitution(dice, machine, device),
        _ => slashing(dice, machine, device),
    }
}
