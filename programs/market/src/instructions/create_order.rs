#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use crate::{
    constants::*,
    errors::PriceError,
    events::OrderCreated,
    state::{Config, Escrow, Order, OrderArgs},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};
use iog_common::pyth;
use iog_math::market::order_cost;
use iog_registry::HardwareClass;
use iog_token::PriceSource;

#[derive(Accounts)]
#[instruction(args: OrderArgs)]
pub struct CreateOrder {
    #[account(mut)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub class: Account<HardwareClass>,
    /// The token program has one, at a fixed address: owner and discriminator prove it.
    pub price_source: Account<PriceSource>,
    /// CHECK: `pyth::read` checks owner, address, feed, verification, age and ranges.
    pub price: UncheckedAccount,
    #[account(init, payer = renter, seeds = [ORDER_SEED, renter.address().as_ref(), &args.id.to_le_bytes()], bump)]
    pub order: Account<Order>,
    #[account(mut, seeds = [ESCROW_SEED, config.io_mint.as_ref()], bump = escrow.bump)]
    pub escrow: Account<Escrow>,
    #[account(mut, seeds = [VAULT_SEED, config.io_mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    #[account(mut)]
    pub renter_token: Account<TokenAccount>,
    #[account(address = config.io_mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

/// IO base units for a GPU-hour of the class, at the oracle's price least favourable to the payer.
fn price_per_gpu_hour(accounts: &CreateOrder, now: i64) -> Result<u64> {
    let class = &accounts.class;
    require!(
        class.enabled == 1 && class.base_price_usd6 > 0,
        MarketError::ClassNotOffered
    );
    let source = accounts.price_source.source();
    let price = pyth::read(accounts.price.account(), &source, now).map_err(PriceError::from)?;
    Ok(price
        .io_for_usd6(class.base_price_usd6)
        .map_err(MarketError::from)?)
}

pub fn create_order(ctx: &mut Context<CreateOrder>, args: OrderArgs) -> Result<()> {
    args.validate()?;
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::ORDERS)?;
    let price = price_per_gpu_hour(accounts, now)?;
    let cost = order_cost(
        price,
        args.gpus,
        args.hours,
        accounts.config.reservation_fee_bps.bps(),
        accounts.config.network_fee_bps.bps(),
    )
    .map_err(MarketError::from)?;
    require!(cost.total <= args.max_total, MarketError::TotalAboveLimit);

    accounts.token_program.transfer_checked(
        &mut accounts.renter_token,
        &accounts.mint,
        &mut accounts.vault,
        &accounts.renter,
        &[],
        cost.total,
        accounts.escrow.decimals,
    )?;
    let escrowed_before = accounts.escrow.escrowed_units;
    accounts.escrow.deposit(cost.total)?;

    let address = *accounts.order.account().address();
    let order = &mut accounts.order;
    order.renter = *accounts.renter.address();
    order.mint = accounts.config.io_mint;
    order.supplier_fee_bps = accounts.config.supplier_fee_bps.bps();
    order.class = *accounts.class.account().address();
    order.version = 1;
    order.bump = ctx.bumps.order;
    order.open(&args, price, &cost, now)?;
    emit!(OrderCreated {
        order: address,
        renter: order.renter,
        class: order.class,
        gpus: args.gpus,
        hours: args.hours,
        price_per_gpu_hour: price,
        total: cost.total,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
