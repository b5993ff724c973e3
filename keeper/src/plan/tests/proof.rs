use super::{node, with};
use crate::{
    plan::{fixtures::*, spent},
    rules::state::*,
    snapshot::{Local, ProofView, Snapshot},
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
    assert!(recorded(101));
    assert!(!recorded(102));
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
        roots: None,
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

/// redteam 3f: memory is freed when the order starts, but a proof that is committed is seen through, which takes seconds.
#[test]
fn a_start_frees_the_memory_of_what_is_not_committed() {
    let started = |state: u8| {
        let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.attestation = Some(attestation(state));
        snapshot
    };
    let own = proof(walked(SEED));
    let next = proof(walked(seed_now()));
    let challenged = started(PROOF_CHALLENGED);
    assert_eq!(planned(&challenged, &own, "reveal"), 8);
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
    assert_eq!(spent(&idle, &own), [(key(DEVICE), SEED)]);
    assert_eq!(spent(&idle, &next), []);
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
