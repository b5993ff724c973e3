use crate::{
    config::Role,
    plan::fixtures::*,
    rules::state::*,
    snapshot::{DeviceView, Local, ProofView, Snapshot},
};
use iog_client::market::Order;
use iog_engine::JobStatus;

fn node(snapshot: &Snapshot, local: &Local) -> Vec<String> {
    keys(snapshot, local, &policy(Role::Node))
}

fn with(change: impl FnOnce(&mut DeviceView)) -> Snapshot {
    let mut snapshot = snapshot();
    change(snapshot.devices.get_mut(&key(DEVICE)).unwrap());
    snapshot
}

fn proof(view: ProofView) -> Local {
    let mut local = local();
    local.proofs.insert(key(DEVICE), view);
    local
}

#[test]
fn walks_then_commits_while_the_window_lasts() {
    let prove = format!("prove/D/{}", hex::encode(seed_now()));
    assert_eq!(node(&snapshot(), &local()), [prove.as_str()]);
    assert_eq!(
        node(&snapshot(), &proof(walked(seed_now()))),
        ["commit/D/10"]
    );

    let under_way = ProofView {
        roots: None,
        ..walked(seed_now())
    };
    let failed = ProofView {
        failed: true,
        ..under_way.clone()
    };
    assert!(node(&snapshot(), &proof(under_way)).is_empty());
    assert!(node(&snapshot(), &proof(failed)).is_empty());
    assert_eq!(
        node(&snapshot(), &proof(walked([9; 32]))),
        [prove],
        "a walk for another seed is of no use"
    );
}

#[test]
fn begins_no_proof_that_cannot_count() {
    let ready = proof(walked(seed_now()));
    let mut no_window = snapshot();
    no_window.windows.ring[10].epoch = 9;
    let mut late = snapshot();
    late.time.slot = SLOT - 100 + 1_001;
    let mut before_genesis = snapshot();
    before_genesis.hour = 0;
    let cases = [
        ("no window", no_window),
        ("after the deadline", late),
        ("before genesis", before_genesis),
        ("paused", with(|view| view.device.state = 1)),
        (
            "committed and failed",
            with(|view| view.attestation = Some(attestation(4))),
        ),
        (
            "no attestation account",
            with(|view| view.attestation = None),
        ),
        ("hired", hired(order(ORDER_ACTIVE), LEASE_ACCEPTED)),
    ];
    for (name, snapshot) in cases {
        let planned = node(&snapshot, &ready);
        let proofs = planned
            .iter()
            .filter(|key| key.starts_with("commit") || key.starts_with("prove"));
        assert_eq!(proofs.count(), 0, "{name}: {planned:?}");
    }
    let mut in_time = snapshot();
    in_time.time.slot = SLOT - 100 + 1_000;
    assert_eq!(node(&in_time, &ready), ["commit/D/10"]);
}

#[test]
fn finishes_a_committed_proof() {
    let committed = |commit_slot| {
        with(|view| {
            view.attestation = Some(attestation(PROOF_COMMITTED));
            view.attestation.as_mut().unwrap().commit_slot = commit_slot;
        })
    };
    assert_eq!(
        node(&committed(SLOT - 10), &local()),
        ["record_challenge/D/10"]
    );
    assert!(
        node(&committed(SLOT), &local()).is_empty(),
        "no later slot yet"
    );
    assert!(
        node(&committed(SLOT - 513), &local()).is_empty(),
        "the slot is forgotten"
    );
    assert_eq!(node(&committed(SLOT - 1_012), &local()).len(), 0);
    assert_eq!(node(&committed(SLOT - 1_013), &local()), ["finalize/D/10"]);
}

#[test]
fn proves_the_openings_that_are_missing() {
    let challenged = |revealed| {
        with(|view| {
            view.attestation = Some(attestation(PROOF_CHALLENGED));
            view.attestation.as_mut().unwrap().revealed = revealed;
        })
    };
    let ready = proof(walked(SEED));
    assert_eq!(node(&challenged(0), &ready).len(), 8);
    assert_eq!(
        node(&challenged(0b0101_1111), &ready),
        ["reveal/D/10/5", "reveal/D/10/7"]
    );
    assert_eq!(node(&challenged(0xff), &ready), ["finalize/D/10"]);
    // After a restart the walk is gone; its seed is on chain.
    let again = format!("prove/D/{}", hex::encode(SEED));
    assert_eq!(node(&challenged(0), &local()), [again]);

    let mut late = challenged(0x7f);
    late.time.slot = SLOT - 5 + 501;
    assert_eq!(node(&late, &ready), ["finalize/D/10"], "it has failed");
}

