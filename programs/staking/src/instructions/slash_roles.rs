//! Who proposes slashes and who decides appeals: naming waits 24 hours, removing is at once, so that a stolen key of the authority's takes
//! no stake unseen.

use super::{ApplyParameter, Govern, GovernAs};
use crate::{
    events::{SlashRoleDropped, SlashRoleSet},
    state::{Config, SlashRole},
};
use anchor_lang::prelude::*;

fn announce(config: &mut Config, id: SlashRole, before: Address) {
    let role = config.slash_role(id);
    emit!(SlashRoleSet {
        role: id as u8,
        before,
        after: role.key,
        pending: role.pending,
        effective_ts: role.pending_ts,
    });
}

pub fn set_slasher(ctx: &mut Context<Govern>, key: Address) -> Result<()> {
    set(&mut ctx.accounts.config, SlashRole::Slasher, key)
}

pub fn set_appeal_authority(ctx: &mut Context<Govern>, key: Address) -> Result<()> {
    set(&mut ctx.accounts.config, SlashRole::AppealAuthority, key)
}

fn set(config: &mut Config, id: SlashRole, key: Address) -> Result<()> {
    let before = config.set_slash_role(id, key, Clock::get()?.unix_timestamp)?;
    announce(config, id, before);
    Ok(())
}

pub fn apply_slash_role(ctx: &mut Context<ApplyParameter>, id: SlashRole) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let before = config.apply_slash_role(id, Clock::get()?.unix_timestamp)?;
    announce(config, id, before);
    Ok(())
}

pub fn drop_slash_role(ctx: &mut Context<GovernAs>, id: SlashRole) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    let config = &mut ctx.accounts.config;
    config.require_guard(&by)?;
    let dropped = config.drop_slash_role(id)?;
    emit!(SlashRoleDropped {
        by,
        role: id as u8,
        dropped,
    });
    Ok(())
}
