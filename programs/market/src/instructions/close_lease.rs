use crate::{
    events::DeviceSkipped,
    state::{Lease, LeaseState, Occupancy, Order, OrderState, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;

/// Closes a lease, frees its device and gives the rent back to who paid it.
#[derive(Accounts)]
pub struct CloseLease {
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, close = payer)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    /// CHECK: only receives the rent it paid.
    #[account(mut, address = lease.payer @ MarketError::WrongRecipient)]
    pub payer: UncheckedAccount,
}

impl CloseLease {
    fn free(&mut self, now: i64) -> Result<()> {
        let lease = *self.lease.account().address();
        self.occupancy.release(&lease, &mut self.book, now)?;
        self.order.leases = self
            .order
            .leases
            .checked_sub(1)
            .ok_or(MarketError::MathOverflow)?;
        Ok(())
    }

    /// Counts a match against the device that had its time to accept; one for which the order was closed before does not count.
    fn skip(&mut self, now: i64) {
        if self.lease.was_ignored(&self.order) {
            self.occupancy.skip(now);
        }
        emit!(DeviceSkipped {
            order: self.lease.order,
            lease: *self.lease.account().address(),
            device: self.lease.device,
            skipped: self.occupancy.skipped,
        });
    }
}

/// For leases that are over and have nothing held, and those of expired orders.
pub fn close_lease(ctx: &mut Context<CloseLease>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let lease = &accounts.lease;
    let over = lease.is(LeaseState::Settled) && lease.held_units == 0;
    let expired = accounts.order.is(OrderState::Expired);
    require!(over || expired, MarketError::LeaseNotSettled);
    if lease.was_ignored(&accounts.order) {
        accounts.skip(now);
    }
    accounts.free(now)
}

/// For a device that was matched and did not accept in time: another may take its place.
pub fn skip_device(ctx: &mut Context<CloseLease>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        accounts.lease.is(LeaseState::Matched) && !accounts.order.is(OrderState::Expired),
        MarketError::LeaseNotMatched
    );
    require!(accounts.lease.is_late(now), MarketError::AcceptStillOpen);
    let gpus = accounts.lease.gpus;
    accounts.skip(now);
    accounts.order.skip_lease(gpus)?;
    accounts.free(now)
}
