//! Orders of several classes, machines and alternatives, and how much of it a pass looks at.

use crate::{
    action::Action,
    config::Role,
    plan::fixtures::*,
    rules::state::*,
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::{
    market::{Order, PriceBook},
    registry::HardwareClass,
};
use solana_pubkey::Pubkey;

/// A second class, and what it costs when its own base price is asked for.
const OTHER: u16 = 8;
const OTHER_CLASS: u8 = 42;

fn device_of(class_id: u16, gpus: u32) -> DeviceView {
    let mut view = device(1);
    let class = if class_id == OTHER {
        OTHER_CLASS
    } else {
        CLASS
    };
    (view.device.class, view.device.class_id) = (key(class), class_id);
    view.device.quantity = gpus;
    view.stake.as_mut().unwrap().amount_units *= u64::from(gpus);
    view
}

fn situation(order: Order, devices: &[(u8, DeviceView)], other_base_usd6: u64) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.orders.insert(key(ORDER), order);
    snapshot.devices = devices
        .iter()
        .map(|(n, view)| (key(*n), view.clone()))
        .collect();
    let class = HardwareClass {
        stake_multiplier_x100: 100,
        base_price_usd6: other_base_usd6,
        id: OTHER,
        enabled: 1,
        ..zeroed()
    };
    snapshot.classes.insert(key(OTHER_CLASS), class);
    snapshot
        .classes
        .get_mut(&key(CLASS))
        .unwrap()
        .proof_valid_hours = 0;
    let book = PriceBook {
        class_id: OTHER,
        kink_bps: 8_000,
        tier_bps: [10_000; 5],
        peak_bps: 10_000,
        commitment_bps: [10_000; 3],
        ..zeroed()
    };
    snapshot.market.books.insert(OTHER, book);
    snapshot
}

/// Parts and devices of what is matched.
fn matched(snapshot: &Snapshot) -> Vec<(u8, Pubkey)> {
    let planned = crate::plan::plan(snapshot, &Local::default(), &policy(Role::Scheduler));
    let matched = planned.iter().map(|planned| match planned.action {
        Action::Match { part, device, .. } => (part, device),
        ref other => panic!("{other:?}"),
    });
    matched.collect()
}

/// Two GPUs of our class and two of the other one.
fn two_and_two() -> Order {
    let mut order = order(ORDER_OPEN);
    (order.parts[0], order.parts[1]) = (part(CLASS_ID, 2), part(OTHER, 2));
    order.rates[0].price_usd6[1] = PRICE;
    order
}

/// redteam 4d: every part or none.
#[test]
fn an_order_of_several_parts_is_matched_part_by_part_and_as_a_whole() {
    let ours = [(1, device_of(CLASS_ID, 1)), (2, device_of(CLASS_ID, 1))];
    let theirs = (3, device_of(OTHER, 2));
    let all = [ours[0].clone(), ours[1].clone(), theirs.clone()];
    let found = matched(&situation(two_and_two(), &all, PRICE));
    assert_eq!(found, [(0, key(1)), (0, key(2)), (1, key(3))]);
    assert_eq!(matched(&situation(two_and_two(), &ours, PRICE)), []);
    // In a running order each part is filled as far as it goes.
    let mut running = two_and_two();
    running.state = ORDER_ACTIVE;
    (running.started_ts, running.end_ts) = (NOW - 60, NOW + 7_200);
    let found = matched(&situation(running, &[theirs], PRICE));
    assert_eq!(found, [(1, key(3))]);
}

/// redteam 4c: "GPUs per machine" is exact: a host of four is not taken whole and paid for two.
#[test]
fn machines_have_exactly_as_many_gpus_as_the_part_says() {
    let mut order = order(ORDER_OPEN);
    (order.parts[0].gpus, order.parts[0].per_machine) = (4, 2);
    let devices = [
        (1, device_of(CLASS_ID, 1)),
        (2, device_of(CLASS_ID, 2)),
        (4, device_of(CLASS_ID, 4)),
        (5, device_of(CLASS_ID, 2)),
    ];
    let found = matched(&situation(order.clone(), &devices, PRICE));
    assert_eq!(found, [(0, key(2)), (0, key(5))]);
    let one_short = &devices[..3];
    assert_eq!(matched(&situation(order, one_short, PRICE)), []);
}

