//! What renters, and who matches, may do to an order.

use iog_tests::reference::orders::{Order, ACTIVE, ENDED, EXPIRED, MATCHED};
use iog_tests::reference::{By, Match, NewOrder, Wish, CREDIT, IO};
use iog_tests::Dice;

use super::{leases, PRICES_USD6};
use crate::action::Action;
use crate::machine::Machine;
use crate::stage::OWNERS;

fn wish(class: usize, per_machine: u32, gpus: u32) -> Wish {
    Wish {
        class: Some(class),
        per_machine,
        gpus,
    }
}

/// One part, one with an alternative, several, or machines.
fn parts(dice: &mut Dice) -> [Wish; 4] {
    let class = dice.index(3);
    let other = (class + 1 + dice.index(2)) % 3;
    let gpus = dice.pick(&[1, 1, 1, 2, 2, 3]);
    let mut parts = [Wish::default(); 4];
    parts[0] = wish(class, 0, gpus);
    match dice.below(20) {
        0..=3 => parts[1] = wish(other, 0, 0),
        4..=6 => parts[1] = wish(other, 0, dice.pick(&[1, 2])),
        7 => {
            parts[1] = wish(other, 0, 0);
            parts[2] = wish(3 - class - other, 0, 1);
        }
        8..=9 => parts[0] = wish(2, dice.pick(&[2, 4]), dice.pick(&[4, 8])),
        10 => parts[1] = wish(2, 1, 1),
        11 => parts[0] = wish(class, gpus, gpus),
        12 if dice.below(3) == 0 => parts[0] = wish(class, 9, 9),
        _ => {}
    }
    if parts[0].class == parts[1].class {
        parts[1] = Wish::default();
    }
    parts
}

pub fn create(dice: &mut Dice, machine: &Machine) -> Action {
    let currency = dice.index(3);
    let long: [u32; 8] = [24, 25, 48, 170, 170, 200, 672, 700];
    let short: [u32; 8] = [1, 1, 2, 2, 3, 5, 24, 30];
    let long_in = [2, 4, 9][currency];
    let hours = if dice.below(long_in) > 0 || currency == CREDIT {
        dice.pick(&short)
    } else {
        dice.pick(&long)
    };
    let picky = dice.below(8) == 0;
    let trust;
    Action::Create(NewOrder {
        renter: dice.index(machine.renters.len()),
        currency,
        parts: parts(dice),
        hours,
        spare: dice.pick(&[0, 1_000, 100_000_000, 100_000_000_000]),
        short: dice.below(16) == 0,
        min_tier: if picky { dice.pick(&[1, 2, 3]) } else { 0 },
        min_reputation: if picky {
            dice.pick(&[0, 5_000, 5_200])
        } else {
            0
        },
        secure: {
            trust = picky.then(|| dice.below(3));
            trust == Some(0)
        },
        owner: (trust == Some(1) && currency != CREDIT)
            .then(|| usize::try_from(hours).unwrap() % OWNERS),
        country: match dice.below(20) {
            0..=3 if picky => Some(*b"FR"),
            1..=4 => Some(*b"DE"),
            _ => None,
        },
    })
}

/// A device that suits a vacant place of the order, or seldom any.
fn matching(dice: &mut Dice, machine: &Machine, id: u64, order: &Order) -> Option<Action> {
    let wild = dice.below(8) == 0;
    let suiting = |part: usize, device: usize| {
        let (one, place) = (&machine.model.devices[device], &order.parts[part]);
        let alternative = order.parts.get(part + 1);
        let own = place.class == Some(one.class);
        let other = alternative.is_some_and(|next| next.gpus == 0 && next.class == Some(one.class));
        let room = place.matched + one.gpus <= place.gpus;
        one.state == 0 && one.listed && (own || other) && room && !order.is_barred(device)
    };
    let places: Vec<(usize, usize)> = (0..4)
        .flat_map(|part| (0..machine.suppliers.len()).map(move |device| (part, device)))
        .collect();
    let free: Vec<(usize, usize)> = places
        .into_iter()
        .filter(|(_, device)| !order.leases.contains_key(device) || dice.below(16) == 0)
        .filter(|(part, device)| wild || suiting(*part, *device))
        .collect();
    if free.is_empty() {
        return None;
    }
    let (part, device) = dice.pick(&free);
    let first = machine.model.now - order.created < 30;
    let held = machine.model.devices[device].order;
    Some(Action::Match(Match {
        order: id,
        device,
        part,
        by: if first != (dice.below(8) == 0) {
            By::Renter
        } else {
            By::Keeper
        },
        displaces: held.is_some_and(|held| held != id) && dice.below(6) > 0,
    }))
}

