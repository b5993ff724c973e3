use crate::{
    action::Action,
    config::Role,
    plan::fixtures::*,
    rules::state::*,
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::{
    market::{Lease, Occupancy, Order, PriceBook, Rate},
    registry::HardwareClass,
};
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;

/// Another class that an order may name.
const OTHER: u16 = 8;

fn situation(orders: &[(u8, Order)], devices: &[(u8, DeviceView)]) -> Snapshot {
    let mut snapshot: Snapshot = snapshot();
    snapshot.orders = orders
        .iter()
        .map(|(n, order)| (key(*n), order.clone()))
        .collect();
    snapshot.devices = devices
        .iter()
        .map(|(n, view)| (key(*n), view.clone()))
        .collect();
    snapshot
}

fn matches(snapshot: &Snapshot) -> Vec<(Pubkey, Pubkey)> {
    let planned = crate::plan::plan(snapshot, &Local::default(), &policy(Role::Scheduler));
    let matches = planned.into_iter().map(|planned| match planned.action {
        Action::Match { order, device, .. } => (order, device),
        other => panic!("{other:?}"),
    });
    matches.collect()
}

fn offer(orders: &[(u8, Order)], devices: &[(u8, DeviceView)]) -> Vec<(Pubkey, Pubkey)> {
    matches(&situation(orders, devices))
}

fn gpus(quantity: u32) -> DeviceView {
    changed(|view| {
        view.device.quantity = quantity;
        view.stake.as_mut().unwrap().amount_units *= u64::from(quantity);
    })
}

fn changed(change: impl FnOnce(&mut DeviceView)) -> DeviceView {
    let mut view = device(1);
    change(&mut view);
    view
}

fn listed(change: impl FnOnce(&mut Occupancy)) -> DeviceView {
    changed(|view| change(view.occupancy.as_mut().unwrap()))
}

#[test]
fn takes_only_devices_that_meet_every_constraint() {
    let open = Order {
        min_tier: 2,
        min_reputation_bps: 5_000,
        secure_only: 1,
        countries: [
            *b"DE", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
        ],
        ..order(ORDER_OPEN)
    };
    let good = |change: fn(&mut DeviceView)| {
        changed(|view| {
            view.device.secure = 1;
            change(view);
        })
    };
    let bad = [
        good(|view| view.device.state = 1),
        good(|view| view.device.tier = 1),
        good(|view| view.device.secure = 0),
        good(|view| view.device.country = *b"FR"),
        good(|view| view.device.class_id = OTHER),
        good(|view| view.device.owner = key(77)),
        good(|view| view.stake = None),
        good(|view| view.stake.as_mut().unwrap().amount_units -= 1),
        good(|view| view.stake.as_mut().unwrap().unlock_ts = 9),
        good(|view| view.device.quantity = 0),
        good(|view| view.device.quantity = 2),
        good(|view| view.occupancy = None),
        good(|view| view.occupancy.as_mut().unwrap().lease = key(50)),
        good(|view| view.occupancy.as_mut().unwrap().listed_gpus = 0),
        good(|view| view.occupancy.as_mut().unwrap().skipped = 1),
        good(|view| view.occupancy.as_mut().unwrap().resting_until_ts = NOW + 1),
        good(|view| view.occupancy.as_mut().unwrap().floor_usd6 = PRICE + 1),
    ];
    for view in bad {
        assert_eq!(
            offer(&[(3, open.clone())], &[(1, view.clone())]),
            [],
            "{view:?}"
        );
    }
    let fits = good(|view| view.occupancy.as_mut().unwrap().floor_usd6 = PRICE);
    assert_eq!(offer(&[(3, open)], &[(1, fits)]), [(key(3), key(1))]);
}

#[test]
fn leaves_orders_alone_that_take_no_devices() {
    let expired = Order {
        expires_ts: NOW,
        ..order(ORDER_OPEN)
    };
    let full = |state| Order {
        matched_gpus: 1,
        end_ts: NOW + 9 * HOUR,
        ..order(state)
    };
    for order in [
        expired,
        full(ORDER_MATCHED),
        full(ORDER_ACTIVE),
        order(ORDER_EXPIRED),
        order(ORDER_ENDED),
        order(ORDER_COMPLETED),
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
fn matches_orders_that_wait_as_a_whole_only() {
    let three = Order {
        gpus: 3,
        ..order(ORDER_OPEN)
    };
    let two_of_two = [(1, gpus(2)), (2, gpus(2))];
    assert_eq!(offer(&[(3, three.clone())], &two_of_two), []);
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

/// Two of four GPUs dropped out of a running order.
#[test]
fn fills_running_orders_as_far_as_it_can_while_an_hour_is_left() {
    let running = |change: fn(&mut Order)| {
        let mut order = order(ORDER_ACTIVE);
        (order.gpus, order.matched_gpus) = (4, 2);
        (order.started_ts, order.end_ts) = (NOW - HOUR, NOW + HOUR);
        order.vacant_from_ts = NOW;
        change(&mut order);
        offer(&[(3, order)], &[(1, device(1))])
    };
    assert_eq!(running(|_| ()), [(key(3), key(1))]);
    assert_eq!(running(|order| order.end_ts -= 1), []);
    assert_eq!(running(|order| order.vacant_from_ts += 1), []);
}

#[test]
fn a_device_whose_lease_of_the_order_is_not_closed_cannot_come_back_to_it() {
    let mut snapshot = situation(&[(3, order(ORDER_OPEN))], &[(1, device(1)), (2, device(2))]);
    let lease = Lease {
        order: key(3),
        device: key(1),
        state: LEASE_SETTLED,
        ..zeroed()
    };
    snapshot.leases.insert(key(60), lease);
    assert_eq!(matches(&snapshot), [(key(3), key(2))]);
}

#[test]
fn skips_devices_that_did_not_accept_in_time() {
    let skips = |state: u8, lease_state: u8, now: i64| {
        let mut snapshot = hired(order(state), lease_state);
        snapshot.time.now = now;
        keys(&snapshot, &Local::default(), &policy(Role::Scheduler))
    };
    let matched = NOW - 30;
    let skip = [format!("skip_device/L/{matched}")];
    assert!(skips(ORDER_MATCHED, LEASE_MATCHED, matched + 180).is_empty());
    for state in [ORDER_OPEN, ORDER_MATCHED, ORDER_ACTIVE, ORDER_ENDED] {
        assert_eq!(skips(state, LEASE_MATCHED, matched + 181), skip);
    }
    assert!(skips(ORDER_MATCHED, LEASE_ACCEPTED, matched + 181).is_empty());
    assert!(skips(ORDER_EXPIRED, LEASE_MATCHED, matched + 181).is_empty());
}

#[test]
fn a_machine_that_has_been_quiet_comes_last_however_good_it_is() {
    let up = |mut view: DeviceView| {
        let interval = NOW / 600;
        view.device.beat_head = interval;
        let bit = usize::try_from(interval % 768).unwrap();
        view.device.beats[bit / 64] |= 1 << (bit % 64);
        view
    };
    let quiet = changed(|view| view.device.tier = 4);
    let devices = [(1, quiet.clone()), (2, up(device(2)))];
    assert_eq!(
        offer(&[(3, order(ORDER_OPEN))], &devices),
        [(key(3), key(2))]
    );
    let two = Order {
        gpus: 2,
        ..order(ORDER_OPEN)
    };
    let both = offer(&[(3, two)], &devices);
    assert_eq!(both, [(key(3), key(2)), (key(3), key(1))]);
    assert_eq!(
        offer(
            &[(3, order(ORDER_OPEN))],
            &[(1, up(quiet)), (2, up(device(2)))]
        ),
        [(key(3), key(1))]
    );
}

#[test]
fn the_lower_price_is_chosen_and_no_floor_means_the_markets_price() {
    let floor = |floor: u64| listed(|place| place.floor_usd6 = floor);
    let devices = [(1, floor(0)), (2, floor(PRICE - 1)), (5, floor(PRICE / 2))];
    assert_eq!(
        offer(&[(3, order(ORDER_OPEN))], &devices),
        [(key(3), key(5))]
    );
}

/// What an extension pays less is all that a device would get for those hours.
#[test]
fn the_lowest_price_that_is_still_to_come_counts() {
    let extended = |from_ts: i64, floor: u64| {
        let mut order = order(ORDER_OPEN);
        order.rate_count = 2;
        order.rates[1] = Rate {
            from_ts,
            price_per_gpu_hour_units: 1,
            price_usd6: PRICE - 5,
        };
        let device = listed(|place| place.floor_usd6 = floor);
        offer(&[(3, order)], &[(1, device)]).len()
    };
    assert_eq!(extended(NOW + 1, PRICE - 4), 0);
    assert_eq!(extended(NOW + 1, PRICE - 5), 1);
    assert_eq!(extended(NOW, PRICE - 5), 1);
}

#[test]
fn who_names_several_countries_names_the_best_first() {
    let abroad = |country: [u8; 2]| changed(|view| view.device.country = country);
    let order = Order {
        countries: [
            *b"FR", *b"DE", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
        ],
        ..order(ORDER_OPEN)
    };
    let devices = [(1, abroad(*b"DE")), (2, abroad(*b"FR"))];
    assert_eq!(offer(&[(3, order)], &devices), [(key(3), key(2))]);
}

#[test]
fn another_class_will_do_while_its_own_quote_is_not_above_the_order() {
    let matched = |base_price_usd6: u64, named: bool| {
        let mut order = order(ORDER_OPEN);
        if named {
            order.class_ids[2] = OTHER;
        }
        let other = changed(|view| {
            (view.device.class, view.device.class_id) = (key(42), OTHER);
        });
        let mut snapshot = situation(&[(3, order)], &[(1, other)]);
        let class = HardwareClass {
            multiplier_x100: 100,
            base_price_usd6,
            id: OTHER,
            enabled: 1,
            ..zeroed()
        };
        snapshot.classes.insert(key(42), class);
        let book = PriceBook {
            class_id: OTHER,
            kink_bps: 8_000,
            tier_bps: [10_000; 5],
            peak_bps: 10_000,
            commitment_bps: [10_000; 3],
            ..zeroed()
        };
        snapshot.market.books.insert(OTHER, book);
        matches(&snapshot)
    };
    assert_eq!(matched(PRICE, true), [(key(3), key(1))]);
    assert_eq!(matched(PRICE + 1, true), []);
    assert_eq!(matched(0, true), [], "it is not offered");
    assert_eq!(matched(PRICE, false), []);
}
