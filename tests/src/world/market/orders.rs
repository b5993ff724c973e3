//! An order from its booking to its end.

use iog_client::market::accounts::Order;
use iog_client::market::instructions::{
    CancelOrder, CloseOrder, CreateCreditOrder, CreateOrder, EndEarly, ExpireOrder, Extend,
    ExtendCredit, PriceAnew, Reduce,
};
use iog_client::market::{ExtendArgs, OrderArgs};
use iog_client::pda;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use super::{order_args, Currency, Renter};
use crate::world::{iosd_ata, Meta, PubkeyOf, Supplier, World};

/// The price of IO that orders are made at: 0.25 USD, in 10^-8 USD.
const QUARTER: i64 = 25_000_000;

impl World {
    /// An order in IO of this class first.
    pub fn create_order_ix(&self, renter: &Renter, class_id: u16, args: OrderArgs) -> CreateOrder {
        self.token_order_ix(Currency::Io, renter, class_id, args)
    }

    /// An order in IO or US dollars, without the accounts of further parts.
    pub fn token_order_ix(
        &self,
        currency: Currency,
        renter: &Renter,
        class_id: u16,
        mut args: OrderArgs,
    ) -> CreateOrder {
        let wallet = renter.wallet.pubkey_of();
        let mint = self.mint_of(currency);
        args.parts[0].class_id = class_id;
        CreateOrder {
            renter: wallet,
            class: pda::registry::class(class_id),
            book: pda::market::price_book(class_id),
            price_source: pda::token::price_source(),
            price: self.price,
            stats: renter.stats,
            order: pda::market::order(&wallet, args.id),
            escrow: pda::market::escrow(&mint),
            vault: pda::market::vault(&mint),
            renter_token: renter.token_of(currency),
            mint,
            args,
        }
    }

    /// An order in IOSD.
    pub fn credit_order_ix(
        &self,
        renter: &Renter,
        class_id: u16,
        mut args: OrderArgs,
    ) -> CreateCreditOrder {
        let wallet = renter.wallet.pubkey_of();
        args.parts[0].class_id = class_id;
        CreateCreditOrder {
            renter: wallet,
            class: pda::registry::class(class_id),
            book: pda::market::price_book(class_id),
            stats: renter.stats,
            order: pda::market::order(&wallet, args.id),
            escrow: self.escrow_of(Currency::Iosd),
            minter: self.market_minter(),
            token_config: pda::token::config(),
            iosd_mint: pda::token::iosd_mint(),
            renter_token: renter.iosd,
            args,
        }
    }

    /// The instruction that books in a currency, with the accounts of further parts.
    pub fn book_ix(
        &self,
        currency: Currency,
        renter: &Renter,
        class_id: u16,
        args: OrderArgs,
    ) -> Instruction {
        let further = args.parts[1..].iter().filter(|part| part.gpus > 0);
        let further: Vec<u16> = further.map(|part| part.class_id).collect();
        let create = match currency {
            Currency::Iosd => self.credit_order_ix(renter, class_id, args).instruction(),
            _ => self
                .token_order_ix(currency, renter, class_id, args)
                .instruction(),
        };
        with_classes(create, &further)
    }

    /// Creates an order in IO at a fresh price of 0.25 USD.
    pub fn book(&mut self, renter: &Renter, class_id: u16, args: OrderArgs) -> Pubkey {
        self.book_in(Currency::Io, renter, class_id, args)
    }

    /// Creates an order in a currency, at a fresh price of 0.25 USD where it is IO.
    pub fn book_in(
        &mut self,
        currency: Currency,
        renter: &Renter,
        class_id: u16,
        args: OrderArgs,
    ) -> Pubkey {
        if currency == Currency::Io {
            self.post_price(QUARTER);
        }
        let order = pda::market::order(&renter.wallet.pubkey_of(), args.id);
        let create = self.book_ix(currency, renter, class_id, args);
        self.must(create, &[&renter.wallet]);
        order
    }

    /// An order in IO that runs from now on, on all GPUs of these devices.
    pub fn running(
        &mut self,
        renter: &Renter,
        id: u64,
        hours: u32,
        suppliers: &[&Supplier],
    ) -> Pubkey {
        self.running_in(Currency::Io, renter, id, hours, suppliers)
    }

    /// The same in any currency.
    pub fn running_in(
        &mut self,
        currency: Currency,
        renter: &Renter,
        id: u64,
        hours: u32,
        suppliers: &[&Supplier],
    ) -> Pubkey {
        let gpus = suppliers.iter().map(|supplier| self.gpus(supplier)).sum();
        let args = order_args(id, gpus, hours);
        let order = self.book_in(currency, renter, suppliers[0].class_id, args);
        self.fill(&order, suppliers);
        order
    }

