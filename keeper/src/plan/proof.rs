//! The hourly proof of one device: walk, commit, challenge, openings, end. It goes on until an order *starts*: neither a match nor an
//! acceptance ends a walk, or orders that never start would cost a whole network's proofs of an hour.

use super::{earn, spread};
use crate::{
    action::Action,
    rules,
    snapshot::{DeviceView, Local, ProofView, Snapshot, Stage},
};
use iog_client::registry::{Attestation, HardwareClass, Window};
use solana_pubkey::Pubkey;

/// A commit that was sent in time may be seen this many slots after its deadline.
const SEEN_SLOTS: u64 = 150;

pub(super) fn plan(
    snapshot: &Snapshot,
    local: &Local,
    address: &Pubkey,
    view: &DeviceView,
) -> Vec<Action> {
    let Some(attestation) = &view.attestation else {
        return Vec::new();
    };
    let proof = local.proofs.get(address);
    if rules::is_open(attestation) {
        let serving = snapshot.serving(view).is_some();
        let mut finishing = finish(snapshot, address, view, attestation, proof);
        // What is kept of a walk is opened beside a renter's job, without its memory; nothing is walked there.
        finishing.retain(|action| !(serving && matches!(action, Action::Prove { .. })));
        // Last hour's proof earns nothing any more: it is finished if that costs no second walk, or else given up for this
        // hour's.
        let this_hour = attestation.epoch == snapshot.epoch();
        let walks = matches!(finishing.first(), Some(Action::Prove { .. }) | None);
        if this_hour || !walks {
            return finishing;
        }
    }
    begin(snapshot, address, view, attestation, proof)
        .into_iter()
        .collect()
}

/// The next steps of a proof that is committed.
fn finish(
    snapshot: &Snapshot,
    address: &Pubkey,
    view: &DeviceView,
    attestation: &Attestation,
    proof: Option<&ProofView>,
) -> Vec<Action> {
    let (device, epoch) = (*address, attestation.epoch);
    let slot = snapshot.time.slot;
    if rules::can_finalize(attestation, slot) {
        return vec![end(snapshot, address, view, attestation)];
    }
    if attestation.state == rules::state::PROOF_COMMITTED {
        let from = rules::record_from(attestation);
        let can_record = (from..=rules::record_until(attestation)).contains(&slot);
        let record = can_record.then_some(Action::RecordChallenge { device, epoch });
        return record.into_iter().collect();
    }
    let proof = proof.filter(|proof| proof.seed == attestation.seed);
    let Some(proof) = proof.filter(|proof| proof.commit().is_none_or(|c| c == attestation.commit))
    else {
        // The keeper was restarted and nothing is left of the walk: the seed on chain is all it takes to walk again.
        return vec![Action::Prove {
            device,
            seed: attestation.seed,
            commit: Some(attestation.commit),
        }];
    };
    match proof.stage {
        Stage::Walking | Stage::Opening { .. } | Stage::Failed => Vec::new(),
        Stage::Opened { challenge, .. } if challenge == attestation.challenge => {
            let sent = slot >= spread::openings_from(snapshot, address, attestation);
            (0..8u8)
                .filter(|n| sent && attestation.revealed & (1 << n) == 0)
                .map(|n| Action::Reveal { device, epoch, n })
                .collect()
        }
        Stage::Walked { .. } | Stage::Opened { .. } => vec![Action::Open { device, epoch }],
    }
}

/// The end of a proof, with the check-in of its hour if that only waits for it.
fn end(
    snapshot: &Snapshot,
    address: &Pubkey,
    view: &DeviceView,
    attestation: &Attestation,
) -> Action {
    let (device, epoch) = (*address, attestation.epoch);
    let mut passed = view.clone();
    passed.device.last_pass_epoch = epoch;
    let earns = attestation.revealed == rules::ALL_OPENINGS && epoch == snapshot.epoch();
    let check_in = earns
        .then(|| earn::plan(snapshot, address, &passed))
        .flatten();
    match check_in {
        Some(Action::CheckIn {
            hour,
            previous_page,
            ..
        }) => Action::Finish {
            device,
            epoch,
            hour,
            previous_page,
        },
        _ => Action::Finalize { device, epoch },
    }
}

/// This hour's walk and commit, from the moment on when a lease is over. The memory of a device that serves an order is the renter's.
fn begin(
    snapshot: &Snapshot,
    address: &Pubkey,
    view: &DeviceView,
    attestation: &Attestation,
    proof: Option<&ProofView>,
) -> Option<Action> {
    let epoch = snapshot.epoch();
    let idle = rules::is_active(&view.device) && snapshot.serving(view).is_none();
    let class = snapshot.class_of(&view.device)?;
    // A class that takes fewer cards by now refuses the commit.
    let walks = rules::shape_of(class, rules::cards(&view.device)).is_some();
    if !idle || !walks || !rules::is_proved_class(class) || attestation.epoch >= epoch {
        return None;
    }
    let window = rules::window(&snapshot.windows, epoch)?;
    if snapshot.time.slot > deadline(&window, class) {
        return None;
    }
    let seed = seed(&window, view, class, epoch)?;
    let device = *address;
    match proof.filter(|proof| proof.seed == seed) {
        Some(proof) => proof.commit().map(|root| Action::Commit {
            device,
            epoch,
            root,
        }),
        None => Some(Action::Prove {
            device,
            seed,
            commit: None,
        }),
    }
}

/// The last slot for an hour's commits of a class.
fn deadline(window: &Window, class: &HardwareClass) -> u64 {
    window.slot.saturating_add(u64::from(class.commit_slots))
}

/// What a device walks for in an epoch.
fn seed(window: &Window, view: &DeviceView, class: &HardwareClass, epoch: u64) -> Option<[u8; 32]> {
    let cards = u16::try_from(rules::cards(&view.device)).ok()?;
    let key = view.device.device_key.to_bytes();
    Some(iog_pow::seed(
        &window.slot_hash,
        &key,
        epoch,
        class.id,
        cards,
    ))
}

/// Whether a walk can still be committed in this hour.
fn can_commit(snapshot: &Snapshot, view: &DeviceView, proof: &ProofView) -> bool {
    let epoch = snapshot.epoch();
    let pair = rules::window(&snapshot.windows, epoch).zip(snapshot.class_of(&view.device));
    pair.is_some_and(|(window, class)| {
        let late = deadline(&window, class).saturating_add(SEEN_SLOTS);
        seed(&window, view, class, epoch) == Some(proof.seed) && snapshot.time.slot <= late
    })
}

/// Proofs that are of no more use: those that are over, those that were not committed in time, and, once a device serves, all that it has not
/// committed. audit: operations H5
pub(crate) fn spent(snapshot: &Snapshot, local: &Local) -> Vec<(Pubkey, [u8; 32])> {
    let walks = local.proofs.iter().filter_map(|(device, proof)| {
        let view = snapshot.devices.get(device)?;
        let attestation = view.attestation.as_ref()?;
        let own = attestation.seed == proof.seed;
        let useful = match own {
            true => rules::is_open(attestation),
            false => snapshot.serving(view).is_none() && can_commit(snapshot, view, proof),
        };
        (!useful).then_some((*device, proof.seed))
    });
    walks.collect()
}

/// Devices of this machine that serve an order: their memory is the renters'.
pub(crate) fn serving(snapshot: &Snapshot, local: &Local) -> Vec<Pubkey> {
    let own = local.own.iter().filter(|device| {
        let view = snapshot.devices.get(device);
        view.is_some_and(|view| snapshot.serving(view).is_some())
    });
    own.copied().collect()
}
