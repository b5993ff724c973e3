use crate::{
    events::{WindowAnchored, WindowOpened},
    state::{Config, Windows},
    RegistryError,
};
use anchor_lang::prelude::*;
use iog_common::slot_hashes;

#[derive(Accounts)]
pub struct OpenWindow {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"windows"], bump)]
    pub windows: Account<Windows>,
    /// CHECK: the sysvar's address.
    #[account(address = slot_hashes::ID)]
    pub slot_hashes: UncheckedAccount,
}

/// Who anchors knows when the window opens and not what it will be: the hash that proofs are bound to is of the slot in which
/// it opens.
pub fn open_window(ctx: &mut Context<OpenWindow>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let epoch = accounts.config.epoch(now)?;
    let newest = {
        let data = accounts.slot_hashes.account().try_borrow()?;
        slot_hashes::latest(&data).map_err(RegistryError::from)?
    };
    if !accounts.windows.is_anchored(epoch)? {
        let opens_ts = accounts
            .config
            .opens_ts(epoch, draw(&newest.hash, epoch)?)?;
        accounts.windows.anchor(epoch, opens_ts)?;
        emit!(WindowAnchored { epoch, opens_ts });
        if now < opens_ts {
            return Ok(());
        }
    }
    accounts
        .windows
        .open(epoch, now, newest.slot, newest.hash)?;
    emit!(WindowOpened {
        epoch,
        slot: newest.slot,
        slot_hash: newest.hash,
    });
    Ok(())
}

/// A number that nobody can choose: `sha256("iog-window" || slot hash || epoch)`, its first eight bytes.
fn draw(slot_hash: &[u8; 32], epoch: u64) -> Result<u64> {
    let hash = solana_sha256_hasher::hashv(&[b"iog-window", slot_hash, &epoch.to_le_bytes()]);
    hash.to_bytes()
        .first_chunk::<8>()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .ok_or_else(|| RegistryError::MathOverflow.into())
}
