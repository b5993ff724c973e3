//! The registry's roles beside the measurers, and how any of them is named.

use crate::GovernanceError;
use anchor_lang::prelude::*;
use iog_common::governance::{Role, NOBODY};

/// The roles of the registry program.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum RegistryRole {
    Attestor,
    CatalogAuthority,
}

/// Names `key` for a role, 24 hours ahead unless the network is being set up, so that a stolen authority's helper is seen before it
/// acts; zeros remove the holder at once, and the present holder drops who was named. Returns who held it before.
pub(super) fn name(
    role: &mut Role,
    key: Address,
    setup_until_ts: i64,
    since: i64,
    now: i64,
) -> Result<Address> {
    let before = role.key;
    if now < setup_until_ts && key != NOBODY {
        role.start(key);
    } else {
        role.set(key, now, since).map_err(GovernanceError::from)?;
    }
    Ok(before)
}

impl super::Config {
    /// Names who holds a role; returns who held it before.
    pub fn set_role(&mut self, id: RegistryRole, key: Address, now: i64) -> Result<Address> {
        let (setup_until_ts, since) = (self.setup_until_ts, self.authority_since_ts);
        name(self.role(id), key, setup_until_ts, since, now)
    }
}
