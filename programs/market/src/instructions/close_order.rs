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
pub struct CloseOrder {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, close = renter)]
    pub order: Account<Order>,
    /// CHECK: only receives the order account's rent, which it paid.
    #[account(mut, address = order.renter @ MarketError::NotRenter)]
    pub renter: UncheckedAccount,
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

pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let order = &mut accounts.order;
    let over = order.is(OrderState::Expired)
        || order.is(OrderState::Completed)
        || (order.is(OrderState::Ended) && order.unsettled_leases == 0);
    require!(over && order.leases == 0, MarketError::OrderNotFinished);
    let dust = order.escrowed_units;
    let escrowed_before = accounts.escrow.escrowed_units;
    order.pay_out(0, dust, 0)?;
    accounts.escrow.pay_out(0, dust, 0)?;
    if dust > 0 {
        let bump = [accounts.config.escrow_authority_bump];
        accounts.token_program.transfer_checked(
            &mut accounts.vault,
            &accounts.mint,
            &mut accounts.renter_token,
            &accounts.escrow_authority,
            &[&[ESCROW_AUTHORITY_SEED, &bump]],
            dust,
            accounts.escrow.decimals,
        )?;
    }
    emit!(OrderRefunded {
        order: *accounts.order.account().address(),
        refunded: dust,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
