//! The hourly proof of one device: walk, commit, challenge, openings, end. It goes on until an order *starts*: neither a match nor an
//! acceptance ends a walk, or orders that never start would cost a whole network's proofs of an hour.

use crate::{
    action::Action,
    rules,
    snapshot::{DeviceView, Local, ProofView, Snapshot},
};
use iog_client::registry::{Attestation, HardwareClass};
use solana_pubkey::Pubkey;

pub(super) fn plan(
    snapshot: &Snapshot,
    local: &Local,
    address: &Pubkey,
    view: &DeviceView,
) -> Vec<Action> {
    let Some(attestation) = &view.attestation else {
        return Vec::new();
    };
    let Some(class) = snapshot.class_of(&view.device) else {
        return Vec::new();
    };
    let proof = local.proofs.get(address);
    if rules::is_open(attestation) {
        let serving = snapshot.serving(view).is_some();
        let mut finishing = finish(snapshot, address, attestation, proof);
        // A table that is there is opened, which takes seconds and spares a failure; none is made beside a renter's job.
        finishing.retain(|action| !(serving && matches!(action, Action::Prove { .. })));
        // Last hour's proof earns nothing any more: it is finished if that costs no second walk, or else given up for this
        // hour's.
        let this_hour = attestation.epoch == snapshot.epoch();
        let walks = matches!(finishing.first(), Some(Action::Prove { .. }) | None);
        if this_hour || !walks {
            return finishing;
        }
    }
    begin(snapshot, address, view, attestation, class, proof)
        .into_iter()
        .collect()
}

/// The next steps of a proof that is committed.
fn finish(
    snapshot: &Snapshot,
    address: &Pubkey,
    attestation: &Attestation,
    proof: Option<&ProofView>,
) -> Vec<Action> {
    let (device, epoch) = (*address, attestation.epoch);
    let slot = snapshot.time.slot;
    if rules::can_finalize(attestation, slot) {
        return vec![Action::Finalize { device, epoch }];
    }
    if attestation.state == rules::state::PROOF_COMMITTED {
        // Once SlotHashes has forgotten the slot, or the openings would be late, nothing but the deadline helps.
        let openings = u64::from(attestation.reveal_slots).saturating_add(1);
        let reach = attestation
            .commit_slot
            .saturating_add(rules::CHALLENGE_GRACE_SLOTS.min(openings));
        let can_record = slot > attestation.commit_slot && slot <= reach;
        let record = can_record.then_some(Action::RecordChallenge { device, epoch });
        return record.into_iter().collect();
    }
    match proof.filter(|proof| proof.seed == attestation.seed) {
        Some(ProofView { roots: Some(_), .. }) => (0..8u8)
            .filter(|n| attestation.revealed & (1 << n) == 0)
            .map(|n| Action::Reveal { device, epoch, n })
            .collect(),
        Some(_) => Vec::new(),
        // The keeper was restarted: the seed on chain is all it takes to walk again.
        None => vec![Action::Prove {
            device,
            seed: attestation.seed,
        }],
    }
}

/// This hour's walk and commit, from the moment on when a lease is over. The memory of a device that serves an order is the renter's.
fn begin(
    snapshot: &Snapshot,
    address: &Pubkey,
    view: &DeviceView,
    attestation: &Attestation,
    class: &HardwareClass,
    proof: Option<&ProofView>,
) -> Option<Action> {
    let epoch = snapshot.epoch();
    let idle = rules::is_active(&view.device) && snapshot.serving(view).is_none();
    if !idle || !rules::is_proved_class(class) || attestation.epoch >= epoch {
        return None;
    }
    let window = rules::window(&snapshot.windows, epoch)?;
    let deadline = window.slot.saturating_add(u64::from(class.commit_slots));
    if snapshot.time.slot > deadline {
        return None;
    }
    let device_key = view.device.device_key.to_bytes();
    let seed = iog_pow::seed(&window.slot_hash, &device_key, epoch, class.id);
    let device = *address;
    match proof.filter(|proof| proof.seed == seed) {
        Some(ProofView {
            roots: Some(roots), ..
        }) => Some(Action::Commit {
            device,
            epoch,
            roots: roots.clone(),
        }),
        Some(_) => None,
        None => Some(Action::Prove { device, seed }),
    }
}

/// Walks whose memory is of no more use: those of proofs that are over, and, once a device serves, all that it has not committed.
pub(crate) fn spent(snapshot: &Snapshot, local: &Local) -> Vec<(Pubkey, [u8; 32])> {
    let walks = local.proofs.iter().filter_map(|(device, proof)| {
        let view = snapshot.devices.get(device)?;
        let attestation = view.attestation.as_ref()?;
        let own = attestation.seed == proof.seed;
        let open = own && rules::is_open(attestation);
        let spent = !open && (own || snapshot.serving(view).is_some());
        spent.then_some((*device, proof.seed))
    });
    walks.collect()
}
