//! Who measures: named by the authority, given the place by anyone once the time has come, dropped by the guardian too.

use crate::{
    events::{MeasurerDropped, MeasurerSet},
    instructions::{ApplyParameter, Govern, GovernAs},
    state::Config,
    RegistryError,
};
use anchor_lang::prelude::*;

fn announce(config: &Config, index: u8, before: Address) -> Result<()> {
    let place = config
        .measurers
        .get(usize::from(index))
        .ok_or(RegistryError::InvalidMeasurer)?;
    emit!(MeasurerSet {
        index,
        before,
        after: place.role.key,
        since_ts: place.since_ts,
        pending: place.role.pending,
        effective_ts: place.role.pending_ts,
    });
    Ok(())
}

pub fn set_measurer(ctx: &mut Context<Govern>, index: u8, key: Address) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let before = config.set_measurer(index, key, Clock::get()?.unix_timestamp)?;
    announce(config, index, before)
}

pub fn apply_measurer(ctx: &mut Context<ApplyParameter>, index: u8) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let before = config.apply_measurer(index, Clock::get()?.unix_timestamp)?;
    announce(config, index, before)
}

pub fn drop_measurer(ctx: &mut Context<GovernAs>, index: u8) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    let config = &mut ctx.accounts.config;
    config.require_guard(&by)?;
    let dropped = config.drop_measurer(index)?;
    emit!(MeasurerDropped { by, index, dropped });
    Ok(())
}
