use crate::{
    events::{MeasurerSet, QuorumSet},
    instructions::SetRoles,
};
use anchor_lang::prelude::*;

pub fn set_measurer(ctx: &mut Context<SetRoles>, index: u8, key: Address) -> Result<()> {
    let config = &mut ctx.accounts.config;
    let before = config.set_measurer(index, key, Clock::get()?.unix_timestamp)?;
    let since_ts = config
        .measurers
        .get(usize::from(index))
        .map_or(0, |measurer| measurer.since_ts);
    emit!(MeasurerSet {
        index,
        before: before.key,
        after: key,
        since_ts,
    });
    Ok(())
}

pub fn set_quorum(ctx: &mut Context<SetRoles>, quorum: u8) -> Result<()> {
    let before = ctx.accounts.config.set_quorum(quorum)?;
    emit!(QuorumSet {
        before,
        after: quorum,
    });
    Ok(())
}
