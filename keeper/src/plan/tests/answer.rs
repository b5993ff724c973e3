use super::node;
use crate::{
    plan::fixtures::*,
    rules::state::*,
    snapshot::{Doubt, Local, Snapshot},
};
use iog_client::market::Order;
use iog_math::units::HOUR;

const ACCEPT: &str = "accept";
const DECLINE: &str = "decline";
const LEAVE: &str = "leave_lease";

/// What a node says in the situation, if anything.
fn says(snapshot: &Snapshot, local: &Local) -> Vec<&'static str> {
    let planned = node(snapshot, local);
    let name = |kind| move |planned: &String| *planned == format!("{kind}/L/{MATCHED}");
    let kinds = [ACCEPT, DECLINE, LEAVE];
    let said = kinds.iter().filter(|kind| planned.iter().any(name(**kind)));
    said.copied().collect()
}

/// A node with the order's job.
fn able() -> Local {
    let mut local = local();
    local.jobs.insert(JOB);
    local
}

fn matched(order: Order, secs: i64) -> Snapshot {
    let mut snapshot = hired(order, LEASE_MATCHED);
    snapshot.time.now = MATCHED + secs;
    snapshot
}

#[test]
fn accepts_as_soon_as_the_order_is_whole() {
    let whole = |secs| matched(order(ORDER_MATCHED), secs);
    // Whole since nine seconds after the match.
    assert_eq!(says(&whole(9), &able()), [ACCEPT]);
    assert_eq!(says(&whole(99), &able()), [ACCEPT]);
    // Later it is no answer any more, but the place is free sooner than by a skip.
    assert_eq!(says(&whole(100), &able()), [DECLINE]);
    assert!(says(&matched(order(ORDER_OPEN), 9), &able()).is_empty());
    // In the place of a device that dropped out it is asked at once, if an hour is left.
    let vacant = |left: i64| {
        let mut snapshot = matched(order(ORDER_ACTIVE), 1);
        snapshot.orders.get_mut(&key(ORDER)).unwrap().end_ts = MATCHED + 1 + left;
        says(&snapshot, &able())
    };
    assert_eq!(vacant(HOUR), [ACCEPT]);
    assert_eq!(vacant(HOUR - 1), [DECLINE]);
}

/// audit: market H1: what it will not serve it says no to at once, before anybody waits for it.
#[test]
fn declines_at_once_what_it_will_not_serve() {
    let open = |change: fn(&mut Order)| {
        let mut order = order(ORDER_OPEN);
        change(&mut order);
        matched(order, 0)
    };
    assert_eq!(
        says(&open(|_| ()), &local()),
        [DECLINE],
        "its job is not here"
    );
    assert!(says(&open(|order| order.command_hash = [0; 32]), &local()).is_empty());
    assert!(says(&open(|_| ()), &able()).is_empty());
    assert_eq!(
        says(&open(|order| order.expires_ts = MATCHED), &able()),
        [DECLINE]
    );
    assert_eq!(
        says(&open(|order| order.state = ORDER_EXPIRED), &able()),
        [DECLINE]
    );
    let mut paused = open(|_| ());
    paused.devices.get_mut(&key(DEVICE)).unwrap().device.state = 1;
    assert_eq!(says(&paused, &able()), [DECLINE]);
}

/// redteam 1g, and "a griefer with 1,000 USD": a match in an order that is not whole holds it for 30 s, and for half as long after each
/// such order of the same renter.
#[test]
fn waits_half_as_long_for_a_renter_whose_orders_were_never_whole() {
    let after = |orders: u32, last_ts: i64, secs: i64| {
        let mut local = able();
        let doubt = Doubt { orders, last_ts };
        local.doubts.insert(key(RENTER), doubt);
        says(&matched(order(ORDER_OPEN), secs), &local) == [DECLINE]
    };
    for (orders, secs) in [(0, 30), (1, 15), (2, 7), (3, 3), (4, 1), (5, 0), (99, 0)] {
        assert!(after(orders, NOW, secs), "{orders}");
        assert!(secs == 0 || !after(orders, NOW, secs - 1), "{orders}");
    }
    // A day later it is forgotten.
    let old = MATCHED - 86_400 + 29;
    assert!(!after(5, old, 29));
    assert!(after(5, old + 1, 29));
    // Whole is whole, whoever asks.
    let mut local = able();
    let doubt = Doubt {
        orders: 99,
        last_ts: NOW,
    };
    local.doubts.insert(key(RENTER), doubt);
    assert_eq!(says(&matched(order(ORDER_MATCHED), 9), &local), [ACCEPT]);
}

