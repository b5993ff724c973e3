use super::{crank, node, with};
use crate::{
    action::Action,
    config::Role,
    plan::{fixtures::*, serving, spent},
    rules::state::*,
    snapshot::{DeviceView, Local, ProofView, Snapshot, Stage},
};

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

    for stage in [Stage::Walking, Stage::Failed] {
        let view = ProofView {
            stage,
            ..walked(seed_now())
        };
        assert!(node(&snapshot(), &proof(view)).is_empty(), "{stage:?}");
    }
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
    let mut unproved = snapshot();
    let class = unproved.classes.get_mut(&key(CLASS)).unwrap();
    class.proof_valid_hours = 0;
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
        ("never proved", unproved),
        (
            "more cards than the class takes by now",
            with(|view| view.device.quantity = 9),
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
    let mut clock_back = with(|view| view.attestation.as_mut().unwrap().epoch = 11);
    clock_back.hour = 10;
    assert!(node(&clock_back, &ready).is_empty());
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
        node(&committed(SLOT - 64), &local()),
        ["record_challenge/D/10"]
    );
    assert!(
        node(&committed(SLOT - 63), &local()).is_empty(),
        "the second slot may not be recorded yet"
    );
    assert_eq!(node(&committed(SLOT - 512), &local()).len(), 1);
    assert!(
        node(&committed(SLOT - 513), &local()).is_empty(),
        "the slot is forgotten"
    );
    assert_eq!(node(&committed(SLOT - 1_012), &local()).len(), 0);
    assert_eq!(node(&committed(SLOT - 1_013), &local()), ["finalize/D/10"]);
}

/// Openings that would be late are not asked for.
#[test]
fn records_no_challenge_whose_openings_would_be_late() {
    let recorded = |age: u64| {
        let late = with(|view| {
            let mut committed = attestation(PROOF_COMMITTED);
            (committed.commit_slot, committed.reveal_slots) = (SLOT - age, 100);
            view.attestation = Some(committed);
        });
        !node(&late, &local()).is_empty()
    };
    assert!(recorded(163));
    assert!(!recorded(164));
}

#[test]
fn opens_at_once_and_sends_in_its_place_of_the_hour() {
    let mut challenged = with(|view| {
        view.attestation = Some(attestation(PROOF_CHALLENGED));
        view.attestation.as_mut().unwrap().reveal_slots = 9_000;
    });
    assert_eq!(node(&challenged, &proof(walked(SEED))), ["open/D/10"]);
    let opening = ProofView {
        stage: Stage::Opening { commit: COMMIT },
        ..walked(SEED)
    };
    assert!(node(&challenged, &proof(opening)).is_empty());
    let ready = proof(opened(SEED));
    assert!(node(&challenged, &ready).is_empty(), "not yet");
    // Our place of the hour: the hour has 2,900 s left, 7,250 slots.
    while node(&challenged, &ready).is_empty() {
        challenged.time.slot += 100;
        challenged.time.now += 40;
    }
    let waited = challenged.time.slot - SLOT;
    assert!((100..6_900).contains(&waited), "{waited}");
    assert_eq!(node(&challenged, &ready).len(), 8);

    // Of another challenge than ours, after a fork, they are of no use.
    let view = challenged.devices.get_mut(&key(DEVICE)).unwrap();
    view.attestation.as_mut().unwrap().challenge = [7; 32];
    assert_eq!(node(&challenged, &ready), ["open/D/10"]);
}

/// What is left on disk may be of another walk than the one committed.
#[test]
fn walks_again_for_another_commit() {
    let other = with(|view| {
        view.attestation = Some(attestation(PROOF_CHALLENGED));
        view.attestation.as_mut().unwrap().commit = [9; 16];
    });
    let planned = crate::plan::plan(&other, &proof(opened(SEED)), &policy(Role::Node));
    let again = Action::Prove {
        device: key(DEVICE),
        seed: SEED,
        commit: Some([9; 16]),
    };
    assert_eq!(planned[0].action, again);
}

