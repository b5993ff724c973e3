use anchor_lang::prelude::*;

/// A supplier: the wallet that owns devices.
#[account]
pub struct Operator {
    pub authority: Address,
    /// Short name, UTF-8, zero-padded.
    pub name: [u8; 32],
    pub registered_ts: i64,
    /// Devices that are not terminated.
    pub devices: u32,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 34],
}