#[test]
fn only_what_was_never_whole_is_held_against_the_renter() {
    let declines = |snapshot: &Snapshot, local: &Local| {
        let planned = crate::plan::plan(snapshot, local, &policy(crate::Role::Node));
        planned.iter().find_map(|planned| match planned.action {
            crate::action::Action::Decline { never_whole, .. } => Some(never_whole),
            _ => None,
        })
    };
    let open = |secs| matched(order(ORDER_OPEN), secs);
    assert_eq!(declines(&open(30), &able()), Some(true));
    assert_eq!(declines(&open(30), &local()), Some(false));
    assert_eq!(
        declines(&matched(order(ORDER_MATCHED), 100), &able()),
        Some(false)
    );
}

/// audit: market L11: an extension below the owner's floor is left when the agreed end is over, by the device's key.
#[test]
fn leaves_an_extension_that_pays_less_than_its_owner_asks() {
    let agreed = NOW - 60;
    let extended = |floor: u64, change: fn(&mut Snapshot)| {
        let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        order.booked_end_ts = agreed;
        order.rate_count = 2;
        order.rates[1] = rate(agreed, PRICE - 5);
        let lease = snapshot.leases.get_mut(&key(LEASE)).unwrap();
        lease.settled_until_ts = agreed;
        (lease.settled_count, lease.released_count) = (1, 1);
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.occupancy.as_mut().unwrap().floor_usd6 = floor;
        change(&mut snapshot);
        says(&snapshot, &able())
    };
    assert_eq!(extended(PRICE - 4, |_| ()), [LEAVE]);
    assert!(extended(PRICE - 5, |_| ()).is_empty());
    // A lease that is paid half of its part's price has half of it in mind.
    let half = |snapshot: &mut Snapshot| {
        snapshot.leases.get_mut(&key(LEASE)).unwrap().pay_usd6 = PRICE / 2;
    };
    assert_eq!(extended(PRICE / 2, half), [LEAVE]);
    let agreed_to = |snapshot: &mut Snapshot| {
        snapshot
            .leases
            .get_mut(&key(LEASE))
            .unwrap()
            .agreed_until_ts = NOW + 1;
    };
    assert!(extended(PRICE, agreed_to).is_empty());
    let unsettled = |snapshot: &mut Snapshot| {
        let lease = snapshot.leases.get_mut(&key(LEASE)).unwrap();
        (
            lease.settled_until_ts,
            lease.settled_count,
            lease.released_count,
        ) = (0, 0, 0);
        snapshot.time.now = NOW + 2_300;
    };
    assert!(
        extended(PRICE, unsettled).is_empty(),
        "its hours come first"
    );
    let ended = |snapshot: &mut Snapshot| {
        snapshot.orders.get_mut(&key(ORDER)).unwrap().state = ORDER_ENDED;
    };
    assert!(extended(PRICE, ended).is_empty());
}

/// Waiting is paid for five minutes at most.
#[test]
fn leaves_an_order_that_does_not_start() {
    let accepted = |state: u8, secs: i64| {
        let mut snapshot = hired(order(state), LEASE_ACCEPTED);
        snapshot.time.now = MATCHED + 15 + secs;
        says(&snapshot, &able())
    };
    assert!(accepted(ORDER_OPEN, 300).is_empty());
    assert_eq!(accepted(ORDER_OPEN, 301), [LEAVE]);
    assert!(
        accepted(ORDER_MATCHED, 301).is_empty(),
        "it may start at any moment"
    );
}
