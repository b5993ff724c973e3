use super::settle::Books;
use crate::{
    events::{DisputeOpened, DisputeResolved},
    state::{
        Config, Earnings, Escrow, Lease, LeaseState, Occupancy, Order, PriceBook, RenterStats,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::Device;

#[derive(Accounts)]
pub struct OpenDispute {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    #[account(mut, constraint = stats.renter == order.renter @ MarketError::NotRenter)]
    pub stats: Account<RenterStats>,
}

pub fn open_dispute(ctx: &mut Context<OpenDispute>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let lease = *accounts.lease.account().address();
    let vacant_from = accounts
        .lease
        .dispute(&accounts.order, &accounts.device, now)?;
    if let Some(vacant_from) = vacant_from {
        let gpus = accounts.lease.gpus;
        accounts.order.vacate(gpus, vacant_from)?;
        accounts
            .occupancy
            .release(&lease, &mut accounts.book, now)?;
    }
    accounts.stats.disputes = accounts.stats.disputes.saturating_add(1);
    emit!(DisputeOpened {
        order: accounts.lease.order,
        lease,
        disputed: accounts.lease.held_units,
        by_rule: accounts.lease.rule_units,
    });
    Ok(())
}

#[derive(Accounts)]
pub struct ResolveDispute {
    /// The resolver for `resolve_dispute`, anyone for `resolve_by_rule`.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, constraint = lease.is(LeaseState::Disputed) @ MarketError::NotDisputed)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
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
}

/// Splits what is disputed and nothing else.
fn end_dispute(accounts: &mut ResolveDispute, to_supplier: u64, decided: bool) -> Result<()> {
    let escrowed_before = accounts.escrow.escrowed_units;
    let by_rule = accounts.lease.rule_units;
    let payout = accounts.lease.resolve(&accounts.order, to_supplier)?;
    if to_supplier < by_rule {
        accounts.occupancy.disputes_lost = accounts.occupancy.disputes_lost.saturating_add(1);
    }
    let fee = Books {
        order: &mut accounts.order,
        escrow: &mut accounts.escrow,
        earnings: &mut accounts.earnings,
        stats: &mut accounts.stats,
        points_per_usd: accounts.config.points_per_usd.value,
    }
    .book(&payout)?;
    emit!(DisputeResolved {
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        decided,
        paid: payout.to_supplier,
        refunded: payout.refund,
        fee,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}

pub fn resolve_dispute(ctx: &mut Context<ResolveDispute>, to_supplier: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let signer = *accounts.signer.address();
    let is_party = signer == accounts.order.renter || signer == accounts.lease.owner;
    require!(
        signer == accounts.config.resolver && !is_party,
        MarketError::NotResolver
    );
    require!(
        accounts.lease.is_resolvable(now),
        MarketError::DecidedTooLate
    );
    end_dispute(accounts, to_supplier, true)
}

/// The rule: proved time is the supplier's, the rest the renter's. At once where there is no resolver.
pub fn resolve_by_rule(ctx: &mut Context<ResolveDispute>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let nobody = accounts.config.resolver == Address::default();
    require!(
        nobody || !accounts.lease.is_resolvable(now),
        MarketError::ResolverMayDecide
    );
    let by_rule = accounts.lease.rule_units;
    end_dispute(accounts, by_rule, false)
}
