//! Renters and their orders.

use iog_client::market::accounts::{Escrow, Lease, Order};
use iog_client::market::instructions::{
    Accept, CloseLease, CloseOrder, CreateOrder, EndEarly, ExpireOrder, MatchDevice, Settle,
};
use iog_client::market::OrderArgs;
use iog_client::pda;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::{ata, Meta, PubkeyOf, Supplier, World};

/// What a renter's wallet is given: 20,000 IO.
const RENTER_IO: u64 = 2_000_000_000_000;
/// Seconds of a heartbeat's interval.
const BEAT: i64 = 600;

/// A wallet that books GPUs.
pub struct Renter {
    pub wallet: Keypair,
    /// The wallet's account for IO.
    pub token: Pubkey,
}

impl Clone for Renter {
    fn clone(&self) -> Self {
        Self {
            wallet: self.wallet.insecure_clone(),
            token: self.token,
        }
    }
}

/// An order that any device of the class meets, at any price.
pub fn order_args(id: u64, gpus: u32, hours: u32) -> OrderArgs {
    OrderArgs {
        id,
        gpus,
        hours,
        max_total: u64::MAX,
        min_tier: 0,
        countries: [[0; 2]; 8],
        engineer_key: Pubkey::new_from_array([7; 32]),
        image_hash: [8; 32],
        command_hash: [9; 32],
    }
}

impl World {
    /// A wallet with 20,000 IO.
    pub fn renter(&mut self) -> Renter {
        let wallet = self.wallet();
        let token = self.give_io(&wallet.pubkey_of(), RENTER_IO);
        Renter { wallet, token }
    }

    pub fn create_order_ix(&self, renter: &Renter, class_id: u16, args: OrderArgs) -> CreateOrder {
        let wallet = renter.wallet.pubkey_of();
        CreateOrder {
            renter: wallet,
            class: pda::registry::class(class_id),
            price_source: pda::token::price_source(),
            price: self.price,
            order: pda::market::order(&wallet, args.id),
            escrow: pda::market::escrow(&self.io),
            vault: pda::market::vault(&self.io),
            renter_token: renter.token,
            mint: self.io,
            args,
        }
    }

    /// Creates an order at a fresh price of 0.25 USD.
    pub fn book(&mut self, renter: &Renter, class_id: u16, args: OrderArgs) -> Pubkey {
        self.post_price(25_000_000);
        let create = self.create_order_ix(renter, class_id, args);
        self.must(create.instruction(), &[&renter.wallet]);
        create.order
    }

    pub fn match_ix(&self, order: &Pubkey, supplier: &Supplier) -> MatchDevice {
        MatchDevice {
            keeper: self.authority.pubkey_of(),
            order: *order,
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            occupancy: supplier.occupancy,
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
        }
    }

    pub fn accept(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        let payer = self.authority.insecure_clone();
        let accept = self.accept_ix(order, supplier).instruction();
        self.must(accept, &[&payer, &supplier.device_key])
    }

    /// An order that runs from now on, on these devices of one GPU each.
    pub fn running(
        &mut self,
        renter: &Renter,
        id: u64,
        hours: u32,
        suppliers: &[&Supplier],
    ) -> Pubkey {
        let gpus = u32::try_from(suppliers.len()).expect("a few devices");
        let order = self.book(renter, suppliers[0].class_id, order_args(id, gpus, hours));
        for supplier in suppliers {
            self.match_device(&order, supplier);
        }
        for supplier in suppliers {
            self.accept(&order, supplier);
        }
        order
    }

    pub fn settle_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> Settle {
        let renter = self.read::<Order>(order).renter;
        Settle {
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            device: supplier.device,
            occupancy: supplier.occupancy,
            escrow: pda::market::escrow(&self.io),
            vault: pda::market::vault(&self.io),
            mint: self.io,
            supplier_token: supplier.owner_token,
            renter_token: ata(&renter, &self.io),
            treasury_config: pda::treasury::config(),
            fees: pda::treasury::fees(&self.io),
            fee_vault: pda::treasury::vault(&self.io),
        }
    }

    pub fn settle_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.settle_lease_ix(order, supplier).instruction())
    }

    pub fn end_early_ix(&self, order: &Pubkey) -> EndEarly {
        let renter = self.read::<Order>(order).renter;
        EndEarly {
            renter,
            order: *order,
            escrow: pda::market::escrow(&self.io),
            vault: pda::market::vault(&self.io),
            mint: self.io,
            renter_token: ata(&renter, &self.io),
        }
    }

    pub fn end_early(&mut self, order: &Pubkey, renter: &Renter) -> Meta {
        let end = self.end_early_ix(order).instruction();
        self.must(end, &[&renter.wallet])
    }

    pub fn expire_ix(&self, order: &Pubkey) -> ExpireOrder {
        ExpireOrder {
            order: *order,
            escrow: pda::market::escrow(&self.io),
            vault: pda::market::vault(&self.io),
            mint: self.io,
            renter_token: ata(&self.read::<Order>(order).renter, &self.io),
        }
    }

    pub fn expire_order(&mut self, order: &Pubkey) -> Meta {
        self.govern(self.expire_ix(order).instruction())
    }

    pub fn close_lease_ix(&self, order: &Pubkey, supplier: &Supplier) -> CloseLease {
        let lease = pda::market::lease(order, &supplier.device);
        CloseLease {
            order: *order,
            lease,
            occupancy: supplier.occupancy,
            payer: self.read::<Lease>(&lease).payer,
        }
    }

    pub fn close_lease(&mut self, order: &Pubkey, supplier: &Supplier) -> Meta {
        self.govern(self.close_lease_ix(order, supplier).instruction())
    }

    pub fn close_order_ix(&self, order: &Pubkey) -> CloseOrder {
        let renter = self.read::<Order>(order).renter;
        CloseOrder {
            order: *order,
            renter,
            escrow: pda::market::escrow(&self.io),
            vault: pda::market::vault(&self.io),
            mint: self.io,
            renter_token: ata(&renter, &self.io),
        }
    }

    pub fn close_order(&mut self, order: &Pubkey) -> Meta {
        self.govern(self.close_order_ix(order).instruction())
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

    /// Panics unless what was deposited is all accounted for, in the order and in the currency's books.
    pub fn check_order_books(&self, order: &Pubkey) {
        let books = self.read::<Order>(order);
        assert_eq!(
            books.deposited_units,
            books.paid_units + books.refunded_units + books.fee_units + books.escrowed_units,
            "the order's books"
        );
        self.check_escrow();
    }

    /// Panics unless the escrow's books add up and the vault holds what is escrowed.
    pub fn check_escrow(&self) {
        let escrow = self.read::<Escrow>(&pda::market::escrow(&self.io));
        assert_eq!(
            escrow.deposited_units,
            escrow.paid_units + escrow.refunded_units + escrow.fee_units + escrow.escrowed_units,
            "the escrow's books"
        );
        assert!(self.balance(&pda::market::vault(&self.io)) >= escrow.escrowed_units);
    }
}
