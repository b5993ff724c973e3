use super::{node, with};
use crate::{
    plan::fixtures::*,
    rules::state::*,
    snapshot::{Local, ProofView},
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
    let matched = hired(order(ORDER_MATCHED), LEASE_MATCHED);
    assert_eq!(
        node(&matched, &ready),
        ["commit/D/10"],
        "a match alone exempts from nothing"
    );
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
