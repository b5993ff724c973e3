//! Orders and leases.

use super::{Draft, Writer};
use crate::action::Action;
use iog_client::{
    market::{self, instructions as market_ix, Lease},
    pda,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

impl Writer<'_> {
    pub(super) fn market(&self, action: &Action) -> Option<Draft> {
        match action {
            Action::Accept { lease, .. } => self.accept(lease),
            Action::Match { order, device, .. } => self.matching(order, device),
            Action::SettleLease { lease, .. } => Some(Draft::of(self.settle(lease)?)),
            Action::SettleLeases { leases, .. } => {
                let settle = leases.iter().map(|(lease, _)| self.settle(lease));
                Draft::all(settle.collect::<Option<_>>()?)
            }
            Action::SkipDevice { lease, .. } | Action::CloseLease { lease, .. } => {
                let (account, _) = self.snapshot.lease(lease)?;
                self.leave(action, lease, account)
            }
            Action::ReportTimeout { lease, .. } => {
                let (account, _) = self.snapshot.lease(lease)?;
                let report = market_ix::ReportTimeout {
                    signer: *self.payer,
                    device: account.device,
                    order: account.order,
                    lease: *lease,
                    occupancy: pda::market::occupancy(&account.device),
                    book: self.book(&account.device)?,
                };
                Some(Draft::of(report.instruction()))
            }
            Action::ResolveByRule { lease, .. } => self.resolve(lease),
            Action::Delist { device } => {
                let delist = market_ix::DelistDevice {
                    signer: *self.payer,
                    device: *device,
                    class: self.view(device)?.device.class,
                    stake: pda::staking::stake(device),
                    book: self.book(device)?,
                    occupancy: pda::market::occupancy(device),
                };
                Some(Draft::of(delist.instruction()))
            }
            Action::ExpireOrder { order, .. } => {
                let account = self.snapshot.orders.get(order)?;
                let expire = market_ix::ExpireOrder {
                    order: *order,
                    escrow: pda::market::escrow(&account.mint),
                };
                Some(Draft::of(expire.instruction()))
            }
            Action::CloseOrder { order, .. } => {
                let account = self.snapshot.orders.get(order)?;
                let close = market_ix::CloseOrder {
                    order: *order,
                    renter: account.renter,
                };
                Some(Draft::of(close.instruction()))
            }
            _ => None,
        }
    }

    /// The price book of a device's class.
    fn book(&self, device: &Pubkey) -> Option<Pubkey> {
        let class_id = self.view(device)?.device.class_id;
        Some(pda::market::price_book(class_id))
    }

    fn accept(&self, lease: &Pubkey) -> Option<Draft> {
        let (account, _) = self.snapshot.lease(lease)?;
        let accept = market_ix::Accept {
            device_key: self.view(&account.device)?.device.device_key,
            device: account.device,
            order: account.order,
            lease: *lease,
            occupancy: pda::market::occupancy(&account.device),
            book: self.book(&account.device)?,
        };
        Some(Draft::of(accept.instruction()).signed_by(&account.device))
    }

    fn matching(&self, order: &Pubkey, device: &Pubkey) -> Option<Draft> {
        let account = self.snapshot.orders.get(order)?;
        let view = self.view(device)?;
        let matching = market_ix::MatchDevice {
            keeper: *self.payer,
            order: *order,
            device: *device,
            class: view.device.class,
            book: self.book(device)?,
            stake: pda::staking::stake(device),
            occupancy: pda::market::occupancy(device),
            earnings: pda::market::earnings(&account.mint, &view.device.owner),
            lease: pda::market::lease(order, device),
        };
        Some(Draft::of(matching.instruction()).creating(market::Lease::SIZE))
    }

    fn settle(&self, lease: &Pubkey) -> Option<Instruction> {
        let (account, order) = self.snapshot.lease(lease)?;
        let settle = market_ix::Settle {
            order: account.order,
            lease: *lease,
            device: account.device,
            occupancy: pda::market::occupancy(&account.device),
            book: self.book(&account.device)?,
            escrow: pda::market::escrow(&order.mint),
            earnings: pda::market::earnings(&order.mint, &account.owner),
            stats: pda::market::renter(&order.renter),
        };
        Some(settle.instruction())
    }

    /// Closes the account of a lease that is over, or was not accepted in time.
    fn leave(&self, action: &Action, address: &Pubkey, lease: &Lease) -> Option<Draft> {
        let close = market_ix::CloseLease {
            order: lease.order,
            lease: *address,
            occupancy: pda::market::occupancy(&lease.device),
            book: self.book(&lease.device)?,
            payer: lease.payer,
        };
        let skip = market_ix::SkipDevice {
            order: close.order,
            lease: close.lease,
            occupancy: close.occupancy,
            book: close.book,
            payer: close.payer,
        };
        Some(Draft::of(match action {
            Action::SkipDevice { .. } => skip.instruction(),
            _ => close.instruction(),
        }))
    }

    fn resolve(&self, lease: &Pubkey) -> Option<Draft> {
        let (account, order) = self.snapshot.lease(lease)?;
        let resolve = market_ix::ResolveByRule {
            signer: *self.payer,
            order: account.order,
            lease: *lease,
            occupancy: pda::market::occupancy(&account.device),
            escrow: pda::market::escrow(&order.mint),
            earnings: pda::market::earnings(&order.mint, &account.owner),
            stats: pda::market::renter(&order.renter),
        };
        Some(Draft::of(resolve.instruction()))
    }
}
