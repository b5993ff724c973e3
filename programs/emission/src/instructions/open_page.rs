#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use crate::{
    constants::*,
    state::{Config, LedgerPage},
    EmissionError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
#[instruction(index: u32)]
pub struct OpenPage {
    #[account(mut)]
    pub payer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = payer, seeds = [PAGE_SEED, &index.to_le_bytes()], bump)]
    pub page: Account<LedgerPage>,
    pub system_program: Program<System>,
}

pub fn open_page(ctx: &mut Context<OpenPage>, index: u32) -> Result<()> {
    let hour = ctx.accounts.config.hour(Clock::get()?.unix_timestamp)?;
    let (current, _) = LedgerPage::locate(hour).ok_or(EmissionError::MathOverflow)?;
    require!(
        index <= current.saturating_add(1),
        EmissionError::PageTooEarly
    );
    let page = &mut ctx.accounts.page;
    page.index = index;
    page.version = 1;
    page.bump = ctx.bumps.page;
    Ok(())
}
