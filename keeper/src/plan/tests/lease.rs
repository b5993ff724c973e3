use super::{node, passed};
use crate::{plan::fixtures::*, rules::state::*, snapshot::Local};
use iog_client::market::Order;
use iog_engine::JobStatus;

#[test]
fn beats_and_works_while_hired() {
    let mut ours = local();
    ours.jobs.insert(JOB);
    let interval = NOW / 600;
    let active = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    let beat = format!("heartbeat/D/{interval}");
    assert_eq!(
        node(&active, &ours),
        [beat.clone(), "start_job/L".into(), "check_in/D/10".into()]
    );
    ours.runs
        .insert(key(LEASE), run(Some(JobStatus::Running), false));
    let mut served = active.clone();
    served
        .devices
        .get_mut(&key(DEVICE))
        .unwrap()
        .device
        .beat_head = interval;
    assert_eq!(node(&served, &ours), ["check_in/D/10"]);

    // A lease stands for the hour's proof only of a device that has proved before.
    let mut unproved = served.clone();
    let view = unproved.devices.get_mut(&key(DEVICE)).unwrap();
    view.device.last_pass_epoch = 0;
    assert!(node(&unproved, &ours).is_empty());

    // The renter ended it early: what is billed until then must be served, or it would not be paid.
    let mut ended = active.clone();
    let order = ended.orders.get_mut(&key(ORDER)).unwrap();
    (order.state, order.end_ts) = (ORDER_ENDED, NOW + 60);
    assert!(node(&ended, &ours).contains(&beat));

    let mut over = active.clone();
    over.time.now = over.orders[&key(ORDER)].end_ts;
    let planned = node(&over, &ours);
    assert!(planned.contains(&"stop_job/L".to_string()), "{planned:?}");
    assert!(
        !planned.iter().any(|key| key.starts_with("heartbeat")),
        "{planned:?}"
    );
}

#[test]
fn accepts_what_it_can_serve() {
    let accept = format!("accept/L/{}", NOW - 30);
    let offered = |order: Order, local: &Local| {
        let planned = node(&hired(order, LEASE_MATCHED), local);
        planned.contains(&accept)
    };
    let mut ours = local();
    assert!(!offered(order(ORDER_MATCHED), &ours), "its job is not here");
    let without_job = Order {
        command_hash: [0; 32],
        ..order(ORDER_MATCHED)
    };
    assert!(offered(without_job, &ours));
    ours.jobs.insert(JOB);
    assert!(offered(order(ORDER_MATCHED), &ours));
    assert!(
        offered(order(ORDER_OPEN), &ours),
        "others of the order are still to come"
    );
    // In the place of a device that dropped out of a running order; later orders of the kind have no hour left.
    let vacant = |end_ts: i64| {
        let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_MATCHED);
        snapshot.orders.get_mut(&key(ORDER)).unwrap().end_ts = end_ts;
        node(&snapshot, &ours).contains(&accept)
    };
    assert!(vacant(NOW + 3_600));
    assert!(!vacant(NOW + 3_599));
    assert!(!offered(order(ORDER_EXPIRED), &ours));
    let mut late = hired(order(ORDER_MATCHED), LEASE_MATCHED);
    late.time.now = NOW - 30 + 180;
    assert!(node(&late, &ours).contains(&accept));
    late.time.now += 1;
    assert!(
        !node(&late, &ours).contains(&accept),
        "its place may be given away"
    );
    let expired = Order {
        expires_ts: NOW,
        ..order(ORDER_MATCHED)
    };
    assert!(!offered(expired, &ours));
}

#[test]
fn jobs_are_stopped_and_collected_even_when_lease_and_order_are_gone() {
    let with_run = |status, collected| {
        let mut local = local();
        local.runs.insert(key(LEASE), run(status, collected));
        node(&passed(|view| view.rewards = Some(pending(&[10]))), &local)
    };
    assert_eq!(with_run(Some(JobStatus::Running), false), ["stop_job/L"]);
    assert_eq!(with_run(Some(JobStatus::Stopped), false), ["collect_job/L"]);
    assert_eq!(
        with_run(Some(JobStatus::Failed { code: 3 }), false),
        ["collect_job/L"]
    );
    assert!(with_run(Some(JobStatus::Succeeded), true).is_empty());
    assert!(
        with_run(None, false).is_empty(),
        "the engine knows nothing of it"
    );
}

#[test]
fn an_idle_device_shows_once_an_hour_that_it_is_up() {
    let half = NOW.div_euclid(3_600) * 3_600 + 1_800;
    let at = |now: i64, head: i64| {
        let mut idle = passed(|view| {
            view.rewards = Some(pending(&[10]));
            view.device.beat_head = head;
            let bit = usize::try_from(head.rem_euclid(768)).unwrap();
            view.device.beats[bit / 64] |= 1 << (bit % 64);
        });
        idle.time.now = now;
        node(&idle, &local())
    };
    let before = half / 600 - 4;
    assert!(at(half - 1, before).is_empty());
    assert_eq!(at(half, before), [format!("heartbeat/D/{}", half / 600)]);
    // a proof or heartbeat of this hour is enough
    assert!(at(half, half / 600 - 3).is_empty());
}
