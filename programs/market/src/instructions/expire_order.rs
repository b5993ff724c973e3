use crate::{
    constants::*,
    events::OrderRefunded,
    state::{Config, Escrow, Order, OrderState},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct ExpireOrder {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(
        mut,
        constraint = (order.is(OrderState::Open) || order.is(OrderState::Matched)) @ MarketError::OrderNotOpen
    )]
    pub order: Account<Order>,
    #[account(mut, seeds = [ESCROW_SEED, order.mint.as_ref()], bump = escrow.bump)]
    pub escrow: Account<Escrow>,
    #[account(mut, seeds = [VAULT_SEED, order.mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = order.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    #[account(mut, constraint = *renter_token.owner() == order.renter @ MarketError::WrongRecipient)]
    pub renter_token: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

pub fn expire_order(ctx: &mut Context<ExpireOrder>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(
        Clock::get()?.unix_timestamp >= accounts.order.expires_ts,
        MarketError::OrderNotExpired
    );
    let order = &mut accounts.order;
    let refund = order.escrowed_units;
    order.state = OrderState::Expired as u8;
    order.pending_fee_units = 0;
    order.pay_out(0, refund, 0)?;
    let escrowed_before = accounts.escrow.escrowed_units;
    accounts.escrow.pay_out(0, refund, 0)?;
    let bump = [accounts.config.escrow_authority_bump];
    accounts.token_program.transfer_checked(
        &mut accounts.vault,
        &accounts.mint,
        &mut accounts.renter_token,
        &accounts.escrow_authority,
        &[&[ESCROW_AUTHORITY_SEED, &bump]],
        refund,
        accounts.escrow.decimals,
    )?;
    emit!(OrderRefunded {
        order: *accounts.order.account().address(),
        refunded: refund,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
