use crate::{
    constants::{pause, VAULT_AUTHORITY_SEED},
    errors::PriceError,
    events::{AuctionClosed, IoBought},
    state::{Auction, Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::{
    price::{self, EXCHANGE_AGE_SECS},
    token::Call,
};
use iog_math::auction::{fill, Fill};
use iog_token::{IogToken, PriceSource};

#[derive(Accounts)]
pub struct SellIo {
    pub seller: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"fees", fees.mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
    #[account(mut, seeds = [b"auction", auction.mint.as_ref()], bump = auction.bump, constraint = auction.mint == fees.mint @ TreasuryError::WrongMint)]
    pub auction: Account<Auction>,
    /// The token program has one, at a fixed address: owner and discriminator prove it.
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks owner, address, feed, verification, age and ranges.
    pub price: UncheckedAccount,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    #[account(mut, address = config.io_mint @ TreasuryError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut)]
    pub seller_io: Account<TokenAccount>,
    #[account(address = fees.mint @ TreasuryError::WrongMint)]
    pub mint: Account<Mint>,
    #[account(mut, seeds = [b"vault", fees.mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(mut)]
    pub seller_token: Account<TokenAccount>,
    pub io_token_program: Program<IogToken>,
    pub token_program: Program<Token>,
}

pub fn sell_io(ctx: &mut Context<SellIo>, amount: u64, min_usdc: u64) -> Result<()> {
    require!(amount > 0, TreasuryError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let (fill, factor_bps) = offer(accounts, amount, now)?;
    require!(fill.usdc > 0, TreasuryError::AmountTooSmall);
    require!(fill.usdc >= min_usdc, TreasuryError::PaysLessThanLimit);

    let booked_before = accounts.fees.booked_units;
    let spent_before = accounts.fees.spent_units;
    accounts.fees.spend(fill.usdc)?;
    accounts.auction.sell(&fill, now)?;
    exchange(accounts, &fill, ctx.bumps.vault_authority)?;
    let auction = &accounts.auction;
    emit!(IoBought {
        mint: auction.mint,
        round: auction.round,
        seller: *accounts.seller.address(),
        io: fill.io,
        usdc: fill.usdc,
        factor_bps,
        booked_before,
        booked_after: accounts.fees.booked_units,
        spent_before,
        spent_after: accounts.fees.spent_units,
    });
    if auction.left_units == 0 {
        emit!(AuctionClosed {
            mint: auction.mint,
            round: auction.round,
            spent: auction.lot_units,
            unspent: 0,
            io_burned: auction.io_burned_units,
        });
    }
    Ok(())
}

/// What the offer of this moment makes of `amount`, within the lot and the caps, and the offer.
fn offer(accounts: &mut SellIo, amount: u64, now: i64) -> Result<(Fill, u64)> {
    let auction = &mut accounts.auction;
    accounts.config.require_running(pause::AUCTIONS)?;
    require!(auction.is_live(now), TreasuryError::NoAuction);
    let spendable = accounts.config.spendable(auction, now)?;
    require!(spendable > 0, TreasuryError::SpendCapReached);
    let source = accounts.price_source.source();
    let quote = price::read(accounts.price.account(), &source, EXCHANGE_AGE_SECS, now)
        .map_err(PriceError::from)?;
    quote
        .follow(&mut auction.newest_price_ts)
        .map_err(PriceError::from)?;
    let factor_bps = auction.factor_bps(now)?;
    let left = auction.left_units.min(spendable);
    let fill = fill(&quote.point, factor_bps, amount, left).map_err(TreasuryError::from)?;
    Ok((fill, factor_bps))
}

/// Burns the seller's IO and pays for it.
fn exchange(accounts: &mut SellIo, fill: &Fill, bump: u8) -> Result<()> {
    let cpi = iog_token::cpi::accounts::BurnIo {
        owner: accounts.seller.cpi_handle(),
        config: accounts.token_config.cpi_handle_mut(),
        io_mint: accounts.io_mint.cpi_handle_mut(),
        from: accounts.seller_io.cpi_handle_mut(),
        token_program: accounts.token_program.cpi_handle(),
    };
    iog_token::cpi::burn_io(
        CpiContext::new(accounts.io_token_program.address(), cpi),
        fill.io,
    )?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.vault_authority,
        seeds: &[&[VAULT_AUTHORITY_SEED, &[bump]]],
        amount: fill.usdc,
        decimals: accounts.fees.decimals,
    }
    .transfer(
        &mut accounts.vault,
        &accounts.mint,
        &mut accounts.seller_token,
    );
    Ok(())
}
