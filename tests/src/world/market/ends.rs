//! How an order ends.

use iog_client::market::accounts::Lease;
use iog_client::market::instructions::{CancelOrder, CloseOrder, EndEarly, ExpireOrder};
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::Renter;
use crate::world::{Meta, Supplier, World};

/// A lease that has hours to work through or something held.
fn owes(lease: &Lease) -> bool {
    lease.state == 1 || lease.released_count < lease.settled_count
}

impl World {
    pub fn end_early_ix(&self, order: &Pubkey) -> EndEarly {
        let books = self.order(order);
        EndEarly {
            renter: books.renter,
            order: *order,
            escrow: pda::market::escrow(&books.mint),
        }
    }

    pub fn end_early(&mut self, order: &Pubkey, renter: &Renter) -> Meta {
        let end = self.end_early_ix(order).instruction();
        self.must(end, &[&renter.wallet])
    }

    pub fn cancel_ix(&self, order: &Pubkey) -> CancelOrder {
        let books = self.order(order);
        CancelOrder {
            renter: books.renter,
            order: *order,
            escrow: pda::market::escrow(&books.mint),
        }
    }

    pub fn cancel_order(&mut self, order: &Pubkey, renter: &Renter) -> Meta {
        let cancel = self.cancel_ix(order).instruction();
        self.must(cancel, &[&renter.wallet])
    }

    pub fn expire_ix(&self, order: &Pubkey) -> ExpireOrder {
        ExpireOrder {
            order: *order,
            escrow: pda::market::escrow(&self.order(order).mint),
        }
    }

    pub fn expire_order(&mut self, order: &Pubkey) -> Meta {
        self.govern(self.expire_ix(order).instruction())
    }

    pub fn close_order_ix(&self, order: &Pubkey) -> CloseOrder {
        let renter = self.order(order).renter;
        CloseOrder {
            order: *order,
            stats: pda::market::renter(&renter),
            renter,
        }
    }

    pub fn close_order(&mut self, order: &Pubkey) -> Meta {
        self.govern(self.close_order_ix(order).instruction())
    }

    /// Settles, closes and pays out an order that is over, after its last slot and its last dispute window; its leases are those of these
    /// devices.
    pub fn wind_up(&mut self, order: &Pubkey, suppliers: &[&Supplier]) {
        let books = self.order(order);
        if books.started_ts > 0 {
            let released = books.end_ts + i64::from(books.dispute_secs);
            self.warp_to(released.max(self.now()));
            for supplier in suppliers {
                self.settle_while(order, supplier, owes);
            }
        }
        for supplier in suppliers {
            self.close_lease(order, supplier);
        }
        self.refund_rest(order);
        self.close_order(order);
    }
}
