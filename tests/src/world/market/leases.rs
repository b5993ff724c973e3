//! A lease from its match to its end.

use iog_client::market::accounts::{Earnings, Lease, Occupancy, Order};
use iog_client::market::instructions::{
    Accept, CloseLease, Decline, LeaveLease, MatchDevice, ReportTimeout, Settle, SkipDevice,
};
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::Currency;
use crate::world::{Meta, PubkeyOf, Supplier, World};

/// Seconds of a heartbeat's interval.
const BEAT: i64 = 600;
/// For so long only the renter matches.
const RENTER_MATCH_SECS: i64 = 30;

impl World {
    /// A match to the order's first part.
    pub fn match_ix(&self, order: &Pubkey, supplier: &Supplier) -> MatchDevice {
        self.match_part_ix(order, supplier, 0)
    }

    /// A match to a part, by the renter in the order's first 30 seconds and by the network's authority later.
    pub fn match_part_ix(&self, order: &Pubkey, supplier: &Supplier, part: u8) -> MatchDevice {
        let books = self.read::<Order>(order);
        let first = self.now() - books.created_ts < RENTER_MATCH_SECS;
        MatchDevice {
            keeper: if first {
                books.renter
            } else {
                self.authority.pubkey_of()
            },
            order: *order,
            device: supplier.device,
            class: supplier.class,
            book: supplier.price_book(),
            stake: supplier.stake,
            occupancy: supplier.occupancy,
            earnings: pda::market::earnings(&books.mint, &supplier.owner.pubkey_of()),
            lease: pda::market::lease(order, &supplier.device),
            held_lease: None,
            held_order: None,
            held_payer: None,
            line: (books.currency == 2).then(pda::market::credit_line),
            part,
        }
    }

    /// A match that takes the device out of the one that it is in.
    pub fn displace_ix(&self, order: &Pubkey, supplier: &Supplier, part: u8) -> MatchDevice {
        let held = self.occupancy(supplier).lease;
        let lease = self.read::<Lease>(&held);
        MatchDevice {
            held_lease: Some(held),
            held_order: Some(lease.order),
            held_payer: Some(lease.payer),
            ..self.match_part_ix(order, supplier, part)
        }
    }

    /// Matches a device that is made ready for it ([`World::make_ready`]).
    pub fn match_device(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.match_part(order, supplier, 0)
    }

    /// The same to a part.
    pub fn match_part(&mut self, order: &Pubkey, supplier: &Supplier, part: u8) -> Meta {
        self.make_ready(supplier);
        let matched = self.match_part_ix(order, supplier, part);
        let keeper = self.key_of(&matched.keeper);
        self.must(matched.instruction(), &[&keeper])
    }

    /// Matches all of these devices, and lets all of them accept.
    pub fn fill(&mut self, order: &Pubkey, suppliers: &[&Supplier]) {
        for supplier in suppliers {
            self.match_device(order, supplier);
        }
        self.accept_all(order, suppliers);
    }

    pub fn accept_all(&mut self, order: &Pubkey, suppliers: &[&Supplier]) {
        for supplier in suppliers {
            self.accept(order, supplier);
        }
    }

    pub fn accept_ix(&self, order: &Pubkey, supplier: &Supplier) -> Accept {
        let mint = self.read::<Order>(order).mint;
        Accept {
            device_key: supplier.device_key.pubkey_of(),
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            earnings: pda::market::earnings(&mint, &supplier.owner.pubkey_of()),
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
            signer: self.authority.pubkey_of(),
            order: *order,
            lease,
            device: supplier.device,
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            payer: self.read::<Lease>(&lease).payer,
        }
    }

    pub fn skip_device(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.skip_ix(order, supplier).instruction())
    }

    pub fn decline_ix(&self, order: &Pubkey, supplier: &Supplier) -> Decline {
        let skip = self.skip_ix(order, supplier);
        Decline {
            signer: supplier.device_key.pubkey_of(),
            order: skip.order,
            lease: skip.lease,
            device: skip.device,
            occupancy: skip.occupancy,
            book: skip.book,
            payer: skip.payer,
        }
    }

    pub fn decline(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        let payer = self.authority.insecure_clone();
        let decline = self.decline_ix(order, supplier).instruction();
        self.must(decline, &[&payer, &supplier.device_key])
    }

    pub fn timeout_ix(&self, order: &Pubkey, supplier: &Supplier) -> ReportTimeout {
        ReportTimeout {
            signer: self.authority.pubkey_of(),
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            escrow: pda::market::escrow(&self.read::<Order>(order).mint),
        }
    }

    pub fn report_timeout(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.timeout_ix(order, supplier).instruction())
    }

    /// The owner leaves; with the device's key as `signer` the device does.
    pub fn leave_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> LeaveLease {
        LeaveLease {
            signer: supplier.owner.pubkey_of(),
            device: supplier.device,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            escrow: pda::market::escrow(&self.read::<Order>(order).mint),
        }
    }

    pub fn leave_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        let leave = self.leave_lease_ix(order, supplier).instruction();
        self.must(leave, &[&supplier.owner])
    }

    pub fn close_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> CloseLease {
        let lease = pda::market::lease(order, &supplier.device);
        let mint = self.read::<Order>(order).mint;
        CloseLease {
            order: *order,
            lease,
            device: supplier.device,
            occupancy: supplier.occupancy,
            book: supplier.price_book(),
            escrow: pda::market::escrow(&mint),
            earnings: pda::market::earnings(&mint, &supplier.owner.pubkey_of()),
            payer: self.read::<Lease>(&lease).payer,
        }
    }

    pub fn close_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.close_lease_ix(order, supplier).instruction())
    }

    /// Sends heartbeats of each device in the first `beats` slots that begin in the hour from now on, and ends 3,600 seconds from now.
    pub fn serve_hour(&mut self, suppliers: &[&Supplier], beats: i64) {
        let start = self.now();
        let first = (start + BEAT - 1).div_euclid(BEAT) * BEAT;
        for beat in 0..beats {
            self.warp_to(first + beat * BEAT);
            for supplier in suppliers {
                self.heartbeat(supplier);
            }
        }
        self.warp_to(start + 3_600);
    }
}
