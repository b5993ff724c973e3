use crate::{
    events::LeaseSettled,
    state::{
        add, Config, Earnings, Escrow, Lease, LeaseState, Occupancy, Order, Payout, PriceBook,
        RenterStats,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::Device;

/// Books only: no recipient's token account takes part, so none can stop a settlement, and many fit one transaction.
#[derive(Accounts)]
pub struct Settle {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut)]
    pub lease: Account<Lease>,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
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

/// The books that a payout passes through.
pub struct Books<'a> {
    pub order: &'a mut Order,
    pub escrow: &'a mut Escrow,
    pub earnings: &'a mut Earnings,
    pub stats: &'a mut RenterStats,
    pub points_per_usd: u64,
}

impl Books<'_> {
    /// Books what the supplier earned, what goes back and all fees; the renter's own fees were earned with the start and go
    /// with the first payout. Returns the fees.
    pub fn book(&mut self, payout: &Payout) -> Result<u64> {
        let pending = core::mem::take(&mut self.order.pending_fee_units);
        let fee = payout
            .fee
            .checked_add(pending)
            .ok_or(MarketError::MathOverflow)?;
        self.order.book(payout.to_supplier, payout.refund, fee)?;
        self.escrow.book(payout.to_supplier, payout.refund, fee)?;
        self.earnings.earn(payout.to_supplier)?;
        self.stats.spend(payout.usd6, self.points_per_usd);
        Ok(fee)
    }
}

/// Releases what its dispute window has freed, then works through the hours that have ended. Returns the payout and how many
/// hours were served and missed.
fn work(accounts: &mut Settle, now: i64) -> Result<(Payout, u32, u32)> {
    let (order, lease) = (&accounts.order, &mut accounts.lease);
    let mut payout = lease.release(order, now)?;
    if !lease.is(LeaseState::Accepted) || !order.settles() {
        require!(!payout.is_empty(), MarketError::NothingToSettle);
        return Ok((payout, 0, 0));
    }
    let work = lease.work(order, &accounts.device, now)?;
    let moved = work.served.saturating_add(work.missed) > 0 || !lease.is(LeaseState::Accepted);
    require!(moved || !payout.is_empty(), MarketError::NothingToSettle);
    add(&mut payout.refund, work.refund)?;
    // Of hours that ended long ago the window is over.
    let at_once = lease.release(order, now)?;
    add(&mut payout.to_supplier, at_once.to_supplier)?;
    add(&mut payout.fee, at_once.fee)?;
    add(&mut payout.usd6, at_once.usd6)?;
    accounts.occupancy.count(work.served, work.missed);
    accounts.stats.count(work.gpu_minutes);
    if accounts.lease.is(LeaseState::Settled) {
        accounts.order.lease_over(now)?;
        let address = *accounts.lease.account().address();
        accounts
            .occupancy
            .release(&address, &mut accounts.book, now)?;
    }
    Ok((payout, work.served, work.missed))
}

pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        !accounts.lease.is(LeaseState::Disputed),
        MarketError::NothingToSettle
    );
    let held_before = accounts.lease.held_units;
    let escrowed_before = accounts.escrow.escrowed_units;
    let (payout, served, missed) = work(accounts, now)?;
    let fee = Books {
        order: &mut accounts.order,
        escrow: &mut accounts.escrow,
        earnings: &mut accounts.earnings,
        stats: &mut accounts.stats,
        points_per_usd: accounts.config.points_per_usd.value,
    }
    .book(&payout)?;
    emit!(LeaseSettled {
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        settled_until_ts: accounts.lease.settled_until_ts,
        served,
        missed,
        held_before,
        held_after: accounts.lease.held_units,
        paid: payout.to_supplier,
        refunded: payout.refund,
        fee,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