    /// GPUs of a device.
    pub fn gpus(&self, supplier: &Supplier) -> u32 {
        self.device(supplier).quantity
    }

    pub fn order(&self, order: &Pubkey) -> Order {
        self.read(order)
    }

    /// An extension of an order in IO or US dollars, without the accounts of further parts.
    pub fn extend_ix(&self, order: &Pubkey, hours: u32, max_total: u64) -> Extend {
        let books = self.order(order);
        let class_id = books.parts[0].class_id;
        let mint = books.mint;
        Extend {
            renter: books.renter,
            class: pda::registry::class(class_id),
            book: pda::market::price_book(class_id),
            price_source: pda::token::price_source(),
            price: self.price,
            order: *order,
            escrow: pda::market::escrow(&mint),
            vault: pda::market::vault(&mint),
            renter_token: crate::world::ata(&books.renter, &mint),
            mint,
            args: ExtendArgs { hours, max_total },
        }
    }

    /// An extension of an order in IOSD.
    pub fn extend_credit_ix(&self, order: &Pubkey, hours: u32, max_total: u64) -> ExtendCredit {
        let books = self.order(order);
        let class_id = books.parts[0].class_id;
        ExtendCredit {
            renter: books.renter,
            class: pda::registry::class(class_id),
            book: pda::market::price_book(class_id),
            order: *order,
            escrow: pda::market::escrow(&books.mint),
            minter: self.market_minter(),
            token_config: pda::token::config(),
            iosd_mint: pda::token::iosd_mint(),
            renter_token: iosd_ata(&books.renter),
            args: ExtendArgs { hours, max_total },
        }
    }

    /// Extends an order in its currency; in IO at the price that is posted.
    pub fn extend(&mut self, order: &Pubkey, renter: &Renter, hours: u32) -> Meta {
        let books = self.order(order);
        let extend = match books.currency {
            2 => self.extend_credit_ix(order, hours, u64::MAX).instruction(),
            _ => self.extend_ix(order, hours, u64::MAX).instruction(),
        };
        let further = books.parts[1..].iter().filter(|part| part.gpus > 0);
        let further: Vec<u16> = further.map(|part| part.class_id).collect();
        self.must(with_classes(extend, &further), &[&renter.wallet])
    }

    pub fn price_anew_ix(&self, order: &Pubkey) -> PriceAnew {
        PriceAnew {
            order: *order,
            escrow: pda::market::escrow(&self.order(order).mint),
            price_source: pda::token::price_source(),
            price: self.price,
        }
    }

    /// Takes IO for a dollar anew, at the price that is posted.
    pub fn price_anew(&mut self, order: &Pubkey) -> Meta {
        self.govern(self.price_anew_ix(order).instruction())
    }

    pub fn reduce_ix(&self, order: &Pubkey, part: u8, gpus: u32) -> Reduce {
        let books = self.order(order);
        Reduce {
            renter: books.renter,
            order: *order,
            escrow: pda::market::escrow(&books.mint),
            part,
            gpus,
        }
    }

    pub fn reduce(&mut self, order: &Pubkey, renter: &Renter, part: u8, gpus: u32) -> Meta {
        let reduce = self.reduce_ix(order, part, gpus).instruction();
        self.must(reduce, &[&renter.wallet])
    }

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

    /// A lease that has hours to work through or something held.
    fn owes(&self, order: &Pubkey, supplier: &Supplier) -> bool {
        let lease = self.lease(order, supplier);
        lease.state == 1 || lease.released_count < lease.settled_count
    }

    /// Settles, closes and pays out an order that is over, after its last slot and its last dispute window; its leases are those of these
    /// devices.
    pub fn wind_up(&mut self, order: &Pubkey, suppliers: &[&Supplier]) {
        let books = self.order(order);
        if books.started_ts > 0 {
            let released = books.end_ts + i64::from(books.dispute_secs);
            self.warp_to(released.max(self.now()));
            for supplier in suppliers {
                while self.owes(order, supplier) {
                    self.settle_or_wait(order, supplier);
                }
            }
        }
        for supplier in suppliers {
            self.close_lease(order, supplier);
        }
        self.refund_rest(order);
        self.close_order(order);
    }
}

/// An instruction with the classes and price books of an order's further parts.
pub fn with_classes(mut instruction: Instruction, class_ids: &[u16]) -> Instruction {
    for class_id in class_ids {
        for address in [
            pda::registry::class(*class_id),
            pda::market::price_book(*class_id),
        ] {
            let meta = AccountMeta::new_readonly(address, false);
            instruction.accounts.push(meta);
        }
    }
    instruction
}