/// An alternative for the part before it, at the lower of both prices.
#[test]
fn another_class_will_do_while_its_own_quote_is_not_above_the_part() {
    let wanted = |base_price_usd6: u64, change: fn(&mut Order)| {
        let mut order = order(ORDER_OPEN);
        order.parts[1] = part(OTHER, 0);
        change(&mut order);
        matched(&situation(
            order,
            &[(1, device_of(OTHER, 1))],
            base_price_usd6,
        ))
    };
    let found = [(0, key(1))];
    assert_eq!(wanted(PRICE, |_| ()), found);
    assert_eq!(wanted(PRICE + 1, |_| ()), []);
    assert_eq!(wanted(0, |_| ()), [], "it is not offered");
    assert_eq!(wanted(PRICE, |order| order.parts[1] = part(0, 0)), []);
    // Behind another part it is one for that.
    let behind = |order: &mut Order| {
        (order.parts[1], order.parts[2]) = (part(9, 1), part(OTHER, 0));
        order.parts[1].matched = 1;
    };
    assert_eq!(wanted(PRICE, behind), []);
    // A part that was given back whole keeps its machine's size and is none.
    let given_back = |order: &mut Order| order.parts[1].per_machine = 1;
    assert_eq!(wanted(PRICE, given_back), []);
}

/// audit: market L2, redteam 4a: who is paid less costs the renter less and comes first; the floor is compared with just that.
#[test]
fn an_alternative_is_paid_its_own_quote() {
    let half = PRICE / 2;
    let chosen = |floor: u64| {
        let mut order = order(ORDER_OPEN);
        order.parts[1] = part(OTHER, 0);
        let mut cheap = device_of(OTHER, 1);
        cheap.occupancy.as_mut().unwrap().floor_usd6 = floor;
        let devices = [(1, device_of(CLASS_ID, 1)), (2, cheap)];
        matched(&situation(order, &devices, half))
    };
    assert_eq!(chosen(half), [(0, key(2))]);
    assert_eq!(chosen(half + 1), [(0, key(1))]);
}

/// An address for each number.
fn numbered(n: u16) -> Pubkey {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    Pubkey::new_from_array(bytes)
}

/// audit: market M10: where more orders wait than a pass looks at, those that are worth the most are looked at, whoever came first.
#[test]
fn many_small_orders_do_not_crowd_a_large_one_out() {
    let mut snapshot = snapshot();
    // Nobody can fill these, and nobody pays for the look.
    let mut small = order(ORDER_OPEN);
    (small.min_reputation_bps, small.created_ts) = (10_000, NOW - 600);
    snapshot.orders = (0..600).map(|n| (numbered(n), small.clone())).collect();
    let mut large = order(ORDER_OPEN);
    large.hours = 3;
    snapshot.orders.insert(key(ORDER), large);
    assert_eq!(matched(&snapshot), [(0, key(DEVICE))]);
}

/// audit: market M10: a hundred refundable orders of 4,095 GPUs over machines of two, which nobody can fill, cost a pass no more than its
/// budget, and those behind them are still looked at.
#[test]
fn orders_that_take_a_search_leave_room_for_others() {
    let mut large = order(ORDER_OPEN);
    large.parts[0].gpus = 4_095;
    large.created_ts = NOW - 600;
    let mut snapshot = situation(order(ORDER_OPEN), &[], PRICE);
    let pair = device_of(CLASS_ID, 2);
    snapshot.devices = (0..6_000).map(|n| (numbered(n), pair.clone())).collect();
    let single = device_of(CLASS_ID, 1);
    let mut last = order(ORDER_OPEN);
    last.secure_only = 1;
    let mut secure = single;
    secure.device.secure = 1;
    secure.occupancy.as_mut().unwrap().currencies = 0b001;
    last.currency = 0;
    snapshot.devices.insert(key(DEVICE), secure);
    snapshot.orders = (0..100).map(|n| (numbered(n), large.clone())).collect();
    snapshot.orders.insert(key(ORDER), last);
    assert_eq!(matched(&snapshot), [(0, key(DEVICE))]);
}
