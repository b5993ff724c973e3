//! What happened, for indexers and keepers.

use anchor_lang::prelude::*;

#[event]
pub struct ClassSet {
    pub class: Address,
    pub id: u16,
    pub multiplier_x100: u32,
    pub base_price_usd6: u64,
    pub enabled: bool,
}

#[event]
pub struct OperatorRegistered {
    pub operator: Address,
    pub authority: Address,
}

#[event]
pub struct DeviceRegistered {
    pub device: Address,
    pub owner: Address,
    pub device_key: Address,
    pub class_id: u16,
    pub quantity: u32,
}

#[event]
pub struct ConnectivitySet {
    pub device: Address,
    pub tier_before: u8,
    pub tier_after: u8,
}

#[event]
pub struct DeviceStateSet {
    pub device: Address,
    pub state_before: u8,
    pub state_after: u8,
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
pub struct ProofFinalized {
    pub device: Address,
    pub epoch: u64,
    pub passed: bool,
    pub pass_streak: u32,
}
