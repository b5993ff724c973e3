//! How leases end that do not serve: closed when nothing is left to do, declined, or let pass.

use super::settle::Books;
use crate::{
    constants::MATCH_LAMPORTS,
    events::{DeviceDeclined, DeviceSkipped, HeldTimePaid},
    state::{Earnings, Escrow, Lease, LeaseState, Occupancy, Order, OrderState, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::Device;

/// Closes a lease, frees its device and gives the rent back to who paid it.
#[derive(Accounts)]
pub struct CloseLease {
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, close = payer)]
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
    /// CHECK: only receives the rent it paid, and the renter's fee for matching.
    #[account(mut, address = lease.payer @ MarketError::WrongRecipient)]
    pub payer: UncheckedAccount,
}

/// A matched device that goes before it accepted: by its own key's word, or because it gave none.
#[derive(Accounts)]
pub struct Unmatch {
    /// The device's key for `decline`, anyone for `skip_device`.
    #[account(unsafe(dup))]
    pub signer: Signer,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, close = payer, constraint = lease.is(LeaseState::Matched) @ MarketError::LeaseNotMatched)]
    pub lease: Account<Lease>,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    /// CHECK: only receives the rent it paid.
    // It may be the signer itself: `dup` is safe, lamports are only added.
    #[account(mut, unsafe(dup), address = lease.payer @ MarketError::WrongRecipient)]
    pub payer: UncheckedAccount,
}

impl CloseLease {
    /// Pays what the device was held for, by an order that did not start.
    fn pay_held(&mut self) -> Result<()> {
        let payout = self.lease.held_payout(&self.order)?;
        let escrowed_before = self.escrow.escrowed_units;
        Books {
            order: &mut self.order,
            escrow: &mut self.escrow,
            earnings: &mut self.earnings,
        }
        .book(&payout)?;
        emit!(HeldTimePaid {
            order: self.lease.order,
            lease: *self.lease.account().address(),
            paid: payout.to_supplier,
            fee: payout.fee,
            escrowed_before,
            escrowed_after: self.escrow.escrowed_units,
        });
        Ok(())
    }

    /// Who matched a device of an order that started gets the renter's fee for it, as far as the order still has it.
    fn pay_matcher(&mut self) -> Result<()> {
        let fee = MATCH_LAMPORTS.saturating_mul(u64::from(self.lease.gpus));
        let mut order = *self.order.account();
        let rent = super::transfer::rent_of(&order)?;
        let amount = order.lamports().saturating_sub(rent).min(fee);
        let mut payer = *self.payer.account();
        super::transfer::move_lamports(&mut order, &mut payer, amount)
    }
}

/// For leases that are over and have nothing held, and those of expired orders.
pub fn close_lease(ctx: &mut Context<CloseLease>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let lease = &accounts.lease;
    let over = lease.is(LeaseState::Settled) && !lease.holds();
    let expired = accounts.order.is(OrderState::Expired);
    // A replacement that had not accepted when its order ended.
    let open = accounts.order.waits() || accounts.order.is(OrderState::Active);
    let unused = lease.is(LeaseState::Matched) && !open;
    require!(over || expired || unused, MarketError::LeaseNotSettled);
    let accepted = lease.accepted_ts > 0;
    if expired && lease.is(LeaseState::Accepted) {
        accounts.pay_held()?;
    }
    if accepted {
        accounts.earnings.forget_lease()?;
        accounts.occupancy.forget_lease()?;
    } else if accounts.order.unanswered == 1 {
        let silent = accounts.device.last_sign_ts < accounts.lease.matched_ts;
        accounts.occupancy.rest(silent, now);
    }
    if accepted && accounts.lease.began_with(&accounts.order) {
        accounts.pay_matcher()?;
    }
    let address = *accounts.lease.account().address();
    accounts
        .occupancy
        .release(&address, &mut accounts.book, now)?;
    accounts.order.forget_lease()
}

/// The device's key refuses. Free until 30 s after it was asked; later it counts as no answer.
pub fn decline(ctx: &mut Context<Unmatch>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        *accounts.signer.address() == accounts.device.device_key,
        MarketError::NotDeviceKey
    );
    let late = accounts.order.declines_late(accounts.lease.matched_ts, now)
        || accounts.order.unanswered == 1;
    // Free declines of whole orders are two in an hour: keys that take turns would hold a place for all of its 20 minutes.
    let asked = accounts.order.is(OrderState::Matched);
    let late = late || (asked && !accounts.occupancy.may_decline(now));
    if late {
        accounts.occupancy.rest(false, now);
    }
    accounts.occupancy.declined = accounts.occupancy.declined.saturating_add(1);
    emit!(DeviceDeclined {
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        device: accounts.lease.device,
        late,
        declined: accounts.occupancy.declined,
    });
    unmatch(accounts, now)
}

/// For a device that was asked and gave no answer in time: another may take its place.
pub fn skip_device(ctx: &mut Context<Unmatch>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    // A match in an order that is over holds its device, its order and its rent for nothing.
    let over = !(accounts.order.waits() || accounts.order.is(OrderState::Active));
    require!(
        over || accounts.order.is_unanswered(accounts.lease.matched_ts, now),
        MarketError::AcceptStillOpen
    );
    let silent = accounts.device.last_sign_ts < accounts.lease.matched_ts;
    if !over || accounts.order.unanswered == 1 {
        accounts.occupancy.rest(silent, now);
    }
    emit!(DeviceSkipped {
        order: accounts.lease.order,
        lease: *accounts.lease.account().address(),
        device: accounts.lease.device,
        silent,
        skipped: accounts.occupancy.skipped,
    });
    unmatch(accounts, now)
}

fn unmatch(accounts: &mut Unmatch, now: i64) -> Result<()> {
    let seat = accounts.lease.leave_seat();
    let address = *accounts.lease.account().address();
    if accounts.order.waits() || accounts.order.is(OrderState::Active) {
        accounts.order.unmatch(&seat, now)?;
    }
    let device = accounts.lease.device;
    accounts.order.bar(&device);
    accounts.order.forget_lease()?;
    accounts
        .occupancy
        .release(&address, &mut accounts.book, now)
}
