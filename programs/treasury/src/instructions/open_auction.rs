use crate::{
    constants::pause,
    events::{AuctionClosed, AuctionOpened},
    state::{Auction, Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct OpenAuction {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(seeds = [b"fees", fees.mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
    #[account(mut, seeds = [b"auction", auction.mint.as_ref()], bump = auction.bump, constraint = auction.mint == fees.mint @ TreasuryError::WrongMint)]
    pub auction: Account<Auction>,
}

pub fn open_auction(ctx: &mut Context<OpenAuction>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::AUCTIONS)?;
    let auction = &mut accounts.auction;
    // A round whose time is over is closed by the next: what it left is still among the fees.
    let unsold = (auction.left_units > 0).then(|| AuctionClosed {
        mint: auction.mint,
        round: auction.round,
        spent: auction.spent(),
        unspent: auction.left_units,
        io_burned: auction.io_burned_units,
    });
    auction.open(&accounts.config, &accounts.fees, now)?;
    if let Some(closed) = unsold {
        emit!(closed);
    }
    emit!(AuctionOpened {
        mint: auction.mint,
        round: auction.round,
        lot: auction.lot_units,
        booked: accounts.fees.booked_units,
        opened_ts: now,
        length_secs: auction.length_secs,
        discount_bps: auction.discount_bps,
        premium_bps: auction.premium_bps,
    });
    Ok(())
}
