//! A lease from its match to its end.

use iog_client::market::accounts::{Earnings, Lease, Occupancy, Order};
use iog_client::market::instructions::{
    Accept, CloseLease, LeaveLease, MatchDevice, ReportTimeout, Settle, SkipDevice,
};
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::Currency;
use crate::world::{Meta, PubkeyOf, Supplier, World};

/// Seconds of a heartbeat's interval.
const BEAT: i64 = 600;

impl World {
    pub fn match_ix(&self, order: &Pubkey, supplier: &Supplier) -> MatchDevice {
        let mint = self.read::<Order>(order).mint;
        MatchDevice {
            keeper: self.authority.pubkey_of(),
            order: *order,
            device: supplier.device,
            class: supplier.class,
            book: supplier.price_book(),
            stake: supplier.stake,
            occupancy: supplier.occupancy,
            earnings: pda::market::earnings(&mint, &supplier.owner.pubkey_of()),
            lease: pda::market::lease(order, &supplier.device),
        }
    }

    pub fn match_device(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.match_ix(order, supplier).instruction())
    }

    pub fn accept_ix(&self, order: &Pubkey, supplier: &Supplier) -> Accept {
        Accept {
            device_key: supplier.device_key.pubkey_of(),
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
        }
    }

    pub fn accept(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        let payer = self.authority.insecure_clone();
        let accept = self.accept_ix(order, supplier).instruction();
        self.must(accept, &[&payer, &supplier.device_key])
    }

    pub fn lease(&self, order: &Pubkey, supplier: &Supplier) -> Lease {
        self.read(&pda::market::lease(order, &supplier.device))
    }

    pub fn occupancy(&self, supplier: &Supplier) -> Occupancy {
        self.read(&supplier.occupancy)
    }

    pub fn earnings(&self, supplier: &Supplier, currency: Currency) -> Earnings {
        self.read(&self.earnings_of(supplier, currency))
    }

    /// What a supplier has earned in IO, withdrawn or not.
    pub fn earned(&self, supplier: &Supplier) -> u64 {
        let earnings = self.earnings(supplier, Currency::Io);
        earnings.due_units + earnings.withdrawn_units
    }

    pub fn settle_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> Settle {
        let books = self.read::<Order>(order);
        Settle {
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            device: supplier.device,
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            escrow: pda::market::escrow(&books.mint),
            earnings: pda::market::earnings(&books.mint, &supplier.owner.pubkey_of()),
            stats: pda::market::renter(&books.renter),
        }
    }

    /// Books the hours that have ended; what is earned is withdrawn by [`World::withdraw`].
    pub fn settle_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.settle_lease_ix(order, supplier).instruction())
    }

    pub fn skip_ix(&self, order: &Pubkey, supplier: &Supplier) -> SkipDevice {
        let lease = pda::market::lease(order, &supplier.device);
        SkipDevice {
            order: *order,
            lease,
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            payer: self.read::<Lease>(&lease).payer,
        }
    }

    pub fn skip_device(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.skip_ix(order, supplier).instruction())
    }

    pub fn timeout_ix(&self, order: &Pubkey, supplier: &Supplier) -> ReportTimeout {
        ReportTimeout {
            signer: self.authority.pubkey_of(),
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
        }
    }

    pub fn report_timeout(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.timeout_ix(order, supplier).instruction())
    }

    pub fn leave_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> LeaveLease {
        LeaveLease {
            signer: supplier.owner.pubkey_of(),
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
        }
    }

    pub fn leave_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        let leave = self.leave_lease_ix(order, supplier).instruction();
        self.must(leave, &[&supplier.owner])
    }

    pub fn close_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> CloseLease {
        let lease = pda::market::lease(order, &supplier.device);
        CloseLease {
            order: *order,
            lease,
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            payer: self.read::<Lease>(&lease).payer,
        }
    }

    pub fn close_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.close_lease_ix(order, supplier).instruction())
    }

    /// Sends `beats` heartbeats of each device, one in each ten minutes from now, and ends 3,600 seconds from now.
    pub fn serve_hour(&mut self, suppliers: &[&Supplier], beats: i64) {
        let start = self.now();
        for beat in 0..beats {
            self.set_time(start + beat * BEAT);
            for supplier in suppliers {
                self.heartbeat(supplier);
            }
        }
        self.set_time(start + 3_600);
    }
}
