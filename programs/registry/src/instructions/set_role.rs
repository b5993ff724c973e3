//! The attestor and the catalogue's authority: named by the authority, given the role by anyone once the time has come.

use crate::{
    events::{RoleDropped, RoleSet},
    instructions::{ApplyParameter, Govern, GovernAs},
    state::{Config, RegistryRole},
    GovernanceError,
};
use anchor_lang::prelude::*;

fn announce(config: &mut Config, id: RegistryRole, before: Address) {
    let role = config.role(id);
    emit!(RoleSet {
        role: id as u8,
        before,
        after: role.key,
        pending: role.pending,
        effective_ts: role.pending_ts,
    });
}

pub fn set_role(ctx: &mut Context<Govern>, id: RegistryRole, key: Address) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let before = config.set_role(id, key, Clock::get()?.unix_timestamp)?;
    announce(config, id, before);
    Ok(())
}

pub fn apply_role(ctx: &mut Context<ApplyParameter>, id: RegistryRole) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let config = &mut ctx.accounts.config;
    let since = config.authority_since_ts;
    let before = config
        .role(id)
        .apply(now, since)
        .map_err(GovernanceError::from)?;
    announce(config, id, before);
    Ok(())
}

pub fn drop_role(ctx: &mut Context<GovernAs>, id: RegistryRole) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    let config = &mut ctx.accounts.config;
    config.require_guard(&by)?;
    let dropped = config
        .role(id)
        .drop_pending()
        .map_err(GovernanceError::from)?;
    emit!(RoleDropped {
        by,
        role: id as u8,
        dropped,
    });
    Ok(())
}
