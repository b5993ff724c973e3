#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use super::booking::{match_lamports, open_order, NewOrder, Oracle, Shelf};
use super::transfer::deposit_lamports;
use crate::{
    constants::*,
    state::{Config, Escrow, Order, OrderArgs, PriceBook, RenterStats},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;
use iog_registry::HardwareClass;
use iog_token::PriceSource;

#[derive(Accounts)]
#[instruction(args: OrderArgs)]
pub struct CreateOrder {
    #[account(mut, address = stats.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    pub book: Account<PriceBook>,
    /// The token program has one, at a fixed address: owner and discriminator prove it.
    pub price_source: Account<PriceSource>,
    /// CHECK: read for IO only, then `price::read` checks it against the source.
    pub price: UncheckedAccount,
    #[account(mut)]
    pub stats: Account<RenterStats>,
    #[account(init, payer = renter, seeds = [ORDER_SEED, renter.address().as_ref(), &args.id.to_le_bytes()], bump)]
    pub order: Account<Order>,
    #[account(mut)]
    pub escrow: Account<Escrow>,
    #[account(mut, address = escrow.vault @ MarketError::WrongCurrency)]
    pub vault: Account<TokenAccount>,
    #[account(mut)]
    pub renter_token: Account<TokenAccount>,
    #[account(address = escrow.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn create_order(ctx: &mut Context<CreateOrder>, args: OrderArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let further = ctx.remaining_accounts()?;
    let accounts = &mut ctx.accounts;
    let address = *accounts.order.account().address();
    let total = open_order(
        NewOrder {
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
            stats: &mut accounts.stats,
            order: &mut accounts.order,
            address,
            bump: ctx.bumps.order,
        },
        &args,
        now,
    )?;
    let lamports = match_lamports(accounts.order.gpus());
    deposit_lamports(
        &accounts.system_program,
        &mut accounts.renter,
        &mut accounts.order,
        lamports,
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
