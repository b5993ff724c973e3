#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use crate::{
    constants::*,
    events::PriceBookSet,
    state::{Config, PriceBook, PriceBookArgs},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::HardwareClass;

#[derive(Accounts)]
pub struct AddPriceBook {
    #[account(mut, address = config.authority @ MarketError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    #[account(init, payer = authority, seeds = [PRICE_BOOK_SEED, &class.id.to_le_bytes()], bump)]
    pub book: Account<PriceBook>,
    pub system_program: Program<System>,
}

#[derive(Accounts)]
pub struct SetPriceBook {
    #[account(address = config.authority @ MarketError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub book: Account<PriceBook>,
}

fn announce(book: &PriceBook) {
    emit!(PriceBookSet {
        class_id: book.class_id,
        kink_bps: book.kink_bps,
        slope1_bps: book.slope1_bps,
        slope2_bps: book.slope2_bps,
        peak_bps: book.peak_bps,
    });
}

pub fn add_price_book(ctx: &mut Context<AddPriceBook>, args: PriceBookArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let class_id = ctx.accounts.class.id;
    // An order's list of classes uses 0 for none.
    require!(class_id != 0, MarketError::WrongClass);
    let book = &mut ctx.accounts.book;
    book.class_id = class_id;
    book.moved_ts = now;
    book.version = 1;
    book.bump = ctx.bumps.book;
    book.set(&args, now)?;
    announce(book);
    Ok(())
}

pub fn set_price_book(ctx: &mut Context<SetPriceBook>, args: PriceBookArgs) -> Result<()> {
    let book = &mut ctx.accounts.book;
    book.set(&args, Clock::get()?.unix_timestamp)?;
    announce(book);
    Ok(())
}
