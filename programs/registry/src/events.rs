//! What happened, for indexers and keepers.

use anchor_lang::prelude::*;

use crate::state::ProofTerms;

#[event]
pub struct RolesChanged {
    pub attestor_before: Address,
    pub attestor_after: Address,
    pub catalog_authority_before: Address,
    pub catalog_authority_after: Address,
}

#[event]
pub struct ClassAdded {
    pub class: Address,
    pub id: u16,
    pub pool: u8,
    pub vram_gb: u16,
    pub multiplier_x100: u32,
    pub base_price_usd6: u64,
    pub enabled: bool,
    pub proof: ProofTerms,
}

#[event]
pub struct ClassUpdated {
    pub class: Address,
    pub by: Address,
    pub multiplier_x100_before: u32,
    pub multiplier_x100_after: u32,
    pub base_price_usd6_before: u64,
    pub base_price_usd6_after: u64,
    pub enabled_before: bool,
    pub enabled_after: bool,
}

#[event]
pub struct ClassProofScheduled {
    pub class: Address,
    pub by: Address,
    pub proof: ProofTerms,
    pub pending: ProofTerms,
    /// 0 when a change that waited was dropped.
    pub effective_ts: i64,
}

#[event]
pub struct ClassProofChanged {
    pub class: Address,
    pub before: ProofTerms,
    pub after: ProofTerms,
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

#[event]
pub struct ConnectivitySet {
    pub device: Address,
    pub attestor: Address,
    /// MB/s.
    pub download_mbps: u32,
    pub upload_mbps: u32,
    pub measured_ts: i64,
    pub report_hash: [u8; 32],
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
pub struct RootsCommitted {
    pub device: Address,
    pub epoch: u64,
    pub slot: u64,
}

#[event]
pub struct ChallengeRecorded {
    pub device: Address,
    pub epoch: u64,
    pub challenge: [u8; 32],
    /// The audit lottery asks for openings; otherwise the commit alone passes.
    pub audited: bool,
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
