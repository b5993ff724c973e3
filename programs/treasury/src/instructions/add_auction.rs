use crate::{
    constants::USD_DECIMALS,
    state::{Auction, Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct AddAuction {
    #[account(mut, address = config.authority @ TreasuryError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(seeds = [b"fees", fees.mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
    #[account(init, payer = authority, seeds = [b"auction", fees.mint.as_ref()], bump)]
    pub auction: Account<Auction>,
    pub system_program: Program<System>,
}

/// The auction counts one unit of the currency as one US dollar: the authority answers for choosing one that is.
pub fn add_auction(ctx: &mut Context<AddAuction>) -> Result<()> {
    let fees = &ctx.accounts.fees;
    require!(
        fees.mint != ctx.accounts.config.io_mint && fees.decimals == USD_DECIMALS,
        TreasuryError::NotAuctioned
    );
    let auction = &mut ctx.accounts.auction;
    auction.mint = fees.mint;
    auction.version = 1;
    auction.bump = ctx.bumps.auction;
    Ok(())
}
