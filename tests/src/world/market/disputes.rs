//! Disputes.

use iog_client::market::instructions::{CloseVerdict, OpenDispute, ResolveByRule, ResolveDispute};
use iog_client::market::{Lease, MarketError, Verdict};
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::Renter;
use crate::world::{Meta, PubkeyOf, Supplier, World};

/// Hash of the evidence of a dispute, where a test is not about it.
const EVIDENCE: [u8; 32] = [6; 32];

/// 20 minutes in which the last slot is judged, and 6 hours.
const ANSWERS_SECS: i64 = 22_800;

/// Settlements of the longest lease of any test, and more.
const ROUNDS: u32 = 1_000;

impl World {
    pub fn dispute_ix(&self, order: &Pubkey, supplier: &Supplier) -> OpenDispute {
        let books = self.order(order);
        OpenDispute {
            renter: books.renter,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            escrow: pda::market::escrow(&books.mint),
            stats: pda::market::renter(&books.renter),
            evidence_hash: EVIDENCE,
        }
    }

    /// Opens a dispute, after adding what its deposit lacks.
    pub fn dispute(&mut self, order: &Pubkey, renter: &Renter, supplier: &Supplier) -> Meta {
        self.fund_dispute(order, renter, supplier);
        let open = self.dispute_ix(order, supplier).instruction();
        self.must(open, &[&renter.wallet])
    }

    /// Adds exactly what the deposit of a dispute opened now would lack; returns the deposit.
    pub fn fund_dispute(&mut self, order: &Pubkey, renter: &Renter, supplier: &Supplier) -> u64 {
        let mut tried = self.clone();
        let currency = self.currency_of(&self.order(order).mint);
        let all = self.balance(&renter.token_of(currency));
        tried.add_funds(order, renter, all);
        let open = tried.dispute_ix(order, supplier).instruction();
        tried.must(open, &[&renter.wallet]);
        let deposit = tried.lease(order, supplier).deposit_units;
        let books = self.order(order);
        let there = books.spare_units + books.refund_due_units;
        if deposit > there {
            self.add_funds(order, renter, deposit - there);
        }
        deposit
    }

    /// Lets the last slot pass of a lease that has ended, and judges what is left of it.
    pub fn judge_rest(&mut self, order: &Pubkey, supplier: &Supplier) {
        let end = self.lease_end(order, supplier);
        self.warp_to(end.max(self.now()));
        self.settle_while(order, supplier, |lease| lease.settled_until_ts < end);
    }

    /// Settles a lease for as long as it is so, through slots that still run. A program that never gets there fails the test instead of
    /// hanging it.
    pub(super) fn settle_while(
        &mut self,
        order: &Pubkey,
        supplier: &Supplier,
        pending: impl Fn(&Lease) -> bool,
    ) {
        for _ in 0..ROUNDS {
            if !pending(&self.lease(order, supplier)) {
                return;
            }
            self.settle_or_wait(order, supplier);
        }
        panic!("the lease is not done after {ROUNDS} settlements");
    }

    /// Settles a lease or, where nothing is due yet, waits for the end of the running slot.
    fn settle_or_wait(&mut self, order: &Pubkey, supplier: &Supplier) {
        let keeper = self.authority.insecure_clone();
        let settle = self.settle_lease_ix(order, supplier).instruction();
        match self.send(&[settle], &[&keeper]) {
            Ok(_) => {}
            Err(failure) if failure.code() == MarketError::NothingToSettle.into() => {
                let next = (self.now().div_euclid(600) + 1) * 600;
                self.warp_to(next);
            }
            Err(failure) => panic!("{failure:?}"),
        }
    }

    /// Where a lease ends.
    pub fn lease_end(&self, order: &Pubkey, supplier: &Supplier) -> i64 {
        let order_ends = self.order(order).end_ts;
        match self.lease(order, supplier).ends_ts {
            0 => order_ends,
            ends => ends.min(order_ends),
        }
    }

    pub fn resolve_dispute_ix(
        &self,
        order: &Pubkey,
        supplier: &Supplier,
        to_supplier: u64,
    ) -> ResolveDispute {
        let books = self.order(order);
        let lease = pda::market::lease(order, &supplier.device);
        ResolveDispute {
            resolver: self.resolver.pubkey_of(),
            order: *order,
            lease,
            occupancy: supplier.occupancy,
            escrow: pda::market::escrow(&books.mint),
            earnings: pda::market::earnings(&books.mint, &supplier.owner.pubkey_of()),
            stats: pda::market::renter(&books.renter),
            verdict: pda::market::verdict(&lease),
            to_supplier,
            disputed: self.in_dispute(order, supplier),
        }
    }

    /// Lets the time of answers pass, in which no resolver decides: 6 hours and 20 minutes from the opening on.
    pub fn pass_answers(&mut self, order: &Pubkey, supplier: &Supplier) {
        let from = self.lease(order, supplier).disputed_ts + ANSWERS_SECS;
        self.warp_to(from.max(self.now()));
    }

    /// The resolver gives the supplier so much of what is disputed, as soon as it may.
    pub fn resolve_dispute(
        &mut self,
        order: &Pubkey,
        supplier: &Supplier,
        to_supplier: u64,
    ) -> Meta {
        self.pass_answers(order, supplier);
        let resolver = self.resolver.insecure_clone();
        let resolve = self.resolve_dispute_ix(order, supplier, to_supplier);
        self.must(resolve.instruction(), &[&resolver])
    }

    pub fn resolve_by_rule_ix(&self, order: &Pubkey, supplier: &Supplier) -> ResolveByRule {
        let resolve = self.resolve_dispute_ix(order, supplier, 0);
        ResolveByRule {
            order: resolve.order,
            lease: resolve.lease,
            escrow: resolve.escrow,
            earnings: resolve.earnings,
            stats: resolve.stats,
        }
    }

    pub fn resolve_by_rule(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.resolve_by_rule_ix(order, supplier).instruction())
    }

    /// What the resolver decided about a lease.
    pub fn verdict(&self, order: &Pubkey, supplier: &Supplier) -> Verdict {
        let lease = pda::market::lease(order, &supplier.device);
        self.read(&pda::market::verdict(&lease))
    }

    pub fn close_verdict_ix(&self, order: &Pubkey, supplier: &Supplier) -> CloseVerdict {
        let lease = pda::market::lease(order, &supplier.device);
        CloseVerdict {
            verdict: pda::market::verdict(&lease),
            resolver: self.verdict(order, supplier).resolver,
        }
    }
}
