use anchor_lang::prelude::*;

/// The treasury's roles. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// The market's PDA, the only one that may collect.
    pub market_authority: Address,
    pub version: u8,
    pub bump: u8,
    pub vault_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 60],
}
