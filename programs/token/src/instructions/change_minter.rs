//! A minter's cap, its end, and its return.

use crate::{
    events::{MinterCapSet, MinterDropped, MinterRemoved},
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetMinterCap {
    #[account(address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
}

#[derive(Accounts)]
pub struct ApplyMinterCap {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
}

#[derive(Accounts)]
pub struct DropMinter {
    /// The guardian or the authority.
    pub signer: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
}

#[derive(Accounts)]
pub struct RemoveMinter {
    /// Gets the rent, when the account goes.
    #[account(mut, address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
}

pub fn set_minter_cap(ctx: &mut Context<SetMinterCap>, cap_per_hour: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    ctx.accounts.minter.set_cap(cap_per_hour, since, now)?;
    tell(&ctx.accounts.minter);
    Ok(())
}

pub fn apply_minter_cap(ctx: &mut Context<ApplyMinterCap>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    ctx.accounts.minter.apply_cap(since, now)?;
    tell(&ctx.accounts.minter);
    Ok(())
}

fn tell(minter: &Minter) {
    let cap = &minter.cap_per_hour_units;
    emit!(MinterCapSet {
        minter: minter.authority,
        cap_per_hour: cap.value,
        pending: cap.pending,
        pending_ts: cap.pending_ts,
    });
}

/// Gives a removed minter rights again, 24 hours later: an emergency measure can be taken back while orders still run through it.
pub fn restore_minter(
    ctx: &mut Context<SetMinterCap>,
    rights: u8,
    cap_per_hour: u64,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts
        .minter
        .restore(rights, cap_per_hour, &accounts.config, now)?;
    super::register_minter::tell(&accounts.minter);
    Ok(())
}

/// Drops what waits of a minter: its rights, else its higher cap.
pub fn drop_minter(ctx: &mut Context<DropMinter>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let by = *ctx.accounts.signer.address();
    let config = &mut ctx.accounts.config;
    config.require_guard(&by)?;
    let minter = &mut ctx.accounts.minter;
    minter.drop_pending(config.authority_since_ts, now)?;
    emit!(MinterDropped {
        by,
        minter: minter.authority,
        rights: minter.rights,
    });
    Ok(())
}

/// Ends a minter's rights at once, except that it can settle and refund what was spent through it: renters must not lose their
/// way out. Called again when nothing is outstanding, it closes the account. `restore_minter` gives rights again.
pub fn remove_minter(ctx: &mut Context<RemoveMinter>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let closed = accounts.minter.remove();
    emit!(MinterRemoved {
        minter: accounts.minter.authority,
        minted: accounts.minter.minted_units,
        outstanding_iosd: accounts.minter.outstanding_iosd_units,
    });
    if closed {
        let authority = *accounts.authority.account();
        accounts.minter.close(authority)?;
    }
    Ok(())
}