#[test]
fn gives_last_hours_proof_up_for_this_hours_if_it_would_have_to_walk_twice() {
    let old = with(|view| {
        view.attestation = Some(attestation(PROOF_CHALLENGED));
        view.attestation.as_mut().unwrap().epoch = 9;
    });
    let prove = format!("prove/D/{}", hex::encode(seed_now()));
    assert_eq!(node(&old, &local()), [prove]);
    assert_eq!(
        node(&old, &proof(walked(SEED))).len(),
        8,
        "it is still in memory"
    );
}

/// A device that has passed this hour's proof.
fn passed(change: impl FnOnce(&mut DeviceView)) -> Snapshot {
    with(|view| {
        view.attestation = Some(attestation(3));
        view.device.last_pass_epoch = 10;
        change(view);
    })
}

#[test]
fn checks_in_once_an_hour() {
    assert_eq!(node(&passed(|_| {}), &local()), ["check_in/D/10"]);
    let no_account = passed(|view| view.rewards = None);
    assert_eq!(node(&no_account, &local()), ["open_rewards/D"]);
    let again = passed(|view| view.rewards = Some(pending(&[10])));
    assert!(node(&again, &local()).is_empty());
}

#[test]
fn checks_in_only_when_eligible() {
    let mut no_page = passed(|_| {});
    no_page.pages.clear();
    let mut young = passed(|_| {});
    young.emission.min_age_secs = i64::MAX;
    let mut worthless = passed(|_| {});
    worthless
        .classes
        .get_mut(&key(CLASS))
        .unwrap()
        .multiplier_x100 = 0;
    let mut full = passed(|view| view.rewards = Some(pending(&[2, 3, 4, 5, 6, 7, 8, 9])));
    full.emission.next_hour = 2;
    let cases = [
        ("page missing", no_page),
        ("too new", young),
        ("class earns nothing", worthless),
        ("eight open hours pending", full),
        ("paused", passed(|view| view.device.state = 1)),
        ("no connectivity", passed(|view| view.device.tier = 0)),
        (
            "proof of another hour",
            passed(|view| view.device.last_pass_epoch = 9),
        ),
        ("no stake account", passed(|view| view.stake = None)),
        (
            "stake too low",
            passed(|view| view.stake.as_mut().unwrap().amount_units -= 1),
        ),
        (
            "cooling down",
            passed(|view| view.stake.as_mut().unwrap().unlock_ts = 1),
        ),
        (
            "four failures",
            passed(|view| (view.device.last_fail_epoch, view.device.fail_bits) = (9, 0b1111)),
        ),
    ];
    for (name, snapshot) in cases {
        let planned = node(&snapshot, &local());
        assert!(
            !planned.contains(&"check_in/D/10".to_string()),
            "{name}: {planned:?}"
        );
    }
    let old_failures =
        passed(|view| (view.device.last_fail_epoch, view.device.fail_bits) = (1, 0b1111));
    assert_eq!(
        node(&old_failures, &local()),
        ["check_in/D/10"],
        "the window has moved on"
    );
}

#[test]
fn passes_the_previous_page_only_for_closed_hours_on_it() {
    let at_page_one = |hours: &[u32], next_hour| {
        let mut snapshot = passed(|view| {
            view.rewards = Some(pending(hours));
            view.device.last_pass_epoch = 130;
            view.attestation.as_mut().unwrap().epoch = 130;
        });
        (snapshot.hour, snapshot.emission.next_hour) = (130, next_hour);
        snapshot.pages = [1].into();
        let planned = crate::plan::plan(&snapshot, &local(), &policy(Role::Node));
        planned
            .into_iter()
            .map(|planned| planned.action)
            .collect::<Vec<_>>()
    };
    let check_in = |previous_page| {
        [crate::action::Action::CheckIn {
            device: key(DEVICE),
            hour: 130,
            previous_page,
        }]
    };
    assert_eq!(at_page_one(&[128], 130), check_in(Some(0)));
    assert_eq!(at_page_one(&[128], 128), check_in(None), "not closed yet");
    assert_eq!(at_page_one(&[129], 130), check_in(None), "on this page");
    assert_eq!(at_page_one(&[], 130), check_in(None));
}

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
    assert!(!offered(order(ORDER_EXPIRED), &ours));
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
