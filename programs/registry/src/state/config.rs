use crate::RegistryError;
use anchor_lang::prelude::*;

/// The registry's roles and its time base. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    /// Signs connectivity tiers.
    pub attestor: Address,
    /// Start of hour 1, copied from the token's config: unix seconds.
    pub genesis_ts: i64,
    pub operators: u64,
    pub devices: u64,
    pub version: u8,
    pub bump: u8,
    pub paused: u8,
    pub reserved: [u8; 61],
}

impl Config {
    /// The hour of the network that `now` lies in, 1 for the first: the epoch of proofs.
    pub fn epoch(&self, now: i64) -> Result<u64> {
        let hour = iog_math::emission::hour_at(self.genesis_ts, now)
            .map_err(|_| RegistryError::BeforeGenesis)?;
        Ok(u64::from(hour))
    }
}
