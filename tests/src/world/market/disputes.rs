//! Disputes.

use iog_client::market::instructions::{OpenDispute, ResolveByRule, ResolveDispute};
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::Renter;
use crate::world::{Meta, PubkeyOf, Supplier, World};

impl World {
    pub fn dispute_ix(&self, order: &Pubkey, supplier: &Supplier) -> OpenDispute {
        let renter = self.order(order).renter;
        OpenDispute {
            renter,
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            stats: pda::market::renter(&renter),
        }
    }

    pub fn dispute(&mut self, order: &Pubkey, renter: &Renter, supplier: &Supplier) -> Meta {
        let open = self.dispute_ix(order, supplier).instruction();
        self.must(open, &[&renter.wallet])
    }

    pub fn resolve_dispute_ix(
        &self,
        order: &Pubkey,
        supplier: &Supplier,
        to_supplier: u64,
    ) -> ResolveDispute {
        let books = self.order(order);
        ResolveDispute {
            signer: self.resolver.pubkey_of(),
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            escrow: pda::market::escrow(&books.mint),
            earnings: pda::market::earnings(&books.mint, &supplier.owner.pubkey_of()),
            stats: pda::market::renter(&books.renter),
            to_supplier,
        }
    }

    /// The resolver gives the supplier so much of what is disputed.
    pub fn resolve_dispute(
        &mut self,
        order: &Pubkey,
        supplier: &Supplier,
        to_supplier: u64,
    ) -> Meta {
        let resolver = self.resolver.insecure_clone();
        let resolve = self.resolve_dispute_ix(order, supplier, to_supplier);
        self.must(resolve.instruction(), &[&resolver])
    }

    pub fn resolve_by_rule_ix(&self, order: &Pubkey, supplier: &Supplier) -> ResolveByRule {
        let ResolveDispute {
            order,
            lease,
            occupancy,
            escrow,
            earnings,
            stats,
            ..
        } = self.resolve_dispute_ix(order, supplier, 0);
        ResolveByRule {
            signer: self.authority.pubkey_of(),
            order,
            lease,
            occupancy,
            escrow,
            earnings,
            stats,
        }
    }

    pub fn resolve_by_rule(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.resolve_by_rule_ix(order, supplier).instruction())
    }
}
