//! What is done to leases.

use iog_client::market::instructions::{
    Decline, LeaveLease, MatchDevice, ReportTimeout, ResolveDispute,
};
use iog_tests::reference::{By, Match};
use iog_tests::world::{receipt_key, PubkeyOf, Receipt};
use iog_tests::Supplier;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::Signed;
use crate::action::Action;
use crate::machine::Machine;

impl Machine {
    /// The key of whoever does something to a lease.
    fn key(&self, id: u64, supplier: &Supplier, by: By) -> Keypair {
        let key = match by {
            By::Renter => &self.renters[self.model.orders[&id].renter].wallet,
            By::Keeper => &self.keeper,
            By::Owner => &supplier.owner,
            By::Device => &supplier.device_key,
        };
        key.insecure_clone()
    }

    pub fn matching(&self, wanted: Match) -> Signed {
        let supplier = &self.suppliers[wanted.device];
        let order = self.order(wanted.order);
        let part = u8::try_from(wanted.part).unwrap();
        let signer = self.key(wanted.order, supplier, wanted.by);
        let matching = if wanted.displaces {
            self.world.displace_ix(&order, supplier, part)
        } else {
            self.world.match_part_ix(&order, supplier, part)
        };
        let matching = MatchDevice {
            keeper: signer.pubkey_of(),
            ..matching
        };
        (matching.instruction(), Some(signer))
    }

    pub fn of_lease(&self, action: Action, id: u64, d: usize) -> Signed {
        let (world, order, supplier) = (&self.world, self.order(id), &self.suppliers[d]);
        match action {
            Action::Accept(..) => {
                let key = supplier.device_key.insecure_clone();
                (world.accept_ix(&order, supplier).instruction(), Some(key))
            }
            Action::Decline(_, _, by) => {
                let signer = self.key(id, supplier, by);
                let decline = Decline {
                    signer: signer.pubkey_of(),
                    ..world.decline_ix(&order, supplier)
                };
                (decline.instruction(), Some(signer))
            }
            Action::Settle(..) => (world.settle_lease_ix(&order, supplier).instruction(), None),
            Action::Skip(..) => (world.skip_ix(&order, supplier).instruction(), None),
            _ => (world.close_lease_ix(&order, supplier).instruction(), None),
        }
    }

    pub fn of_quarrel(&self, action: Action, id: u64, d: usize) -> Signed {
        let (world, order, supplier) = (&self.world, self.order(id), &self.suppliers[d]);
        match action {
            Action::Timeout(..) => {
                let report = ReportTimeout {
                    signer: self.keeper.pubkey_of(),
                    ..world.timeout_ix(&order, supplier)
                };
                (report.instruction(), Some(self.keeper.insecure_clone()))
            }
            Action::Leave(_, _, by) => {
                let signer = self.key(id, supplier, by);
                let leave = LeaveLease {
                    signer: signer.pubkey_of(),
                    ..world.leave_lease_ix(&order, supplier)
                };
                (leave.instruction(), Some(signer))
            }
            Action::Dispute(..) => {
                let open = world.dispute_ix(&order, supplier);
                let renter = self.key(id, supplier, By::Renter);
                (open.instruction(), Some(renter))
            }
            Action::Resolve(_, _, to_supplier, disputed, who) => {
                let resolver = self.resolver(who);
                let resolve = ResolveDispute {
                    resolver: resolver.pubkey_of(),
                    disputed,
                    ..world.resolve_dispute_ix(&order, supplier, to_supplier)
                };
                (resolve.instruction(), Some(resolver))
            }
            Action::Answer(..) => (world.answer_ix(&order, supplier).instruction(), None),
            _ => (
                world.resolve_by_rule_ix(&order, supplier).instruction(),
                None,
            ),
        }
    }

    /// The receipt that is checked before an answer.
    pub fn receipt(&self, action: Action) -> Option<Instruction> {
        let Action::Answer(id, device, first_slot, pattern) = action else {
            return None;
        };
        let (order, supplier) = (self.order(id), &self.suppliers[device]);
        let receipt = Receipt {
            slots: [pattern; 18],
            ..self.world.receipt_of(&order, supplier, first_slot, [])
        };
        Some(receipt.check(&receipt_key()))
    }
}
