use super::booking::{extend_order, ExtendArgs, Extension, Oracle, Shelf};
use super::calls::Spend;
use crate::{
    state::{Config, Currency, Escrow, Order, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;
use iog_registry::HardwareClass;
use iog_token::{IogToken, PriceSource};

#[derive(Accounts)]
pub struct Extend {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    pub book: Account<PriceBook>,
    pub price_source: Account<PriceSource>,
    /// CHECK: read for IO only, then `price::read` checks it against the source.
    pub price: UncheckedAccount,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
    #[account(mut, address = escrow.vault @ MarketError::WrongCurrency)]
    pub vault: Account<TokenAccount>,
    #[account(mut)]
    pub renter_token: Account<TokenAccount>,
    #[account(address = escrow.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn extend(ctx: &mut Context<Extend>, args: ExtendArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let further = ctx.remaining_accounts()?;
    let accounts = &mut ctx.accounts;
    let address = *accounts.order.account().address();
    let total = extend_order(
        Extension {
            config: &accounts.config,
            shelf: Shelf {
                class: &accounts.class,
                book: &accounts.book,
                further: &further,
            },
            oracle: Some(Oracle {
                source: &accounts.price_source,
                price: &accounts.price,
            }),
            escrow: &mut accounts.escrow,
            order: &mut accounts.order,
            address,
        },
        &args,
        now,
    )?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.renter,
        seeds: &[],
        amount: total,
        decimals: accounts.escrow.decimals,
    }
    .transfer(
        &mut accounts.renter_token,
        &accounts.mint,
        &mut accounts.vault,
    );
    Ok(())
}

#[derive(Accounts)]
pub struct ExtendCredit {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    pub book: Account<PriceBook>,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(
        mut,
        constraint = escrow.mint == order.mint @ MarketError::WrongMint,
        constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency
    )]
    pub escrow: Account<Escrow>,
    /// CHECK: only signs, and is the token's minter; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(mut)]
    pub minter: Account<iog_token::Minter>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    /// CHECK: the token program checks it.
    #[account(mut)]
    pub iosd_mint: UncheckedAccount,
    /// CHECK: the token program checks that it is the renter's own.
    #[account(mut)]
    pub renter_token: UncheckedAccount,
    pub token_2022_program: Program<Token2022>,
    pub io_token_program: Program<IogToken>,
}

pub fn extend_credit(ctx: &mut Context<ExtendCredit>, args: ExtendArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let further = ctx.remaining_accounts()?;
    let accounts = &mut ctx.accounts;
    let address = *accounts.order.account().address();
    let total = extend_order(
        Extension {
            config: &accounts.config,
            shelf: Shelf {
                class: &accounts.class,
                book: &accounts.book,
                further: &further,
            },
            oracle: None,
            escrow: &mut accounts.escrow,
            order: &mut accounts.order,
            address,
        },
        &args,
        now,
    )?;
    Spend {
        program: &accounts.io_token_program,
        bump: accounts.config.escrow_authority_bump,
        escrow_authority: &accounts.escrow_authority,
        minter: &mut accounts.minter,
        renter: &accounts.renter,
        token_config: &mut accounts.token_config,
        iosd_mint: &mut accounts.iosd_mint,
        renter_token: &mut accounts.renter_token,
        token_2022_program: &accounts.token_2022_program,
    }
    .burn(total);
    Ok(())
}
