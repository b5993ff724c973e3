//! What suppliers do, and how money leaves.

use iog_client::market::instructions::{
    ApplyResolver, CloseEarnings, CloseRenter, CloseVerdict, ListDevice, SetResolver,
};
use iog_client::market::ListingArgs;
use iog_tests::reference::{By, CREDIT};
use iog_tests::world::{PubkeyOf, CURRENCIES};
use iog_tests::Supplier;
use solana_pubkey::Pubkey;

use super::Signed;
use crate::action::Action;
use crate::machine::Machine;

impl Machine {
    pub fn of_device(&self, action: Action, d: usize) -> Signed {
        let (world, supplier) = (&self.world, &self.suppliers[d]);
        match action {
            Action::List(_, floor_usd6, currencies) => {
                let list = ListDevice {
                    args: ListingArgs {
                        floor_usd6,
                        currencies,
                    },
                    ..world.list_device_ix(supplier, 0)
                };
                (list.instruction(), Some(supplier.owner.insecure_clone()))
            }
            Action::Delist(_, by) => {
                let signer = match by {
                    By::Owner => &supplier.owner,
                    _ => &self.keeper,
                };
                let delist = world.delist_device_ix(&signer.pubkey_of(), supplier);
                (delist.instruction(), Some(signer.insecure_clone()))
            }
            _ => {
                let relist = world.relist_device_ix(supplier).instruction();
                (relist, Some(supplier.device_key.insecure_clone()))
            }
        }
    }

    /// A device of this owner.
    pub fn supplier_of(&self, owner: usize) -> &Supplier {
        let mut devices = self.model.devices.iter();
        let device = devices.position(|device| device.owner == owner);
        &self.suppliers[device.expect("every owner has a device")]
    }

    /// Payments, credit, accounts that close.
    pub fn of_owner(&self, action: Action) -> Signed {
        let world = &self.world;
        match action {
            Action::Withdraw(owner, currency) => {
                let supplier = self.supplier_of(owner);
                let withdraw = world.withdraw_earnings_ix(supplier, CURRENCIES[currency]);
                (withdraw.instruction(), None)
            }
            Action::Collect(currency) => {
                let collect = world.collect_fees_ix(CURRENCIES[currency]);
                (collect.instruction(), None)
            }
            Action::SettleCredit => (world.settle_credit_ix().instruction(), None),
            Action::Claim(owner, greedy) => {
                let supplier = self.supplier_of(owner);
                let due = self.model.owners[owner].due[CREDIT];
                let io = self.model.claimable(due);
                let claim = world.claim_credit_ix(supplier, io + u64::from(greedy));
                (claim.instruction(), Some(supplier.owner.insecure_clone()))
            }
            Action::Lie(owner, _) => {
                let supplier = self.supplier_of(owner);
                let claim = world.claim_credit_ix(supplier, 0);
                (claim.instruction(), Some(supplier.owner.insecure_clone()))
            }
            Action::Fund(most) => (world.fund_credit_ix(most).instruction(), None),
            Action::FundFromTreasury(most) => {
                (world.fund_from_treasury_ix(most).instruction(), None)
            }
            Action::PayCredit(owner) => {
                let pay = world.pay_credit_ix(self.supplier_of(owner));
                (pay.instruction(), None)
            }
            Action::UpdateCover => (world.update_cover_ix().instruction(), None),
            Action::ReleaseKept => (world.release_kept_ix().instruction(), None),
            _ => self.of_accounts(action),
        }
    }

    fn of_accounts(&self, action: Action) -> Signed {
        match action {
            Action::CloseRenter(index) => {
                let renter = &self.renters[index];
                let close = CloseRenter {
                    renter: renter.wallet.pubkey_of(),
                    stats: renter.stats,
                };
                (close.instruction(), Some(renter.wallet.insecure_clone()))
            }
            Action::CloseEarnings(owner, currency) => {
                let supplier = self.supplier_of(owner);
                let close = CloseEarnings {
                    owner: supplier.owner.pubkey_of(),
                    earnings: self.world.earnings_of(supplier, CURRENCIES[currency]),
                };
                (close.instruction(), Some(supplier.owner.insecure_clone()))
            }
            Action::CloseVerdict(index) => {
                let verdict = &self.model.verdicts[index];
                let close = CloseVerdict {
                    verdict: self.verdict(verdict),
                    resolver: self.resolver(verdict.resolver).pubkey_of(),
                };
                (close.instruction(), None)
            }
            Action::Resolver(who) => {
                let set = SetResolver {
                    authority: self.world.authority.pubkey_of(),
                    resolver: match who {
                        0 => Pubkey::default(),
                        who => self.resolver(who).pubkey_of(),
                    },
                };
                (set.instruction(), None)
            }
            Action::ApplyResolver => (ApplyResolver {}.instruction(), None),
            _ => unreachable!("{action:?} is no instruction of the market"),
        }
    }
}
