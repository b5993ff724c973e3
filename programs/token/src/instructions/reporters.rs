//! Who reports the price, and how many must agree.

use super::GovernanceError;
use crate::{
    events::{PriceQuorumSet, ReporterDropped, ReporterSet},
    state::{Config, PriceFeed, QUORUM},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetReporter {
    #[account(address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"price_feed"], bump = price_feed.bump)]
    pub price_feed: Account<PriceFeed>,
}

/// Anyone, once the time has come.
#[derive(Accounts)]
pub struct ApplyReporter {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"price_feed"], bump = price_feed.bump)]
    pub price_feed: Account<PriceFeed>,
}

#[derive(Accounts)]
pub struct DropReporter {
    /// The guardian or the authority.
    pub signer: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"price_feed"], bump = price_feed.bump)]
    pub price_feed: Account<PriceFeed>,
}

fn tell(feed: &PriceFeed, index: u8, before: Address) {
    if let Some(reporter) = feed.feed.reporters.get(usize::from(index)) {
        emit!(ReporterSet {
            index,
            before,
            after: reporter.role.key,
            pending: reporter.role.pending,
            effective_ts: reporter.role.pending_ts,
        });
    }
}

fn key_at(feed: &PriceFeed, index: u8) -> Address {
    let place = feed.feed.reporters.get(usize::from(index));
    place.map_or(iog_common::governance::NOBODY, |one| one.role.key)
}

pub fn set_reporter(ctx: &mut Context<SetReporter>, index: u8, key: Address) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let (setup_until_ts, since) = {
        let config = &ctx.accounts.config;
        (config.setup_until_ts, config.authority_since_ts)
    };
    let feed = &mut ctx.accounts.price_feed;
    let before = key_at(feed, index);
    feed.name(index, key, setup_until_ts, since, now)?;
    tell(feed, index, before);
    Ok(())
}

pub fn apply_reporter(ctx: &mut Context<ApplyReporter>, index: u8) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    let feed = &mut ctx.accounts.price_feed;
    let before = feed.apply_name(index, since, now)?;
    tell(feed, index, before);
    Ok(())
}

pub fn drop_reporter(ctx: &mut Context<DropReporter>, index: u8) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    ctx.accounts.config.require_guard(&by)?;
    let dropped = ctx.accounts.price_feed.drop_name(index)?;
    emit!(ReporterDropped { by, index, dropped });
    Ok(())
}

fn tell_quorum(feed: &PriceFeed) {
    let quorum = &feed.feed.quorum;
    emit!(PriceQuorumSet {
        quorum: quorum.value,
        pending: quorum.pending,
        pending_ts: quorum.pending_ts,
    });
}

/// Both ways wait: fewer let a smaller number of colluders tell the price, more let a smaller number stop it.
pub fn set_price_quorum(ctx: &mut Context<SetReporter>, quorum: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    let feed = &mut ctx.accounts.price_feed;
    let set = feed.feed.quorum.set(quorum, &QUORUM, now, since);
    set.map_err(GovernanceError::from)?;
    tell_quorum(feed);
    Ok(())
}

pub fn apply_price_quorum(ctx: &mut Context<ApplyReporter>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    let feed = &mut ctx.accounts.price_feed;
    let applied = feed.feed.quorum.apply(&QUORUM, now, since);
    applied.map_err(GovernanceError::from)?;
    feed.require_quorum()?;
    tell_quorum(feed);
    Ok(())
}

pub fn drop_price_quorum(ctx: &mut Context<DropReporter>) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    ctx.accounts.config.require_guard(&by)?;
    let feed = &mut ctx.accounts.price_feed;
    let dropped = feed.feed.quorum.drop_pending();
    dropped.map_err(GovernanceError::from)?;
    tell_quorum(feed);
    Ok(())
}
