//! How suppliers of IOSD orders come to IO: a claim at the price of the day, a place in line, and what funds the line.

use crate::{
    constants::*,
    errors::PriceError,
    events::{CoverSeen, CreditClaimed, CreditPaid},
    state::{Config, CreditLine, Currency, Earnings, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::{
    payee::Payee,
    price::{self, EXCHANGE_AGE_SECS},
    token::Call,
};
use iog_math::{credit::Pool, oracle::PricePoint};
use iog_token::{NetEmission, PriceSource};

#[derive(Accounts)]
pub struct ClaimCredit {
    /// Chooses the moment, and so the price.
    #[account(address = earnings.owner @ MarketError::NotOwner)]
    pub owner: Signer,
    #[account(mut)]
    pub earnings: Account<Earnings>,
    #[account(
        constraint = escrow.mint == earnings.mint @ MarketError::WrongMint,
        constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency
    )]
    pub escrow: Account<Escrow>,
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    /// The token program has one of each of these, at fixed addresses.
    pub token_config: Account<iog_token::Config>,
    pub net_emission: Account<NetEmission>,
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks it against the source.
    pub price: UncheckedAccount,
}

/// What claims share, and the price of now, no older than what was used here before.
fn look(
    line: &mut CreditLine,
    escrow: &Escrow,
    token: (&iog_token::Config, &NetEmission),
    oracle: (&PriceSource, &UncheckedAccount),
    now: i64,
) -> Result<(Pool, PricePoint)> {
    let (source, account) = oracle;
    let quote = price::read(account.account(), &source.source(), EXCHANGE_AGE_SECS, now)
        .map_err(PriceError::from)?;
    line.follow(&quote)?;
    let (config, net_emission) = token;
    Ok((line.pool(escrow, config, net_emission)?, quote.point))
}

/// Dollars earned become IO at the price most favourable to the network, so that no moment is worth waiting for, and no more than what
/// was burned for IOSD holds for them: a fall or a lie of the price is shared, and never owed.
pub fn claim_credit(ctx: &mut Context<ClaimCredit>, min_io: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let line = &mut accounts.line;
    let token = (&*accounts.token_config, &*accounts.net_emission);
    let oracle = (&*accounts.price_source, &accounts.price);
    let (pool, price) = look(line, &accounts.escrow, token, oracle, now)?;
    let claimed_before = line.claimed_units;
    let usd6 = accounts.earnings.withdraw()?;
    let io_units = pool.claim(usd6, &price).map_err(MarketError::from)?;
    require!(io_units > 0, MarketError::NothingDue);
    require!(io_units >= min_io, MarketError::BelowMinimum);
    line.cover(&pool, &price, now)?;
    accounts.earnings.claim(line, usd6, io_units)?;
    emit!(CreditClaimed {
        owner: accounts.earnings.owner,
        usd6,
        io_units,
        cover_bps: line.cover_bps,
        claimed_before,
        claimed_after: line.claimed_units,
    });
    Ok(())
}

/// Anyone may say what a dollar of IOSD is worth to suppliers: whoever lists, quotes or matches reads it.
#[derive(Accounts)]
pub struct UpdateCover {
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    #[account(constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency)]
    pub escrow: Account<Escrow>,
    /// The token program has one of each of these, at fixed addresses.
    pub token_config: Account<iog_token::Config>,
    pub net_emission: Account<NetEmission>,
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks it against the source.
    pub price: UncheckedAccount,
}

pub fn update_cover(ctx: &mut Context<UpdateCover>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let line = &mut accounts.line;
    let token = (&*accounts.token_config, &*accounts.net_emission);
    let oracle = (&*accounts.price_source, &accounts.price);
    let (pool, price) = look(line, &accounts.escrow, token, oracle, now)?;
    let before_bps = line.cover_bps;
    line.cover(&pool, &price, now)?;
    emit!(CoverSeen {
        before_bps,
        after_bps: line.cover_bps,
    });
    Ok(())
}

/// Pays what of a claim the line has come to. Anyone may call it, to the supplier's associated token account; the supplier itself to any of its
/// own.
#[derive(Accounts)]
pub struct PayCredit {
    /// The supplier, or anyone.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub earnings: Account<Earnings>,
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    #[account(mut, address = line.vault @ MarketError::WrongRecipient)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = config.io_mint @ MarketError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, unsafe(dup), constraint = *destination.owner() == earnings.owner @ MarketError::WrongRecipient)]
    pub destination: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn pay_credit(ctx: &mut Context<PayCredit>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let payee = Payee {
        recipient: &accounts.earnings.owner,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.destination.account().address(),
        signed: *accounts.signer.address() == accounts.earnings.owner,
    };
    require!(payee.is_allowed(), MarketError::NotAssociated);
    let paid_before = accounts.line.paid_units;
    let amount = accounts.earnings.collect(&mut accounts.line)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.escrow_authority,
        seeds: &[&[
            ESCROW_AUTHORITY_SEED,
            &[accounts.config.escrow_authority_bump],
        ]],
        amount,
        decimals: accounts.io_mint.decimals(),
    }
    .transfer(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.destination,
    );
    emit!(CreditPaid {
        owner: accounts.earnings.owner,
        amount,
        paid_before,
        paid_after: accounts.line.paid_units,
    });
    Ok(())
}
