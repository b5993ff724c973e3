//! A minter's cap and its end.

use crate::{
    events::{MinterCapSet, MinterRemoved},
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
    ctx.accounts.minter.set_cap(cap_per_hour, now)?;
    tell(&ctx.accounts.minter);
    Ok(())
}

pub fn apply_minter_cap(ctx: &mut Context<ApplyMinterCap>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.minter.apply_cap(now)?;
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

/// Ends a minter's rights at once, except that it can settle and refund what was spent through it: renters must not lose their
/// way out. Called again when nothing is outstanding, it closes the account; then the address may be registered again, and
/// waits 24 hours like a new one.
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