#[test]
fn proves_the_openings_that_are_missing() {
    let challenged = |revealed| {
        with(|view| {
            view.attestation = Some(attestation(PROOF_CHALLENGED));
            view.attestation.as_mut().unwrap().revealed = revealed;
        })
    };
    let ready = proof(opened(SEED));
    assert_eq!(node(&challenged(0), &ready).len(), 8);
    assert_eq!(
        node(&challenged(0b0101_1111), &ready),
        ["reveal/D/10/5", "reveal/D/10/7"]
    );
    assert_eq!(node(&challenged(0xff), &ready), ["finish/D/10"]);
    // After a restart that found nothing the walk is gone; its seed is on chain.
    let again = format!("prove/D/{}", hex::encode(SEED));
    assert_eq!(node(&challenged(0), &local()), [again]);

    let mut late = challenged(0x7f);
    late.time.slot = SLOT - 5 + 501;
    assert_eq!(node(&late, &ready), ["finalize/D/10"], "it has failed");
}

/// One transaction less for each device and hour. The two are apart where only one of them is due.
#[test]
fn the_end_of_a_proof_and_the_check_in_are_one_transaction() {
    let proved = |change: fn(&mut DeviceView)| {
        with(|view| {
            let mut all = attestation(PROOF_CHALLENGED);
            all.revealed = 0xff;
            view.attestation = Some(all);
            change(view);
        })
    };
    let ready = proof(opened(SEED));
    let planned = crate::plan::plan(&proved(|_| ()), &ready, &policy(Role::Node));
    let finish = Action::Finish {
        device: key(DEVICE),
        epoch: 10,
        hour: 10,
        previous_page: None,
    };
    let actions: Vec<&Action> = planned.iter().map(|planned| &planned.action).collect();
    assert_eq!(actions, [&finish]);
    // Refused together, the end is tried by itself.
    let (device, epoch) = (key(DEVICE), 10);
    assert_eq!(finish.parts(), [Action::Finalize { device, epoch }]);
    let alone = [
        proved(|view| view.rewards.as_mut().unwrap().last_hour = 10),
        proved(|view| view.stake = None),
    ];
    for snapshot in alone {
        assert_eq!(node(&snapshot, &ready), ["finalize/D/10"]);
    }
    let no_account = proved(|view| view.rewards = None);
    let mut planned = node(&no_account, &ready);
    planned.sort();
    assert_eq!(planned, ["finalize/D/10", "open_rewards/D"]);
    let last_hours = proved(|view| view.attestation.as_mut().unwrap().epoch = 9);
    assert_eq!(node(&last_hours, &ready), ["finalize/D/9"]);
    // Its old hours are booked by the same transaction, and a crank leaves it alone.
    let mut all = policy(Role::Node);
    all.roles.insert(Role::Crank);
    let settling = proved(|view| view.rewards = Some(pending(&[9])));
    let mut planned = keys(&settling, &ready, &all);
    planned.retain(|key| key.contains("/D/"));
    assert_eq!(planned, ["finish/D/10"]);
    let failed = proved(|view| view.attestation.as_mut().unwrap().revealed = 0);
    let mut over = failed;
    over.time.slot += 1_000;
    assert!(crank(&over).contains(&"finalize/D/10".to_string()));
}

/// audit: operations H1
#[test]
fn signs_of_life_and_answers_come_before_any_proof() {
    let mut both = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    let mut first = device(0);
    first.attestation = Some(attestation(PROOF_CHALLENGED));
    both.devices.insert(key(0), first);
    let mut ours = proof(opened(SEED));
    ours.own.insert(key(0));
    ours.proofs.insert(key(0), opened(SEED));
    let planned = node(&both, &ours);
    let at = |kind: &str| planned.iter().position(|key| key.starts_with(kind));
    assert!(
        at("heartbeat").unwrap() < at("reveal").unwrap(),
        "{planned:?}"
    );
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
        node(&old, &proof(walked(SEED))),
        ["open/D/9"],
        "what is kept"
    );
    assert_eq!(node(&old, &proof(opened(SEED))).len(), 8, "at once");
}

fn planned(snapshot: &Snapshot, local: &Local, kind: &str) -> usize {
    let planned = node(snapshot, local);
    planned.iter().filter(|key| key.starts_with(kind)).count()
}

