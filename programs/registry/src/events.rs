//! What happened, for indexers and keepers.

use anchor_lang::prelude::*;

use crate::state::ClassTerms;

/// A holder was removed or followed, or somebody was named: `pending` and `effective_ts` are zeros where nobody waits.
#[event]
pub struct RoleSet {
    /// By the order of `RegistryRole`.
    pub role: u8,
    pub before: Address,
    pub after: Address,
    pub pending: Address,
    pub effective_ts: i64,
}

#[event]
pub struct RoleDropped {
    pub by: Address,
    pub role: u8,
    pub dropped: Address,
}

#[event]
pub struct ClassAdded {
    pub class: Address,
    pub id: u16,
    pub pool: u8,
    pub vram_gb: u16,
    pub base_price_usd6: u64,
    pub enabled: bool,
    /// The present ones: after the setup with multiplier 0, which then waits.
    pub terms: ClassTerms,
    pub pending: ClassTerms,
    /// From when on anyone may apply the pending terms: 0 when none wait.
    pub effective_ts: i64,
}

#[event]
pub struct ClassUpdated {
    pub class: Address,
    pub by: Address,
    pub base_price_usd6_before: u64,
    pub base_price_usd6_after: u64,
    pub enabled_before: bool,
    pub enabled_after: bool,
}

#[event]
pub struct ClassTermsScheduled {
    pub class: Address,
    pub by: Address,
    pub terms: ClassTerms,
    pub pending: ClassTerms,
    /// What minimum stakes follow from now on.
    pub stake_multiplier_x100: u32,
    /// 0 when a change that waited was dropped.
    pub effective_ts: i64,
}

#[event]
pub struct ClassTermsChanged {
    pub class: Address,
    pub before: ClassTerms,
    pub after: ClassTerms,
}

#[event]
pub struct ClassTermsDropped {
    pub class: Address,
    pub by: Address,
    pub dropped: ClassTerms,
    /// What minimum stakes go on following, where it fell when the dropped terms were announced.
    pub stake_multiplier_x100: u32,
}

/// A measurer was removed or followed, or somebody was named: `pending` and `effective_ts` are zeros where nobody waits.
#[event]
pub struct MeasurerSet {
    pub index: u8,
    pub before: Address,
    pub after: Address,
    /// Measurements of the place count from then on.
    pub since_ts: i64,
    pub pending: Address,
    pub effective_ts: i64,
}

#[event]
pub struct MeasurerDropped {
    pub by: Address,
    pub index: u8,
    pub dropped: Address,
}

#[event]
pub struct OperatorRegistered {
    pub operator: Address,
    pub authority: Address,
}

#[event]
pub struct OperatorUpdated {
    pub operator: Address,
    pub name_before: [u8; 32],
    pub name_after: [u8; 32],
}

#[event]
pub struct DeviceRegistered {
    pub device: Address,
    pub owner: Address,
    pub device_key: Address,
    pub class_id: u16,
    pub quantity: u32,
    pub class_gpus_active: u64,
}

/// A device's tier was reckoned anew, after a speed test or at anyone's wish.
#[event]
pub struct TierSet {
    pub device: Address,
    /// Whose speed test it was; zeros for none, and then the test's numbers are 0.
    pub measurer: Address,
    /// MB/s.
    pub download_mbps: u32,
    pub upload_mbps: u32,
    pub measured_ts: i64,
    pub report_hash: [u8; 32],
    /// Measurements that count now.
    pub fresh: u8,
    pub tier_before: u8,
    pub tier_after: u8,
}

#[event]
pub struct SecuritySet {
    pub device: Address,
    pub attestor: Address,
    pub evidence_hash: [u8; 32],
    pub secure_before: bool,
    pub secure_after: bool,
}

#[event]
pub struct TunnelKeySet {
    pub device: Address,
    pub before: Address,
    pub after: Address,
}

#[event]
pub struct PlatformSet {
    pub device: Address,
    pub before: u8,
    pub after: u8,
}

#[event]
pub struct DeviceStateSet {
    pub device: Address,
    pub state_before: u8,
    pub state_after: u8,
    pub class_gpus_active_before: u64,
    pub class_gpus_active_after: u64,
}

#[event]
pub struct AttestationClosed {
    pub device: Address,
    pub owner: Address,
    pub lamports: u64,
}

#[event]
pub struct WindowAnchored {
    pub epoch: u64,
    pub opens_ts: i64,
}

#[event]
pub struct WindowOpened {
    pub epoch: u64,
    pub slot: u64,
    pub slot_hash: [u8; 32],
}

#[event]
pub struct WalkCommitted {
    pub device: Address,
    pub epoch: u64,
    pub slot: u64,
    /// Cards that walked together.
    pub cards: u32,
    /// Root of the walk's tree.
    pub commit: [u8; 16],
}

#[event]
pub struct ChallengeRecorded {
    pub device: Address,
    pub epoch: u64,
    pub challenge: [u8; 32],
    /// The second of its two slots, from which on the openings' deadline counts.
    pub slot: u64,
}

#[event]
pub struct OpeningProved {
    pub device: Address,
    pub epoch: u64,
    pub n: u8,
    /// Bit n is set when opening n is proved.
    pub revealed: u8,
}

/// Once for each proof, by whichever instruction ends it.
#[event]
pub struct ProofFinalized {
    pub device: Address,
    pub epoch: u64,
    pub passed: bool,
    pub pass_streak: u32,
    pub proofs_passed: u64,
    pub proofs_failed: u64,
}
