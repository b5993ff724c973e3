//! Orders and leases.

use super::{Draft, Writer};
use crate::{action::Action, fetch::token_account};
use iog_client::{
    market::{self, instructions as market_ix, Lease, Order},
    pda,
};
use solana_pubkey::Pubkey;

impl Writer<'_> {
    pub(super) fn market(&self, action: &Action) -> Option<Draft> {
        match action {
            Action::Accept { lease, .. } => {
                let (account, _) = self.snapshot.lease(lease)?;
                let view = self.view(&account.device)?;
                let accept = market_ix::Accept {
                    device_key: view.device.device_key,
                    device: account.device,
                    order: account.order,
                    lease: *lease,
                };
                Some(Draft::of(accept.instruction()).signed_by(&account.device))
            }
            Action::Match { order, device, .. } => self.matching(order, device),
            Action::SettleLease { lease, .. } => {
                let (account, order) = self.snapshot.lease(lease)?;
                Some(self.settle_lease(lease, account, order))
            }
            Action::ExpireOrder { order, .. } => {
                let account = self.snapshot.orders.get(order)?;
                let mint = account.mint;
                let expire = market_ix::ExpireOrder {
                    order: *order,
                    escrow: pda::market::escrow(&mint),
                    vault: pda::market::vault(&mint),
                    mint,
                    renter_token: token_account(&account.renter, &mint),
                };
                Some(self.paying(expire.instruction(), &mint, &[account.renter]))
            }
            Action::CloseLease { lease, .. } => {
                let (account, _) = self.snapshot.lease(lease)?;
                let close = market_ix::CloseLease {
                    order: account.order,
                    lease: *lease,
                    occupancy: pda::market::occupancy(&account.device),
                    payer: account.payer,
                };
                Some(Draft::of(close.instruction()))
            }
            Action::CloseOrder { order, .. } => {
                let account = self.snapshot.orders.get(order)?;
                let mint = account.mint;
                let close = market_ix::CloseOrder {
                    order: *order,
                    renter: account.renter,
                    escrow: pda::market::escrow(&mint),
                    vault: pda::market::vault(&mint),
                    mint,
                    renter_token: token_account(&account.renter, &mint),
                };
                Some(self.paying(close.instruction(), &mint, &[account.renter]))
            }
            _ => None,
        }
    }

    fn matching(&self, order: &Pubkey, device: &Pubkey) -> Option<Draft> {
        let view = self.view(device)?;
        let matching = market_ix::MatchDevice {
            keeper: *self.payer,
            order: *order,
            device: *device,
            class: view.device.class,
            stake: pda::staking::stake(device),
            occupancy: pda::market::occupancy(device),
            lease: pda::market::lease(order, device),
        };
        let draft = Draft::of(matching.instruction()).creating(market::Lease::SIZE);
        Some(match view.occupancy {
            Some(_) => draft,
            None => draft.creating(market::Occupancy::SIZE),
        })
    }

    fn settle_lease(&self, address: &Pubkey, lease: &Lease, order: &Order) -> Draft {
        let mint = order.mint;
        let settle = market_ix::Settle {
            order: lease.order,
            lease: *address,
            device: lease.device,
            occupancy: pda::market::occupancy(&lease.device),
            escrow: pda::market::escrow(&mint),
            vault: pda::market::vault(&mint),
            mint,
            supplier_token: token_account(&lease.owner, &mint),
            renter_token: token_account(&order.renter, &mint),
            treasury_config: pda::treasury::config(),
            fees: pda::treasury::fees(&mint),
            fee_vault: pda::treasury::vault(&mint),
        };
        self.paying(settle.instruction(), &mint, &[lease.owner, order.renter])
    }
}