/// redteam 3f: an attacker books a whole network when the window opens and lets nothing start. Neither a match nor an acceptance costs a
/// proof: the walk begins, goes on and is committed until the order starts.
#[test]
fn a_match_or_an_acceptance_ends_no_walk() {
    let ready = proof(walked(seed_now()));
    let walking = proof(ProofView {
        stage: Stage::Walking,
        ..walked(seed_now())
    });
    for (state, lease_state) in [
        (ORDER_OPEN, LEASE_MATCHED),
        (ORDER_MATCHED, LEASE_MATCHED),
        (ORDER_MATCHED, LEASE_ACCEPTED),
        (ORDER_OPEN, LEASE_ACCEPTED),
        (ORDER_EXPIRED, LEASE_ACCEPTED),
    ] {
        let waiting = hired(order(state), lease_state);
        assert_eq!(planned(&waiting, &local(), "prove"), 1, "{state}");
        assert_eq!(planned(&waiting, &ready, "commit"), 1, "{state}");
        assert_eq!(spent(&waiting, &walking), [], "{state}");
        assert_eq!(spent(&waiting, &ready), [], "{state}");
    }
}

/// redteam 3f: memory is freed when the order starts, and a proof that is committed is seen through without it.
/// audit: operations H5
#[test]
fn a_start_frees_the_memory() {
    let started = |state: u8| {
        let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.attestation = Some(attestation(state));
        snapshot
    };
    let own = proof(walked(SEED));
    let next = proof(walked(seed_now()));
    let challenged = started(PROOF_CHALLENGED);
    assert_eq!(serving(&challenged, &own), [key(DEVICE)]);
    assert_eq!(planned(&challenged, &own, "open"), 1);
    assert_eq!(planned(&challenged, &proof(opened(SEED)), "reveal"), 8);
    assert_eq!(spent(&challenged, &own), []);
    assert_eq!(spent(&challenged, &next), [(key(DEVICE), seed_now())]);
    // What a restart lost is not walked again beside the job.
    assert_eq!(planned(&challenged, &local(), "prove"), 0);
    let passed = started(3);
    assert_eq!(spent(&passed, &own), [(key(DEVICE), SEED)]);
    assert_eq!(spent(&passed, &next), [(key(DEVICE), seed_now())]);
    // Without an order only the proof that is over goes.
    let mut idle = passed;
    idle.orders.clear();
    assert_eq!(serving(&idle, &own), []);
    assert_eq!(spent(&idle, &own), [(key(DEVICE), SEED)]);
    let view = idle.devices.get_mut(&key(DEVICE)).unwrap();
    view.attestation.as_mut().unwrap().epoch = 9;
    assert_eq!(spent(&idle, &next), []);
}

/// What a restart finds on disk of another hour, and what comes too late for this one. audit: operations H5
#[test]
fn what_can_no_longer_be_committed_is_dropped() {
    let next = proof(walked(seed_now()));
    assert_eq!(spent(&snapshot(), &next), []);
    let of_another_hour = proof(walked([9; 32]));
    assert_eq!(
        spent(&snapshot(), &of_another_hour),
        [(key(DEVICE), [9; 32])]
    );
    let mut late = snapshot();
    // A commit that was sent in the last slot may still show.
    late.time.slot = SLOT - 100 + 1_150;
    assert_eq!(spent(&late, &next), []);
    late.time.slot += 1;
    assert_eq!(spent(&late, &next), [(key(DEVICE), seed_now())]);
    let mut next_hour = snapshot();
    next_hour.hour = 11;
    assert_eq!(spent(&next_hour, &next), [(key(DEVICE), seed_now())]);
}

/// redteam 2c: weeks hired, the last pass long ago: it walks in the very window that is open when the lease is over.
#[test]
fn walks_at_once_after_a_lease() {
    let mut over = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    assert_eq!(planned(&over, &local(), "prove"), 0);
    // Not settled yet: the device is still in the lease.
    over.orders.get_mut(&key(ORDER)).unwrap().end_ts = NOW;
    assert_eq!(planned(&over, &local(), "prove"), 1);
}
