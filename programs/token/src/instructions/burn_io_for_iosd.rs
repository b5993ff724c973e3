use crate::{
    constants::*,
    errors::PriceError,
    events::IosdMinted,
    state::{Config, NetEmission, PriceSource},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount, token_interface};
use iog_common::{
    price::{self, EXCHANGE_AGE_SECS},
    token::Call,
};
use iog_math::oracle::Burn;

#[derive(Accounts)]
pub struct BurnIoForIosd {
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"net_emission"], bump)]
    pub net_emission: Account<NetEmission>,
    #[account(seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks owner, address, age and ranges.
    pub price: UncheckedAccount,
    #[account(mut, address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, constraint = *from.mint() == config.io_mint @ TokenError::WrongMint)]
    pub from: Account<TokenAccount>,
    /// CHECK: Token-2022 mints from it; the address is in the books.
    #[account(mut, address = config.iosd_mint @ TokenError::WrongIosdMint)]
    pub iosd_mint: UncheckedAccount,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"iosd_authority"], bump)]
    pub iosd_authority: UncheckedAccount,
    /// The owner's, since IOSD cannot be passed on.
    #[account(
        mut,
        constraint = to.owner() == owner.address() @ TokenError::NotOwner,
        constraint = *to.mint() == config.iosd_mint @ TokenError::WrongIosdMint
    )]
    pub to: InterfaceAccount<token_interface::TokenAccount>,
    pub token_program: Program<Token>,
    pub token_2022_program: Program<Token2022>,
}

pub fn burn_io_for_iosd(ctx: &mut Context<BurnIoForIosd>, amount: u64, min_out: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::IOSD)?;
    let (burn, price, exponent) = value(accounts, amount, now)?;
    require!(burn.iosd > 0, TokenError::AmountTooSmall);
    require!(burn.iosd >= min_out, TokenError::OutputBelowLimit);

    let burned_before = accounts.config.burned_units;
    let iosd_minted_before = accounts.config.iosd_minted_units;
    accounts.config.burn_units(burn.io)?;
    accounts.net_emission.burn(burn.io, now)?;
    accounts.config.mint_iosd(burn.iosd, now)?;
    exchange(accounts, &burn, ctx.bumps.iosd_authority);
    emit!(IosdMinted {
        owner: *accounts.owner.address(),
        io_burned: burn.io,
        iosd: burn.iosd,
        price,
        exponent,
        burned_before,
        burned_after: accounts.config.burned_units,
        iosd_minted_before,
        iosd_minted_after: accounts.config.iosd_minted_units,
    });
    Ok(())
}

/// What `amount` makes at the price of now, the price and its exponent; bounded by what the program saw in a day. Suppliers share what is burned pro rata, so IOSD that
/// was made too dear would be made at their expense.
fn value(accounts: &mut BurnIoForIosd, amount: u64, now: i64) -> Result<(Burn, u64, i32)> {
    let source = accounts.price_source.source();
    let quote = price::read(accounts.price.account(), &source, EXCHANGE_AGE_SECS, now)
        .map_err(PriceError::from)?;
    let books = &mut accounts.net_emission;
    quote
        .follow(&mut books.newest_price_ts)
        .map_err(PriceError::from)?;
    let point = quote.point;
    let average = point.average_usd12().map_err(TokenError::from)?;
    books.see(average, now)?;
    let most = books.most_usd12(now)?;
    let price = point.low_at_most(most).map_err(TokenError::from)?;
    let burn = point.burn_for_iosd(amount, price);
    Ok((burn.map_err(TokenError::from)?, price, point.exponent))
}

fn exchange(accounts: &mut BurnIoForIosd, burn: &Burn, bump: u8) {
    Call {
        program: &accounts.token_program,
        authority: &accounts.owner,
        seeds: &[],
        amount: burn.io,
        decimals: IO_DECIMALS,
    }
    .burn(&mut accounts.from, &mut accounts.io_mint);
    Call {
        program: &accounts.token_2022_program,
        authority: &accounts.iosd_authority,
        seeds: &[&[IOSD_AUTHORITY_SEED, &[bump]]],
        amount: burn.iosd,
        decimals: IOSD_DECIMALS,
    }
    .mint(&mut accounts.iosd_mint, &mut accounts.to);
}
