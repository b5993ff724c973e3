//! What a step did beside succeeding: rules that the name of an instruction says nothing about.

use iog_tests::reference::orders::{Lease, Order, ACCEPTED, DISPUTED, EXPIRED, MATCHED};
use iog_tests::reference::{By, Match, Model};

use super::action::Action;

/// Names of what this step, which succeeded, did.
pub fn of(before: &Model, after: &Model, action: Action) -> Vec<&'static str> {
    match action {
        Action::Match(wanted) => matched(before, after, &wanted),
        Action::Settle(id, d) | Action::Rule(id, d) | Action::Resolve(id, d, ..) => {
            worked(before, after, action, id, d)
        }
        Action::Timeout(id, d) => [timed_out(before, id, d), broke(before, after, id)].concat(),
        Action::Leave(id, d, by) => {
            [left(before, after, id, d, by), broke(before, after, id)].concat()
        }
        Action::CloseLease(id, d) => closed(before, after, id, d),
        Action::PriceAnew(id) => {
            let more = after.orders[&id].rates.len() > before.orders[&id].rates.len();
            vec![if more { "priced anew" } else { "out of money" }]
        }
        Action::EndEarly(id) => ended(before.now, &before.orders[&id], &after.orders[&id]),
        Action::Dispute(id, d) => disputed(before, after, id, d),
        Action::Answer(id, d, ..) => answered(before, after, id, d),
        Action::Skip(_, d) | Action::Decline(_, d, _) => {
            let one = |model: &Model| (model.devices[d].resting, model.devices[d].skipped);
            let (rests, charged) = (one(before).0 != one(after).0, one(before).1 != one(after).1);
            vec![match (rests, charged) {
                (true, true) => "rests, charged",
                (true, false) => "rests, alive",
                _ => "gone for nothing",
            }]
        }
        _ => Vec::new(),
    }
}

fn matched(before: &Model, after: &Model, wanted: &Match) -> Vec<&'static str> {
    let order = &after.orders[&wanted.order];
    let lease = &order.leases[&wanted.device];
    let mut marks = Vec::new();
    if before.devices[wanted.device].order.is_some() {
        marks.push("displaced");
        if order.state == MATCHED {
            marks.push("displaced by a whole order");
        }
    }
    if order.parts[wanted.part].class != Some(before.devices[wanted.device].class) {
        marks.push("an alternative");
        if lease.pay < lease.full {
            marks.push("an alternative, for less");
        }
    }
    if wanted.part > 0 {
        marks.push("a further part");
    }
    if lease.cap < lease.full {
        marks.push("capped");
    }
    if order.started > 0 {
        marks.push("a replacement");
    }
    marks
}

fn worked(
    before: &Model,
    after: &Model,
    action: Action,
    id: u64,
    device: usize,
) -> Vec<&'static str> {
    let (old, new) = (
        &before.orders[&id].leases[&device],
        &after.orders[&id].leases[&device],
    );
    let mut marks = Vec::new();
    let forgiven = |lease: &Lease| lease.forgiven.values().map(|n| u32::from(*n)).sum::<u32>();
    if forgiven(new) > forgiven(old) {
        marks.push("forgiven");
    }
    if new.forgiven.values().any(|n| *n == 4) {
        marks.push("forgiven for the last time of a day");
    }
    if new.poor && !old.poor {
        marks.push("poor");
    }
    if new.judged.1 - old.judged.1 == 24 {
        marks.push("a day of hours at once");
    }
    if new.paid > old.paid && new.counted && new.pay < new.full {
        marks.push("paid less than its part");
    }
    if new.shared && !old.shared {
        marks.push("shared a discount");
    }
    if matches!(action, Action::Resolve(..) | Action::Rule(..)) {
        let won = new.refunded == old.refunded && old.deposit > 0;
        marks.push(if won {
            "won with its deposit"
        } else {
            "not won"
        });
        if !won && old.answered().0 > 0 {
            marks.push("not won, what was answered stays");
        }
        if won && old.shared {
            marks.push("won after it had its share");
        }
    }
    marks
}

