//! Orders, listings, and what stands beside leases.

use super::{Draft, Writer};
use crate::{action::Action, rules::currency};
use iog_client::{
    market::{self, instructions as market_ix},
    pda,
};
use solana_pubkey::Pubkey;

impl Writer<'_> {
    pub(super) fn market(&self, action: &Action) -> Option<Draft> {
        match action {
            Action::Match {
                order,
                part,
                device,
                ..
            } => self.matching(order, *part, device),
            Action::SettleLeases { leases, .. } => {
                let settle = leases.iter().map(|(lease, _)| self.settle(lease));
                Draft::all(settle.collect::<Option<_>>()?)
            }
            Action::Relist { device } => {
                let view = self.view(device)?;
                let relist = market_ix::RelistDevice {
                    device_key: view.device.device_key,
                    device: *device,
                    class: view.device.class,
                    stake: pda::staking::stake(device),
                    book: self.book(device)?,
                    occupancy: pda::market::occupancy(device),
                };
                Some(Draft::of(relist.instruction()).signed_by(device))
            }
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
            Action::CloseVerdict { verdict } => {
                let account = self.snapshot.market.verdicts.get(verdict)?;
                let close = market_ix::CloseVerdict {
                    verdict: *verdict,
                    resolver: account.resolver,
                };
                Some(Draft::of(close.instruction()))
            }
            _ => self.order(action),
        }
    }

    fn order(&self, action: &Action) -> Option<Draft> {
        let (Action::ExpireOrder { order, .. }
        | Action::PriceAnew { order, .. }
        | Action::CloseOrder { order, .. }) = action
        else {
            return None;
        };
        let account = self.snapshot.orders.get(order)?;
        let escrow = pda::market::escrow(&account.mint);
        let order = *order;
        let instruction = match action {
            Action::PriceAnew { price, .. } => market_ix::PriceAnew {
                order,
                escrow,
                price_source: pda::token::price_source(),
                price: *price,
            }
            .instruction(),
            Action::CloseOrder { .. } => market_ix::CloseOrder {
                order,
                stats: pda::market::renter(&account.renter),
                renter: account.renter,
            }
            .instruction(),
            _ => market_ix::ExpireOrder { order, escrow }.instruction(),
        };
        Some(Draft::of(instruction))
    }

    /// The price book of a device's class.
    pub(super) fn book(&self, device: &Pubkey) -> Option<Pubkey> {
        let class_id = self.view(device)?.device.class_id;
        Some(pda::market::price_book(class_id))
    }

    /// Takes the device out of a match that holds nobody, where it is in one.
    fn matching(&self, order: &Pubkey, part: u8, device: &Pubkey) -> Option<Draft> {
        let account = self.snapshot.orders.get(order)?;
        let view = self.view(device)?;
        let held = match view.lease() {
            Some(address) => Some((address, self.snapshot.leases.get(&address)?)),
            None => None,
        };
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
            held_lease: held.map(|(address, _)| address),
            held_order: held.map(|(_, lease)| lease.order),
            held_payer: held.map(|(_, lease)| lease.payer),
            // What a dollar of IOSD is to the owner.
            line: (account.currency == currency::CREDIT).then(pda::market::credit_line),
            part,
        };
        Some(Draft::of(matching.instruction()).creating(market::Lease::SIZE))
    }
}
