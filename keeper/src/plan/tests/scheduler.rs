use crate::{
    config::Role,
    plan::{fixtures::*, rank, Candidate},
    rules::state::*,
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::market::{Occupancy, Order};
use solana_pubkey::Pubkey;

fn offer(orders: &[(u8, Order)], devices: &[(u8, DeviceView)]) -> Vec<(Pubkey, Pubkey)> {
    let mut snapshot: Snapshot = snapshot();
    snapshot.orders = orders
        .iter()
        .map(|(n, order)| (key(*n), order.clone()))
        .collect();
    snapshot.devices = devices
        .iter()
        .map(|(n, view)| (key(*n), view.clone()))
        .collect();
    let planned = crate::plan::plan(&snapshot, &Local::default(), &policy(Role::Scheduler));
    let matches = planned.into_iter().map(|planned| match planned.action {
        crate::action::Action::Match { order, device, .. } => (order, device),
        other => panic!("{other:?}"),
    });
    matches.collect()
}

fn gpus(quantity: u32) -> DeviceView {
    let mut view = device(1);
    view.device.quantity = quantity;
    view.stake.as_mut().unwrap().amount_units *= u64::from(quantity);
    view
}

fn changed(change: impl FnOnce(&mut DeviceView)) -> DeviceView {
    let mut view = device(1);
    change(&mut view);
    view
}

#[test]
fn takes_only_devices_that_meet_every_constraint() {
    let open = Order {
        min_tier: 2,
        countries: [
            *b"DE", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
        ],
        ..order(ORDER_OPEN)
    };
    let bad = [
        changed(|view| view.device.state = 1),
        changed(|view| view.device.tier = 1),
        changed(|view| view.device.country = *b"FR"),
        changed(|view| view.device.class = key(77)),
        changed(|view| view.stake = None),
        changed(|view| view.stake.as_mut().unwrap().amount_units -= 1),
        changed(|view| view.stake.as_mut().unwrap().unlock_ts = 9),
        changed(|view| view.device.quantity = 0),
        gpus(2),
        changed(|view| {
            view.occupancy = Some(Occupancy {
                lease: key(50),
                ..zeroed()
            })
        }),
    ];
    for view in bad {
        assert_eq!(
            offer(&[(3, open.clone())], &[(1, view.clone())]),
            [],
            "{view:?}"
        );
    }
    assert_eq!(offer(&[(3, open)], &[(1, device(1))]), [(key(3), key(1))]);
}

#[test]
fn leaves_orders_alone_that_take_no_devices() {
    let expired = Order {
        expires_ts: NOW,
        ..order(ORDER_OPEN)
    };
    for order in [
        expired,
        order(ORDER_MATCHED),
        order(ORDER_ACTIVE),
        order(ORDER_EXPIRED),
    ] {
        assert_eq!(offer(&[(3, order)], &[(1, device(1))]), []);
    }
}

#[test]
fn older_orders_choose_first_and_no_device_is_given_twice() {
    let older = Order {
        created_ts: NOW - 61,
        ..order(ORDER_OPEN)
    };
    let orders = [(3, order(ORDER_OPEN)), (4, older)];
    assert_eq!(offer(&orders, &[(1, device(1))]), [(key(4), key(1))]);
    let both = offer(&orders, &[(1, device(1)), (2, device(2))]);
    assert_eq!(both, [(key(4), key(1)), (key(3), key(2))]);
}

#[test]
fn matches_whole_orders_only() {
    let three = Order {
        gpus: 3,
        ..order(ORDER_OPEN)
    };
    let two_of_two = [(1, gpus(2)), (2, gpus(2))];
    assert_eq!(offer(&[(3, three.clone())], &two_of_two), []);
    // The first alone would block the second; one and two make three.
    let mixed = [(1, gpus(2)), (2, gpus(2)), (5, gpus(1))];
    assert_eq!(
        offer(&[(3, three.clone())], &mixed),
        [(key(3), key(1)), (key(3), key(5))]
    );
    let begun = Order {
        matched_gpus: 2,
        ..three
    };
    assert_eq!(offer(&[(3, begun)], &mixed), [(key(3), key(5))]);
}

#[test]
fn ranks_the_same_way_everywhere() {
    let plain = Candidate {
        address: key(9),
        fresh: true,
        tier: 2,
        hours_served: 0,
        hours_missed: 0,
        leases: 0,
        gpus: 1,
    };
    let best_first = [
        Candidate {
            tier: 3,
            ..plain.clone()
        },
        Candidate {
            hours_served: 90,
            hours_missed: 1,
            leases: 9,
            ..plain.clone()
        },
        Candidate {
            hours_served: 9,
            hours_missed: 1,
            leases: 1,
            ..plain.clone()
        },
        Candidate {
            address: key(8),
            ..plain.clone()
        },
        plain.clone(),
        Candidate {
            leases: 1,
            ..plain.clone()
        },
        Candidate {
            hours_missed: 1,
            ..plain.clone()
        },
        Candidate {
            hours_served: u64::MAX,
            hours_missed: u64::MAX,
            tier: 1,
            ..plain.clone()
        },
        Candidate {
            tier: 4,
            fresh: false,
            ..plain
        },
    ];
    let mut sorted = best_first.to_vec();
    sorted.reverse();
    sorted.sort_by(rank);
    assert_eq!(sorted, best_first);
}
