use super::settle::Books;
use crate::{
    constants::VERDICT_SEED,
    events::{DisputeOpened, DisputeResolved},
    state::{
        Config, Decision, Earnings, Escrow, Lease, LeaseState, Occupancy, Order, PriceBook,
        RenterStats, Verdict,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_common::governance::NOBODY;

#[derive(Accounts)]
pub struct OpenDispute {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
    #[account(mut, constraint = stats.renter == order.renter @ MarketError::NotRenter)]
    pub stats: Account<RenterStats>,
}

pub fn open_dispute(ctx: &mut Context<OpenDispute>, evidence_hash: [u8; 32]) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    // Without a resolver the slots alone decide, which settlement does by itself.
    let resolver = accounts.config.resolver.key;
    require!(resolver != NOBODY, MarketError::NoResolver);
    let lease = *accounts.lease.account().address();
    let opened = accounts.lease.dispute(&accounts.order, resolver, now)?;
    if let Some(vacant_from) = opened.vacant_from {
        let seat = accounts.lease.leave_seat();
        accounts.order.vacate(&seat, vacant_from)?;
    }
    let device = accounts.lease.device;
    accounts.order.bar(&device);
    accounts
        .occupancy
        .release(&lease, &mut accounts.book, now)?;
    let from_refund = accounts.order.take_deposit(opened.deposit)?;
    accounts.escrow.return_refund(from_refund)?;
    accounts.stats.disputes = accounts.stats.disputes.saturating_add(1);
    emit!(DisputeOpened {
        order: accounts.lease.order,
        lease,
        resolver,
        evidence_hash,
        disputed: opened.disputed,
        deposit: opened.deposit,
    });
    Ok(())
}

#[derive(Accounts)]
pub struct ResolveDispute {
    /// Pays the rent of the record that is left, and gets it back.
    #[account(mut)]
    pub resolver: Signer,
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
    // A lease's address may come again, of an order whose id is used again: its newest decision counts.
    #[account(init_if_needed, payer = resolver, seeds = [VERDICT_SEED, lease.account().address().as_ref()], bump)]
    pub verdict: Account<Verdict>,
    pub system_program: Program<System>,
}

/// Anyone, when the resolver has not decided.
#[derive(Accounts)]
pub struct ResolveByRule {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, constraint = lease.is(LeaseState::Disputed) @ MarketError::NotDisputed)]
    pub lease: Account<Lease>,
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

/// Splits what is disputed and nothing else. Returns whether the supplier got less than its slots prove.
fn end_dispute(
    books: Books,
    lease: &mut Account<Lease>,
    stats: &mut RenterStats,
    points_per_usd: u64,
    decision: Option<Decision>,
) -> Result<bool> {
    let escrowed_before = books.escrow.escrowed_units;
    let resolved = lease.resolve(books.order, decision)?;
    let payout = resolved.payout;
    let books = books.book(&payout)?;
    stats.spend(payout.usd6, points_per_usd);
    emit!(DisputeResolved {
        order: lease.order,
        lease: *lease.account().address(),
        decided: decision.is_some(),
        paid: payout.to_supplier,
        refunded: payout.refund,
        fee: payout.fee,
        escrowed_before,
        escrowed_after: books.escrow.escrowed_units,
    });
    Ok(resolved.against)
}

/// The resolver that the dispute was opened before, while it is one, decides; never a party. It names what it saw in dispute.
pub fn resolve_dispute(
    ctx: &mut Context<ResolveDispute>,
    to_supplier: u64,
    disputed: u64,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let bump = ctx.bumps.verdict;
    let accounts = &mut ctx.accounts;
    let signer = *accounts.resolver.address();
    let is_party = signer == accounts.order.renter || signer == accounts.lease.owner;
    let is_resolver = signer == accounts.lease.resolver && signer == accounts.config.resolver.key;
    require!(is_resolver && !is_party, MarketError::NotResolver);
    require!(
        accounts.lease.is_resolvable(now),
        MarketError::DecidedTooLate
    );
    require!(accounts.lease.is_decidable(now), MarketError::AnswersFirst);
    // What the renter has acknowledged itself nobody gives back to it.
    let (_, acknowledged_usd6) = accounts.lease.answered(&accounts.order)?;
    let against = end_dispute(
        Books {
            order: &mut accounts.order,
            escrow: &mut accounts.escrow,
            earnings: &mut accounts.earnings,
        },
        &mut accounts.lease,
        &mut accounts.stats,
        accounts.config.points_per_usd.value,
        Some(Decision {
            to_supplier,
            disputed,
        }),
    )?;
    if against {
        accounts.occupancy.disputes_lost = accounts.occupancy.disputes_lost.saturating_add(1);
        // Who stops serving for a better price gains nothing by waiting for the dispute.
        let (rate, _) = accounts.order.rate_at(now)?;
        let pay_usd6 = accounts.lease.pay_usd6_at(&rate)?;
        let agreed_until = accounts.lease.agreed_until(&accounts.order);
        accounts.occupancy.cap(pay_usd6, agreed_until, now);
    }
    let verdict = &mut accounts.verdict;
    verdict.lease = *accounts.lease.account().address();
    verdict.order = accounts.lease.order;
    verdict.device = accounts.lease.device;
    verdict.owner = accounts.lease.owner;
    verdict.renter = accounts.order.renter;
    verdict.resolver = signer;
    verdict.paid_usd6 = if against {
        let paid_usd6 = accounts.lease.paid_usd6;
        paid_usd6.saturating_sub(acknowledged_usd6)
    } else {
        0
    };
    verdict.decided_ts = now;
    verdict.version = 1;
    verdict.bump = bump;
    Ok(())
}

/// The rule: proved slots are the supplier's, the rest the renter's. When the time to decide is over.
pub fn resolve_by_rule(ctx: &mut Context<ResolveByRule>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        !accounts.lease.is_resolvable(now),
        MarketError::ResolverMayDecide
    );
    end_dispute(
        Books {
            order: &mut accounts.order,
            escrow: &mut accounts.escrow,
            earnings: &mut accounts.earnings,
        },
        &mut accounts.lease,
        &mut accounts.stats,
        accounts.config.points_per_usd.value,
        None,
    )?;
    Ok(())
}

/// Gives the rent of a record back that no slash case can name any more. Anyone.
#[derive(Accounts)]
pub struct CloseVerdict {
    #[account(mut, close = resolver)]
    pub verdict: Account<Verdict>,
    /// CHECK: only receives the rent it paid.
    #[account(mut, address = verdict.resolver @ MarketError::WrongRecipient)]
    pub resolver: UncheckedAccount,
}

pub fn close_verdict(ctx: &mut Context<CloseVerdict>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    require!(
        ctx.accounts.verdict.is_closable(now),
        MarketError::StillNeeded
    );
    Ok(())
}