fn timed_out(before: &Model, id: u64, device: usize) -> Vec<&'static str> {
    let lease = &before.orders[&id].leases[&device];
    let mut marks = vec![match (before.devices[device].state, lease.poor) {
        (0, true) => "hardly served",
        (0, false) => "silent",
        _ => "stopped by its owner",
    }];
    if lease.held_units() > 0 {
        marks.push("with something held");
    }
    marks
}

/// Before an hour was judged, in the first of the order.
fn broke(before: &Model, after: &Model, id: u64) -> Vec<&'static str> {
    if after.orders[&id].broken && !before.orders[&id].broken {
        return vec!["broke the first hour"];
    }
    Vec::new()
}

fn left(before: &Model, after: &Model, id: u64, device: usize, by: By) -> Vec<&'static str> {
    let old = &before.orders[&id];
    if old.waits() {
        let whole = old.state == MATCHED;
        return vec![if whole {
            "walked away from a whole order"
        } else {
            "walked away"
        }];
    }
    let forfeited = after.orders[&id].refunded > old.refunded;
    let agreed = before.now < old.leases[&device].agreed_until(old);
    vec![match (agreed, by, forfeited) {
        (true, _, true) => "left and forfeited",
        (true, _, false) => "left with nothing held",
        (false, By::Device, _) => "left after the agreed end, by its key",
        _ => "left after the agreed end",
    }]
}

fn closed(before: &Model, after: &Model, id: u64, device: usize) -> Vec<&'static str> {
    let (old, new) = (&before.orders[&id], &after.orders[&id]);
    let mut marks = Vec::new();
    if old.state == EXPIRED && old.leases[&device].state == ACCEPTED {
        if new.paid > old.paid {
            marks.push("held time is its own");
        } else if new.fees > old.fees {
            marks.push("held time is the treasury's");
        }
    }
    if new.lamports < old.lamports {
        marks.push("lamports for matching");
    }
    if old.unanswered && old.leases[&device].accepted == 0 {
        marks.push("unanswered at the expiry");
    }
    marks
}

fn ended(now: i64, old: &Order, new: &Order) -> Vec<&'static str> {
    let mut marks = Vec::new();
    if new.rerate > old.rerate {
        marks.push("set a discount aside");
    }
    if new.fees > old.fees {
        marks.push("a discount for the treasury");
    }
    if new.end == new.started + 3_600 && new.stopped < new.end {
        marks.push("ended in the first hour");
    }
    if old.broken && new.end < new.started + 3_600 {
        marks.push("ended before the first hour");
    }
    if old.broken && old.vacant > now {
        marks.push("ended beside an hour in dispute");
    }
    if old.rates.len() > 1 {
        marks.push("ended with several prices");
    }
    marks
}

fn disputed(before: &Model, after: &Model, id: u64, device: usize) -> Vec<&'static str> {
    let (old, new) = (&before.orders[&id], &after.orders[&id]);
    let lease = &new.leases[&device];
    let mut marks = vec![if lease.ends != old.leases[&device].ends {
        "disputed while it ran"
    } else {
        "disputed when it was over"
    }];
    if new.due < old.due {
        marks.push("deposit out of refunds");
    }
    if lease.deposit > lease.held_units() {
        marks.push("a deposit with a discount in it");
    }
    if lease.ends > before.now {
        marks.push("disputed in the first hour");
    }
    marks
}

fn answered(before: &Model, after: &Model, id: u64, device: usize) -> Vec<&'static str> {
    let (old, new) = (
        &before.orders[&id].leases[&device],
        &after.orders[&id].leases[&device],
    );
    let mut marks = vec![if new.state == DISPUTED {
        "answered in part"
    } else {
        "answered to the end"
    }];
    if new.state == DISPUTED && new.disputed_units() == 0 {
        marks.push("answered, and still to be looked at");
    }
    if new.deposit < old.deposit && new.deposit > 0 {
        marks.push("answered with its part of the deposit");
    }
    marks
}
