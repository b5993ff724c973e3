//! Refunds on their way out. Anyone may pay them, to the renter's associated token account; the renter itself to any of its own.

use super::calls;
use crate::{
    constants::*,
    events::{OrderRefunded, RefundPaid},
    state::{sub, Config, Currency, Escrow, Order},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount, token_interface};
use iog_common::{payee::Payee, token::Call};
use iog_token::{instruction::RefundIosd, IogToken};

/// Books what an order that is over leaves, then takes out what is due to the renter, at most `most`.
fn take_due(
    order: &mut Account<Order>,
    escrow: &mut Account<Escrow>,
    most: u64,
    now: i64,
) -> Result<u64> {
    let address = *order.account().address();
    let escrowed_before = escrow.escrowed_units;
    let refunded = order.finish(now)?;
    escrow.book(0, refunded, 0)?;
    if refunded > 0 {
        emit!(OrderRefunded {
            order: address,
            refunded,
            escrowed_before,
            escrowed_after: escrow.escrowed_units,
        });
    }
    require!(order.refund_due_units > 0, MarketError::NothingDue);
    let amount = order.refund_due_units.min(most);
    require!(amount > 0, MarketError::RefundsWait);
    let due_before = escrow.refunds_due_units;
    sub(&mut order.refund_due_units, amount)?;
    sub(&mut escrow.refunds_due_units, amount)?;
    emit!(RefundPaid {
        order: address,
        amount,
        due_before,
        due_after: escrow.refunds_due_units,
    });
    Ok(amount)
}

#[derive(Accounts)]
pub struct Refund {
    /// The renter, or anyone.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
    #[account(mut, address = escrow.vault @ MarketError::WrongCurrency)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = escrow.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    #[account(mut, unsafe(dup), constraint = *renter_token.owner() == order.renter @ MarketError::WrongRecipient)]
    pub renter_token: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn refund(ctx: &mut Context<Refund>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let payee = Payee {
        recipient: &accounts.order.renter,
        mint: &accounts.order.mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.renter_token.account().address(),
        signed: *accounts.signer.address() == accounts.order.renter,
    };
    require!(payee.is_allowed(), MarketError::NotAssociated);
    let amount = take_due(&mut accounts.order, &mut accounts.escrow, u64::MAX, now)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.escrow_authority,
        seeds: &[&[
            ESCROW_AUTHORITY_SEED,
            &[accounts.config.escrow_authority_bump],
        ]],
        amount,
        decimals: accounts.escrow.decimals,
    }
    .transfer(
        &mut accounts.vault,
        &accounts.mint,
        &mut accounts.renter_token,
    );
    Ok(())
}

#[derive(Accounts)]
pub struct RefundCredit {
    /// The renter, or anyone.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
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
    /// CHECK: the token program checks it.
    pub iosd_authority: UncheckedAccount,
    #[account(mut, unsafe(dup), constraint = *renter_token.owner() == order.renter @ MarketError::WrongRecipient)]
    pub renter_token: InterfaceAccount<token_interface::TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    pub token_2022_program: Program<Token2022>,
    pub io_token_program: Program<IogToken>,
}

/// At most `max_units`, in parts where the token program gives back less at once.
pub fn refund_credit(ctx: &mut Context<RefundCredit>, max_units: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let payee = Payee {
        recipient: &accounts.order.renter,
        mint: &accounts.order.mint,
        token_program: accounts.token_2022_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.renter_token.account().address(),
        signed: *accounts.signer.address() == accounts.order.renter,
    };
    require!(payee.is_allowed(), MarketError::NotAssociated);
    // Half of what the token program gives back at the moment: the other half is for others, however large this refund is.
    let rest = accounts.token_config.refund_rest_at(now)?;
    let most = max_units.min(rest.div_ceil(2));
    let amount = take_due(&mut accounts.order, &mut accounts.escrow, most, now)?;
    calls::Call {
        program: accounts.io_token_program.address(),
        bump: accounts.config.escrow_authority_bump,
    }
    .move_amount::<RefundIosd, 7>(
        amount,
        &[
            accounts.escrow_authority.cpi_handle().as_signer(),
            accounts.minter.cpi_handle_mut().into(),
            accounts.token_config.cpi_handle_mut().into(),
            accounts.iosd_mint.cpi_handle_mut().into(),
            accounts.iosd_authority.cpi_handle(),
            accounts.renter_token.cpi_handle_mut().into(),
            accounts.token_2022_program.cpi_handle(),
        ],
    );
    Ok(())
}
