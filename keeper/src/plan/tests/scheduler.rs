use crate::{
    action::Action,
    config::Role,
    plan::fixtures::*,
    rules::state::*,
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::market::{Lease, Occupancy, Order};
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;

/// A class that no order names.
const OTHER: u16 = 8;

/// Orders are so old that the renter's first seconds are over.
fn situation(orders: &[(u8, Order)], devices: &[(u8, DeviceView)]) -> Snapshot {
    let mut snapshot: Snapshot = snapshot();
    snapshot.orders = orders
        .iter()
        .map(|(n, order)| (key(*n), order.clone()))
        .collect();
    // Machines of several GPUs are of classes that are not proved.
    snapshot
        .classes
        .values_mut()
        .for_each(|class| class.proof_valid_hours = 0);
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

/// redteam mesh M1: an order that names an owner gets that one's devices only.
#[test]
fn an_order_of_one_owner_gets_no_other_device() {
    let of = |owner: u8| Order {
        owner: key(owner),
        ..order(ORDER_OPEN)
    };
    assert_eq!(
        offer(&[(ORDER, of(OWNER))], &[(DEVICE, device(1))]).len(),
        1
    );
    assert!(offer(&[(ORDER, of(OWNER + 1))], &[(DEVICE, device(1))]).is_empty());
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
    let place = |change: fn(&mut Occupancy)| {
        let mut view = good(|_| ());
        change(view.occupancy.as_mut().unwrap());
        view
    };
    let bad = [
        good(|view| view.device.state = 1),
        good(|view| view.device.tier = 1),
        good(|view| view.device.tier_ts = NOW - 15_552_001),
        good(|view| view.device.secure = 0),
        good(|view| view.device.country = *b"FR"),
        good(|view| view.device.class_id = OTHER),
        good(|view| view.device.owner = key(77)),
        good(|view| view.device.last_sign_ts = NOW.div_euclid(HOUR) * HOUR - HOUR - 1),
        good(|view| view.stake = None),
        good(|view| view.stake.as_mut().unwrap().amount_units -= 1),
        good(|view| view.stake.as_mut().unwrap().unlock_ts = 9),
        good(|view| view.device.quantity = 0),
        good(|view| view.device.quantity = 2),
        good(|view| view.occupancy = None),
        place(|place| place.lease = key(50)),
        place(|place| place.listed_gpus = 0),
        place(|place| place.skipped = 1),
        place(|place| place.resting_until_ts = NOW + 1),
        place(|place| place.currencies = 0b101),
        place(|place| place.floor_usd6 = PRICE + 1),
        place(|place| {
            (place.cap_usd6, place.cap_until_ts, place.floor_usd6) = (PRICE - 1, NOW + 1, PRICE)
        }),
    ];
    for view in bad {
        assert_eq!(
            offer(&[(3, open.clone())], &[(1, view.clone())]),
            [],
            "{view:?}"
        );
    }
    for view in [
        place(|place| place.floor_usd6 = PRICE),
        place(|place| (place.cap_usd6, place.cap_until_ts, place.floor_usd6) = (1, NOW, PRICE)),
        good(|view| view.device.last_sign_ts = NOW.div_euclid(HOUR) * HOUR - HOUR),
    ] {
        assert_eq!(
            offer(&[(3, open.clone())], &[(1, view)]),
            [(key(3), key(1))]
        );
    }
}

/// redteam X6
#[test]
fn takes_only_machines_of_the_platform_that_is_asked_for() {
    let matched = |asked: u8, is: u8| {
        let order = Order {
            platform: asked,
            ..order(ORDER_OPEN)
        };
        !offer(
            &[(3, order)],
            &[(1, changed(|view| view.device.platform = is))],
        )
        .is_empty()
    };
    assert!(matched(0, 0) && matched(0, 2) && matched(2, 2));
    assert!(!matched(2, 1) && !matched(2, 0));
}

/// audit: market H2, redteam 2a, 2c: a pass within the class's hours, or within a day in the two hours after a lease; fewer than four
/// failures.
#[test]
fn takes_only_devices_that_have_proved_lately() {
    let matched = |change: &dyn Fn(&mut DeviceView)| {
        let mut snapshot = situation(&[(3, order(ORDER_OPEN))], &[(1, changed(change))]);
        snapshot
            .classes
            .get_mut(&key(CLASS))
            .unwrap()
            .proof_valid_hours = 3;
        (snapshot.hour, snapshot.emission.next_hour) = (40, 40);
        !matches(&snapshot).is_empty()
    };
    let passed = |epoch: u64| matched(&|view: &mut DeviceView| view.device.last_pass_epoch = epoch);
    assert!(passed(37) && !passed(36) && !passed(0));
    let after = |ago: i64, passed: u64| {
        matched(&|view: &mut DeviceView| {
            view.occupancy.as_mut().unwrap().served_until_ts = NOW - ago;
            view.device.last_pass_epoch = passed;
        })
    };
    assert!(after(7_199, 16));
    assert!(!after(7_200, 16));
    assert!(!after(7_199, 15));
    assert!(!matched(&|view: &mut DeviceView| {
        view.device.last_pass_epoch = 40;
        (view.device.last_fail_epoch, view.device.fail_bits) = (39, 0b1111);
    }));
}

#[test]
fn leaves_orders_alone_that_take_no_devices() {
    let expired = Order {
        expires_ts: NOW,
        ..order(ORDER_OPEN)
    };
    let full = |state| {
        let mut order = order(state);
        order.parts[0].matched = 1;
        order.end_ts = NOW + 9 * HOUR;
        order
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

/// redteam 3e: for its first 30 s the renter's client ranks.
#[test]
fn leaves_the_first_seconds_to_the_renter() {
    let matched = |age: i64, renter: u8| {
        let young = Order {
            created_ts: NOW - age,
            renter: key(renter),
            ..order(ORDER_OPEN)
        };
        offer(&[(3, young)], &[(1, device(1))]).len()
    };
    assert_eq!(matched(29, RENTER), 0);
    assert_eq!(matched(30, RENTER), 1);
    // The renter's own keeper is its client.
    assert_eq!(matched(0, 99), 1);
}

fn wants(gpus: u32) -> Order {
    let mut order = order(ORDER_OPEN);
    order.parts[0].gpus = gpus;
    order
}

/// redteam 3a: devices are asked when the last place is matched, so only whole sets are matched.
#[test]
fn matches_orders_that_wait_as_a_whole_only() {
    let two_of_two = [(1, gpus(2)), (2, gpus(2))];
    assert_eq!(offer(&[(3, wants(3))], &two_of_two), []);
    let mixed = [(1, gpus(2)), (2, gpus(2)), (5, gpus(1))];
    assert_eq!(
        offer(&[(3, wants(3))], &mixed),
        [(key(3), key(1)), (key(3), key(5))]
    );
    let mut begun = wants(3);
    begun.parts[0].matched = 2;
    assert_eq!(offer(&[(3, begun)], &mixed), [(key(3), key(5))]);
}

/// Two of four GPUs dropped out of a running order.
#[test]
fn fills_running_orders_as_far_as_it_can_while_an_hour_is_left() {
    let running = |change: fn(&mut Order)| {
        let mut order = wants(4);
        (order.state, order.parts[0].matched) = (ORDER_ACTIVE, 2);
        (order.started_ts, order.end_ts) = (NOW - HOUR, NOW + HOUR);
        order.vacant_from_ts = NOW;
        change(&mut order);
        offer(&[(3, order)], &[(1, device(1))])
    };
    assert_eq!(running(|_| ()), [(key(3), key(1))]);
    assert_eq!(running(|order| order.end_ts -= 1), []);
    assert_eq!(running(|order| order.vacant_from_ts += 1), []);
}

/// redteam 1a, 1e: whoever declined, did not answer or left is not taken again; nor one whose lease of the order is not closed.
#[test]
fn a_device_that_the_order_has_had_is_not_taken_again() {
    let mut barred = order(ORDER_OPEN);
    barred.bars[7] = [1; 8];
    let two = [(1, device(1)), (2, device(2))];
    assert_eq!(offer(&[(3, barred)], &two), [(key(3), key(2))]);
    let mut snapshot = situation(&[(3, order(ORDER_OPEN))], &two);
    let lease = Lease {
        order: key(3),
        device: key(1),
        state: LEASE_SETTLED,
        ..zeroed()
    };
    snapshot.leases.insert(key(60), lease);
    assert_eq!(matches(&snapshot), [(key(3), key(2))]);
}

/// 90 s after the order became whole, or after its match to a running one.
#[test]
fn skips_devices_that_did_not_answer_in_time() {
    let skips = |state: u8, lease_state: u8, now: i64| {
        let mut snapshot = hired(order(state), lease_state);
        snapshot.time.now = now;
        keys(&snapshot, &Local::default(), &policy(Role::Scheduler))
    };
    let skip = [format!("skip_device/L/{MATCHED}")];
    let whole = NOW - 20;
    assert!(skips(ORDER_MATCHED, LEASE_MATCHED, whole + 90).is_empty());
    assert_eq!(skips(ORDER_MATCHED, LEASE_MATCHED, whole + 91), skip);
    assert!(skips(ORDER_ACTIVE, LEASE_MATCHED, MATCHED + 90).is_empty());
    assert_eq!(skips(ORDER_ACTIVE, LEASE_MATCHED, MATCHED + 91), skip);
    assert!(skips(ORDER_MATCHED, LEASE_ACCEPTED, whole + 91).is_empty());
    // Nobody is asked before the order is whole, and one that expired is closed.
    assert!(skips(ORDER_OPEN, LEASE_MATCHED, whole + 91).is_empty());
    assert!(skips(ORDER_EXPIRED, LEASE_MATCHED, whole + 91).is_empty());
    // Behind its expiry nobody can accept: what comes after is nobody's silence.
    let mut expired = hired(order(ORDER_MATCHED), LEASE_MATCHED);
    expired.orders.get_mut(&key(ORDER)).unwrap().expires_ts = whole + 90;
    expired.time.now = whole + 91;
    let planned = keys(&expired, &Local::default(), &policy(Role::Scheduler));
    assert!(planned.is_empty(), "{planned:?}");
}

/// redteam "a griefer with 1,000 USD": a match in an order that is not whole holds nobody for longer than 30 s, and not at all against a
/// match that makes its own order whole.
#[test]
fn takes_devices_out_of_matches_that_hold_nobody() {
    let held = |age: i64, ours: Order, change: fn(&mut Order)| {
        // Of a class of which nobody else is there for what it still lacks.
        let mut theirs = wants(1);
        theirs.parts[0].matched = 1;
        theirs.parts[1] = part(OTHER, 1);
        change(&mut theirs);
        let mut view = device(1);
        view.occupancy.as_mut().unwrap().lease = key(60);
        let devices = [(1, view), (2, device(2))];
        let lacking = ours.parts[0].gpus - ours.parts[0].matched;
        let devices = &devices[..usize::try_from(lacking).unwrap()];
        let mut snapshot = situation(&[(3, ours), (4, theirs)], devices);
        let lease = Lease {
            order: key(4),
            device: key(1),
            matched_ts: NOW - age,
            ..zeroed()
        };
        snapshot.leases.insert(key(60), lease);
        matches(&snapshot)
    };
    let both = [(key(3), key(1)), (key(3), key(2))];
    assert_eq!(held(30, wants(2), |_| ()), both);
    assert_eq!(held(29, wants(2), |_| ()), []);
    // One that makes its own order whole takes it at once, if that is no smaller: else a GPU, taken back at once, would break large orders.
    let mut begun = wants(2);
    begun.parts[0].matched = 1;
    assert_eq!(held(0, begun, |_| ()), [(key(3), key(1))]);
    assert_eq!(held(0, wants(1), |_| ()), []);
    assert_eq!(held(30, wants(1), |_| ()), [(key(3), key(1))]);
    // What is whole, or runs, keeps its devices.
    let whole = |theirs: &mut Order| {
        (theirs.state, theirs.whole_since_ts) = (ORDER_MATCHED, NOW);
    };
    assert_eq!(held(40, wants(1), whole), []);
    let runs = |theirs: &mut Order| {
        (theirs.state, theirs.started_ts, theirs.end_ts) = (ORDER_ACTIVE, NOW - 60, NOW);
    };
    assert_eq!(held(40, wants(1), runs), []);
}

/// audit: market L1: the price is what the lease would be paid; the floor only filters, so that asking for nothing wins nothing.
#[test]
fn a_low_floor_wins_nothing() {
    let floor = |floor: u64| listed(|place| place.floor_usd6 = floor);
    let idle = |mut view: DeviceView| {
        view.occupancy.as_mut().unwrap().idle_since_ts = NOW - HOUR;
        view
    };
    let devices = [(1, floor(1)), (2, idle(floor(PRICE))), (5, floor(0))];
    assert_eq!(
        offer(&[(3, order(ORDER_OPEN))], &devices),
        [(key(3), key(2))],
        "it has waited longest"
    );
}

/// redteam 6c: who left an order early is paid no more than there until its agreed end, and so costs the renter less.
#[test]
fn a_device_with_a_cap_is_ranked_by_what_it_would_be_paid() {
    let capped = listed(|place| (place.cap_usd6, place.cap_until_ts) = (PRICE / 2, NOW + 1));
    let devices = [(1, device(1)), (2, capped)];
    assert_eq!(
        offer(&[(3, order(ORDER_OPEN))], &devices),
        [(key(3), key(2))]
    );
}

/// What an extension pays less is all that a device would get for those hours.
#[test]
fn the_lowest_price_that_is_still_to_come_counts() {
    let extended = |from_ts: i64, floor: u64| {
        let mut order = order(ORDER_OPEN);
        order.rate_count = 2;
        order.rates[1] = rate(from_ts, PRICE - 5);
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
