use crate::{
    constants::*,
    events::OrderEndedEarly,
    state::{Config, Escrow, Order, OrderState},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};
use iog_math::market::early_end;

#[derive(Accounts)]
pub struct EndEarly {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = order.is(OrderState::Active) @ MarketError::OrderNotActive)]
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

pub fn end_early(ctx: &mut Context<EndEarly>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let order = &mut accounts.order;
    let end = early_end(order.rate_per_hour()?, order.started_ts, order.end_ts, now)
        .map_err(MarketError::from)?;
    // Every interval that `settle` has worked through ended by now, so none lies behind the new end.
    order.end_ts = end.billed_until_ts;
    order.state = OrderState::Ended as u8;
    order.pay_out(0, end.refund, 0)?;
    let escrowed_before = accounts.escrow.escrowed_units;
    accounts.escrow.pay_out(0, end.refund, 0)?;
    if end.refund > 0 {
        let bump = [accounts.config.escrow_authority_bump];
        accounts.token_program.transfer_checked(
            &mut accounts.vault,
            &accounts.mint,
            &mut accounts.renter_token,
            &accounts.escrow_authority,
            &[&[ESCROW_AUTHORITY_SEED, &bump]],
            end.refund,
            accounts.escrow.decimals,
        )?;
    }
    emit!(OrderEndedEarly {
        order: *accounts.order.account().address(),
        end_ts: end.billed_until_ts,
        refunded: end.refund,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
