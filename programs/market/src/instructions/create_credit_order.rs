#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use super::booking::{match_lamports, open_order, NewOrder, Shelf};
use super::calls::Spend;
use super::transfer::deposit_lamports;
use crate::{
    constants::*,
    state::{Config, Currency, Escrow, Order, OrderArgs, PriceBook, RenterStats},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::HardwareClass;
use iog_token::IogToken;

#[derive(Accounts)]
#[instruction(args: OrderArgs)]
pub struct CreateCreditOrder {
    #[account(mut, address = stats.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    pub book: Account<PriceBook>,
    #[account(mut)]
    pub stats: Account<RenterStats>,
    #[account(init, payer = renter, seeds = [ORDER_SEED, renter.address().as_ref(), &args.id.to_le_bytes()], bump)]
    pub order: Account<Order>,
    #[account(mut, constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency)]
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
    pub system_program: Program<System>,
}

pub fn create_credit_order(ctx: &mut Context<CreateCreditOrder>, args: OrderArgs) -> Result<()> {
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
            oracle: None,
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
    burn_deposit(accounts, total)
}

/// IOSD is burned when it is spent.
fn burn_deposit(accounts: &mut CreateCreditOrder, total: u64) -> Result<()> {
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
