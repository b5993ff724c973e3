use crate::{
    events::WindowOpened,
    state::{Config, Window, Windows},
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

pub fn open_window(ctx: &mut Context<OpenWindow>) -> Result<()> {
    let epoch = ctx.accounts.config.epoch(Clock::get()?.unix_timestamp)?;
    let newest = {
        let data = ctx.accounts.slot_hashes.account().try_borrow()?;
        slot_hashes::latest(&data).map_err(RegistryError::from)?
    };
    ctx.accounts.windows.open(Window {
        epoch,
        slot: newest.slot,
        slot_hash: newest.hash,
    })?;
    emit!(WindowOpened {
        epoch,
        slot: newest.slot,
        slot_hash: newest.hash,
    });
    Ok(())
}
