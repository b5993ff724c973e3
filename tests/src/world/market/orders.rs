//! An order is booked and filled.

use iog_client::market::accounts::Order;
use iog_client::market::instructions::{CreateCreditOrder, CreateOrder};
use iog_client::market::OrderArgs;
use iog_client::pda;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use super::{order_args, Currency, Renter};
use crate::world::{PubkeyOf, Supplier, World};

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
