use super::node;
use crate::{
    action::Why,
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

/// A node whose engine takes the job.
fn able() -> Local {
    local()
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
    let mut broken = able();
    broken.ability.ready = false;
    assert_eq!(says(&open(|_| ()), &broken), [DECLINE]);
    // Also a session: it needs the engine as well.
    let session = open(|order| order.command_hash = [0; 32]);
    assert_eq!(says(&session, &broken), [DECLINE]);
    let mut own = able();
    own.ability.strangers = false;
    assert_eq!(says(&session, &own), [DECLINE]);
    let mut drained = able();
    drained.draining = true;
    assert_eq!(says(&open(|_| ()), &drained), [DECLINE]);
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
            crate::action::Action::Decline { ref why, .. } => Some(why.clone()),
            _ => None,
        })
    };
    let open = |secs| matched(order(ORDER_OPEN), secs);
    assert_eq!(declines(&open(30), &able()), Some(Why::NeverWhole));
    let mut broken = able();
    broken.ability.ready = false;
    let reason = "the engine: it does not answer".to_string();
    assert_eq!(declines(&open(30), &broken), Some(Why::Policy(reason)));
    assert_eq!(
        declines(&matched(order(ORDER_MATCHED), 100), &able()),
        Some(Why::Late)
    );
}

/// redteam K2, K4, O1: the operator's policy is asked with what the chain shows and the renter's offer.
#[test]
fn the_operators_policy_decides() {
    let says = |policy_text: &str, change: &dyn Fn(&mut Local)| {
        let mut ours = able();
        change(&mut ours);
        let mut policy = policy(crate::Role::Node);
        policy.jobs = toml::from_str(policy_text).unwrap();
        let planned = keys(&matched(order(ORDER_MATCHED), 9), &ours, &policy);
        let said = |kind: &str| planned.contains(&format!("{kind}/L/{MATCHED}"));
        (said(ACCEPT), said(DECLINE))
    };
    let (yes, no, waits) = ((true, false), (false, true), (false, false));
    assert_eq!(says("", &|_| ()), yes);
    assert_eq!(says("max_hours = 1", &|_| ()), no);
    assert_eq!(says("min_usd6_per_gpu_hour = 760001", &|_| ()), no);
    let lapsed = |orders| move |ours: &mut Local| ours.lapses.extend([(key(RENTER), orders)]);
    assert_eq!(says("", &lapsed(2)), yes);
    assert_eq!(says("", &lapsed(3)), no);
    // Nine seconds after the match an offer may still come.
    assert_eq!(says("unknown_jobs = 'decline'", &|_| ()), waits);
    let offered = |ours: &mut Local| {
        let mut said = report();
        said.offer = Some((&iog_job::JobSpec::session(Default::default())).into());
        ours.reports.insert((key(LEASE), MATCHED), said);
    };
    assert_eq!(says("unknown_jobs = 'decline'", &offered), yes);
    // Behind the time to accept there is only one answer.
    let mut policy = policy(crate::Role::Node);
    policy.jobs = toml::from_str("unknown_jobs = 'decline'").unwrap();
    let late = keys(&matched(order(ORDER_MATCHED), 100), &able(), &policy);
    assert!(late.contains(&format!("{DECLINE}/L/{MATCHED}")), "{late:?}");
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
