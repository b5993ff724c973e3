//! Who decides disputes: named by the authority, given the role by anyone once the time has come, dropped by the guardian too.

use super::{ApplyParameter, Govern, GovernAs, GovernanceError};
use crate::{
    events::{ResolverDropped, ResolverSet},
    state::Config,
};
use anchor_lang::prelude::*;

fn announce(config: &Config, before: Address) {
    let resolver = &config.resolver;
    emit!(ResolverSet {
        before,
        after: resolver.key,
        pending: resolver.pending,
        effective_ts: resolver.pending_ts,
    });
}

pub fn set_resolver(ctx: &mut Context<Govern>, resolver: Address) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let before = config.set_resolver(resolver, Clock::get()?.unix_timestamp)?;
    announce(config, before);
    Ok(())
}

pub fn apply_resolver(ctx: &mut Context<ApplyParameter>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let config = &mut ctx.accounts.config;
    let since = config.authority_since_ts;
    let applied = config.resolver.apply(now, since);
    let before = applied.map_err(GovernanceError::from)?;
    announce(config, before);
    Ok(())
}

pub fn drop_resolver(ctx: &mut Context<GovernAs>) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    let config = &mut ctx.accounts.config;
    config.require_guard(&by)?;
    let dropped = config.resolver.drop_pending();
    let dropped = dropped.map_err(GovernanceError::from)?;
    emit!(ResolverDropped { by, dropped });
    Ok(())
}
