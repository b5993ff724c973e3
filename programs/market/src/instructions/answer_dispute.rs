//! Answers to disputes. Nobody can prove that nothing was served; the renter's own signature proves that something was.

use super::settle::Books;
use crate::{
    events::DisputeAnswered,
    state::{
        Config, Earnings, Escrow, Lease, LeaseState, Order, Receipt, RenterStats, Subject,
        RECEIPT_LEN,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_common::{
    ed25519::{self, ED25519},
    governance::NOBODY,
    instructions::{previous, INSTRUCTIONS},
};
use iog_registry::Device;

#[derive(Accounts)]
pub struct AnswerDispute {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, constraint = lease.is(LeaseState::Disputed) @ MarketError::NotDisputed)]
    pub lease: Account<Lease>,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
    #[account(
        mut,
        constraint = earnings.owner == lease.owner @ MarketError::WrongRecipient,
        constraint = earnings.mint == order.mint @ MarketError::WrongMint
    )]
    pub earnings: Account<Earnings>,
    #[account(mut, constraint = stats.renter == order.renter @ MarketError::NotRenter)]
    pub stats: Account<RenterStats>,
    /// CHECK: only the sysvar has this address.
    #[account(address = INSTRUCTIONS @ MarketError::NoReceipt)]
    pub instructions: UncheckedAccount,
}

/// The receipt that the instruction before this one has checked.
fn receipt(accounts: &AnswerDispute) -> Result<Receipt> {
    let sysvar = accounts.instructions.account();
    let sysvar = sysvar.try_borrow().map_err(|_| MarketError::NoReceipt)?;
    let (program, data) = previous(&sysvar).ok_or(MarketError::NoReceipt)?;
    let alone = program == ED25519 && ed25519::count(data) == 1;
    require!(alone, MarketError::NoReceipt);
    let (key, message) = ed25519::signed::<RECEIPT_LEN>(data, 0).ok_or(MarketError::NoReceipt)?;
    let receipt_key = accounts.order.receipt_key;
    require!(
        receipt_key != NOBODY && key == receipt_key,
        MarketError::NotReceiptKey
    );
    let of = Subject {
        genesis_hash: accounts.config.genesis_hash,
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        matched_ts: accounts.lease.matched_ts,
    };
    Receipt::read(message, &of)
}

/// Slots that are acknowledged, proved and still disputed are the supplier's at once, with their part of the deposit.
pub fn answer_dispute(ctx: &mut Context<AnswerDispute>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let receipt = receipt(accounts)?;
    let escrowed_before = accounts.escrow.escrowed_units;
    let answer = accounts
        .lease
        .answer(&accounts.order, &accounts.device, &receipt)?;
    let payout = answer.payout;
    Books {
        order: &mut accounts.order,
        escrow: &mut accounts.escrow,
        earnings: &mut accounts.earnings,
    }
    .book(&payout)?;
    let points_per_usd = accounts.config.points_per_usd.value;
    accounts.stats.spend(payout.usd6, points_per_usd);
    emit!(DisputeAnswered {
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        answered: answer.answered,
        left: answer.left,
        deposit: answer.deposit,
        paid: payout.to_supplier,
        fee: payout.fee,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
