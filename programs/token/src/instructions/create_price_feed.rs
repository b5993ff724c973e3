use crate::{
    state::{Config, PriceFeed},
    TokenError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct CreatePriceFeed {
    #[account(mut, address = config.authority @ TokenError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [b"price_feed"], bump)]
    pub price_feed: Account<PriceFeed>,
    pub system_program: Program<System>,
}

pub fn create_price_feed(ctx: &mut Context<CreatePriceFeed>, quorum: u64) -> Result<()> {
    let feed = &mut ctx.accounts.price_feed;
    feed.version = 1;
    feed.bump = ctx.bumps.price_feed;
    feed.start(quorum)
}