fn extend(dice: &mut Dice, id: u64, order: &Order) -> Action {
    let hours = if order.currency == IO && dice.below(4) == 0 {
        dice.pick(&[169, 200, 340])
    } else {
        dice.pick(&[1, 2, 3, 24])
    };
    let spare = dice.pick(&[0, 5_000_000, 50_000_000_000]);
    Action::Extend(id, hours, spare, dice.below(8) == 0)
}

fn reduce(dice: &mut Dice, id: u64, order: &Order) -> Action {
    let vacant = (0..4).find(|part| order.parts[*part].matched < order.parts[*part].gpus);
    let part = vacant.filter(|_| dice.below(8) > 0);
    let part = part.unwrap_or_else(|| dice.index(4));
    let one = &order.parts[part];
    let gpus = match dice.below(8) {
        0 => one.gpus,
        1 => 0,
        _ => one.per_machine.max(1),
    };
    Action::Reduce(id, part, gpus)
}

/// What an order that runs may see.
fn running(dice: &mut Dice, machine: &Machine, id: u64, order: &Order) -> Action {
    if order.step > 0 && machine.model.now >= order.step && dice.below(2) == 0 {
        return Action::PriceAnew(id);
    }
    match dice.below(24) {
        0..=3 => Action::EndEarly(id),
        4 => Action::Cancel(id),
        5 => Action::Expire(id),
        6..=7 => Action::Refund(id),
        8..=9 => Action::CloseOrder(id),
        10 => Action::PriceAnew(id),
        11..=13 => reduce(dice, id, order),
        14..=15 => Action::AddFunds(id, dice.pick(&[0, 1, 5_000_000, 1_000_000_000])),
        16..=17 => {
            let class = order.parts[0].class.unwrap();
            Action::Base(class, dice.pick(&PRICES_USD6))
        }
        _ => extend(dice, id, order),
    }
}

pub fn of_order(dice: &mut Dice, machine: &Machine, id: u64) -> Vec<Action> {
    let order = &machine.model.orders[&id];
    if order.waits() && machine.model.now >= order.expires && dice.below(2) == 0 {
        return vec![Action::Expire(id)];
    }
    let vacant = order.parts.iter().any(|part| part.matched < part.gpus);
    if order.state == ACTIVE && vacant && dice.below(8) == 0 {
        return vec![reduce(dice, id, order)];
    }
    if order.state <= ACTIVE && (vacant || dice.below(12) == 0) && dice.below(2) == 0 {
        if let Some(action) = matching(dice, machine, id, order) {
            return vec![action];
        }
    }
    if order.state == MATCHED && order.accepted() != [0; 4] && dice.below(6) == 0 {
        return vec![Action::Cancel(id)];
    }
    let devices: Vec<usize> = order.leases.keys().copied().collect();
    if !devices.is_empty() && dice.below(5) > 0 {
        let device = dice.pick(&devices);
        return leases::of_lease(dice, machine, id, device);
    }
    let action = match order.state {
        _ if order.waits() => match dice.below(16) {
            0..=3 => Action::Cancel(id),
            4..=5 => Action::Expire(id),
            6 => Action::EndEarly(id),
            7 => Action::Extend(id, 1, 0, false),
            8 => Action::Refund(id),
            9 => Action::CloseOrder(id),
            10 => Action::Reduce(id, 0, 1),
            11 => Action::AddFunds(id, 5),
            12 => Action::PriceAnew(id),
            _ => Action::Warp(1 + dice.index(40) as i64),
        },
        ACTIVE => running(dice, machine, id, order),
        ENDED if dice.below(6) == 0 => Action::EndEarly(id),
        EXPIRED if dice.below(6) == 0 => Action::Expire(id),
        _ if dice.below(2) == 0 => Action::Refund(id),
        _ => Action::CloseOrder(id),
    };
    vec![action]
}
