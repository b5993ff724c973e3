//! What changes of an order while it runs: more hours, another price of IO, fewer GPUs.

use iog_client::market::instructions::{Extend, ExtendCredit, PriceAnew, Reduce};
use iog_client::market::ExtendArgs;
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::{with_classes, Renter};
use crate::world::{iosd_ata, Meta, World};

impl World {
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
}
