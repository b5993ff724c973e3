use crate::{
    events::LeaseSettled,
    state::{
        Config, Earnings, Escrow, Lease, LeaseState, Occupancy, Order, Payout, PriceBook,
        RenterStats, Work,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_math::units::HOUR;
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
}

impl Books<'_> {
    /// Books what the supplier earned, what goes back and all fees: they are earned with the service.
    pub fn book(self, payout: &Payout) -> Result<Self> {
        self.order
            .book(payout.to_supplier, payout.refund, payout.fee)?;
        self.escrow
            .book(payout.to_supplier, payout.refund, payout.fee)?;
        self.earnings.earn(payout.to_supplier)?;
        Ok(self)
    }
}

/// Counts the device as hired where its order began without it acting, and frees it where its lease has ended: true when it did either.
fn follow(accounts: &mut Settle, now: i64) -> Result<bool> {
    let lease = &mut accounts.lease;
    let address = *lease.account().address();
    if accounts.occupancy.lease != address || !accounts.order.settles() {
        return Ok(false);
    }
    if now >= lease.end(&accounts.order) {
        let end = lease.end(&accounts.order);
        // Served to the end, that is, as far as a sign of life in its last hour tells.
        let served = lease.is(LeaseState::Accepted);
        if served && accounts.device.last_sign_ts >= end.saturating_sub(HOUR) {
            accounts.occupancy.served_until_ts = end;
        }
        accounts
            .occupancy
            .release(&address, &mut accounts.book, now)?;
        return Ok(true);
    }
    if lease.counted == 1 || !lease.is(LeaseState::Accepted) {
        return Ok(false);
    }
    lease.counted = 1;
    let gpus = lease.gpus;
    accounts.occupancy.hire(&mut accounts.book, gpus, now)?;
    Ok(true)
}

fn work(accounts: &mut Settle, now: i64, slot: u64) -> Result<Work> {
    let moved = follow(accounts, now)?;
    let (order, lease) = (&accounts.order, &mut accounts.lease);
    let state = lease.state;
    let runs = lease.is(LeaseState::Accepted) && order.settles();
    let rest = lease.is(LeaseState::Settled) || lease.is(LeaseState::Disputed);
    let work = if runs || (rest && order.settles()) {
        lease.work(order, &accounts.device, now, slot)?
    } else {
        Work::default()
    };
    require!(
        moved || work.hours > 0 || lease.state != state,
        MarketError::NothingToSettle
    );
    accounts.occupancy.count(work.served, work.missed);
    accounts.stats.count(work.gpu_minutes);
    Ok(work)
}

pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = &mut ctx.accounts;
    let escrowed_before = accounts.escrow.escrowed_units;
    let work = work(accounts, clock.unix_timestamp, clock.slot)?;
    let payout = work.payout;
    accounts
        .stats
        .spend(payout.usd6, accounts.config.points_per_usd.value);
    Books {
        order: &mut accounts.order,
        escrow: &mut accounts.escrow,
        earnings: &mut accounts.earnings,
    }
    .book(&payout)?;
    emit!(LeaseSettled {
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        settled_until_ts: accounts.lease.settled_until(&accounts.order),
        released_until_ts: accounts.lease.released_until_ts,
        served: work.served,
        missed: work.missed,
        paid: payout.to_supplier,
        refunded: payout.refund,
        fee: payout.fee,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
